//! Any text comes back as it went, whatever it looks like: what a field holds says its description.

use counterpart_delivery::ports::{Crm as _, CrmRecords as _, DocumentQuery};
use counterpart_domain::{CrmId, Value};
use serde_json::json;

use crate::org::*;
use crate::support::key;

const LOOKS: [&str; 12] = [
    "2026-03-01",
    "001A0000012abcd",
    "001D000000Kv3g5IAB",
    "00123",
    "true",
    "1e5",
    "<b>",
    "&amp;",
    "Tom & Jerry <tom@x.com>",
    "1 < 2 && 3 > 2",
    "a\nb  c",
    "null",
];

#[tokio::test]
async fn a_text_is_the_same_text_in_every_kind_of_text_field() {
    let org = Org::start().await;
    let fields = [
        json!({"fullName": "Region__c", "label": "Region", "type": "Text", "length": 100}),
        json!({"fullName": "Rich__c", "label": "Rich", "type": "Html", "length": 5000}),
    ];
    let account = json!({"fullName": "Account", "fields": fields});
    org.door("setup", &json!({"objects": [account]})).await;
    let client = org.with_key();
    let mut wrong = Vec::new();
    for text in LOOKS {
        let value = Value::text(text);
        let row = [
            name(text),
            ("Description", value.clone()),
            ("Region__c", value.clone()),
            ("Rich__c", value.clone()),
        ];
        let call = upsert("Account", rows([(key("01-ABF"), &row)]));
        let written = client.upsert(&call).await.unwrap();
        let id = written[0].as_ref().unwrap().id.clone();
        let names = row.map(|(name, _)| name.to_owned());
        let keys = [key("01-ABF")];
        let read = client
            .read("Account", "Sage_Key__c", &keys, &names)
            .await
            .unwrap();
        let query = DocumentQuery {
            module: "Account".into(),
            fields: names.to_vec(),
            lines: None,
        };
        let document = client.document(&query, &id).await.unwrap().unwrap();
        for name in &names {
            for fields in [&read[0].fields, &document.fields] {
                if fields[name] != value {
                    wrong.push(format!("{name}: {text:?} came back as {:?}", fields[name]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn days_and_ids_are_what_their_fields_hold() {
    let org = Org::start().await;
    let client = org.with_key();
    let row = [name("Owned")];
    let call = upsert("Account", rows([(key("01-ABF"), &row)]));
    let written = client.upsert(&call).await.unwrap();
    let CrmId(id) = written[0].as_ref().unwrap().id.clone();
    let call = upsert(
        "Contact",
        rows([(
            contact("01-ABF/ARTIE"),
            &[
                ("LastName", Value::text("2026-03-01")),
                ("AccountId", Value::Reference(id.clone())),
                ("Birthdate", Value::Date(jiff::civil::date(1980, 3, 1))),
            ],
        )]),
    );
    let written = client.upsert(&call).await.unwrap();
    let names = ["LastName", "AccountId", "Birthdate", "Account.Name"].map(str::to_owned);
    let query = DocumentQuery {
        module: "Contact".into(),
        fields: names.to_vec(),
        lines: None,
    };
    let contact = written[0].as_ref().unwrap().id.clone();
    let read = client.document(&query, &contact).await.unwrap().unwrap();
    assert_eq!(read.fields["LastName"], Value::text("2026-03-01"));
    assert_eq!(read.fields["AccountId"], Value::Reference(id));
    assert_eq!(
        read.fields["Birthdate"],
        Value::Date(jiff::civil::date(1980, 3, 1))
    );
    assert_eq!(read.fields["Account.Name"], Value::text("Owned"));
}
