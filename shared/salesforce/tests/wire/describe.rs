//! What the org is like, on the wire.

use crate::support::*;
use counterpart_delivery::ports::CrmMetadata as _;
use counterpart_domain::Class;
use serde_json::{Value as Json, json};
use wiremock::ResponseTemplate;

const DESCRIBE: &str = "/services/data/v67.0/sobjects/Account/describe";
const ROOT: &str = "/services/data/v67.0";

fn field(name: &str, native_type: &str, other: Json) -> Json {
    let mut field = json!({"name": name, "label": name, "type": native_type, "length": 0, "nillable": true, "createable": true,
        "updateable": true, "externalId": false, "unique": false, "idLookup": false, "defaultedOnCreate": false,
        "restrictedPicklist": false, "picklistValues": [], "referenceTo": [], "precision": 0, "scale": 0, "digits": 0});
    for (name, value) in other.as_object().unwrap() {
        field[name] = value.clone();
    }
    field
}

#[tokio::test]
async fn an_object_tells_its_fields_and_record_types() {
    let (server, client) = ready().await;
    let body = json!({"name": "Account", "createable": true, "updateable": true, "fields": [
        field("Id", "id", json!({"length": 18, "nillable": false, "createable": false, "updateable": false, "defaultedOnCreate": true, "idLookup": true})),
        field("Name", "string", json!({"length": 255, "nillable": false})),
        field("Sage_Key__c", "string", json!({"length": 255, "externalId": true, "unique": true, "idLookup": true})),
        field("OwnerId", "reference", json!({"length": 18, "nillable": false, "defaultedOnCreate": true, "referenceTo": ["User"],
            "relationshipName": "Owner"})),
        field("Buyer__c", "reference", json!({"length": 18, "referenceTo": ["Contact"], "relationshipName": "Purchaser__r"})),
        field("ContactId", "reference", json!({"length": 18, "referenceTo": ["Contact"], "relationshipName": null})),
        field("BillingStreet", "textarea", json!({"length": 255})),
        field("AnnualRevenue", "currency", json!({"precision": 18, "scale": 2})),
        field("NumberOfEmployees", "int", json!({"digits": 8})),
        field("Rating", "picklist", json!({"length": 255, "restrictedPicklist": true, "picklistValues": [
            {"active": true, "value": "Hot"}, {"active": false, "value": "Old"}, {"active": true, "value": "Cold"}]})),
        field("Since__c", "date", json!({})),
        field("Phone", "phone", json!({"length": 40})),
        field("BillingAddress", "address", json!({"createable": false, "updateable": false})),
        field("On_Hold__c", "boolean", json!({"nillable": false, "defaultedOnCreate": true})),
    ], "recordTypeInfos": [
        {"active": true, "available": true, "master": true, "developerName": "Master", "name": "Master", "recordTypeId": "012000000000000AAA"},
        {"active": true, "available": false, "master": false, "developerName": "Dealer", "name": "A dealer", "recordTypeId": "012D0000000AAAA"},
    ]});
    answers(
        &server,
        DESCRIBE,
        vec![ResponseTemplate::new(200).set_body_json(body)],
    )
    .await;
    insta::assert_debug_snapshot!(client.describe("Account").await.unwrap().unwrap());
}

#[tokio::test]
async fn an_object_that_is_not_there_is_an_answer_and_an_outage_is_not() {
    let (server, client) = ready().await;
    let replies = vec![
        error(404, "NOT_FOUND", "The requested resource does not exist"),
        ResponseTemplate::new(404)
            .set_body_string("<html><head><title>URL No Longer Exists</title>"),
        error(503, "SERVER_UNAVAILABLE", "down"),
        ResponseTemplate::new(200).set_body_string("{}"),
    ];
    answers(&server, DESCRIBE, replies).await;
    assert_eq!(client.describe("Account").await.unwrap(), None);
    let elsewhere = client.describe("Account").await.unwrap_err();
    assert_eq!(
        (&*elsewhere.code, elsewhere.class),
        ("E_CRM_ADDRESS", Class::Configuration)
    );
    for _ in 0..2 {
        assert_eq!(
            client.describe("Account").await.unwrap_err().class,
            Class::Transient
        );
    }
    assert_eq!(
        client.describe("Account/../x").await.unwrap_err().code,
        "E_CRM_NAME"
    );
}

#[tokio::test]
async fn the_org_tells_who_we_are_its_clock_and_its_budget() {
    let (server, client) = ready().await;
    let resources = || {
        ResponseTemplate::new(200)
            .insert_header("Date", "Sun, 22 Nov 2026 12:00:03 GMT")
            .insert_header("Sforce-Limit-Info", "api-usage=18/15000")
            .set_body_json(json!({"identity": "https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA", "sobjects": "/services/data/v67.0/sobjects"}))
    };
    let named = |name: &str| {
        ResponseTemplate::new(200)
            .set_body_json(json!({"totalSize": 1, "done": true, "records": [{"Name": name}]}))
    };
    answers(&server, ROOT, vec![resources()]).await;
    answers(&server, QUERY, vec![named("Acme Inc."), named("Sync User")]).await;
    insta::assert_debug_snapshot!(client.org().await.unwrap());
    // Names may be withheld; who we are is not.
    answers(&server, ROOT, vec![resources()]).await;
    answers(
        &server,
        QUERY,
        vec![
            error(
                400,
                "INVALID_TYPE",
                "sObject type 'Organization' is not supported.",
            ),
            named("Sync User"),
        ],
    )
    .await;
    let org = client.org().await.unwrap();
    assert_eq!(
        (&*org.name, &*org.user_name, &*org.user_id.0),
        ("", "Sync User", "005000000000001AAA")
    );
    // A version that the org does not offer.
    answers(
        &server,
        ROOT,
        vec![error(
            404,
            "NOT_FOUND",
            "The requested resource does not exist",
        )],
    )
    .await;
    let fault = client.org().await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_API_VERSION", Class::Configuration)
    );
}
