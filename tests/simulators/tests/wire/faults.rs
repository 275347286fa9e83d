//! Faults that the control door injects.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, answer};

fn one(key: &str) -> Value {
    json!({"data": [{"Account_Name": key, "Sage_Key": key}], "duplicate_check_fields": ["Sage_Key"], "trigger": []})
}

#[tokio::test]
async fn done_but_the_answer_is_lost_closes_the_connection_after_the_work() {
    let zoho = World::zoho().await;
    let token = zoho.refresh().await.body["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    zoho.door(
        "zoho",
        "faults",
        json!({"rules": [{"operation": "Accounts.upsert", "after": true, "times": 1}]}),
    )
    .await;
    let url = format!("{}/crm/v8/Accounts/upsert", zoho.announced("zoho", "url"));
    let request = zoho
        .client()
        .post(url)
        .header("Authorization", format!("Zoho-oauthtoken {token}"))
        .json(&one("ABC:01-A"));
    assert!(answer(request).await.is_err());
    let stats = zoho.door("zoho", "stats", Value::Null).await;
    assert_eq!(stats["records"]["Accounts"], 1);
    assert!(
        stats["calls"]
            .as_array()
            .unwrap()
            .contains(&json!({"operation": "Accounts.upsert", "status": 0, "count": 1}))
    );
    let again = zoho.upsert(one("ABC:01-A")).await;
    assert_eq!(again.body["data"][0]["action"], "update");
}

#[tokio::test]
async fn a_rule_with_a_key_hits_only_the_calls_that_carry_it() {
    let zoho = World::zoho().await;
    let rule = json!({"operation": "*.upsert", "status": 503, "body": "<html>down</html>", "match": {"key": "ABC:01-B"}});
    zoho.door("zoho", "faults", json!({"rules": [rule]})).await;
    assert_eq!(zoho.upsert(one("ABC:01-A")).await.status, 200);
    let hit = zoho.upsert(one("ABC:01-B")).await;
    assert_eq!(
        (hit.status, hit.headers["Content-Type"].to_str().unwrap()),
        (503, "text/html;charset=UTF-8")
    );
    assert_eq!(
        zoho.door("zoho", "records/Accounts", Value::Null).await["count"],
        1,
        "nothing was done"
    );
    zoho.door("zoho", "faults", json!({"clear": true})).await;
    assert_eq!(zoho.upsert(one("ABC:01-B")).await.status, 200);
}

#[tokio::test]
async fn a_rule_with_a_field_value_and_a_count_is_used_up() {
    let zoho = World::zoho().await;
    let rule = json!({"operation": "Accounts.*", "code": "INTERNAL_ERROR", "times": 2, "match": {"field": "Account_Name", "value": "ABC:01-A"}});
    zoho.door("zoho", "faults", json!({"rules": [rule]})).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(zoho.upsert(one("ABC:01-A")).await.status);
    }
    assert_eq!(statuses, [500, 500, 200]);
}

#[tokio::test]
async fn an_answer_can_be_replaced_after_the_work_with_headers_too() {
    let zoho = World::zoho().await;
    let rule = json!({"operation": "Accounts.upsert", "after": true, "status": 502, "headers": {"X-Proxy": "yes"}, "times": 1});
    zoho.door("zoho", "faults", json!({"rules": [rule]})).await;
    let lost = zoho.upsert(one("ABC:01-A")).await;
    assert_eq!(
        (lost.status, lost.headers["X-Proxy"].to_str().unwrap()),
        (502, "yes")
    );
    assert_eq!(
        zoho.door("zoho", "records/Accounts", Value::Null).await["count"],
        1
    );
}

#[tokio::test]
async fn the_door_tells_what_it_does_not_understand() {
    let zoho = World::zoho().await;
    for (path, body) in [
        ("faults", json!({"ruls": []})),
        (
            "faults",
            json!({"rules": [{"operation": "x", "status": 999}]}),
        ),
        ("edit", json!({"module": "Nonsense", "fields": {}})),
        ("edit", json!({"key": "ABC:nobody", "fields": {}})),
    ] {
        let url = format!("{}/_sim/{path}", zoho.announced("zoho", "url"));
        let refused = answer(zoho.client().post(url).json(&body)).await.unwrap();
        assert_eq!(refused.status, 400, "{body}");
        assert!(refused.body["error"].is_string());
    }
}

#[tokio::test]
async fn an_edit_at_the_door_is_a_persons_edit() {
    let zoho = World::zoho().await;
    zoho.upsert(one("ABC:01-A")).await;
    let edited = zoho
        .door(
            "zoho",
            "edit",
            json!({"key": "ABC:01-A", "fields": {"Phone": "555-0199"}}),
        )
        .await;
    let record = &edited["records"][0];
    assert_eq!(
        (&record["Phone"], &record["Modified_By"]["name"]),
        (&json!("555-0199"), &json!("Patricia Boyle"))
    );
    let calls = zoho.door("zoho", "stats", Value::Null).await;
    assert!(!calls["calls"].to_string().contains("edit"));
}

#[tokio::test]
async fn a_reset_forgets_records_tokens_and_counts() {
    let mut zoho = World::zoho().await;
    zoho.upsert(one("ABC:01-A")).await;
    zoho.door("zoho", "reset", json!({})).await;
    let stats = zoho.door("zoho", "stats", Value::Null).await;
    assert_eq!(
        (
            &stats["calls"],
            &stats["credits"],
            &stats["records"]["Accounts"]
        ),
        (&json!([]), &json!(0), &json!(0))
    );
    assert_eq!(
        zoho.api(Method::GET, "org", Value::Null).await.body["code"],
        "INVALID_TOKEN"
    );
    zoho.log_on().await;
    assert_eq!(zoho.api(Method::GET, "org", Value::Null).await.status, 200);
}
