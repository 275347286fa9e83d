//! Row locks and approvals.

use futures_util::future::join;
use serde_json::{Value, json};

use super::org::{Org, codes};

#[tokio::test]
async fn a_held_account_locks_its_contacts_for_so_many_rows() {
    let org = Org::new().await;
    let id = org
        .create("Account", json!({"Name": "x", "Sage_Key__c": "K"}))
        .await;
    org.door("faults", json!({"row_locks": [{"key": "k", "times": 2}]}))
        .await;
    let contacts = json!([
        {"Sage_Key__c": "1", "LastName": "One", "AccountId": id},
        {"Sage_Key__c": "2", "LastName": "Two"},
    ]);
    let reply = org.upsert("Contact", contacts).await;
    let message = format!("unable to obtain exclusive access to this record or 1 records: {id}");
    let error = json!({"statusCode": "UNABLE_TO_LOCK_ROW", "message": message, "fields": []});
    assert_eq!(reply.body[0], json!({"success": false, "errors": [error]}));
    assert_eq!(codes(&reply)[1], "OK");
    let late = org.update("Account", &id, json!({"Phone": "1"})).await;
    assert_eq!(
        (late.status, &late.body[0]["errorCode"]),
        (400, &json!("UNABLE_TO_LOCK_ROW"))
    );
    assert_eq!(
        org.update("Account", &id, json!({"Phone": "1"}))
            .await
            .status,
        204
    );
}

#[tokio::test]
async fn two_calls_that_write_contacts_of_one_account_at_once_collide() {
    let org = Org::new().await;
    let id = org.create("Account", json!({"Name": "x"})).await;
    org.door("faults", json!({"lock_hold_ms": 300})).await;
    let rows = |key: &str| json!([{"Sage_Key__c": key, "LastName": key, "AccountId": id}]);
    let (one, other) = join(
        org.upsert("Contact", rows("1")),
        org.upsert("Contact", rows("2")),
    )
    .await;
    let mut verdicts = [codes(&one).concat(), codes(&other).concat()];
    verdicts.sort();
    assert_eq!(verdicts, ["OK", "UNABLE_TO_LOCK_ROW"]);
    let after = org.upsert("Contact", rows("3")).await;
    assert_eq!(codes(&after), ["OK"], "one after the other");
}

#[tokio::test]
async fn a_record_under_approval_is_not_written() {
    let org = Org::new().await;
    let id = org
        .create("Account", json!({"Name": "x", "Sage_Key__c": "K"}))
        .await;
    org.door("edit", json!({"key": "K", "action": "lock"}))
        .await;
    let reply = org
        .upsert("Account", json!([{"Sage_Key__c": "K", "Name": "y"}]))
        .await;
    assert_eq!(codes(&reply), ["ENTITY_IS_LOCKED"]);
    org.door("edit", json!({"id": id, "action": "unlock"}))
        .await;
    assert_eq!(
        org.update("Account", &id, json!({"Name": "y"}))
            .await
            .status,
        204
    );
    assert_eq!(org.door("stats", Value::Null).await["rows"]["failed"], 1);
}
