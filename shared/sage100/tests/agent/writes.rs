//! Writing by the agent: what is sent, and what each answer means for whoever has to be sure.

use counterpart_delivery::ports::{SageWrite as _, WriteContext};
use counterpart_domain::sale::{
    LineChange, OrderChange, Reference, SaleCustomer, SaleLine, SaleOrder,
};
use counterpart_domain::{Class, CrmId, Entity, Fields, SageKey, Value};
use counterpart_sage100::AgentClient;
use serde_json::json;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Still, abc, capable, client_of, customer};

pub const WRITES: &[&str] = &["orders", "customers", "contacts"];

pub fn context() -> WriteContext<'static> {
    WriteContext {
        idempotency_key: "order/006000000000001AAA/0000342",
        reference_column: "UDF_CRM_REFERENCE",
        parent: None,
    }
}

fn fields(columns: &[(&str, Value)]) -> Fields {
    columns
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

fn line(item: &str, quantity: &str) -> SaleLine {
    SaleLine {
        id: None,
        number: None,
        product: None,
        item: item.into(),
        quantity: quantity.parse().unwrap(),
        unit: None,
        crm_unit: None,
        warehouse: None,
        unit_price: None,
        discount_percent: None,
        columns: Fields::new(),
    }
}

pub fn sale() -> SaleOrder {
    let mut second = line("1001-HON-H254", "3.50");
    second.unit = Some("EACH".into());
    second.unit_price = Some("131.25".parse().unwrap());
    second.discount_percent = Some("5".parse().unwrap());
    second.columns = fields(&[("CommentText", Value::text("\"blau\" & ñ"))]);
    SaleOrder {
        company: abc(),
        customer: SaleCustomer {
            account: CrmId("001".into()),
            key: Some(customer("01-ABF")),
            create: None,
        },
        reference: Reference::try_from("CP-0123456789AB".to_owned()).unwrap(),
        header: fields(&[
            ("OrderDate", Value::Date("2026-11-22".parse().unwrap())),
            ("PrintSalesOrders", Value::Flag(true)),
            ("ShipToCode", Value::Blank),
        ]),
        lines: vec![line("1001-HON-H252", "2"), second],
        crm_total: None,
        crm_tax: None,
        currency: None,
    }
}

/// Line 1 stays, line 2 loses its discount, line 3 goes, another comes.
fn changed() -> OrderChange {
    let sale = sale();
    let mut less = sale.lines[1].clone();
    less.discount_percent = Some(0.into());
    less.columns.insert("CommentText".into(), Value::Blank);
    let mut columns = less.named();
    columns.remove("ItemCode");
    let there = |key: &str, item: &str, columns: Fields| LineChange {
        key: Some(key.into()),
        item: item.into(),
        columns,
        seen: Some((2.into(), 84.into())),
    };
    OrderChange {
        company: sale.company,
        reference: sale.reference,
        header: fields(&[
            ("Comment", Value::Blank),
            ("FreightAmt", Value::Number(0.into())),
        ]),
        lines: vec![
            there("000001", "1001-HON-H252", Fields::new()),
            there("000002", "1001-HON-H254", columns),
            LineChange {
                key: None,
                item: "8983".into(),
                columns: line("8983", "1").named(),
                seen: None,
            },
        ],
        removed: vec![("000003".into(), "6655".into())],
    }
}

#[tokio::test]
async fn an_agent_that_knows_lines_by_their_key_is_told_what_changes_and_nothing_else() {
    let number = ResponseTemplate::new(200).set_body_json(json!({"number": "0000342"}));
    let server = MockServer::start().await;
    let writes = ["orders", "order_lines"];
    capable(&server, &[], &writes).await;
    Mock::given(any()).respond_with(number).mount(&server).await;
    let client = client_of(&server.uri());
    let abf = customer("01-ABF");
    client
        .update_order("0000342", &abf, &changed(), context())
        .await
        .unwrap();
    insta::assert_snapshot!("update_order_by_key", sent(&server).await);
    let mut header = changed();
    header.lines.truncate(1);
    header.removed.clear();
    client
        .update_order("0000342", &abf, &header, context())
        .await
        .unwrap();
    let sent = sent(&server).await;
    assert!(!sent.contains("lines"), "{sent}");
}

#[tokio::test]
async fn an_agent_that_knows_lines_by_their_item_is_not_told_what_it_would_take_for_another() {
    let number = ResponseTemplate::new(200).set_body_json(json!({"number": "0000342"}));
    let (server, client) = answering(number).await;
    let mut second = changed();
    second.removed = vec![("000001".into(), "1001-HON-H252".into())];
    second.lines[0].key = Some("000002".into());
    let fault = client
        .update_order("0000342", &customer("01-ABF"), &second, context())
        .await
        .unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Configuration, "E_SAGE_NOT_OFFERED")
    );
    assert!(
        fault
            .message
            .contains("several lines of item 1001-HON-H252"),
        "{fault}"
    );
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

pub async fn answering(answer: ResponseTemplate) -> (MockServer, AgentClient<Still>) {
    let server = MockServer::start().await;
    capable(&server, &[], WRITES).await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let client = client_of(&server.uri());
    (server, client)
}

/// The last request: method, path, idempotency key, body.
async fn sent(server: &MockServer) -> String {
    let calls = server.received_requests().await.unwrap();
    let call = calls.last().unwrap();
    let header = |name: &str| {
        call.headers
            .get(name)
            .map_or("-", |value| value.to_str().unwrap())
    };
    let body: serde_json::Value = serde_json::from_slice(&call.body).unwrap_or_default();
    format!(
        "{} {}\nIdempotency-Key: {}\nContent-Type: {}\n{body:#}",
        call.method,
        call.url.path(),
        header("Idempotency-Key"),
        header("Content-Type"),
    )
}

#[tokio::test]
async fn writes_are_the_contracts() {
    let number = ResponseTemplate::new(201).set_body_json(json!({"number": "0000342"}));
    let (server, client) = answering(number).await;
    let abf = customer("01-ABF");
    client
        .create_order("0000342", &abf, &sale(), context())
        .await
        .unwrap();
    insta::assert_snapshot!("create_order", sent(&server).await);
    client
        .update_order("0000342", &abf, &changed(), context())
        .await
        .unwrap();
    insta::assert_snapshot!("update_order", sent(&server).await);
    client
        .cancel_order(&abc(), "0000342", context())
        .await
        .unwrap();
    insta::assert_snapshot!("cancel_order", sent(&server).await);
    assert_eq!(client.next_order_number(&abc()).await.unwrap(), "0000342");
    insta::assert_snapshot!("next_order_number", sent(&server).await);
    assert_eq!(
        client.next_customer_number(&abc()).await.unwrap(),
        "0000342"
    );
    assert!(
        sent(&server)
            .await
            .starts_with("POST /v1/companies/ABC/customer-numbers\nIdempotency-Key: -")
    );

    let contact = SageKey::new(&abc(), Entity::CONTACT, "01-ABF/ARTIE JOHN").unwrap();
    let key = ResponseTemplate::new(200).set_body_json(json!({"key": contact.local}));
    let (server, client) = answering(key).await;
    let columns = fields(&[
        ("ContactName", Value::text("Artie Johnson")),
        ("TelephoneNo1", Value::Blank),
    ]);
    client
        .create_record(&contact, &columns, context())
        .await
        .unwrap();
    insta::assert_snapshot!("create_record", sent(&server).await);
    client
        .update_record(&contact, &columns, context())
        .await
        .unwrap();
    insta::assert_snapshot!("update_record", sent(&server).await);
}

#[tokio::test]
async fn every_answer_to_a_write_has_a_class_and_says_whether_something_may_have_been_written() {
    let mut lines = Vec::new();
    for (status, code) in [
        (200, None),
        (204, None),
        (301, None),
        (400, Some("E_BAD_REQUEST")),
        (401, None),
        (403, Some("E_FORBIDDEN")),
        (404, None),
        (404, Some("E_UNKNOWN_COMPANY")),
        (404, Some("E_NOT_OFFERED")),
        (404, Some("E_NOT_FOUND")),
        (408, None),
        (409, Some("E_ALREADY_EXISTS")),
        (409, Some("E_IDEMPOTENCY_KEY_BUSY")),
        (413, None),
        (413, Some("E_TOO_LARGE")),
        (418, Some("E_SOMETHING_NEW")),
        (422, Some("E_VALUE_REFUSED")),
        (422, Some("E_VALUE_TOO_LONG")),
        (422, Some("E_READ_ONLY_COLUMN")),
        (422, Some("E_UNKNOWN_COLUMN")),
        (422, Some("E_IDEMPOTENCY_KEY_REUSED")),
        (423, Some("E_LOCKED")),
        (429, Some("E_RATE_LIMITED")),
        (500, None),
        (500, Some("E_INTERNAL")),
        (500, Some("E_OUTCOME_UNKNOWN")),
        (502, None),
        (503, None),
        (503, Some("E_SAGE_BUSY")),
        (503, Some("E_SAGE_DOWN")),
        (504, None),
    ] {
        let answer = ResponseTemplate::new(status);
        let answer = match code {
            Some(code) => answer.set_body_json(
                json!({"code": code, "message": "ShipToZipCode: 99999 is not on file.",
                "retryable": false, "column": "ShipToZipCode", "line": 2}),
            ),
            None => answer,
        };
        let (_server, client) = answering(answer).await;
        let fault = client
            .create_order("0000342", &customer("01-ABF"), &sale(), context())
            .await
            .unwrap_err();
        lines.push(format!(
            "{status} {}: {:?} {}: {}",
            code.unwrap_or("-"),
            fault.class,
            fault.code,
            fault.message
        ));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn only_the_words_of_the_contract_prove_that_nothing_was_written() {
    let statuses = [
        202, 204, 301, 307, 400, 401, 403, 404, 405, 409, 422, 429, 499, 500, 503, 520,
    ];
    let strangers = [
        ResponseTemplate::set_body_string as fn(ResponseTemplate, &'static str) -> _,
        |answer, _| answer.set_body_json(json!({"message": "Service Unavailable"})),
        |answer, _| answer.set_body_json(json!({"code": "Forbidden", "message": "no"})),
        |answer, _| answer.set_body_raw(r#"<html>{"code": "E_SAGE_DOWN"}</html>"#, "text/html"),
    ];
    for status in statuses {
        for (n, body) in strangers.iter().enumerate() {
            let answer = body(ResponseTemplate::new(status), "Service Unavailable");
            let (_server, client) = answering(answer).await;
            let fault = client
                .create_order("0000342", &customer("01-ABF"), &sale(), context())
                .await
                .unwrap_err();
            assert_eq!(fault.class, Class::Ambiguous, "{status}, body {n}: {fault}");
        }
    }
    // A number is all that such an answer can cost: Sage is out of reach.
    let (_server, client) = answering(ResponseTemplate::new(503)).await;
    let fault = client.next_order_number(&abc()).await.unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Transient, "E_SAGE_UNAVAILABLE")
    );
}

#[tokio::test]
async fn an_answer_about_another_order_is_no_answer() {
    let (_server, client) =
        answering(ResponseTemplate::new(201).set_body_json(json!({"number": "0000343"}))).await;
    let fault = client
        .create_order("0000342", &customer("01-ABF"), &sale(), context())
        .await
        .unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Ambiguous, "E_SAGE_OUTCOME_UNKNOWN")
    );
}

#[tokio::test]
async fn an_agent_that_does_not_write_is_not_asked_to() {
    let server = MockServer::start().await;
    capable(&server, &["orders"], &["contacts"]).await;
    let client = client_of(&server.uri());
    for fault in [
        client
            .create_order("1", &customer("01-ABF"), &sale(), context())
            .await
            .unwrap_err(),
        client.next_customer_number(&abc()).await.unwrap_err(),
    ] {
        assert_eq!(
            (fault.class, &*fault.code),
            (Class::Configuration, "E_SAGE_NOT_OFFERED")
        );
        assert!(fault.message.contains("does not write"), "{fault}");
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_no_service_takes_is_not_sent() {
    let (server, client) = answering(ResponseTemplate::new(500)).await;
    let abf = customer("01-ABF");
    let refused = async |order: SaleOrder, context| {
        client
            .create_order("1", &abf, &order, context)
            .await
            .unwrap_err()
            .code
    };
    let with_header = |column: &str| {
        let mut order = sale();
        order.header.insert(column.into(), Value::text("x"));
        order
    };
    assert_eq!(
        refused(with_header("UDF_CRM_REFERENCE"), context()).await,
        "E_SAGE_BAD_REQUEST"
    );
    assert_eq!(
        refused(with_header("SalesOrderNo"), context()).await,
        "E_SAGE_BAD_REQUEST"
    );
    let mut none = sale();
    none.lines.clear();
    assert_eq!(refused(none, context()).await, "E_SAGE_BAD_REQUEST");
    let mut many = sale();
    many.lines = vec![line("A", "1"); 1001];
    assert_eq!(refused(many, context()).await, "E_SAGE_TOO_LONG");
    let mut long = sale();
    long.lines = vec![
        SaleLine {
            columns: fields(&[("CommentText", Value::text("x".repeat(4000)))]),
            ..line("A", "1")
        };
        300
    ];
    assert_eq!(refused(long, context()).await, "E_SAGE_TOO_LONG");
    let two_lines = WriteContext {
        idempotency_key: "a\r\nb",
        ..context()
    };
    assert_eq!(refused(sale(), two_lines).await, "E_SAGE_BAD_REQUEST");
    assert!(server.received_requests().await.unwrap().is_empty());
}
