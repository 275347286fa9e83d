//! Zoho's JSON shapes, and nothing of what they mean.

pub(crate) mod error;
pub(crate) mod records;
pub(crate) mod value;

use serde_json::Value as Json;

/// An id: a text of digits, though some replies carry a number.
pub(crate) fn id(json: Option<&Json>) -> Option<String> {
    match json? {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A non-empty text.
pub(crate) fn text<'a>(json: &'a Json, name: &str) -> Option<&'a str> {
    json.get(name)
        .and_then(Json::as_str)
        .filter(|text| !text.is_empty())
}

/// An API name (module or field) may become part of an address or of a query: letters, digits and `_` only.
pub(crate) fn is_api_name(name: &str) -> bool {
    name.len() <= 100
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
