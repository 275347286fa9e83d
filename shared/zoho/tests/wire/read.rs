//! Reading on the wire: queries, fields, users.

use crate::support::*;
use counterpart_delivery::ports::Crm as _;
use counterpart_domain::{Class, Value};
use serde_json::json;
use wiremock::matchers::{path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

async fn query_answers(server: &MockServer, replies: Vec<ResponseTemplate>) {
    for reply in replies {
        Mock::given(path("/crm/v8/coql"))
            .respond_with(reply)
            .up_to_n_times(1)
            .mount(server)
            .await;
    }
}

fn raw(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body, "application/json")
}

#[tokio::test]
async fn records_are_read_by_key_with_their_values_typed() {
    let (server, client) = ready().await;
    query_answers(
        &server,
        vec![raw(
            r#"{"data":[{"id":"4150868000000376008","Sage_Key":"ABC:01-ABF","Modified_Time":"2026-11-22T13:00:00+01:00",
                "Account_Name":"American Business Futures","Credit_Limit":1234567890123.45,"Rate":0.1,"On_Hold":false,
                "Since":"2020-05-31","Owner":{"id":"4150868000000225013"},"Fax":null}],
                "info":{"count":1,"more_records":false}}"#,
        )],
    )
    .await;
    let since = json!({"fields": [{"api_name": "Since", "data_type": "date"}]});
    let told = ResponseTemplate::new(200).set_body_json(since);
    Mock::given(path("/crm/v8/settings/fields"))
        .respond_with(told)
        .mount(&server)
        .await;
    let fields = [
        "Account_Name",
        "Credit_Limit",
        "Rate",
        "On_Hold",
        "Since",
        "Owner",
        "Fax",
    ];
    let fields: Vec<String> = fields.map(str::to_owned).into();
    let records = client
        .read(
            "Accounts",
            "Sage_Key",
            &[key("01-ABF"), key("01-O'B")],
            &fields,
        )
        .await
        .unwrap();
    insta::assert_debug_snapshot!(records);
    insta::assert_snapshot!(shown(&requests(&server).await.1[0]));
}

#[tokio::test]
async fn nothing_found_is_an_empty_answer_and_no_key_is_no_call() {
    let (server, client) = ready().await;
    query_answers(&server, vec![ResponseTemplate::new(204)]).await;
    let found = client
        .read("Accounts", "Sage_Key", &[key("01-ABF")], &[])
        .await
        .unwrap();
    assert!(found.is_empty());
    assert!(
        client
            .read("Accounts", "Sage_Key", &[], &[])
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(client.usage().read_calls, 1);
}

#[tokio::test]
async fn keys_go_by_hundreds_and_fields_by_what_a_query_takes() {
    let (server, client) = ready().await;
    let row = |name: &str| {
        raw(&format!(
            r#"{{"data":[{{"id":"7","Sage_Key":"ABC:01-C1","{name}":"x"}}]}}"#
        ))
    };
    query_answers(
        &server,
        vec![
            row("F1"),
            row("F60"),
            ResponseTemplate::new(204),
            ResponseTemplate::new(204),
        ],
    )
    .await;
    let keys: Vec<_> = (0..150).map(|n| key(&format!("01-C{n}"))).collect();
    let fields: Vec<String> = (0..60).map(|n| format!("F{n}")).collect();
    let records = client
        .read("Accounts", "Sage_Key", &keys, &fields)
        .await
        .unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].fields.len(), 2);
    let usage = client.usage();
    assert_eq!(
        (usage.read_calls, usage.credits, usage.rows_read),
        (4, 4, 2)
    );
}

#[tokio::test]
async fn a_page_goes_on_after_the_last_id_of_the_one_before() {
    let (server, client) = ready().await;
    query_answers(
        &server,
        vec![
            raw(r#"{"data":[{"id":"9"},{"id":"10"}],"info":{"more_records":true}}"#),
            raw(r#"{"data":[{"id":"11"}],"info":{"more_records":false}}"#),
        ],
    )
    .await;
    let records = client
        .read("Accounts", "Sage_Key", &[key("01-ABF")], &[])
        .await
        .unwrap();
    assert_eq!(records.len(), 3);
    let second = shown(&requests(&server).await.1[1]);
    assert!(second.contains("id > '10'"), "{second}");
}

#[tokio::test]
async fn a_refused_query_is_a_setting_to_mend_and_an_outage_passes() {
    let (server, client) = ready().await;
    query_answers(
        &server,
        vec![
            error(400, "INVALID_QUERY"),
            raw("<html>"),
            error(500, "INTERNAL_ERROR"),
        ],
    )
    .await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let fault = client
            .read("Accounts", "Sage_Key", &[key("01-A")], &[])
            .await
            .unwrap_err();
        seen.push((fault.code.into_owned(), fault.class));
    }
    assert_eq!(
        seen,
        [
            ("E_CRM_QUERY_REFUSED".to_owned(), Class::Configuration),
            ("E_CRM_REPLY_UNREADABLE".to_owned(), Class::Transient),
            ("E_CRM_UNAVAILABLE".to_owned(), Class::Transient),
        ]
    );
    let fault = client
        .read(
            "Accounts",
            "Sage_Key",
            &[key("01-A")],
            &["x, id from Deals --".into()],
        )
        .await
        .unwrap_err();
    assert_eq!(fault.code, "E_CRM_NAME");
}

#[tokio::test]
async fn the_key_field_is_among_the_fields_when_it_is_asked_for() {
    let (server, client) = ready().await;
    query_answers(
        &server,
        vec![raw(r#"{"data":[{"id":7,"Sage_Key":"ABC:01-A"}]}"#)],
    )
    .await;
    let records = client
        .read("Accounts", "Sage_Key", &[key("01-A")], &["Sage_Key".into()])
        .await
        .unwrap();
    assert_eq!(records[0].id.0, "7");
    assert_eq!(
        records[0].fields["Sage_Key"],
        Value::Text("ABC:01-A".into())
    );
}

#[tokio::test]
async fn users_are_read_page_by_page() {
    let (server, client) = ready().await;
    for (page, more) in [("1", true), ("2", false)] {
        Mock::given(path("/crm/v8/users"))
            .and(query_param("type", "ActiveUsers"))
            .and(query_param("per_page", "200"))
            .and(query_param("page", page))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({
                "users": [
                    {"id": format!("10{page}"), "full_name": format!("User {page}"), "email": "u@example.com", "status": "active"},
                    {"id": format!("20{page}"), "full_name": "Gone", "email": null, "status": "disabled"},
                ],
                "info": {"more_records": more},
            })))
            .expect(1)
            .mount(&server)
            .await;
    }
    let users = client.users().await.unwrap();
    let seen: Vec<_> = users
        .iter()
        .map(|user| (user.id.0.as_str(), user.name.as_str()))
        .collect();
    assert_eq!(seen, [("101", "User 1"), ("102", "User 2")]);
}
