//! Reading on the wire: records by key, users.

use crate::support::*;
use counterpart_delivery::ports::Crm as _;
use counterpart_domain::{Class, CrmId, Value};
use serde_json::json;
use wiremock::ResponseTemplate;

fn raw(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.to_owned(), "application/json")
}

#[tokio::test]
async fn records_are_read_by_key_with_their_values_typed() {
    let (server, client) = ready().await;
    let body = format!(
        r#"{{"totalSize":1,"done":true,"records":[{{"attributes":{{"type":"Account","url":"/services/data/v67.0/sobjects/Account/{id}"}},
        "Id":"{id}","Sage_Key__c":"ABC:01-ABF","LastModifiedDate":"2026-11-22T12:00:00.000+0000","Name":"American Business Futures",
        "AnnualRevenue":1.23456789012345E12,"Rate__c":0.1,"On_Hold__c":false,"Since__c":"2020-05-31","OwnerId":"005D0000001AAAAIA4",
        "Fax":null,"BillingCity":"Milwaukee","BillingAddress":{{"city":"Milwaukee"}},"Owner":{{"attributes":{{"type":"User"}},"Name":"x"}}}}]}}"#,
        id = id(1)
    );
    answers(&server, QUERY, vec![raw(&body)]).await;
    let fields = [
        "Name",
        "AnnualRevenue",
        "Rate__c",
        "On_Hold__c",
        "Since__c",
        "OwnerId",
        "Fax",
        "billingcity",
        "BillingAddress",
        "Sage_Key__c",
    ];
    let fields: Vec<String> = fields.map(str::to_owned).into();
    let records = client
        .read(
            "Account",
            "Sage_Key__c",
            &[key("01-ABF"), key("01-O'B")],
            &fields,
        )
        .await
        .unwrap();
    insta::assert_debug_snapshot!(records);
    let (_, calls) = requests(&server).await;
    insta::assert_snapshot!(shown(&calls[0]));
    assert_eq!(client.usage().rows_read, 1);
}

#[tokio::test]
async fn what_was_written_as_a_reference_is_read_back_as_one() {
    let (server, client) = ready().await;
    let owner = Value::Reference("005D0000001AAAAIA4".into());
    let body = json!({"totalSize": 1, "done": true, "records": [{"Id": id(1), "OwnerId": "005D0000001AAAAIA4", "Parent__c": id(7)}]});
    answers(
        &server,
        QUERY,
        vec![ResponseTemplate::new(200).set_body_json(body)],
    )
    .await;
    let records = client
        .read(
            "Account",
            "Sage_Key__c",
            &[key("01-A")],
            &["OwnerId".into(), "Parent__c".into()],
        )
        .await
        .unwrap();
    assert_eq!(records[0].fields["OwnerId"], owner);
    assert_eq!(records[0].fields["Parent__c"], Value::Reference(id(7)));
    assert_eq!(records[0].id, CrmId(id(1)));
}

#[tokio::test]
async fn a_record_whose_key_differs_in_case_only_is_the_record_that_was_asked_for() {
    let (server, client) = ready().await;
    let body = json!({"totalSize": 1, "done": true, "records": [{"Id": id(1), "Sage_Key__c": "abc:01-abf"}]});
    answers(
        &server,
        QUERY,
        vec![ResponseTemplate::new(200).set_body_json(body)],
    )
    .await;
    let records = client
        .read("Account", "Sage_Key__c", &[key("01-ABF")], &[])
        .await
        .unwrap();
    assert_eq!(records[0].key.as_deref(), Some("ABC:01-ABF"));
}

#[tokio::test]
async fn all_pages_are_read_and_no_key_is_no_call() {
    let (server, client) = ready().await;
    let page = |at: usize, next: Option<&str>| {
        ResponseTemplate::new(200).set_body_json(
            json!({"totalSize": 3, "done": next.is_none(), "nextRecordsUrl": next,
            "records": [{"Id": id(at), "Sage_Key__c": format!("ABC:01-C{at}")}]}),
        )
    };
    let (second, third) = (
        "/services/data/v67.0/query/01gRO0000016PIAYA2-1",
        "/services/data/v67.0/query/01gRO0000016PIAYA2-2",
    );
    answers(&server, QUERY, vec![page(1, Some(second))]).await;
    answers(&server, second, vec![page(2, Some(third))]).await;
    answers(&server, third, vec![page(3, None)]).await;
    let keys = [key("01-C1"), key("01-C2"), key("01-C3")];
    let records = client
        .read("Account", "Sage_Key__c", &keys, &[])
        .await
        .unwrap();
    assert_eq!(records.len(), 3);
    assert!(
        client
            .read("Account", "Sage_Key__c", &[], &[])
            .await
            .unwrap()
            .is_empty()
    );
    let usage = client.usage();
    assert_eq!(
        (usage.read_calls, usage.credits, usage.rows_read),
        (3, 3, 3)
    );
    let (_, calls) = requests(&server).await;
    assert_eq!(calls[1].url.query(), None);
}

#[tokio::test]
async fn many_keys_and_fields_go_in_several_queries_and_come_back_as_one_record_each() {
    let (server, client) = ready().await;
    let names: Vec<String> = (0..250)
        .map(|n| format!("A_Field_With_A_Long_Name_{n}__c"))
        .collect();
    let keys: Vec<_> = (0..200).map(|n| key(&format!("01-CUSTOMER{n}"))).collect();
    wiremock::Mock::given(wiremock::matchers::path(QUERY))
        .respond_with(|request: &wiremock::Request| {
            assert!(request.url.as_str().len() < 10_000);
            let (_, soql) = request.url.query_pairs().next().unwrap();
            let record = soql.contains("'ABC:01-CUSTOMER7'").then(|| {
                let first = soql
                    .split("LastModifiedDate, ")
                    .nth(1)
                    .unwrap()
                    .split([',', ' '])
                    .next()
                    .unwrap();
                json!({"Id": id(7), "Sage_Key__c": "ABC:01-CUSTOMER7", first: "x"})
            });
            let records: Vec<_> = record.into_iter().collect();
            ResponseTemplate::new(200).set_body_json(
                json!({"totalSize": records.len(), "done": true, "records": records}),
            )
        })
        .mount(&server)
        .await;
    let records = client
        .read("Account", "Sage_Key__c", &keys, &names)
        .await
        .unwrap();
    assert_eq!(records.len(), 1);
    assert!(records[0].fields.len() > 1, "one field of each group");
    assert!(client.usage().read_calls > 2);
}

#[tokio::test]
async fn a_query_that_fails_is_never_one_without_rows() {
    let next = |next: &str| {
        json!({"totalSize": 3, "done": false, "nextRecordsUrl": next, "records": [{"Id": id(1)}]})
            .to_string()
    };
    let text = |status: u16, text: &str| ResponseTemplate::new(status).set_body_string(text);
    let cases: Vec<(ResponseTemplate, &str, Class)> = vec![
        (
            error(
                400,
                "QUERY_TIMEOUT",
                "Your query request was running for too long.",
            ),
            "E_CRM_UNAVAILABLE",
            Class::Transient,
        ),
        (
            error(400, "INVALID_QUERY_LOCATOR", "invalid query locator"),
            "E_CRM_QUERY_EXPIRED",
            Class::Transient,
        ),
        (
            error(
                400,
                "INVALID_FIELD",
                "No such column 'Nme' on entity 'Account'",
            ),
            "E_CRM_FIELD_INVALID",
            Class::Configuration,
        ),
        (
            error(400, "INVALID_TYPE", "sObject type 'Acct' is not supported"),
            "E_CRM_MODULE_INVALID",
            Class::Configuration,
        ),
        (
            error(400, "MALFORMED_QUERY", "unexpected token"),
            "E_CRM_QUERY_REFUSED",
            Class::Data,
        ),
        (
            text(414, "<html>URI Too Long</html>"),
            "E_CRM_LIMIT_EXCEEDED",
            Class::Bug,
        ),
        (
            text(503, "<html>Sorry</html>"),
            "E_CRM_UNAVAILABLE",
            Class::Transient,
        ),
        (
            text(200, "<html>Sorry</html>"),
            "E_CRM_REPLY_UNREADABLE",
            Class::Transient,
        ),
        (text(200, "{}"), "E_CRM_REPLY_UNREADABLE", Class::Transient),
        (
            text(200, r#"{"totalSize":0,"records":[]}"#),
            "E_CRM_REPLY_UNREADABLE",
            Class::Transient,
        ),
        (
            text(200, r#"{"totalSize":2,"done":true,"records":[]}"#),
            "E_CRM_REPLY_UNREADABLE",
            Class::Transient,
        ),
        (
            text(200, r#"{"totalSize":3,"done":false,"records":[]}"#),
            "E_CRM_REPLY_UNREADABLE",
            Class::Transient,
        ),
        (
            text(200, &next("https://evil.com/services/data/v67.0/query/1")),
            "E_CRM_REPLY_UNREADABLE",
            Class::Transient,
        ),
        (
            text(200, &next("/services/data/v67.0/query")),
            "E_CRM_REPLY_UNREADABLE",
            Class::Transient,
        ),
        (
            text(
                200,
                r#"{"totalSize":1,"done":true,"records":[{"Name":"x"}]}"#,
            ),
            "E_CRM_REPLY_UNREADABLE",
            Class::Transient,
        ),
        (text(204, ""), "E_CRM_UNAVAILABLE", Class::Transient),
    ];
    for (reply, code, class) in cases {
        let (server, client) = ready().await;
        answers(&server, QUERY, vec![reply]).await;
        let fault = client
            .read("Account", "Sage_Key__c", &[key("01-A")], &[])
            .await
            .unwrap_err();
        assert_eq!((&*fault.code, fault.class), (code, class), "{fault}");
        assert_eq!(requests(&server).await.1.len(), 1);
    }
}

#[tokio::test]
async fn a_session_that_ends_between_two_pages_costs_a_refresh_and_no_row() {
    let (server, client) = ready().await;
    let next = "/services/data/v67.0/query/01g-1";
    let page = |done: bool, at: usize| {
        ResponseTemplate::new(200).set_body_json(json!({"totalSize": 2, "done": done, "nextRecordsUrl": next, "records": [{"Id": id(at)}]}))
    };
    answers(&server, QUERY, vec![page(false, 1)]).await;
    answers(&server, next, vec![expired(), page(true, 2)]).await;
    let records = client
        .read("Account", "Sage_Key__c", &[key("01-A")], &[])
        .await
        .unwrap();
    assert_eq!(records.len(), 2);
    assert_eq!(requests(&server).await.0.len(), 2);
}

#[tokio::test]
async fn names_that_are_no_names_go_into_no_query() {
    let (server, client) = ready().await;
    for (module, key_field, field) in [
        ("Account WHERE", "Sage_Key__c", "Name"),
        ("Account", "Sage_Key__c = 1 OR Name", "Name"),
        ("Account", "Sage_Key__c", "Name, (SELECT Id FROM Contacts)"),
        ("Account", "Sage_Key__c", "Owner.Name"),
    ] {
        let fault = client
            .read(module, key_field, &[key("01-A")], &[field.into()])
            .await
            .unwrap_err();
        assert_eq!(
            (&*fault.code, fault.class),
            ("E_CRM_NAME", Class::Configuration)
        );
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn active_users_are_read_page_by_page() {
    let (server, client) = ready().await;
    let next = "/services/data/v67.0/query/01g-1";
    let page = |done: bool, users: serde_json::Value| {
        ResponseTemplate::new(200).set_body_json(
            json!({"totalSize": 2, "done": done, "nextRecordsUrl": next, "records": users}),
        )
    };
    let user = |id: &str, name: &str, email: serde_json::Value| json!([{"attributes": {"type": "User"}, "Id": id, "Name": name, "Email": email}]);
    answers(
        &server,
        QUERY,
        vec![page(
            false,
            user(
                "005D0000001AAAAIA4",
                "Patricia Boyle",
                json!("pat@acme.example"),
            ),
        )],
    )
    .await;
    answers(
        &server,
        next,
        vec![page(true, user("005D0000001AAAB", "No Mail", json!(null)))],
    )
    .await;
    let users = client.users().await.unwrap();
    let seen: Vec<_> = users
        .iter()
        .map(|user| (user.id.0.as_str(), &*user.name, &*user.email))
        .collect();
    assert_eq!(
        seen,
        [
            ("005D0000001AAAAIA4", "Patricia Boyle", "pat@acme.example"),
            ("005D0000001AAABIA4", "No Mail", "")
        ]
    );
    insta::assert_snapshot!(shown(&requests(&server).await.1[0]));
    assert_eq!(
        (client.usage().metadata_calls, client.usage().rows_read),
        (2, 0)
    );
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_asked_for_in_halves() {
    let (server, client) = ready().await;
    let large = "x".repeat(5 * 1024 * 1024);
    let row = |n: usize, key: &str| json!({"Id": id(n), "Sage_Key__c": format!("ABC:{key}"), "Description": large});
    let page = |records: Vec<serde_json::Value>| {
        ResponseTemplate::new(200)
            .set_body_json(json!({"totalSize": records.len(), "done": true, "records": records}))
    };
    let both = page(vec![row(1, "01-A"), row(2, "01-B")]);
    let replies = vec![both, page(vec![row(2, "01-B")]), page(vec![row(1, "01-A")])];
    answers(&server, QUERY, replies).await;
    let keys = [key("01-A"), key("01-B")];
    let fields = ["Description".to_owned()];
    let records = client
        .read("Account", "Sage_Key__c", &keys, &fields)
        .await
        .unwrap();
    assert_eq!(records.len(), 2);
    assert_eq!(
        (client.usage().read_calls, client.usage().rows_read),
        (3, 2)
    );
    // One record that is too large stays a fault.
    let huge =
        json!({"Id": id(1), "Sage_Key__c": "ABC:01-A", "Description": format!("{large}{large}")});
    answers(&server, QUERY, vec![page(vec![huge])]).await;
    let fault = client
        .read("Account", "Sage_Key__c", &keys[..1], &fields)
        .await
        .unwrap_err();
    assert_eq!(fault.code, "E_CRM_REPLY_TOO_LARGE");
}
