//! What records of custom objects are called.

use crate::salesforce::{org::Org, schema::Object, store::Record};
use serde_json::json;

/// A record of a custom object that nobody has named is called as its id.
pub fn complete(object: &Object, record: &mut Record) {
    if object.is_custom() && !record.values.contains_key("Name") {
        let id = record.id.short().to_owned();
        record.values.insert("Name", json!(id));
    }
}

/// The number that Salesforce gives a new record, if the object's records are counted: `ST-{0000}` makes `ST-0001`.
pub fn next_number(org: &mut Org, object: &Object) -> Option<String> {
    let format = object.field("Name")?.auto_number?;
    let number = org.next_number(object);
    let (before, rest) = format.split_once('{').unwrap_or((format, ""));
    let (zeros, after) = rest.split_once('}').unwrap_or((rest, ""));
    Some(format!(
        "{before}{number:0width$}{after}",
        width = zeros.len()
    ))
}
