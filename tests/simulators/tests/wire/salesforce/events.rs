//! Change events and platform events.

use reqwest::Method;
use serde_json::{Value, json};

use super::org::Org;
use crate::receiver::Receiver;

const TAKEN: &str = r#"{"FailedEntryCount":0,"Entries":[]}"#;

/// An organisation whose events are listed at the door.
async fn listening(relay: Value) -> Org {
    let org = Org::new().await;
    org.door("change_events", relay).await;
    org
}

async fn events(org: &Org) -> Vec<Value> {
    let shown = org.door("change_events", Value::Null).await;
    shown["events"].as_array().unwrap().clone()
}

/// An event without what differs from run to run.
fn steady(mut event: Value) -> Value {
    event["time_ms"] = json!(0);
    let detail = &mut event["detail"];
    let body = match detail.get_mut("payload") {
        Some(payload) => payload,
        None => detail,
    };
    body["ChangeEventHeader"]["commitTimestamp"] = json!(0);
    for field in ["LastModifiedDate", "CreatedDate"] {
        if body.get(field).is_some_and(|value| !value.is_null()) {
            let stands = body[field].as_str().is_some();
            body[field] = json!(if stands { "an instant" } else { "a number" });
        }
    }
    event
}

/// An account that is created, then moved to another city and freed of its phone, by a person.
async fn edited(org: &Org) {
    let id = org
        .create(
            "Account",
            json!({"Name": "Buyer", "Phone": "555", "BillingCity": "Racine", "BillingStreet": "1 Main"}),
        )
        .await;
    org.door(
        "edit",
        json!({"id": id, "fields": {"BillingCity": "Kenosha", "Phone": null}}),
    )
    .await;
}

#[tokio::test]
async fn the_relay_tells_names_and_iso_dates_of_what_was_changed() {
    let org = listening(json!({"objects": ["Account"]})).await;
    edited(&org).await;
    let all: Vec<Value> = events(&org).await.into_iter().map(steady).collect();
    insta::assert_json_snapshot!("relay", all);
}

#[tokio::test]
async fn the_other_shape_has_bitmaps_epochs_and_all_fields() {
    let org = listening(json!({"objects": ["Account"], "shape": "pubsub"})).await;
    edited(&org).await;
    let all: Vec<Value> = events(&org).await.into_iter().map(steady).collect();
    insta::assert_json_snapshot!("pubsub", all);
}

/// Who may see a record is said beside it, by its shares: sharing it changes nothing of it, and nobody is told. Object Reference,
/// "AccountShare".
#[tokio::test]
async fn hiding_and_sharing_a_record_is_no_change_of_it() {
    let org = listening(json!({"objects": ["Account"]})).await;
    let id = org.create("Account", json!({"Name": "Buyer"})).await;
    let before = events(&org).await.len();
    for action in ["hide", "reveal"] {
        org.door("edit", json!({"id": id, "action": action})).await;
    }
    assert_eq!(events(&org).await.len(), before);
}

#[tokio::test]
async fn appflow_has_no_payload_level() {
    let org = listening(json!({"objects": ["Contact"], "shape": "appflow"})).await;
    org.create("Contact", json!({"LastName": "Quinn", "FirstName": "John"}))
        .await;
    let all: Vec<Value> = events(&org).await.into_iter().map(steady).collect();
    insta::assert_json_snapshot!("appflow", all);
}

#[tokio::test]
async fn records_changed_alike_in_one_call_share_an_event() {
    let org = listening(json!({"objects": ["Opportunity"]})).await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        let row = json!({"Name": name, "StageName": "Prospecting", "CloseDate": "2026-12-01"});
        ids.push(org.create("Opportunity", row).await);
    }
    let rows: Vec<Value> = ids
        .iter()
        .map(|id| json!({"attributes": {"type": "Opportunity"}, "Id": id, "StageName": "Closed Won"}))
        .collect();
    org.call(
        Method::PATCH,
        "composite/sobjects",
        json!({"allOrNone": true, "records": rows}),
    )
    .await;
    let last = events(&org).await.pop().unwrap();
    let header = &last["detail"]["payload"]["ChangeEventHeader"];
    assert_eq!(header["recordIds"], json!(ids));
    assert_eq!(header["changeType"], "UPDATE");
    assert!(header["commitNumber"].as_u64().unwrap() > 1 << 53);
    assert_eq!(last["detail"]["payload"]["StageName"], "Closed Won");
}

#[tokio::test]
async fn what_is_rolled_back_is_not_told() {
    let org = listening(json!({})).await;
    org.door(
        "faults",
        json!({"multi_currency": true, "flows": [{"object": "Account", "publish": {"event": "Account_Ready__e"}}]}),
    )
    .await;
    let rows = json!({"allOrNone": true, "records": [
        {"attributes": {"type": "Account"}, "Name": "x"}, {"attributes": {"type": "Account"}},
    ]});
    org.call(Method::POST, "composite/sobjects", rows).await;
    let calls = json!({"allOrNone": true, "compositeRequest": [
        {"method": "POST", "url": "/services/data/v67.0/sobjects/Account", "referenceId": "a", "body": {"Name": "x"}},
        {"method": "POST", "url": "/services/data/v67.0/sobjects/Account", "referenceId": "b", "body": {}},
    ]});
    org.call(Method::POST, "composite", calls).await;
    assert_eq!(events(&org).await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_flow_changes_more_in_the_same_transaction_and_lines_change_their_document() {
    let org = listening(json!({})).await;
    org.door(
        "faults",
        json!({"flows": [{"object": "Opportunity", "when": {"StageName": "Closed Won"},
            "set": {"NextStep": "Ship"}, "publish": {"event": "Order_Ready__e", "fields": {"Opportunity_Id__c": "$Id"}}}]}),
    )
    .await;
    let id = org
        .create(
            "Opportunity",
            json!({"Name": "x", "StageName": "Prospecting", "CloseDate": "2026-12-01"}),
        )
        .await;
    let entry = org
        .query("SELECT Id FROM PricebookEntry WHERE Pricebook2.IsStandard = true LIMIT 1")
        .await
        .body["records"][0]["Id"]
        .clone();
    let line =
        json!({"OpportunityId": id, "PricebookEntryId": entry, "Quantity": 1, "UnitPrice": 9});
    org.create("OpportunityLineItem", line).await;
    let path = format!("/services/data/v67.0/sobjects/Opportunity/{id}");
    let headers = [("Sforce-Call-Options", "client=counterpart")];
    org.call_with(
        Method::PATCH,
        &path,
        json!({"StageName": "Closed Won"}),
        &headers,
    )
    .await;
    let all = events(&org).await;
    let kinds: Vec<&str> = all
        .iter()
        .map(|event| event["detail-type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "OpportunityChangeEvent",
            "OpportunityLineItemChangeEvent",
            "OpportunityChangeEvent",
            "OpportunityChangeEvent",
            "Order_Ready__e"
        ]
    );
    let header = |at: usize| all[at]["detail"]["payload"]["ChangeEventHeader"].clone();
    let (line, document, won) = (header(1), header(2), header(3));
    assert_eq!(line["transactionKey"], document["transactionKey"]);
    assert_eq!(
        (&line["sequenceNumber"], &document["sequenceNumber"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(
        won["changeOrigin"],
        "com/salesforce/api/rest/67.0;client=counterpart"
    );
    let changed = won["changedFields"].as_array().unwrap();
    for field in ["StageName", "NextStep", "IsWon"] {
        assert!(changed.contains(&json!(field)), "{changed:?}");
    }
    assert_eq!(all[4]["detail"]["payload"]["Opportunity_Id__c"], id);
    assert_eq!(org.record("Opportunity", &id).await["NextStep"], "Ship");
}

#[tokio::test]
async fn gaps_overflows_and_wildcards_come_from_the_door() {
    let org = listening(json!({})).await;
    for body in [
        json!({"object": "Order", "change": "GAP_UPDATE", "ids": ["8015e0000000009AAA"]}),
        json!({"object": "Order", "change": "GAP_OVERFLOW"}),
        json!({"object": "Account", "change": "WILDCARD"}),
    ] {
        org.door("change_events/raise", body).await;
    }
    let all = events(&org).await;
    let shown: Vec<Value> = all
        .iter()
        .map(|event| {
            let header = &event["detail"]["payload"]["ChangeEventHeader"];
            json!([
                header["changeType"],
                header["recordIds"],
                header["changeOrigin"]
            ])
        })
        .collect();
    assert_eq!(
        shown,
        [
            json!(["GAP_UPDATE", ["8015e0000000009AAA"], ""]),
            json!(["GAP_OVERFLOW", ["000000000000000AAA"], ""]),
            json!(["UPDATE", ["001*"], ""])
        ]
    );
}

#[tokio::test]
async fn deletions_carry_only_what_is_enriched() {
    let org =
        listening(json!({"objects": ["Account"], "enriched": {"Account": ["Sage_Key__c"]}})).await;
    let id = org
        .create("Account", json!({"Name": "x", "Sage_Key__c": "ABC:01-ABF"}))
        .await;
    org.call(
        Method::DELETE,
        &format!("sobjects/Account/{id}"),
        Value::Null,
    )
    .await;
    let last = events(&org).await.pop().unwrap();
    let payload = last["detail"]["payload"].as_object().unwrap();
    assert_eq!(payload["ChangeEventHeader"]["changeType"], "DELETE");
    assert_eq!(payload["Sage_Key__c"], "ABC:01-ABF");
    assert_eq!(payload.len(), 2);
}

#[tokio::test]
async fn events_are_put_on_the_bus_until_it_takes_them() {
    let bus = Receiver::new(TAKEN).await;
    bus.then(&[(503, ""), (200, r#"{"FailedEntryCount":1,"Entries":[]}"#)]);
    let org = listening(
        json!({"endpoint": bus.url, "bus": "partner", "objects": ["Account", "Order_Ready__e"]}),
    )
    .await;
    org.create("Account", json!({"Name": "x"})).await;
    let got = bus.wait(3).await;
    assert_eq!(got[0].body, got[2].body);
    assert_eq!(got[0].headers["X-Amz-Target"], "AWSEvents.PutEvents");
    assert_eq!(got[0].headers["Content-Type"], "application/x-amz-json-1.1");
    let body: Value = serde_json::from_str(&got[0].body).unwrap();
    let entry = &body["Entries"][0];
    assert_eq!(
        (&entry["EventBusName"], &entry["DetailType"]),
        (&json!("partner"), &json!("AccountChangeEvent"))
    );
    let organisation = org.announced("org_id");
    let source = entry["Source"].as_str().unwrap();
    assert!(
        source.starts_with(&format!("aws.partner/salesforce.com/{organisation}/0YL")),
        "{source}"
    );
    let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    assert_eq!(detail["payload"]["Name"], "x");
    // The number survives: it is more than a double can hold.
    assert!(
        entry["Detail"]
            .as_str()
            .unwrap()
            .contains("\"commitNumber\":1745500706683617283")
    );
    org.door(
        "publish",
        json!({"event": "Order_Ready__e", "fields": {"Order_Id__c": "801"}}),
    )
    .await;
    org.door("change_events/again", json!({"count": 1})).await;
    let got = bus.wait(4).await;
    let last: Value = serde_json::from_str(&got.last().unwrap().body).unwrap();
    assert_eq!(last["Entries"][0]["DetailType"], "Order_Ready__e");
}
