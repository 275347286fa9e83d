//! JSON of CRMs: ids, texts, numbers that keep their digits, days.

use counterpart_domain::{Class, Fault, bounded};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::Value as Json;
use serde_json::value::RawValue;

/// An id: a text, though some replies carry a number.
#[must_use]
pub fn id(json: Option<&Json>) -> Option<String> {
    match json? {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A non-empty text.
#[must_use]
pub fn text<'a>(json: &'a Json, name: &str) -> Option<&'a str> {
    json.get(name)
        .and_then(Json::as_str)
        .filter(|text| !text.is_empty())
}

/// Lets only API names into addresses and queries: letters, digits and `_`. `of` says whose name it should be, as in
/// "a module or field".
///
/// # Errors
/// `E_CRM_NAME` (configuration).
pub fn checked_name<'a>(name: &'a str, of: &str) -> Result<&'a str, Fault> {
    let sound = name.len() <= 100
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if sound {
        return Ok(name);
    }
    Err(Fault::new(
        Class::Configuration,
        "E_CRM_NAME",
        format!(
            "{:?} is no API name of {of}: letters, digits and _ are wanted.",
            bounded(name.to_owned(), 100)
        ),
    ))
}

/// A request's body.
///
/// # Errors
/// `E_CRM_REQUEST_UNWRITABLE` (bug).
pub fn json_body(product: &str, body: &impl Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(body).map_err(|error| {
        Fault::new(
            Class::Bug,
            "E_CRM_REQUEST_UNWRITABLE",
            format!("A request to {product} could not be written as JSON."),
        )
        .with_detail(error)
    })
}

/// A JSON number's text as a decimal; none when the text is no number, or has more digits than a decimal holds.
#[must_use]
pub fn decimal(raw: &str) -> Option<Decimal> {
    if !matches!(raw.as_bytes().first(), Some(b'-' | b'0'..=b'9')) {
        return None;
    }
    if raw.contains(['e', 'E']) {
        Decimal::from_scientific(raw).ok()
    } else {
        raw.parse().ok()
    }
}

/// A decimal as a JSON number, digit for digit: a float would turn 0.1 into its neighbour.
pub struct Digits<'a>(pub &'a Decimal);

impl Serialize for Digits<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string())
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}

/// `YYYY-MM-DD` and nothing else.
#[must_use]
pub fn calendar_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shaped.then(|| text.parse().ok()).flatten()
}
