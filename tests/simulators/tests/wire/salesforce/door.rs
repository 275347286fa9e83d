//! The control door, limits and faults.

use reqwest::Method;
use serde_json::{Value, json};

use super::org::{Org, codes};

fn usage(answer: &crate::world::Answer) -> String {
    answer.headers["Sforce-Limit-Info"]
        .to_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn each_call_counts_once_and_the_limit_stops_all() {
    let org = Org::new().await;
    org.door("faults", json!({"api_limit": 3})).await;
    let rows = (0..200)
        .map(|n| json!({"Sage_Key__c": n.to_string(), "Name": "x"}))
        .collect();
    assert_eq!(usage(&org.upsert("Account", rows).await), "api-usage=1/3");
    assert_eq!(
        usage(&org.query("SELECT Nope FROM Account").await),
        "api-usage=2/3"
    );
    assert_eq!(
        usage(&org.query("SELECT Id FROM Account").await),
        "api-usage=3/3"
    );
    let over = org.query("SELECT Id FROM Account").await;
    let body = json!([{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]);
    assert_eq!((over.status, over.body), (403, body));
    assert!(over.headers.get("Retry-After").is_none());
    let mut org = org;
    org.door("faults", json!({"clock": {"advance_seconds": 90_000}}))
        .await;
    org.log_on().await;
    assert_eq!(org.query("SELECT Id FROM Account").await.status, 200);
}

#[tokio::test]
async fn faults_answer_with_salesforces_own_codes() {
    let org = Org::new().await;
    for (rule, status, body) in [
        (
            json!({"code": "REQUEST_LIMIT_EXCEEDED/concurrent"}),
            403,
            json!([{"message": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]),
        ),
        (
            json!({"code": "SERVER_UNAVAILABLE"}),
            503,
            json!([{"message": "Server unavailable, please try again later", "errorCode": "SERVER_UNAVAILABLE"}]),
        ),
        (
            json!({"code": "INVALID_SESSION_ID/rest"}),
            401,
            json!([{"message": "This session is not valid for use with the REST API", "errorCode": "INVALID_SESSION_ID"}]),
        ),
        (
            json!({"status": 503, "body": "<html>Service unavailable</html>"}),
            503,
            Value::Null,
        ),
        (json!({"status": 406}), 406, Value::Null),
    ] {
        let mut rule = rule;
        rule["operation"] = json!("query");
        rule["times"] = json!(1);
        org.door("faults", json!({"rules": [rule]})).await;
        let reply = org.query("SELECT Id FROM Account").await;
        assert_eq!((reply.status, reply.body), (status, body));
    }
    org.door(
        "faults",
        json!({"rules": [{"operation": "token", "code": "rate_limit_exceeded"}]}),
    )
    .await;
    let reply = org.token(&org.credentials()).await;
    assert_eq!(
        (reply.status, &reply.body["error"]),
        (400, &json!("rate_limit_exceeded"))
    );
}

#[tokio::test]
async fn an_edit_at_the_door_is_a_persons_edit_and_can_be_undone() {
    let org = Org::new().await;
    org.upsert("Account", json!([{"Sage_Key__c": "K", "Name": "x"}]))
        .await;
    let edited = org
        .door("edit", json!({"key": "K", "fields": {"Phone": "555"}}))
        .await;
    let record = &edited["records"][0];
    let manager = org.door("records/User", Value::Null).await["records"][1]["Id"].clone();
    assert_eq!(
        (&record["Phone"], &record["LastModifiedById"]),
        (&json!("555"), &manager)
    );
    org.door("edit", json!({"key": "K", "action": "delete"}))
        .await;
    assert_eq!(
        org.door("records/Account?key=K", Value::Null).await["count"],
        0
    );
    org.door("edit", json!({"key": "K", "action": "undelete"}))
        .await;
    assert_eq!(
        org.door("records/Account?key=K", Value::Null).await["count"],
        1
    );
    let stats = org.door("stats", Value::Null).await;
    assert_eq!(
        stats["rows"],
        json!({"inserted": 1, "updated": 0, "failed": 0, "deleted": 0})
    );
    assert_eq!(stats["api_usage"], 1);
}

#[tokio::test]
async fn operations_are_counted_under_their_names() {
    let org = Org::new().await;
    let id = org.create("Account", json!({"Name": "x"})).await;
    org.update("Account", &id, json!({"Name": "y"})).await;
    for path in [
        "sobjects",
        "sobjects/Account",
        "sobjects/Account/describe",
        "limits",
        "jobs/ingest",
    ] {
        org.call(Method::GET, path, Value::Null).await;
    }
    org.call(
        Method::PATCH,
        "sobjects/Account/Sage_Key__c/K",
        json!({"Name": "x"}),
    )
    .await;
    org.upsert("Account", json!([{"Sage_Key__c": "K", "Name": "y"}]))
        .await;
    org.query("SELECT Id FROM Account").await;
    let stats = org.door("stats", Value::Null).await;
    let counted: Vec<String> = stats["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            format!(
                "{} {} {}",
                row["operation"].as_str().unwrap(),
                row["status"],
                row["count"]
            )
        })
        .collect();
    assert_eq!(
        counted,
        [
            "Account.collections.upsert 200 1",
            "Account.create 201 1",
            "Account.describe 200 1",
            "Account.info 200 1",
            "Account.update 204 1",
            "Account.upsert 201 1",
            "describe 200 1",
            "limits 200 1",
            "query 200 1",
            "token 200 1",
            "unknown 404 1",
        ]
    );
}

#[tokio::test]
async fn a_composite_call_stands_or_falls_as_one() {
    let org = Org::new().await;
    let part = |reference: &str, object: &str, body: Value| json!({"method": "POST", "url": format!("/services/data/v67.0/sobjects/{object}"), "referenceId": reference, "body": body});
    let parts = json!([
        part("a", "Account", json!({"Name": "x"})),
        part("c", "Contact", json!({"AccountId": "@{a.id}"})),
        part("d", "Account", json!({"Name": "y"}))
    ]);
    let reply = org
        .call(
            Method::POST,
            "composite",
            json!({"allOrNone": true, "compositeRequest": parts}),
        )
        .await;
    let statuses: Vec<&Value> = reply.body["compositeResponse"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| &part["body"][0]["errorCode"])
        .collect();
    assert_eq!(
        statuses,
        [
            "PROCESSING_HALTED",
            "REQUIRED_FIELD_MISSING",
            "PROCESSING_HALTED"
        ]
    );
    assert_eq!(
        org.door("stats", Value::Null).await["records"]["Account"],
        0
    );
    let reply = org
        .call(
            Method::POST,
            "composite",
            json!({"compositeRequest": parts}),
        )
        .await;
    let codes: Vec<&Value> = reply.body["compositeResponse"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| &part["httpStatusCode"])
        .collect();
    assert_eq!(codes, [201, 400, 201]);
}

#[tokio::test]
async fn a_reset_forgets_records_sessions_and_rules() {
    let org = Org::new().await;
    org.door("faults", json!({"validation_rules": [{"object": "Account", "field": "Name", "contains": "x", "message": "no"}]})).await;
    assert_eq!(
        codes(
            &org.upsert("Account", json!([{"Sage_Key__c": "K", "Name": "x"}]))
                .await
        ),
        ["FIELD_CUSTOM_VALIDATION_EXCEPTION"]
    );
    org.door("reset", json!({})).await;
    assert_eq!(org.query("SELECT Id FROM Account").await.status, 401);
    let mut org = org;
    org.log_on().await;
    org.create("Account", json!({"Name": "x"})).await;
}
