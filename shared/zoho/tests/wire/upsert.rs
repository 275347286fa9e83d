//! Bulk writes on the wire.

use std::time::Duration;

use crate::support::*;
use counterpart_delivery::ports::{Crm as _, RowOutcome};
use counterpart_domain::{Class, TargetName, Value};
use counterpart_zoho::ZohoClient;
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use wiremock::ResponseTemplate;

fn shortly(outcomes: &[RowOutcome]) -> Vec<String> {
    outcomes
        .iter()
        .map(|outcome| match outcome {
            Ok(written) if written.created => format!("created {}", written.id),
            Ok(written) => format!("updated {}", written.id),
            Err(fault) => fault.code.to_string(),
        })
        .collect()
}

#[tokio::test]
async fn a_row_names_its_key_suppresses_workflows_and_keeps_every_digit() {
    let (server, client) = ready().await;
    upsert_answers(&server, vec![data(200, [inserted("1")])]).await;
    let mut call = call(&["01-ABF"]);
    let fields = [
        (
            "Credit_Limit",
            Value::Number("1234567890123.45".parse().unwrap()),
        ),
        ("Rate", Value::Number("0.1".parse().unwrap())),
        ("On_Hold", Value::Flag(false)),
        (
            "Customer_Since",
            Value::Date(jiff::civil::date(2020, 5, 31)),
        ),
        ("Owner", Value::Reference("4150868000000225013".into())),
        ("Fax", Value::Blank),
        ("Sage_Key", Value::Text("never this".into())),
    ];
    call.rows[0]
        .fields
        .extend(fields.map(|(name, value)| (name.to_owned(), value)));
    let outcomes = client.upsert(&call).await.unwrap();
    assert_eq!(shortly(&outcomes), ["created 1"]);
    let modified = outcomes[0].as_ref().unwrap().modified.unwrap();
    assert_eq!(modified.to_string(), "2026-11-22T12:00:00Z");
    insta::assert_snapshot!(shown(&requests(&server).await.1[0]));
}

#[tokio::test]
async fn every_status_that_carries_rows_is_read_row_by_row() {
    for status in [200, 201, 202, 207, 400] {
        let (server, client) = ready().await;
        let rows = [
            inserted("1"),
            row_error("INVALID_DATA", json!({"api_name": "Account_Name"})),
            updated("3"),
        ];
        upsert_answers(&server, vec![data(status, rows)]).await;
        let outcomes = client
            .upsert(&call(&["01-A", "01-B", "01-C"]))
            .await
            .unwrap();
        assert_eq!(
            shortly(&outcomes),
            ["created 1", "E_CRM_INVALID_DATA", "updated 3"],
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_record_found_by_another_unique_field_is_a_fault_that_names_both() {
    let (server, client) = ready().await;
    let mut other = updated("77");
    other["duplicate_field"] = json!("Account_Number");
    upsert_answers(&server, vec![data(200, [other])]).await;
    let outcomes = client.upsert(&call(&["01-ABF"])).await.unwrap();
    let fault = outcomes[0].as_ref().unwrap_err();
    assert_eq!(fault.code, "E_CRM_MATCHED_OTHER_FIELD");
    assert_eq!(fault.class, Class::Data);
    for part in ["ABC:01-ABF", "77", "Account_Number", "Sage_Key"] {
        assert!(fault.message.contains(part), "{part}: {}", fault.message);
    }
}

#[tokio::test]
async fn an_answer_of_another_length_is_ambiguous_as_a_whole() {
    let (server, client) = ready().await;
    upsert_answers(
        &server,
        vec![data(200, [inserted("1")]), data(207, [inserted("1")])],
    )
    .await;
    for _ in 0..2 {
        let fault = client.upsert(&call(&["01-A", "01-B"])).await.unwrap_err();
        assert_eq!(fault.code, "E_CRM_REPLY_UNREADABLE");
        assert_eq!(fault.class, Class::Ambiguous);
    }
}

#[tokio::test]
async fn an_error_of_the_call_is_one_fault_bare_or_wrapped() {
    let (server, client) = ready().await;
    let wrapped = data(400, [row_error("INVALID_MODULE", json!({}))]);
    upsert_answers(&server, vec![error(400, "INVALID_MODULE"), wrapped]).await;
    for _ in 0..2 {
        let fault = client.upsert(&call(&["01-A", "01-B"])).await.unwrap_err();
        assert_eq!(fault.code, "E_CRM_MODULE_INVALID");
        assert_eq!(fault.class, Class::Configuration);
    }
}

#[tokio::test]
async fn a_key_that_another_writer_created_meanwhile_is_written_by_a_second_call() {
    let (server, client) = ready().await;
    let raced = || row_error("DUPLICATE_DATA", json!({"api_name": "Sage_Key", "id": "5"}));
    upsert_answers(
        &server,
        vec![
            data(207, [inserted("1"), raced(), raced()]),
            data(207, [updated("5"), raced()]),
        ],
    )
    .await;
    let outcomes = client
        .upsert(&call(&["01-A", "01-B", "01-C"]))
        .await
        .unwrap();
    assert_eq!(
        shortly(&outcomes),
        ["created 1", "updated 5", "E_CRM_DUPLICATE"]
    );
    let (_, calls) = requests(&server).await;
    let second: serde_json::Value = serde_json::from_slice(&calls[1].body).unwrap();
    assert_eq!(second["data"].as_array().unwrap().len(), 2);
    assert_eq!(second["data"][0]["Sage_Key"], "ABC:01-B");
}

#[tokio::test]
async fn rows_of_a_failed_second_call_share_its_fate_and_the_others_stand() {
    let (server, client) = ready().await;
    let raced = row_error("DUPLICATE_DATA", json!({"api_name": "Sage_Key"}));
    upsert_answers(
        &server,
        vec![data(207, [inserted("1"), raced]), error(503, "X")],
    )
    .await;
    let outcomes = client.upsert(&call(&["01-A", "01-B"])).await.unwrap();
    assert_eq!(shortly(&outcomes), ["created 1", "E_CRM_UNAVAILABLE"]);
}

#[tokio::test]
async fn an_unreadable_success_is_ambiguous_and_html_is_an_outage() {
    let (server, client) = ready().await;
    let html = |status| ResponseTemplate::new(status).set_body_string("<html>Sorry</html>");
    upsert_answers(
        &server,
        vec![html(200), html(502), ResponseTemplate::new(204), html(400)],
    )
    .await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
        seen.push((fault.code.to_string(), fault.class));
    }
    let unreadable = ("E_CRM_REPLY_UNREADABLE".to_owned(), Class::Ambiguous);
    let outage = ("E_CRM_UNAVAILABLE".to_owned(), Class::Transient);
    assert_eq!(
        seen,
        [unreadable.clone(), outage.clone(), unreadable, outage]
    );
}

#[tokio::test]
async fn an_answer_that_never_ends_is_cut_off() {
    let (server, client) = ready().await;
    let endless = ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 9 * 1024 * 1024]);
    upsert_answers(&server, vec![endless]).await;
    let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_REPLY_TOO_LARGE", Class::Ambiguous)
    );
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_ambiguous() {
    let (server, clock) = (wiremock::MockServer::start().await, VirtualClock::new());
    let mut hasty = connection(&server);
    hasty.timeouts.total = Duration::from_millis(200);
    let client = ZohoClient::new(
        TargetName::new("zoho").unwrap(),
        &hasty,
        credentials(),
        MemoryTokens::with(token("1000.good", &clock)),
        clock,
    )
    .unwrap();
    let late = data(200, [inserted("1")]).set_delay(Duration::from_secs(5));
    upsert_answers(&server, vec![late]).await;
    let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_TIMEOUT", Class::Ambiguous)
    );
}

#[tokio::test]
async fn a_broken_connection_is_ambiguous_and_a_refused_one_is_not() {
    let server = wiremock::MockServer::start().await;
    let clock = VirtualClock::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let mut good = token("1000.good", &clock);
    good.api_base = Some(address);
    let client = client(&server, &MemoryTokens::with(good), &clock);
    let hang_up = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 64]).await.unwrap();
        drop(socket);
    };
    let call = call(&["01-A"]);
    let (outcome, ()) = futures_util::future::join(client.upsert(&call), hang_up).await;
    let fault = outcome.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_CONNECTION_LOST", Class::Ambiguous)
    );
    drop(listener);
    let fault = client.upsert(&call).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_UNREACHABLE", Class::Transient)
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (server, client) = ready().await;
    let away = ResponseTemplate::new(307).insert_header("Location", "/crm/v8/Accounts/elsewhere");
    upsert_answers(&server, vec![away]).await;
    let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(fault.code, "E_CRM_UNAVAILABLE");
    assert_eq!(requests(&server).await.1.len(), 1);
}

#[tokio::test]
async fn throttling_says_until_when_and_longer_without_credits() {
    let (server, client) = ready().await;
    upsert_answers(
        &server,
        vec![
            error(429, "TOO_MANY_REQUESTS").insert_header("X-API-CREDITS-REMAINING", "900"),
            error(429, "TOO_MANY_REQUESTS").insert_header("X-API-CREDITS-REMAINING", "0"),
        ],
    )
    .await;
    let busy = client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(client.credits_remaining(), Some(900));
    let spent = client.upsert(&call(&["01-A"])).await.unwrap_err();
    let seen = [busy, spent].map(|fault| {
        assert_eq!(fault.class, Class::Throttled);
        format!("{} {}", fault.code, fault.not_before.unwrap())
    });
    assert_eq!(
        seen,
        [
            "E_CRM_THROTTLED 2026-11-22T12:00:31Z",
            "E_CRM_CREDITS_EXHAUSTED 2026-11-22T12:05:30Z"
        ]
    );
}

#[tokio::test]
async fn calls_rows_and_credits_are_counted() {
    let (server, client) = ready().await;
    let keys: Vec<String> = (0..25).map(|n| format!("01-C{n}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let rows: Vec<_> = (0..25).map(|n| inserted(&n.to_string())).collect();
    upsert_answers(
        &server,
        vec![data(200, rows), error(429, "TOO_MANY_REQUESTS")],
    )
    .await;
    client.upsert(&call(&keys)).await.unwrap();
    client.upsert(&call(&["01-A"])).await.unwrap_err();
    let usage = client.usage();
    assert_eq!(
        (usage.write_calls, usage.rows_written, usage.credits),
        (2, 26, 3)
    );
    assert_eq!((usage.calls(), usage.token_calls), (2, 0));
}

#[tokio::test]
async fn what_zoho_would_refuse_anyway_is_not_sent() {
    let (server, client) = ready().await;
    let keys: Vec<String> = (0..101).map(|n| format!("01-C{n}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    assert_eq!(
        client.upsert(&call(&keys)).await.unwrap_err().class,
        Class::Bug
    );
    let mut odd = call(&["01-A"]);
    odd.module = "Accounts/../users".into();
    assert_eq!(client.upsert(&odd).await.unwrap_err().code, "E_CRM_NAME");
    assert!(client.upsert(&call(&[])).await.unwrap().is_empty());
    assert!(server.received_requests().await.unwrap().is_empty());
}
