//! The bodies on the wire.

use serde::{Deserialize, Serialize};

use crate::text::Columns;

#[derive(Serialize)]
pub(super) struct Order<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<&'a str>,
    pub customer: &'a str,
    pub reference: Reference<'a>,
    pub fields: Columns,
    /// As a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<Line<'a>>>,
    /// Or what changes of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed_lines: Vec<Line<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed_lines: Vec<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Reference<'a> {
    pub column: &'a str,
    pub value: &'a str,
}

#[derive(Serialize)]
pub(super) struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_key: Option<&'a str>,
    pub fields: Columns,
}

#[derive(Serialize)]
pub(super) struct NewRecord<'a> {
    pub key: &'a str,
    pub fields: Columns,
}

#[derive(Serialize)]
pub(super) struct ChangedFields {
    pub fields: Columns,
}

#[derive(Deserialize)]
#[serde(expecting = "a number")]
pub(super) struct WrittenNumber {
    pub number: String,
}

#[derive(Deserialize)]
#[serde(expecting = "a key")]
pub(super) struct WrittenKey {
    pub key: String,
}
