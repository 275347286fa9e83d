//! Orders, items, stock, credit and prices: read exactly, or refused.

use counterpart_delivery::ports::{OrderQuery, SageOrders as _};
use counterpart_domain::Class;
use counterpart_domain::sale::{OrderFile, OrderStatus, Reference};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use wiremock::matchers::{any, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Still, abc, capable, client_of, customer, json_answer};
use counterpart_sage100::AgentClient;

const COLUMN: &str = "UDF_CRM_REFERENCE";

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

async fn answering(place: &str, body: Value) -> (MockServer, AgentClient<Still>) {
    let server = MockServer::start().await;
    capable(
        &server,
        &["orders", "items", "stock", "credit", "price"],
        &[],
    )
    .await;
    Mock::given(path(place))
        .respond_with(json_answer(&body))
        .mount(&server)
        .await;
    let client = client_of(&server.uri());
    (server, client)
}

fn order(number: &str, reference: &str) -> Value {
    json!({"number": number, "customer": "01-ABF", "file": "history", "status": "closed",
        "fields": {"OrderDate": "20260520", "OrderStatus": "C", COLUMN: format!("{reference}   "), "LastInvoiceNo": "0100058",
            "TaxableAmt": "8600.00", "NonTaxableAmt": "0.00", "SalesTaxAmt": "116.10", "DiscountAmt": "860.00", "FreightAmt": "12.345678901234567890123"},
        "lines": [{"line_key": "000001", "fields": {"ItemCode": "6655", "QuantityOrdered": "2.000000",
            "QuantityShipped": "2.000000", "UnitPrice": "0.100000000000000000000001", "ExtensionAmt": "358.00"}}]})
}

fn orders(list: &[Value]) -> Value {
    json!({"as_of": {"epoch": 1, "sequence": 48}, "orders": list})
}

#[tokio::test]
async fn an_invoiced_order_is_found_with_its_totals_to_the_last_digit() {
    let (server, client) = answering(
        "/v1/companies/ABC/orders",
        orders(&[order("0000181", "CP-0123456789AB")]),
    )
    .await;
    let query = OrderQuery::Number("0000181".into());
    let found = client.orders(&abc(), &query, COLUMN).await.unwrap();
    assert_eq!(found.as_of.sequence, 48);
    let [order] = found.value.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (order.file, order.status),
        (OrderFile::History, OrderStatus::Closed)
    );
    assert_eq!(
        (&*order.reference, &*order.invoice),
        ("CP-0123456789AB", "0100058")
    );
    assert_eq!(order.total(), dec("7868.445678901234567890123"));
    assert_eq!(order.lines[0].unit_price, dec("0.100000000000000000000001"));
    let asked = server.received_requests().await.unwrap();
    assert_eq!(
        asked.last().unwrap().url.query(),
        Some("number=0000181&reference_column=UDF_CRM_REFERENCE")
    );
}

#[tokio::test]
async fn an_order_that_was_not_asked_for_is_never_taken_for_ours() {
    let (_server, client) = answering(
        "/v1/companies/ABC/orders",
        orders(&[order("0000181", "CP-0123456789AB")]),
    )
    .await;
    let other = Reference::try_from("CP-0123456789AC".to_owned()).unwrap();
    for query in [
        OrderQuery::Number("0000182".into()),
        OrderQuery::Reference {
            column: COLUMN.into(),
            reference: other,
        },
    ] {
        let fault = client.orders(&abc(), &query, COLUMN).await.unwrap_err();
        assert_eq!(fault.code, "E_SAGE_CONTRACT", "{query:?}");
    }
}

#[tokio::test]
async fn an_order_without_the_reference_column_is_not_taken_for_one_without_reference() {
    let mut one = order("0000181", "");
    one["fields"].as_object_mut().unwrap().remove(COLUMN);
    let (_server, client) = answering("/v1/companies/ABC/orders", orders(&[one])).await;
    let query = OrderQuery::Number("0000181".into());
    let fault = client.orders(&abc(), &query, COLUMN).await.unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Data, "E_SAGE_RECORD_INVALID")
    );
    assert!(fault.detail.contains(COLUMN), "{fault}");
}

#[tokio::test]
async fn items_come_back_in_the_order_asked_with_gaps_for_those_that_are_not_there() {
    let item = |code: &str, inactive: &str, product: &str, price: &str| {
        json!({"code": code, "fields": {"ItemCode": code, "ItemType": "1", "ItemCodeDesc": "HON", "ProductType": product,
            "InactiveItem": inactive, "SalesUnitOfMeasure": "EACH", "StandardUnitOfMeasure": "EACH",
            "StandardUnitPrice": price, "DefaultWarehouseCode": "000"}})
    };
    let body = json!({"as_of": {"epoch": 1, "sequence": 5}, "missing": ["NONE"],
        "items": [item("A", "N", "F", "84.000000"), item("B", "Y", "F", ""), item("C", "N", "D", "1")]});
    let (_server, client) = answering("/v1/companies/ABC/items", body).await;
    let codes = ["C", "NONE", "B", "A", "A"].map(str::to_owned);
    let items = client.items(&abc(), &codes).await.unwrap();
    let seen: Vec<_> = items
        .iter()
        .map(|item| {
            item.as_ref()
                .map(|item| (item.code.as_str(), item.inactive, item.standard_price))
        })
        .collect();
    assert_eq!(
        seen,
        [
            Some(("C", true, Some(dec("1")))),
            None,
            Some(("B", true, None)),
            Some(("A", false, Some(dec("84")))),
            Some(("A", false, Some(dec("84")))),
        ]
    );
    // Codes are compared in upper case, and answered in Sage's own spelling.
    let asked = ["a", "none", "b", "c"].map(str::to_owned);
    let items = client.items(&abc(), &asked).await.unwrap();
    let codes: Vec<_> = items.into_iter().flatten().map(|item| item.code).collect();
    assert_eq!(codes, ["A", "B", "C"]);
    let silent = ["D"].map(str::to_owned);
    let fault = client.items(&abc(), &silent).await.unwrap_err();
    assert_eq!(fault.code, "E_SAGE_CONTRACT");
}

#[tokio::test]
async fn stock_of_many_codes_is_asked_in_parts_and_is_as_old_as_the_oldest() {
    let server = MockServer::start().await;
    capable(&server, &["stock"], &[]).await;
    let part = |sequence: u64, item: &str| {
        json_answer(
            &json!({"as_of": {"epoch": 1, "sequence": sequence}, "missing": [], "stock": [{"item": item, "warehouse": "000",
            "fields": {"QuantityOnHand": "120.000000", "QuantityOnSalesOrder": "14.5", "QuantityOnBackOrder": "", "QuantityOnPurchaseOrder": "50"}}]}),
        )
    };
    let long = |n: u32| format!("{}{n:03}", "X".repeat(27));
    Mock::given(path("/v1/companies/ABC/stock"))
        .and(query_param("code", long(0)))
        .respond_with(part(9, &long(0)))
        .mount(&server)
        .await;
    Mock::given(path("/v1/companies/ABC/stock"))
        .and(query_param("code", long(99)))
        .respond_with(part(7, &long(99)))
        .mount(&server)
        .await;
    let codes: Vec<String> = (0..100).map(long).collect();
    let stock = client_of(&server.uri())
        .stock(&abc(), &codes)
        .await
        .unwrap();
    assert_eq!((stock.as_of.sequence, stock.value.len()), (7, 2));
    assert_eq!(stock.value[0].available, dec("105.5"));
    let asked = server.received_requests().await.unwrap();
    assert_eq!(asked.len(), 3);
    assert!(
        asked
            .iter()
            .all(|call| call.url.query().unwrap_or("").len() <= 2000)
    );
}

#[tokio::test]
async fn credit_and_price_are_exact_and_nobody_is_none() {
    let fields = json!({"CreditHold": "N", "CreditLimit": "120000.00", "CurrentBalance": "3252.38", "AgingCategory1": "1222.58",
        "AgingCategory2": "1257.40", "AgingCategory3": "0.00", "AgingCategory4": "0.00", "OpenOrderAmt": "19144.40"});
    let body =
        json!({"as_of": {"epoch": 1, "sequence": 5}, "customer": "01-ABF", "fields": fields});
    let (_server, client) = answering("/v1/companies/ABC/credit", body).await;
    let credit = client.credit(&customer("01-ABF")).await.unwrap().unwrap();
    assert_eq!(
        (credit.due, credit.remaining, credit.hold),
        (dec("5732.36"), dec("95123.24"), false)
    );
    assert_eq!(
        client.credit(&customer("01-XYZ")).await.unwrap_err().code,
        "E_SAGE_CONTRACT"
    );

    let body = json!({"as_of": {"epoch": 1, "sequence": 5}, "customer": "01-ABF", "item": "A/1", "quantity": "2.5", "unit": "EACH",
        "unit_price": "84.123456", "basis": "standard price"});
    let (server, client) = answering("/v1/companies/ABC/price", body).await;
    let price = client
        .price(&customer("01-ABF"), "A/1", dec("2.50"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (price.unit_price, price.quantity),
        (dec("84.123456"), dec("2.5"))
    );
    let asked = server.received_requests().await.unwrap();
    assert_eq!(
        asked.last().unwrap().url.query(),
        Some("customer=01-ABF&item=A%2F1&quantity=2.5")
    );

    let server = MockServer::start().await;
    capable(&server, &["credit"], &[]).await;
    Mock::given(any())
        .respond_with(
            ResponseTemplate::new(404)
                .set_body_json(json!({"code": "E_NOT_FOUND", "message": "", "retryable": false})),
        )
        .mount(&server)
        .await;
    assert_eq!(
        client_of(&server.uri())
            .credit(&customer("01-ABF"))
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn an_agent_of_the_first_version_is_not_asked_what_it_does_not_know() {
    let server = MockServer::start().await;
    capable(&server, &[], &[]).await;
    // Such an agent answers unknown paths as if the customer were not there.
    Mock::given(any())
        .respond_with(
            ResponseTemplate::new(404)
                .set_body_json(json!({"code": "E_NOT_FOUND", "message": "", "retryable": false})),
        )
        .mount(&server)
        .await;
    let client = client_of(&server.uri());
    let fault = client.credit(&customer("01-ABF")).await.unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Configuration, "E_SAGE_NOT_OFFERED")
    );
    let query = OrderQuery::Number("1".into());
    assert!(client.orders(&abc(), &query, COLUMN).await.is_err());
    assert_eq!(
        server.received_requests().await.unwrap().len(),
        1,
        "the capabilities are asked once"
    );
}
