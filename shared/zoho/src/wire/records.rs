//! Bodies of the records API: upsert and query.

use std::collections::BTreeMap;

use counterpart_delivery::ports::{UpdateRow, UpsertRow};
use counterpart_http::{id, text};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::value::Outgoing;

/// The body of an upsert.
#[derive(serde::Serialize)]
pub(crate) struct UpsertBody<'a> {
    /// The rows.
    pub data: Vec<RowBody<'a>>,
    /// Without it Zoho matches accounts by their name, and two customers of one name become one.
    pub duplicate_check_fields: [&'a str; 1],
    /// Empty: no workflow, approval or blueprint runs. Absent would mean all of them.
    pub trigger: [&'a str; 0],
}

/// One row of an upsert: the key field first, then the others.
pub(crate) struct RowBody<'a> {
    /// The unique field.
    pub key_field: &'a str,
    /// The row.
    pub row: &'a UpsertRow,
}

impl Serialize for RowBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.key_field, &self.row.key.text())?;
        for (name, value) in &self.row.fields {
            if name != self.key_field {
                map.serialize_entry(name, &Outgoing(value))?;
            }
        }
        map.end()
    }
}

/// The body of an update.
#[derive(serde::Serialize)]
pub(crate) struct UpdateBody<'a> {
    /// The rows.
    pub data: Vec<UpdateRowBody<'a>>,
    /// Empty: no workflow, approval or blueprint runs. Absent would mean all of them.
    pub trigger: [&'a str; 0],
}

/// One row of an update: its id first, then the fields.
pub(crate) struct UpdateRowBody<'a>(pub &'a UpdateRow);

impl Serialize for UpdateRowBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.0.id.0)?;
        for (name, value) in &self.0.fields {
            if name != "id" {
                map.serialize_entry(name, &Outgoing(value))?;
            }
        }
        map.end()
    }
}

/// One entry of `data` in the reply to a bulk write that says SUCCESS.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Success<'a> {
    /// `insert` or `update`.
    pub action: Option<&'a str>,
    /// The field that decided which record was updated.
    pub duplicate_field: Option<&'a str>,
    /// The record's id.
    pub id: Option<String>,
    /// `details.Modified_Time`, with the user's offset.
    pub modified: Option<&'a str>,
}

impl<'a> Success<'a> {
    /// None unless the entry says SUCCESS.
    pub(crate) fn of(row: &'a Json) -> Option<Self> {
        let details = row.get("details");
        (text(row, "code") == Some("SUCCESS")).then(|| Self {
            action: text(row, "action"),
            duplicate_field: text(row, "duplicate_field"),
            id: id(details.and_then(|details| details.get("id"))),
            modified: details.and_then(|details| text(details, "Modified_Time")),
        })
    }
}

/// The body of a query.
#[derive(serde::Serialize)]
pub(crate) struct QueryBody<'a> {
    /// The COQL text.
    pub select_query: &'a str,
}

/// A record or a row, by Zoho's names. Values stay raw, for the sake of their digits.
pub(crate) type Row = BTreeMap<String, Box<RawValue>>;

/// The answer to a read of one record.
#[derive(serde::Deserialize)]
pub(crate) struct RecordReply {
    /// The record, alone.
    pub data: Vec<Row>,
}

/// The answer to a query. Values stay raw, for the sake of their digits.
#[derive(serde::Deserialize)]
pub(crate) struct QueryReply {
    /// The rows.
    pub data: Vec<Row>,
    /// Paging.
    #[serde(default)]
    pub info: Info,
}

/// Paging, as far as it is used.
#[derive(Default, serde::Deserialize)]
pub(crate) struct Info {
    /// Whether there are more rows than these.
    #[serde(default)]
    pub more_records: bool,
}
