//! What comes back besides results.

use std::time::Duration;

use counterpart_delivery::ports::SageWrite as _;
use counterpart_domain::{Class, Fault, Value};
use counterpart_sage100::soap::SoapClient;
use wiremock::matchers::{any, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Running, abc, context, customer, fields, line, nowhere, sale, settings};
use crate::variant::Variant;

fn brief(fault: &Fault) -> String {
    format!("{:?} {}", fault.class, fault.code)
}

/// Create, change, number, read: what becomes of each when every POST is answered like this.
async fn all_four(answer: ResponseTemplate) -> [String; 4] {
    let running = Running::start(Variant::named("single")).await;
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(answer)
        .mount(&server)
        .await;
    let mut settings = settings(&server.uri());
    settings.timeout = Duration::from_millis(300);
    let client = SoapClient::new(&settings, running.client.binding().clone()).unwrap();
    let create = client
        .create_order(
            "1",
            &customer(),
            &sale(vec![line("A", "1", None)]),
            context(),
        )
        .await
        .unwrap_err();
    let change = client
        .cancel_order(&abc(), "1", context())
        .await
        .unwrap_err();
    let number = client.next_order_number(&abc()).await.unwrap_err();
    // Its first call reads.
    let read = client
        .update_record(
            &customer(),
            &fields([("City", Value::text("B"))]),
            context(),
        )
        .await
        .unwrap_err();
    [brief(&create), brief(&change), brief(&number), brief(&read)]
}

#[tokio::test]
async fn answers_that_are_no_soap_have_their_class() {
    let mut lines = Vec::new();
    for (status, body) in [
        (200, ""),
        (200, "<html/>"),
        (
            200,
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><Other/></s:Body></s:Envelope>",
        ),
        (302, ""),
        (400, "Bad Request"),
        (401, "<html/>"),
        (403, "<html/>"),
        (404, "<html/>"),
        (413, ""),
        (415, ""),
        (429, ""),
        (500, "<html>Runtime Error</html>"),
        (502, "<html/>"),
        (503, "Service Unavailable"),
        (504, ""),
    ] {
        let four = all_four(ResponseTemplate::new(status).set_body_string(body)).await;
        lines.push(format!(
            "{status} {body:?}: create {}, change {}, number {}, read {}",
            four[0], four[1], four[2], four[3]
        ));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn sent_and_not_answered_is_unknown_on_writes_only() {
    let four = all_four(ResponseTemplate::new(200).set_delay(Duration::from_secs(3))).await;
    let unknown = "Ambiguous E_SAGE_OUTCOME_UNKNOWN";
    assert_eq!(
        four,
        [unknown, unknown, unknown, "Transient E_SAGE_UNAVAILABLE"]
    );
}

#[tokio::test]
async fn never_connected_is_an_outage() {
    let running = Running::start(Variant::named("single")).await;
    let settings = settings(&nowhere());
    let client = SoapClient::new(&settings, running.client.binding().clone()).unwrap();
    let fault = client
        .create_order(
            "1",
            &customer(),
            &sale(vec![line("A", "1", None)]),
            context(),
        )
        .await
        .unwrap_err();
    assert_eq!(brief(&fault), "Transient E_SAGE_UNAVAILABLE");
}

#[tokio::test]
async fn faults_of_sage_are_told_apart_on_every_variant() {
    for variant in Variant::all() {
        let running = Running::start(variant).await;
        let order = sale(vec![line("A", "1", None)]);
        for (code, text, expected) in [
            (
                "CI_NOF",
                "Could not set SO_SalesOrder_Bus column ShipToZipCode$: 99999 is not on file.",
                "Data E_SAGE_REFUSED",
            ),
            (
                "",
                "The record is in use by another user.",
                "Transient E_SAGE_LOCKED",
            ),
            (
                "",
                "An exception occurred.",
                "Ambiguous E_SAGE_OUTCOME_UNKNOWN",
            ),
            ("WS_AlreadyExists", "In use.", "Data E_SAGE_ALREADY_EXISTS"),
        ] {
            running.state(|state| state.fault = Some((code.into(), text.into())));
            let fault = running
                .client
                .create_order("1", &customer(), &order, context())
                .await
                .unwrap_err();
            assert_eq!(brief(&fault), expected);
        }
        running.state(|state| {
            state.fault = Some((
                "CI_NOF".into(),
                "Could not set AR_Customer_bus column ZipCode$: 99999 is not on file.".into(),
            ))
        });
        let fault = running
            .client
            .create_record(
                &customer(),
                &fields([("CustomerName", Value::text("A"))]),
                context(),
            )
            .await
            .unwrap_err();
        assert_eq!(
            fault.message,
            "Sage 100 refuses ZipCode: 99999 is not on file."
        );
    }
}

#[tokio::test]
async fn wrong_credentials_and_foreign_companies_are_said_and_never_repeated() {
    let running = Running::start(Variant::named("split")).await;
    let mut settings = running.settings.clone();
    settings.password = counterpart_delivery::SecretText::new("hunter2");
    let client = SoapClient::new(&settings, running.client.binding().clone()).unwrap();
    let fault = client.logon(&abc()).await.unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Configuration, "E_SAGE_UNAUTHORIZED")
    );
    let other = counterpart_domain::Company::new("XYZ").unwrap();
    let fault = running.client.next_order_number(&other).await.unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Configuration, "E_SAGE_FORBIDDEN")
    );
    running.state(|state| state.fault = Some(("X".into(), "no user with s3cret & <safe>".into())));
    let fault = running.client.next_order_number(&abc()).await.unwrap_err();
    assert!(!fault.to_string().contains("s3cret"), "{fault}");
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 20 * 1024 * 1024]))
        .mount(&server)
        .await;
    let running = Running::start(Variant::named("single")).await;
    let client =
        SoapClient::new(&settings(&server.uri()), running.client.binding().clone()).unwrap();
    let fault = client.next_order_number(&abc()).await.unwrap_err();
    assert!(fault.detail.contains("16 MiB"), "{fault}");
}
