//! Any text comes back as it went, whatever it looks like: what a field holds says its description.

use counterpart_delivery::ports::{
    Crm as _, CrmRecords as _, DocumentQuery, UpsertCall, UpsertRow,
};
use counterpart_domain::Value;
use serde_json::json;

use crate::simulated::zoho;
use crate::support::key;

const LOOKS: [&str; 11] = [
    "2026-03-01",
    "001A0000012abcd",
    "00123",
    "4150868000000376008",
    "true",
    "1e5",
    "<b>",
    "&amp;",
    "Tom & Jerry <tom@x.com>",
    "a\nb  c",
    "null",
];

#[tokio::test]
async fn a_text_is_the_same_text_in_every_kind_of_text_field() {
    let (_running, url, client) = zoho().await;
    let fields = [
        json!({"field_label": "Rich", "data_type": "textarea", "textarea": {"type": "rich_text"}}),
        json!({"field_label": "Long Number", "data_type": "bigint", "length": 18}),
    ];
    let setup = json!({"modules": [{"api_name": "Accounts", "fields": fields}]});
    let door = counterpart_simulators::plain_http()
        .build()
        .unwrap()
        .post(format!("{url}/_sim/setup"));
    let reply = door.json(&setup).send().await.unwrap();
    assert!(reply.status().is_success(), "{:?}", reply.text().await);
    let long = Value::Number("123456789012345678".parse().unwrap());
    let mut wrong = Vec::new();
    for text in LOOKS {
        let value = Value::text(text);
        let row = [
            ("Account_Name", value.clone()),
            ("Description", value.clone()),
            ("Sage_Region", value.clone()),
            ("Rich", value.clone()),
            ("Long_Number", long.clone()),
        ];
        let call = UpsertCall {
            module: "Accounts".into(),
            key_field: "Sage_Key".into(),
            rows: vec![UpsertRow {
                key: key("01-ABF"),
                fields: row
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), value.clone()))
                    .collect(),
            }],
        };
        let written = client.upsert(&call).await.unwrap();
        let id = written[0].as_ref().unwrap().id.clone();
        let names: Vec<String> = row.iter().map(|(name, _)| (*name).to_owned()).collect();
        let keys = [key("01-ABF")];
        let read = client
            .read("Accounts", "Sage_Key", &keys, &names)
            .await
            .unwrap();
        let query = DocumentQuery {
            module: "Accounts".into(),
            fields: names,
            lines: None,
        };
        let document = client.document(&query, &id).await.unwrap().unwrap();
        for (name, value) in &row {
            for fields in [&read[0].fields, &document.fields] {
                if fields[*name] != *value {
                    wrong.push(format!("{name}: {text:?} came back as {:?}", fields[*name]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
