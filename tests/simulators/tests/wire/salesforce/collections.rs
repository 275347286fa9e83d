//! Many rows in one call.

use reqwest::Method;
use serde_json::{Value, json};

use super::org::{Org, codes};

#[tokio::test]
async fn each_row_has_its_verdict_in_order_and_the_call_is_200() {
    let org = Org::new().await;
    let reply = org
        .upsert(
            "Contact",
            json!([
                {"Sage_Key__c": "1", "LastName": "One"},
                {"Sage_Key__c": "2"},
                {"LastName": "No key"},
                {"Sage_Key__c": " 1 ", "LastName": "Twice"},
                {"Sage_Key__c": "5", "LastName": 5},
                {"Sage_Key__c": "6", "LastName": "Id", "Id": "003000000000001"},
            ]),
        )
        .await;
    assert_eq!(reply.status, 200);
    let row = &reply.body[0];
    let id = row["id"].as_str().unwrap();
    assert_eq!(
        *row,
        json!({"id": id, "success": true, "errors": [], "created": true})
    );
    assert_eq!(
        reply.body[1],
        json!({"success": false, "errors": [
            {"statusCode": "REQUIRED_FIELD_MISSING", "message": "Required fields are missing: [LastName]", "fields": ["LastName"]},
        ]})
    );
    assert_eq!(
        codes(&reply),
        [
            "OK",
            "REQUIRED_FIELD_MISSING",
            "MISSING_ARGUMENT",
            "DUPLICATE_VALUE",
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            "INVALID_FIELD"
        ]
    );
    assert_eq!(
        reply.body[3]["errors"][0]["message"],
        "Duplicate external id specified:  1 "
    );
    let again = org
        .upsert("Contact", json!([{"Sage_Key__c": "1", "LastName": "One"}]))
        .await;
    assert_eq!(
        (&again.body[0]["created"], &again.body[0]["id"]),
        (&json!(false), &json!(id))
    );
}

#[tokio::test]
async fn a_call_has_one_to_two_hundred_rows() {
    let org = Org::new().await;
    let empty = org.upsert("Account", json!([])).await;
    let body = json!([{"message": "At least 1 record is required", "errorCode": "REQUIRED_FIELD_MISSING"}]);
    assert_eq!((empty.status, empty.body), (400, body));
    let rows = |count: usize| -> Value {
        (0..count)
            .map(|n| json!({"Sage_Key__c": n.to_string(), "Name": "x"}))
            .collect()
    };
    let full = org.upsert("Account", rows(200)).await;
    assert_eq!(full.body.as_array().unwrap().len(), 200);
    let over = org.upsert("Account", rows(201)).await;
    let message = "record limit reached. cannot submit more than 200 records into this call";
    assert_eq!(
        (over.status, over.body),
        (
            400,
            json!([{"message": message, "errorCode": "EXCEEDED_ID_LIMIT"}])
        )
    );
}

#[tokio::test]
async fn all_or_none_undoes_what_was_done_and_updates_too() {
    let org = Org::new().await;
    org.upsert("Account", json!([{"Sage_Key__c": "1", "Name": "Before"}]))
        .await;
    let rows = json!({"allOrNone": true, "records": [
        {"attributes": {"type": "Account"}, "Sage_Key__c": "1", "Name": "After"},
        {"attributes": {"type": "Account"}, "Sage_Key__c": "2", "Name": "New"},
        {"attributes": {"type": "Account"}, "Sage_Key__c": "3"},
    ]});
    let reply = org
        .call(
            Method::PATCH,
            "composite/sobjects/Account/Sage_Key__c",
            rows,
        )
        .await;
    let rolled_back = "ALL_OR_NONE_OPERATION_ROLLED_BACK";
    assert_eq!(
        (reply.status, codes(&reply)),
        (
            200,
            vec![
                rolled_back.to_owned(),
                rolled_back.to_owned(),
                "REQUIRED_FIELD_MISSING".to_owned()
            ]
        )
    );
    let records = org.door("records/Account", Value::Null).await;
    assert_eq!(
        (&records["count"], &records["records"][0]["Name"]),
        (&json!(1), &json!("Before"))
    );
    let stats = org.door("stats", Value::Null).await;
    assert_eq!(
        stats["rows"],
        json!({"inserted": 1, "updated": 0, "failed": 3, "deleted": 0})
    );
}

#[tokio::test]
async fn an_upsert_is_of_the_type_of_its_path() {
    let org = Org::new().await;
    let records = json!({"records": [
        {"attributes": {"type": "Contact"}, "Sage_Key__c": "1", "LastName": "x"},
        {"Sage_Key__c": "2", "Name": "x"},
    ]});
    let reply = org
        .call(
            Method::PATCH,
            "composite/sobjects/Account/Sage_Key__c",
            records.clone(),
        )
        .await;
    assert_eq!(codes(&reply), ["INVALID_TYPE", "INVALID_TYPE"]);
    let reply = org
        .call(
            Method::PATCH,
            "composite/sobjects/Account/Phone",
            records.clone(),
        )
        .await;
    let message = "Provided external ID field does not exist or is not accessible: Phone";
    assert_eq!(
        (reply.status, reply.body),
        (404, json!([{"message": message, "errorCode": "NOT_FOUND"}]))
    );
    assert_eq!(
        org.call(
            Method::PATCH,
            "composite/sobjects/Nope/Sage_Key__c",
            records
        )
        .await
        .status,
        404
    );
}

#[tokio::test]
async fn a_row_that_several_records_match_tells_their_ids() {
    let org = Org::new().await;
    let one = org
        .create("Account", json!({"Name": "1", "Legacy_Id__c": "L"}))
        .await;
    let two = org
        .create("Account", json!({"Name": "2", "Legacy_Id__c": "l"}))
        .await;
    let rows =
        json!({"records": [{"attributes": {"type": "Account"}, "Legacy_Id__c": "L", "Name": "3"}]});
    let reply = org
        .call(
            Method::PATCH,
            "composite/sobjects/Account/Legacy_Id__c",
            rows,
        )
        .await;
    let message =
        format!("Legacy_Id__c: more than one record found for external id field: [{one}, {two}]");
    let error = json!({"statusCode": "DUPLICATE_EXTERNAL_ID", "message": message, "fields": ["Legacy_Id__c"]});
    assert_eq!(reply.body, json!([{"success": false, "errors": [error]}]));
}

#[tokio::test]
async fn records_of_several_types_are_created_changed_read_and_deleted() {
    let org = Org::new().await;
    let rows = json!({"records": [
        {"attributes": {"type": "Account"}, "Name": "A"},
        {"attributes": {"type": "Contact"}, "LastName": "C"},
        {"attributes": {"type": "User"}, "LastName": "U"},
        {"attributes": {"type": "Nope"}},
    ]});
    let reply = org.call(Method::POST, "composite/sobjects", rows).await;
    assert_eq!(
        codes(&reply),
        [
            "OK",
            "OK",
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "INVALID_TYPE"
        ]
    );
    let id = |at: usize| reply.body[at]["id"].as_str().unwrap();
    let rows = json!({"records": [
        {"attributes": {"type": "Account"}, "Id": id(0), "Site": "S"},
        {"attributes": {"type": "Contact"}, "Id": "x", "Title": "T"},
        {"attributes": {"type": "Contact"}, "Title": "T"},
    ]});
    let changed = org.call(Method::PATCH, "composite/sobjects", rows).await;
    assert_eq!(codes(&changed), ["OK", "MALFORMED_ID", "MISSING_ARGUMENT"]);
    let path = format!(
        "composite/sobjects/Account?ids={},001000000000001&fields=Site",
        id(0)
    );
    let read = org.call(Method::GET, &path, Value::Null).await;
    assert_eq!(
        (&read.body[0]["Site"], &read.body[1]),
        (&json!("S"), &Value::Null)
    );
    let path = format!("composite/sobjects?ids={},{},nothing", id(0), id(1));
    let gone = org.call(Method::DELETE, &path, Value::Null).await;
    assert_eq!(codes(&gone), ["OK", "OK", "MALFORMED_ID"]);
}
