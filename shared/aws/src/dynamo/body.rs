//! Nested data as JSON in one attribute: compact, and DynamoDB never has to look inside.

use serde::Serialize;
use serde::de::DeserializeOwned;

use aws_sdk_dynamodb::types::AttributeValue;
use counterpart_domain::{Class, Fault};

use super::item::{Item, Read as _, s, unreadable};
use crate::fault::Service;

/// The attribute that holds it.
pub(super) const BODY: &str = "body";

/// Writes a body.
pub(super) fn body(content: &impl Serialize) -> Result<AttributeValue, Fault> {
    let text = serde_json::to_string(content).map_err(|error| {
        let text = "A record cannot be written as JSON.".to_owned();
        Service::Store
            .fault(Class::Bug, "UNWRITABLE", text)
            .with_detail(error)
    })?;
    Ok(s(text))
}

/// Reads a body.
pub(super) fn read_body<T: DeserializeOwned>(table: &str, item: &Item) -> Result<T, Fault> {
    let text = item
        .text(BODY)
        .ok_or_else(|| unreadable(table, item, "no body"))?;
    serde_json::from_str(text).map_err(|error| unreadable(table, item, error))
}
