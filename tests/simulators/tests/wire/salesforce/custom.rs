//! Objects that an organisation has made itself: described, written, queried and told of as any other.

use reqwest::Method;
use serde_json::{Value, json};

use super::org::{Org, codes};

/// Ship-to addresses of accounts, with a field of each type, and parcels that go there.
fn ship_to() -> Value {
    let field = |name: &str, kind: &str, more: Value| {
        let mut field = json!({"fullName": name, "label": name.trim_end_matches("__c").replace('_', " "), "type": kind});
        field
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        field
    };
    let none = || json!({});
    let values =
        ["Dock", "Shop"].map(|value| json!({"fullName": value, "default": false, "label": value}));
    let digits = json!({"precision": 16, "scale": 2});
    json!({"objects": [
        {
            "fullName": "Ship_To__c", "label": "Ship-To", "pluralLabel": "Ship-Tos", "deploymentStatus": "Deployed",
            "sharingModel": "ControlledByParent", "nameField": {"label": "Ship-To Name", "type": "Text"},
            "fields": [
                field("Account__c", "MasterDetail", json!({"referenceTo": "Account", "relationshipName": "Ship_Tos"})),
                field("Sage_Key__c", "Text", json!({"length": 255, "externalId": true, "unique": true})),
                field("Street__c", "TextArea", none()),
                field("Notes__c", "LongTextArea", json!({"length": 32768, "visibleLines": 3})),
                field("Email__c", "Email", none()),
                field("Phone__c", "Phone", none()),
                field("Site__c", "Url", none()),
                field("Docks__c", "Number", json!({"precision": 3, "scale": 0})),
                field("Fee__c", "Currency", digits),
                field("Since__c", "Date", none()),
                field("Synced__c", "DateTime", none()),
                field("Residential__c", "Checkbox", none()),
                field("Kind__c", "Picklist", json!({"valueSet": {"restricted": true, "valueSetDefinition": {"value": values}}})),
                field("Buyer__c", "Lookup", json!({"referenceTo": "Contact", "relationshipName": "Ship_Tos"})),
            ],
        },
        {
            "fullName": "Parcel__c", "label": "Parcel", "pluralLabel": "Parcels",
            "nameField": {"label": "Parcel Number", "type": "AutoNumber", "displayFormat": "P-{0000}"},
            "fields": [field("Ship_To__c", "Lookup", json!({"referenceTo": "Ship_To__c", "relationshipName": "Parcels"}))],
        },
        {"fullName": "Account", "fields": [field("Main_Ship_To__c", "Lookup", json!({"referenceTo": "Ship_To__c"}))]},
    ]})
}

async fn org() -> Org {
    let org = Org::new().await;
    let made = org.door("setup", ship_to()).await;
    assert_eq!(
        made["objects"],
        json!(["Ship_To__c", "Parcel__c", "Account"])
    );
    org
}

async fn account(org: &Org, key: &str) -> String {
    org.create("Account", json!({"Name": key, "Sage_Key__c": key}))
        .await
}

fn field<'a>(described: &'a Value, name: &str) -> &'a Value {
    let fields = described["fields"].as_array().unwrap();
    fields.iter().find(|field| field["name"] == name).unwrap()
}

#[tokio::test]
async fn a_custom_object_is_described_from_both_sides_of_its_relationships() {
    let org = org().await;
    let global = org.call(Method::GET, "sobjects", Value::Null).await;
    let told = global.body["sobjects"].as_array().unwrap();
    let told = told
        .iter()
        .find(|told| told["name"] == "Ship_To__c")
        .unwrap();
    assert_eq!(
        (&told["custom"], &told["keyPrefix"], &told["labelPlural"]),
        (&json!(true), &json!("a01"), &json!("Ship-Tos"))
    );
    let described = org
        .call(Method::GET, "sobjects/ship_to__C/describe", Value::Null)
        .await
        .body;
    let key = field(&described, "Sage_Key__c");
    for (name, value) in [
        ("externalId", json!(true)),
        ("idLookup", json!(true)),
        ("unique", json!(true)),
        ("custom", json!(true)),
        ("length", json!(255)),
        ("createable", json!(true)),
    ] {
        assert_eq!(key[name], value, "{name}");
    }
    let master = field(&described, "Account__c");
    for (name, value) in [
        ("type", json!("reference")),
        ("referenceTo", json!(["Account"])),
        ("relationshipName", json!("Account__r")),
        ("nillable", json!(false)),
        ("updateable", json!(false)),
    ] {
        assert_eq!(master[name], value, "{name}");
    }
    let name = field(&described, "Name");
    assert_eq!(
        (&name["nameField"], &name["nillable"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(field(&described, "Fee__c")["type"], "currency");
    assert_eq!(field(&described, "Kind__c")["restrictedPicklist"], true);
    let fields = described["fields"].as_array().unwrap();
    assert!(
        fields.iter().all(|field| field["name"] != "OwnerId"),
        "a detail has no owner"
    );
    assert_eq!(
        described["childRelationships"][0]["relationshipName"],
        "Parcels__r"
    );
    let account = org
        .call(Method::GET, "sobjects/Account/describe", Value::Null)
        .await
        .body;
    let children = account["childRelationships"].as_array().unwrap();
    let child = children
        .iter()
        .find(|child| child["childSObject"] == "Ship_To__c")
        .unwrap();
    assert_eq!(
        (
            &child["relationshipName"],
            &child["field"],
            &child["cascadeDelete"]
        ),
        (&json!("Ship_Tos__r"), &json!("Account__c"), &json!(true))
    );
    let parcel = org
        .call(Method::GET, "sobjects/Parcel__c/describe", Value::Null)
        .await
        .body;
    let name = field(&parcel, "Name");
    assert_eq!(
        (&name["autoNumber"], &name["createable"]),
        (&json!(true), &json!(false))
    );
}

#[tokio::test]
async fn rows_find_their_parents_by_external_id_and_queries_go_both_ways() {
    let org = org().await;
    account(&org, "ABC:01-ABF").await;
    let rows = json!([
        {"Sage_Key__c": "ABC:01-ABF/2", "Name": "Racine", "Account__r": {"Sage_Key__c": "ABC:01-ABF"}, "Fee__c": 12.345, "Kind__c": "dock"},
        {"Sage_Key__c": "ABC:01-NONE/1", "Account__r": {"Sage_Key__c": "ABC:01-NONE"}},
        {"Sage_Key__c": "ABC:01-ABF/3"},
        {"Sage_Key__c": "ABC:01-ABF/4", "Account__r": {"Sage_Key__c": "ABC:01-ABF"}, "Kind__c": "Barn"},
        {"Sage_Key__c": "ABC:01-ABF/5", "Account__r": {"Sage_Key__c": "ABC:01-ABF"}, "Fax__c": "1"},
    ]);
    let answer = org.upsert("Ship_To__c", rows).await;
    assert_eq!(
        codes(&answer),
        [
            "OK",
            "INVALID_FIELD",
            "REQUIRED_FIELD_MISSING",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "INVALID_FIELD"
        ]
    );
    assert_eq!(
        answer.body[1]["errors"][0]["message"],
        "Foreign key external ID: ABC:01-NONE not found for field Sage_Key__c in entity Account"
    );
    assert_eq!(
        answer.body[4]["errors"][0]["message"],
        "No such column 'Fax__c' on sobject of type Ship_To__c"
    );
    let id = answer.body[0]["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("a01"), "{id}");
    let again = json!([{"Sage_Key__c": "abc:01-abf/2", "Name": "Racine Dock"}]);
    let again = org.upsert("Ship_To__c", again).await;
    assert_eq!(
        (&again.body[0]["id"], &again.body[0]["created"]),
        (&json!(id), &json!(false))
    );
    let found = org
        .query("SELECT Name, Fee__c, Kind__c, Account__r.Name, Account__r.Owner.Name FROM Ship_To__c WHERE Account__r.Sage_Key__c = 'ABC:01-ABF'")
        .await;
    let row = &found.body["records"][0];
    assert_eq!(
        (
            &row["Name"],
            &row["Fee__c"],
            &row["Kind__c"],
            &row["Account__r"]["Name"]
        ),
        (
            &json!("Racine Dock"),
            &json!(12.345),
            &json!("Dock"),
            &json!("ABC:01-ABF")
        )
    );
    assert_eq!(row["attributes"]["type"], "Ship_To__c");
    let down = org
        .query("SELECT Name, (SELECT Name FROM Ship_Tos__r) FROM Account")
        .await;
    assert_eq!(
        down.body["records"][0]["Ship_Tos__r"]["records"][0]["Name"],
        "Racine Dock"
    );
    let other = org.query("SELECT Id FROM Barn__c").await;
    assert_eq!(other.body[0]["errorCode"], "INVALID_TYPE");
}

#[tokio::test]
async fn keys_are_unique_names_come_by_themselves_and_objects_that_are_not_there_are_told() {
    let org = org().await;
    let parent = account(&org, "ABC:01-ABF").await;
    let row = json!({"Account__c": parent, "Sage_Key__c": "K"});
    let id = org.create("Ship_To__c", row.clone()).await;
    let (code, message) = org.refused("Ship_To__c", row).await;
    assert_eq!(code, "DUPLICATE_VALUE");
    let short = id.get(..15).unwrap();
    assert_eq!(
        message,
        format!("duplicate value found: Sage_Key__c duplicates value on record with id: {short}")
    );
    assert_eq!(org.record("Ship_To__c", &id).await["Name"], short);
    for number in ["P-0001", "P-0002"] {
        let parcel = org.create("Parcel__c", json!({"Ship_To__c": id})).await;
        assert_eq!(org.record("Parcel__c", &parcel).await["Name"], number);
    }
    let answer = org.upsert("Barn__c", json!([{"Sage_Key__c": "K"}])).await;
    assert_eq!(
        (answer.status, &answer.body[0]["errorCode"]),
        (404, &json!("NOT_FOUND"))
    );
    let mixed = json!({"records": [{"attributes": {"type": "Barn__c"}, "Name": "x"}]});
    let mixed = org.call(Method::POST, "composite/sobjects", mixed).await;
    assert_eq!(codes(&mixed), ["INVALID_TYPE"]);
    assert_eq!(
        mixed.body[0]["errors"][0]["message"],
        "sObject type 'Barn__c' is not supported."
    );
}

#[tokio::test]
async fn a_detail_goes_with_its_master_a_lookup_is_emptied_and_both_are_told() {
    let mut org = org().await;
    let clock = json!({"clock": {"now": "2026-10-10T10:00:30Z", "frozen": true}});
    org.door("faults", clock).await;
    org.log_on().await;
    org.door(
        "change_events",
        json!({"objects": ["Ship_To__c", "Parcel__c"]}),
    )
    .await;
    let parent = account(&org, "ABC:01-ABF").await;
    let id = org
        .create("Ship_To__c", json!({"Account__c": parent, "Name": "Dock"}))
        .await;
    let parcel = org.create("Parcel__c", json!({"Ship_To__c": id})).await;
    let span = "start=2026-10-10T09%3A00%3A00Z&end=2026-10-10T11%3A00%3A00Z";
    let path = |what: &str| format!("sobjects/Ship_To__c/{what}?{span}");
    let updated = org.call(Method::GET, &path("updated"), Value::Null).await;
    assert_eq!(updated.body["ids"], json!([id]));
    let gone = org
        .call(
            Method::DELETE,
            &format!("sobjects/Account/{parent}"),
            Value::Null,
        )
        .await;
    assert_eq!(gone.status, 204);
    let deleted = org.call(Method::GET, &path("deleted"), Value::Null).await;
    assert_eq!(deleted.body["deletedRecords"][0]["id"], json!(id));
    assert_eq!(
        org.record("Parcel__c", &parcel).await["Ship_To__c"],
        Value::Null
    );
    let told = org.door("change_events", Value::Null).await;
    let told: Vec<(String, String)> = told["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            let change = &event["detail"]["payload"]["ChangeEventHeader"]["changeType"];
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&event["detail-type"]), text(change))
        })
        .collect();
    let event = |name: &str, change: &str| (name.to_owned(), change.to_owned());
    assert_eq!(
        told,
        [
            event("Ship_To__ChangeEvent", "CREATE"),
            event("Parcel__ChangeEvent", "CREATE"),
            event("Ship_To__ChangeEvent", "DELETE"),
        ]
    );
}
