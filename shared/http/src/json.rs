//! JSON of CRMs: ids, texts, numbers that keep their digits, days.

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

/// An API name (module or field) may become part of an address or of a query: letters, digits and `_` only.
#[must_use]
pub fn is_api_name(name: &str) -> bool {
    name.len() <= 100
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
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
