//! What administrators set up: duplicate rules, validation rules, assignment rules, refusals.

use reqwest::Method;
use serde_json::json;

use super::org::{Org, codes};

#[tokio::test]
async fn a_duplicate_rule_tells_the_match_to_a_row_and_only_its_code_to_one_of_many() {
    let org = Org::new().await;
    let id = org
        .create(
            "Contact",
            json!({"LastName": "Quinn", "Email": "q@example.com"}),
        )
        .await;
    org.door(
        "faults",
        json!({"duplicate_rules": [{"object": "Contact", "fields": ["Email"]}]}),
    )
    .await;
    let row = json!({"LastName": "Other", "Email": "Q@example.com"});
    let reply = org.call(Method::POST, "sobjects/Contact", row).await;
    let matched = json!({
        "additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0,
        "record": {"attributes": {"type": "Contact", "url": format!("/services/data/v67.0/sobjects/Contact/{id}")}, "Id": id},
    });
    let result = json!({
        "allowSave": true, "duplicateRule": "Standard_Contact_Duplicate_Rule", "duplicateRuleEntityType": "Contact",
        "errorMessage": "Use one of these records?",
        "matchResults": [{
            "entityType": "Contact", "errors": [], "matchEngine": "FuzzyMatchEngine", "matchRecords": [matched],
            "rule": "Standard_Contact_Match_Rule_v1_1", "size": 1, "success": true,
        }],
    });
    let body = json!([{"duplicateResut": result, "errorCode": "DUPLICATES_DETECTED", "message": "Use one of these records?"}]);
    assert_eq!((reply.status, reply.body), (400, body));
    let rows = json!([{"Sage_Key__c": "1", "LastName": "Other", "Email": "q@example.com"}, {"Sage_Key__c": "2", "LastName": "None"}]);
    let many = org.upsert("Contact", rows).await;
    let error = json!({"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these records?", "fields": []});
    assert_eq!(many.body[0], json!({"success": false, "errors": [error]}));
    assert_eq!(codes(&many)[1], "OK");
}

#[tokio::test]
async fn an_alert_can_be_overridden_and_a_block_cannot() {
    let org = Org::new().await;
    org.create("Account", json!({"Name": "Acme"})).await;
    let headers = [(
        "Sforce-Duplicate-Rule-Header",
        "allowSave=true; includeRecordDetails=true; runAsCurrentUser=true",
    )];
    let path = "/services/data/v67.0/sobjects/Account";
    for (block, status) in [(false, 201), (true, 400)] {
        let rule = json!({"object": "Account", "fields": ["Name"], "block": block});
        org.door("faults", json!({"clear": true, "duplicate_rules": [rule]}))
            .await;
        let reply = org
            .call_with(Method::POST, path, json!({"Name": "ACME"}), &headers)
            .await;
        assert_eq!(reply.status, status, "{}", reply.body);
        assert_eq!(
            org.refused("Account", json!({"Name": "acme"})).await.0,
            "DUPLICATES_DETECTED"
        );
    }
}

#[tokio::test]
async fn validation_rules_tell_their_own_sentences_all_at_once() {
    let org = Org::new().await;
    org.door("faults", json!({"validation_rules": [
        {"object": "Account", "field": "Phone", "blank": true, "message": "Call them!", "error_field": "Phone"},
        {"object": "Account", "field": "Name", "contains": "Test", "message": "No tests"},
    ]}))
    .await;
    let reply = org.upsert("Account", json!([{"Sage_Key__c": "1", "Name": "Test"}, {"Sage_Key__c": "2", "Name": "x", "Phone": "1"}])).await;
    let code = "FIELD_CUSTOM_VALIDATION_EXCEPTION";
    let errors = json!([
        {"statusCode": code, "message": "Call them!", "fields": ["Phone"]},
        {"statusCode": code, "message": "No tests", "fields": []},
    ]);
    assert_eq!(reply.body[0]["errors"], errors);
    assert_eq!(codes(&reply)[1], "OK");
}

#[tokio::test]
async fn owners_are_reassigned_unless_the_call_forbids_it() {
    let org = Org::new().await;
    let [me, rep, _] = org.users();
    org.door(
        "faults",
        json!({"territory": {"owner": rep, "field": "BillingState", "value": "WI"}}),
    )
    .await;
    let path = "/services/data/v67.0/sobjects/Account";
    for (state, header, owner) in [
        ("WI", "TRUE", &rep),
        ("WI", "FALSE", &me),
        ("WI", "false", &me),
        ("IL", "TRUE", &me),
    ] {
        let headers = [("Sforce-Auto-Assign", header)];
        let row = json!({"Name": "x", "BillingState": state, "OwnerId": me});
        let created = org.call_with(Method::POST, path, row, &headers).await;
        let record = org
            .record("Account", created.body["id"].as_str().unwrap())
            .await;
        assert_eq!(record["OwnerId"], **owner, "{state} {header}");
    }
    let id = org.create("Account", json!({"Name": "x"})).await;
    org.update("Account", &id, json!({"BillingState": "WI"}))
        .await;
    assert_eq!(
        org.record("Account", &id).await["OwnerId"],
        *rep,
        "without the header"
    );
}

#[tokio::test]
async fn any_value_can_be_refused_with_any_code() {
    let org = Org::new().await;
    let refusal = json!({"object": "Account", "field": "Phone", "value": "0", "code": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "message": "Trigger: no"});
    org.door("faults", json!({"refuse": [refusal]})).await;
    let refused = org
        .refused("Account", json!({"Name": "x", "Phone": "0"}))
        .await;
    assert_eq!(
        refused,
        (
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY".to_owned(),
            "Trigger: no".to_owned()
        )
    );
    org.create("Account", json!({"Name": "x", "Phone": "1"}))
        .await;
}
