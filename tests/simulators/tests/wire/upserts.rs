//! How upserts find records, and what they say of each row.

use crate::world::World;
use reqwest::Method;
use serde_json::{Value, json};

fn codes(body: &Value) -> Vec<&str> {
    body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["code"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn without_check_fields_two_customers_of_one_name_become_one_account() {
    let zoho = World::zoho().await;
    zoho.upsert(json!({"data": [{"Account_Name": "Smith Supply", "Phone": "555-0101"}]}))
        .await;
    let second = zoho
        .upsert(json!({"data": [{"Account_Name": " SMITH supply ", "Phone": "555-0102"}]}))
        .await;
    assert_eq!(second.body["data"][0]["action"], "update");
    assert_eq!(second.body["data"][0]["duplicate_field"], "Account_Name");
    let held = zoho.door("zoho", "records/Accounts", Value::Null).await;
    assert_eq!(held["count"], 1);
    assert_eq!(held["records"][0]["Phone"], "555-0102");
}

#[tokio::test]
async fn with_the_key_as_check_field_two_customers_of_one_name_stay_two() {
    let zoho = World::zoho().await;
    for key in ["ABC:01-S", "ABC:02-S"] {
        let answer = zoho
            .upsert_one(json!({"Account_Name": "Smith Supply", "Sage_Key": key}))
            .await;
        assert_eq!(
            (answer.status, &answer.body["data"][0]["action"]),
            (200, &json!("insert"))
        );
        assert_eq!(answer.body["data"][0]["duplicate_field"], Value::Null);
    }
    let again = zoho
        .upsert_one(json!({"Account_Name": "Smith & Co", "Sage_Key": "abc:01-s"}))
        .await;
    assert_eq!(
        again.body["data"][0]["duplicate_field"], "Sage_Key",
        "case does not count"
    );
    assert_eq!(
        zoho.door("zoho", "records/Accounts", Value::Null).await["count"],
        2
    );
}

#[tokio::test]
async fn another_unique_field_that_was_not_listed_is_matched_too() {
    let zoho = World::zoho().await;
    zoho.upsert_one(json!({"Account_Name": "First", "Sage_Key": "ABC:01-A", "Legacy_Id": "L1"}))
        .await;
    let answer = zoho
        .upsert_one(json!({"Account_Name": "Second", "Sage_Key": "ABC:01-B", "Legacy_Id": "L1"}))
        .await;
    assert_eq!(answer.body["data"][0]["action"], "update");
    assert_eq!(answer.body["data"][0]["duplicate_field"], "Legacy_Id");
}

#[tokio::test]
async fn a_unique_value_of_another_record_is_a_duplicate() {
    let zoho = World::zoho().await;
    let first = zoho
        .upsert_one(json!({"Account_Name": "First", "Sage_Key": "ABC:01-A", "Legacy_Id": "L1"}))
        .await;
    zoho.upsert_one(json!({"Account_Name": "Second", "Sage_Key": "ABC:01-B"}))
        .await;
    let answer = zoho
        .upsert_one(json!({"Account_Name": "Second", "Sage_Key": "ABC:01-B", "Legacy_Id": "l1"}))
        .await;
    assert_eq!(
        (answer.status, codes(&answer.body)),
        (400, vec!["DUPLICATE_DATA"])
    );
    let details = &answer.body["data"][0]["details"];
    assert_eq!(details["api_name"], "Legacy_Id");
    assert_eq!(details["id"], first.body["data"][0]["details"]["id"]);
    let both = zoho
        .api(
            Method::POST,
            "Accounts",
            json!({"data": [{"Account_Name": "X", "Sage_Key": "ABC:01-B", "Legacy_Id": "L1"}]}),
        )
        .await;
    assert_eq!(codes(&both.body), ["MULTIPLE_OR_MULTI_ERRORS"]);
    assert_eq!(
        both.body["data"][0]["details"]["errors"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn each_row_has_its_own_verdict_in_the_order_of_the_rows() {
    let zoho = World::zoho().await;
    let rows = json!([
        {"Account_Name": "Good", "Sage_Key": "ABC:01-1"},
        {"Sage_Key": "ABC:01-2"},
        {"Account_Name": "x".repeat(201), "Sage_Key": "ABC:01-3"},
        {"Account_Name": 7, "Sage_Key": "ABC:01-4"},
        {"Account_Name": "Lookup", "Sage_Key": "ABC:01-5", "Parent_Account": {"id": "5725767000000999999"}},
        {"Account_Name": "Owner", "Sage_Key": "ABC:01-6", "Owner": {"id": "1"}},
        "no row at all",
    ]);
    let answer = zoho
        .upsert(json!({"data": rows, "duplicate_check_fields": ["Sage_Key"]}))
        .await;
    assert_eq!(answer.status, 207);
    assert_eq!(
        codes(&answer.body),
        [
            "SUCCESS",
            "MANDATORY_NOT_FOUND",
            "INVALID_DATA",
            "INVALID_DATA",
            "INVALID_DATA",
            "INVALID_DATA",
            "INVALID_DATA"
        ]
    );
    let details = |row: usize| &answer.body["data"][row]["details"];
    assert_eq!(
        details(1),
        &json!({"api_name": "Account_Name", "json_path": "$.data[1].Account_Name"})
    );
    assert_eq!(
        details(2),
        &json!({"maximum_length": 200, "api_name": "Account_Name", "json_path": "$.data[2].Account_Name"})
    );
    assert_eq!(
        details(3),
        &json!({"expected_data_type": "text", "api_name": "Account_Name", "json_path": "$.data[3].Account_Name"})
    );
    assert_eq!(details(4)["api_name"], "Parent_Account");
    assert_eq!(details(5)["api_name"], "Owner");
    zoho.door("zoho", "faults", json!({"mixed_status": 200}))
        .await;
    assert_eq!(
        zoho.upsert(json!({"data": rows, "duplicate_check_fields": ["Sage_Key"]}))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn an_inactive_user_cannot_own_a_record() {
    let zoho = World::zoho().await;
    let users = zoho
        .api(Method::GET, "users?type=DeactiveUsers", Value::Null)
        .await;
    let id = users.body["users"][0]["id"].clone();
    let answer = zoho
        .upsert_one(json!({"Account_Name": "A", "Sage_Key": "ABC:01-A", "Owner": {"id": id}}))
        .await;
    assert_eq!(
        (answer.status, codes(&answer.body)),
        (400, vec!["INVALID_DATA"])
    );
}

#[tokio::test]
async fn text_is_trimmed_amounts_keep_their_decimals_and_unknown_fields_are_ignored() {
    let zoho = World::zoho().await;
    let row = json!({"Account_Name": "  Trailing Traders   ", "Sage_Key": "ABC:01-T", "Credit_Limit": 10.005, "Nonsense": 1, "Description": ""});
    assert_eq!(zoho.upsert_one(row).await.status, 200);
    let held = zoho
        .door("zoho", "records/Accounts?key=ABC:01-T", Value::Null)
        .await;
    let record = &held["records"][0];
    assert_eq!(record["Account_Name"], "Trailing Traders");
    assert_eq!(record["Credit_Limit"], json!(10.005));
    assert_eq!(record["Description"], Value::Null);
    assert!(record.get("Nonsense").is_none());
}

#[tokio::test]
async fn an_absent_field_is_untouched_and_a_null_clears() {
    let zoho = World::zoho().await;
    zoho.upsert_one(json!({"Account_Name": "A", "Sage_Key": "ABC:01-A", "Phone": "555-0100", "Fax": "555-0101"})).await;
    zoho.upsert_one(json!({"Account_Name": "A", "Sage_Key": "ABC:01-A", "Fax": null}))
        .await;
    let held = zoho.door("zoho", "records/Accounts", Value::Null).await;
    assert_eq!(
        (&held["records"][0]["Phone"], &held["records"][0]["Fax"]),
        (&json!("555-0100"), &Value::Null)
    );
}

#[tokio::test]
async fn a_locked_record_refuses_its_row_alone() {
    let zoho = World::zoho().await;
    zoho.upsert_one(json!({"Account_Name": "A", "Sage_Key": "ABC:01-A"}))
        .await;
    zoho.door("zoho", "edit", json!({"key": "ABC:01-A", "action": "lock"}))
        .await;
    let rows = json!([{"Sage_Key": "ABC:01-A", "Phone": "1"}, {"Account_Name": "B", "Sage_Key": "ABC:01-B"}]);
    let answer = zoho
        .upsert(json!({"data": rows, "duplicate_check_fields": ["Sage_Key"]}))
        .await;
    assert_eq!(
        (answer.status, codes(&answer.body)),
        (207, vec!["RECORD_LOCKED", "SUCCESS"])
    );
}

#[tokio::test]
async fn a_stale_if_unmodified_since_is_412() {
    let zoho = World::zoho().await;
    zoho.upsert_one(json!({"Account_Name": "A", "Sage_Key": "ABC:01-A"}))
        .await;
    let body = json!({"data": [{"Sage_Key": "ABC:01-A", "Phone": "1"}], "duplicate_check_fields": ["Sage_Key"]});
    let headers = [("If-Unmodified-Since", "2020-01-01T00:00:00+00:00")];
    let answer = zoho
        .api_with(Method::POST, "Accounts/upsert", body, &headers)
        .await;
    assert_eq!(
        (answer.status, codes(&answer.body)),
        (412, vec!["ALREADY_MODIFIED"])
    );
}

#[tokio::test]
async fn the_limits_of_a_request_are_errors_without_data() {
    let zoho = World::zoho().await;
    let rows: Vec<Value> = (0..101)
        .map(|n| json!({"Account_Name": n.to_string()}))
        .collect();
    for (body, code) in [
        (json!({"data": rows}), "LIMIT_EXCEEDED"),
        (json!({"data": []}), "MANDATORY_NOT_FOUND"),
        (
            json!({"data": [{"Account_Name": "A"}], "duplicate_check_fields": ["Phone"]}),
            "INVALID_DATA",
        ),
        (
            json!({"data": [{"Account_Name": "A"}], "trigger": ["everything"]}),
            "INVALID_DATA",
        ),
        (json!([]), "INVALID_DATA"),
    ] {
        let answer = zoho.upsert(body).await;
        assert_eq!(
            (answer.status, answer.body["code"].as_str()),
            (400, Some(code))
        );
        assert!(answer.body.get("data").is_none());
    }
    assert_eq!(
        zoho.api(Method::POST, "Nonsense/upsert", json!({}))
            .await
            .body["code"],
        "INVALID_MODULE"
    );
}

#[tokio::test]
async fn an_insert_is_201_an_update_200_and_both_tell_the_approval_state() {
    let zoho = World::zoho().await;
    let inserted = zoho
        .api(
            Method::POST,
            "Accounts",
            json!({"data": [{"Account_Name": "A"}]}),
        )
        .await;
    assert_eq!(inserted.status, 201);
    let id = inserted.body["data"][0]["details"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(id.len(), 19);
    assert_eq!(
        inserted.body["data"][0]["details"]["$approval_state"],
        "approved"
    );
    assert!(inserted.body["data"][0].get("action").is_none());
    let updated = zoho
        .api(
            Method::PUT,
            &format!("Accounts/{id}"),
            json!({"data": [{"Phone": "555-0100"}]}),
        )
        .await;
    assert_eq!(
        (updated.status, &updated.body["data"][0]["message"]),
        (200, &json!("record updated"))
    );
    let unknown = zoho
        .api(
            Method::PUT,
            "Accounts",
            json!({"data": [{"id": "5725767000000999999", "Phone": "1"}]}),
        )
        .await;
    assert_eq!(
        (unknown.status, codes(&unknown.body)),
        (400, vec!["INVALID_DATA"])
    );
}

#[tokio::test]
async fn a_refused_value_fails_its_row_until_the_refusal_is_cleared() {
    let zoho = World::zoho().await;
    let row = json!({"Account_Name": "Bad Name Co", "Sage_Key": "ABC:01-BAD"});
    zoho.door("zoho", "faults", json!({"refuse": [{"module": "Accounts", "field": "Account_Name", "value": "Bad Name Co"}]})).await;
    assert_eq!(zoho.upsert_one(row.clone()).await.status, 400);
    zoho.door("zoho", "faults", json!({"clear": true})).await;
    assert_eq!(zoho.upsert_one(row).await.status, 200);
}

#[tokio::test]
async fn only_an_empty_trigger_list_keeps_automations_quiet() {
    let zoho = World::zoho().await;
    zoho.upsert_one(json!({"Account_Name": "A", "Sage_Key": "ABC:01-A"}))
        .await;
    assert_eq!(
        zoho.door("zoho", "stats", Value::Null).await["triggers_fired"],
        0
    );
    zoho.upsert(json!({"data": [{"Account_Name": "A"}]})).await;
    assert_eq!(
        zoho.door("zoho", "stats", Value::Null).await["triggers_fired"],
        3
    );
    zoho.upsert(json!({"data": [{"Account_Name": "A"}], "trigger": ["workflow"]}))
        .await;
    assert_eq!(
        zoho.door("zoho", "stats", Value::Null).await["triggers_fired"],
        4
    );
}
