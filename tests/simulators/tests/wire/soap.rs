//! The SOAP service, spoken to with envelopes as they stand on the wire.

use serde_json::{Value, json};

use crate::world::World;

const NAMESPACE: &str = "http://mas90.sage.com/ws";

/// Status and body of a call; `None`: the connection was closed.
async fn send(
    world: &World,
    action: &str,
    content_type: &str,
    body: String,
) -> Option<(u16, String)> {
    let request = world
        .client()
        .post(world.announced("soap", "url"))
        .header("Content-Type", content_type)
        .header("SOAPAction", format!("\"{action}\""))
        .body(body);
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    Some((status, response.text().await.ok()?))
}

fn envelope(operation: &str, inner: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
         <{operation} xmlns=\"{NAMESPACE}\" xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\">{inner}</{operation}>\
         </s:Body></s:Envelope>"
    )
}

const LOGON: &str = "<logon><Password>sim-Web&amp;Services-4711</Password><Username>cpweb</Username></logon>\
                     <companyCode>ABC</companyCode>";

async fn call(world: &World, operation: &str, inner: &str) -> (u16, String) {
    let action = format!("{NAMESPACE}/IMasService/{operation}");
    let body = envelope(operation, &format!("{LOGON}{inner}"));
    send(world, &action, "text/xml; charset=utf-8", body)
        .await
        .unwrap()
}

/// The text of an element of an answer.
fn element(xml: &str, name: &str) -> String {
    let start = xml.find(&format!("{name}>")).unwrap() + name.len() + 1;
    xml[start..].split('<').next().unwrap().to_owned()
}

async fn customer(world: &World, key: &str) -> Value {
    let records = world
        .door(
            "soap",
            &format!("records/customers?company=ABC&key={key}"),
            Value::Null,
        )
        .await;
    records["records"][0]["fields"].clone()
}

async fn orders(world: &World, reference: &str) -> Vec<Value> {
    let path = format!("records/sales_orders?reference={reference}");
    let found = world.door("soap", &path, Value::Null).await;
    found["records"].as_array().unwrap().clone()
}

fn order(number: &str, reference: &str) -> String {
    format!(
        "<salesOrder><OtherFields><Field><MasFieldName>UDF_CRM_REFERENCE</MasFieldName><Value>{reference}</Value></Field>\
         </OtherFields><ARDivisionNo>01</ARDivisionNo><CustomerNo>ABF</CustomerNo><Lines><SalesOrderLine>\
         <ItemCode>6655</ItemCode><QuantityOrdered>2</QuantityOrdered></SalesOrderLine></Lines>\
         <SalesOrderNo>{number}</SalesOrderNo></salesOrder>"
    )
}

#[tokio::test]
async fn members_out_of_order_or_unknown_are_dropped_without_a_word() {
    let world = World::new(0, 1).await;
    let inner = "<customer><ARDivisionNo>01</ARDivisionNo><CustomerName>Order Inc.</CustomerName>\
                 <CustomerNo>OOO</CustomerNo><City>Racine</City><Nonsense>1</Nonsense>\
                 <SalespersonNo>0100</SalespersonNo><x:State xmlns:x=\"urn:other\">WI</x:State></customer>";
    let (status, answer) = call(&world, "CreateCustomer", inner).await;
    assert_eq!(status, 200, "{answer}");
    let stored = customer(&world, "01-OOO").await;
    assert_eq!(
        (&stored["CustomerName"], &stored["City"], &stored["State"]),
        (&json!("Order Inc."), &json!(""), &json!(""))
    );
}

#[tokio::test]
async fn arguments_out_of_order_are_null() {
    let world = World::new(0, 1).await;
    let swapped = "<customerNo>ABF</customerNo><arDivisionNo>01</arDivisionNo>";
    let (status, answer) = call(&world, "GetCustomer", swapped).await;
    assert_eq!(
        (status, element(&answer, "ErrorCode")),
        (500, "CI_NoKey".to_owned())
    );
    // The logon behind the company is no logon, either.
    let body = format!(
        "<companyCode>ABC</companyCode>{}",
        LOGON.split("<companyCode>").next().unwrap()
    );
    let action = format!("{NAMESPACE}/IMasService/GetNextCustomerNo");
    let (status, answer) = send(
        &world,
        &action,
        "text/xml",
        envelope("GetNextCustomerNo", &body),
    )
    .await
    .unwrap();
    assert_eq!(status, 500);
    assert!(answer.contains("Logon failure: "), "{answer}");
}

#[tokio::test]
async fn an_update_blanks_the_texts_that_are_missing_and_leaves_numbers_dates_and_flags() {
    let world = World::new(0, 1).await;
    let before = customer(&world, "01-ABF").await;
    let inner = "<customer><ARDivisionNo>01</ARDivisionNo><City>Kenosha</City><CreditLimit i:nil=\"true\"/>\
                 <CustomerName>American Business Futures</CustomerName><CustomerNo>ABF</CustomerNo>\
                 <SalespersonDivisionNo>01</SalespersonDivisionNo><SalespersonNo>0100</SalespersonNo></customer>";
    let (status, answer) = call(&world, "UpdateCustomer", inner).await;
    assert_eq!(status, 200, "{answer}");
    let after = customer(&world, "01-ABF").await;
    assert_eq!(after["City"], "Kenosha");
    for blanked in [
        "AddressLine1",
        "ZipCode",
        "TelephoneNo",
        "EmailAddress",
        "PriceLevel",
    ] {
        assert_ne!(before[blanked], "", "{blanked}");
        assert_eq!(after[blanked], "", "{blanked}");
    }
    for kept in [
        "CreditLimit",
        "DateEstablished",
        "TermsCode",
        "CreditHold",
        "UDF_REGION",
        "OpenOrderAmt",
    ] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    assert_ne!(after["DateUpdated"], before["DateUpdated"]);
}

#[tokio::test]
async fn an_order_does_not_stamp_the_customer_but_grows_what_he_has_on_order() {
    let world = World::new(0, 1).await;
    let before = customer(&world, "01-ABF").await;
    let (status, answer) = call(&world, "CreateSalesOrder", &order("0000500", "CP-STAMP")).await;
    assert_eq!(status, 200, "{answer}");
    let after = customer(&world, "01-ABF").await;
    assert_eq!(
        (&before["OpenOrderAmt"], &after["OpenOrderAmt"]),
        (&json!("19144.40"), &json!("19502.40"))
    );
    assert_eq!(
        (&before["DateUpdated"], &before["TimeUpdated"]),
        (&after["DateUpdated"], &after["TimeUpdated"])
    );
}

#[tokio::test]
async fn the_wire_is_guarded_as_wcf_does() {
    let world = World::new(0, 1).await;
    let action = format!("{NAMESPACE}/IMasService/GetContractInformation");
    let good = envelope("GetContractInformation", "");
    let xml = "text/xml; charset=utf-8";
    let bomb =
        "<!DOCTYPE a [<!ENTITY x \"yyyyyyyyyy\"><!ENTITY z \"&x;&x;&x;&x;\">]>".to_owned() + &good;
    for (action, content_type, body, status, says) in [
        (action.as_str(), xml, good.clone(), 200, "ContractVersion"),
        (
            &action,
            "application/soap+xml; charset=utf-8",
            good.clone(),
            415,
            "content type",
        ),
        (
            &action,
            "text/xml; charset=utf-16",
            good.clone(),
            415,
            "content type",
        ),
        (
            "http://tempuri.org/GetContractInformation",
            xml,
            good.clone(),
            500,
            "ActionNotSupported",
        ),
        (&action, xml, bomb, 400, ""),
        (&action, xml, "<s:Envelope".to_owned(), 400, ""),
        (
            &action,
            xml,
            good.replace("xmlsoap.org", "example.org"),
            500,
            "VersionMismatch",
        ),
        (
            &action,
            xml,
            good.replace(NAMESPACE, "urn:other"),
            500,
            "DeserializationFailed",
        ),
        (
            &action,
            xml,
            good.replace(
                "<s:Body>",
                "<s:Header><a s:mustUnderstand=\"1\"/></s:Header><s:Body>",
            ),
            500,
            "MustUnderstand",
        ),
        (
            &action,
            xml,
            format!("{good}{}", " ".repeat(5 * 1024 * 1024)),
            413,
            "quota",
        ),
    ] {
        let (answered, text) = send(&world, action, content_type, body).await.unwrap();
        assert_eq!(answered, status, "{text}");
        assert!(text.contains(says), "{says}: {text}");
    }
    let wrong =
        "<salesOrder><ARDivisionNo>01</ARDivisionNo><OrderDate>22.11.2026</OrderDate></salesOrder>";
    let (status, text) = call(&world, "PreviewSalesOrder", wrong).await;
    assert_eq!(status, 500);
    assert!(text.contains("DeserializationFailed"), "{text}");
}

#[tokio::test]
async fn done_and_the_answer_lost_is_one_order_and_its_number_is_taken() {
    let world = World::new(0, 1).await;
    let rule = json!({"operation": "CreateSalesOrder", "after": true, "times": 1, "match": {"field": "SalesOrderNo", "value": "0000600"}});
    world.door("soap", "faults", json!({"rules": [rule]})).await;
    let action = format!("{NAMESPACE}/IMasService/CreateSalesOrder");
    let body = envelope(
        "CreateSalesOrder",
        &format!("{LOGON}{}", order("0000600", "CP-LOST")),
    );
    assert!(send(&world, &action, "text/xml", body).await.is_none());
    assert_eq!(orders(&world, "CP-LOST").await.len(), 1);
    let (status, answer) = call(&world, "CreateSalesOrder", &order("0000600", "CP-LOST")).await;
    assert_eq!(
        (status, element(&answer, "ErrorCode")),
        (500, "WS_AlreadyExists".to_owned())
    );
    let stats = world.door("soap", "stats", Value::Null).await;
    let calls = stats["calls"].as_array().unwrap();
    assert!(calls.contains(&json!({"operation": "CreateSalesOrder", "status": 0, "count": 1})));
}

#[tokio::test]
async fn the_number_of_an_invoiced_order_can_be_used_again_unless_the_site_forbids_it() {
    let world = World::new(0, 1).await;
    call(&world, "CreateSalesOrder", &order("0000700", "CP-AGAIN")).await;
    let invoice = json!({"entity": "sales_orders", "action": "invoice", "key": "0000700"});
    world.door("soap", "edit", invoice).await;
    world
        .door(
            "soap",
            "faults",
            json!({"site": {"reuse_history_numbers": false}}),
        )
        .await;
    let (status, _) = call(&world, "CreateSalesOrder", &order("0000700", "CP-AGAIN")).await;
    assert_eq!((status, orders(&world, "CP-AGAIN").await.len()), (500, 1));
    world.door("soap", "faults", json!({"clear": true})).await;
    let (status, _) = call(&world, "CreateSalesOrder", &order("0000700", "CP-AGAIN")).await;
    assert_eq!((status, orders(&world, "CP-AGAIN").await.len()), (200, 2));
}

#[tokio::test]
async fn locks_refusals_dropped_columns_and_taken_numbers_come_as_the_door_says() {
    let world = World::new(0, 1).await;
    let body = json!({
        "locks": [{"entity": "sales_orders", "key": "0000184", "times": 1}],
        "refuse": [{"column": "Comment", "value": "no", "message": "Not this one.", "code": "CI_Custom", "times": 1}],
        "drop": [{"column": "UDF_CRM_REFERENCE", "times": 1}],
        "take_numbers": {"ABC": 1},
        "site": {"lock_text": "Somebody has it.", "lock_code": "XX_Lock"},
    });
    world.door("soap", "faults", body).await;
    let (_, answer) = call(
        &world,
        "DeleteSalesOrder",
        "<salesOrderNo>0000184</salesOrderNo>",
    )
    .await;
    assert!(
        answer.contains("a:XX_Lock") && answer.contains("Somebody has it."),
        "{answer}"
    );
    let (status, _) = call(
        &world,
        "GetSalesOrder",
        "<salesOrderNo>0000184</salesOrderNo>",
    )
    .await;
    assert_eq!(status, 200);
    let refused =
        order("0000800", "CP-NO").replace("<CustomerNo>", "<Comment>no</Comment><CustomerNo>");
    let (_, answer) = call(&world, "CreateSalesOrder", &refused).await;
    assert!(
        answer.contains("a:CI_Custom") && answer.contains("column Comment$: Not this one."),
        "{answer}"
    );
    let (_, answer) = call(&world, "GetNextSalesOrderNo", "").await;
    let taken = element(&answer, "GetNextSalesOrderNoResult");
    let (_, answer) = call(&world, "CreateSalesOrder", &order(&taken, "CP-TAKEN")).await;
    assert_eq!(element(&answer, "ErrorCode"), "WS_AlreadyExists");
    let (status, _) = call(&world, "CreateSalesOrder", &order("0000801", "CP-DROP")).await;
    assert_eq!((status, orders(&world, "CP-DROP").await.len()), (200, 0));
}

#[tokio::test]
async fn an_older_version_has_shorter_columns() {
    let world = World::new(0, 1).await;
    world
        .door("soap", "faults", json!({"site": {"sage_version": "6.00"}}))
        .await;
    let long = order("0000900", "CP-LONG").replace(
        "<Lines>",
        "<CustomerPONo>PO 4711 / 2026 / A</CustomerPONo><Lines>",
    );
    let (status, answer) = call(&world, "CreateSalesOrder", &long).await;
    assert_eq!(
        (status, element(&answer, "ErrorCode")),
        (500, "CI_CharLength".to_owned())
    );
    assert!(answer.contains("greater than 15 character(s)"), "{answer}");
}

#[tokio::test]
async fn another_binding_at_the_door_makes_old_calls_fail() {
    let world = World::new(0, 1).await;
    world
        .door(
            "soap",
            "faults",
            json!({"binding": {"username_first": true}}),
        )
        .await;
    let (_, answer) = call(&world, "GetNextCustomerNo", "").await;
    assert!(answer.contains("Logon failure: "), "{answer}");
    world
        .door("soap", "faults", json!({"binding": "split"}))
        .await;
    let (status, _) = call(&world, "GetNextCustomerNo", "").await;
    assert_eq!(status, 404);
    world.door("soap", "reset", json!({})).await;
    let (status, _) = call(&world, "GetNextCustomerNo", "").await;
    assert_eq!(status, 200);
}
