//! Bodies of sObject Collections and of queries. Pages: "Upsert Multiple Records with Fewer Round-Trips", "Query".

use std::collections::BTreeMap;

use counterpart_delivery::ports::{UpdateRow, UpsertRow};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::value::RawValue;

use super::value::Outgoing;

/// The body of a bulk write.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CollectionBody<R> {
    /// False: one bad row does not take the others along.
    pub all_or_none: bool,
    /// The rows.
    pub records: Vec<R>,
}

/// One row of an upsert: its type and the key field first, then the others. Never an `Id`: the key decides.
pub(crate) struct RowBody<'a> {
    /// The object.
    pub object: &'a str,
    /// The external id field.
    pub key_field: &'a str,
    /// The row.
    pub row: &'a UpsertRow,
}

#[derive(serde::Serialize)]
struct Attributes<'a> {
    r#type: &'a str,
}

impl Serialize for RowBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let attributes = Attributes {
            r#type: self.object,
        };
        map.serialize_entry("attributes", &attributes)?;
        map.serialize_entry(self.key_field, &self.row.key.text())?;
        for (name, value) in &self.row.fields {
            let ours = ["Id", "attributes", self.key_field]
                .iter()
                .any(|own| own.eq_ignore_ascii_case(name));
            if !ours {
                map.serialize_entry(name, &Outgoing(value))?;
            }
        }
        map.end()
    }
}

/// One row of an update: its type and its id first, then the fields.
pub(crate) struct UpdateBody<'a> {
    /// The object.
    pub object: &'a str,
    /// The row.
    pub row: &'a UpdateRow,
}

impl Serialize for UpdateBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let attributes = Attributes {
            r#type: self.object,
        };
        map.serialize_entry("attributes", &attributes)?;
        map.serialize_entry("id", &self.row.id.0)?;
        for (name, value) in &self.row.fields {
            let ours = ["Id", "attributes"]
                .iter()
                .any(|own| own.eq_ignore_ascii_case(name));
            if !ours {
                map.serialize_entry(name, &Outgoing(value))?;
            }
        }
        map.end()
    }
}

/// A page of a query's answer. Values stay raw, for the sake of their digits.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueryPage {
    /// How many rows all pages have together.
    pub total_size: u64,
    /// Whether this is the last page.
    pub done: bool,
    /// Where the next page is.
    pub next_records_url: Option<String>,
    /// The rows.
    pub records: Vec<BTreeMap<String, Box<RawValue>>>,
}
