//! Field values to and from Salesforce's JSON.
//!
//! Writing: text as text, numbers as JSON numbers digit for digit (never through a float), flags, dates as
//! `YYYY-MM-DD`, references as ids, blank as null.
//!
//! Reading knows no field types (a query's answer carries none), so the JSON and the field's name decide: a number is a
//! number, a text that is exactly a calendar date a date, null and empty text blank. A text is a reference if it is a
//! record id: 18 letters and digits of which the last three are the checksum of the others; in a field whose name ends
//! in `Id`, as all standard reference fields do, any 15 or 18 letters and digits. An object (an address, a related
//! record) is no value of a field. A text field whose whole content happens to be a date is therefore read as a date.

use counterpart_config::salesforce_id;
use counterpart_domain::Value;
use counterpart_http::{Digits, calendar_date, decimal};
use serde::ser::{Serialize, Serializer};
use serde_json::Value as Json;
use serde_json::value::RawValue;

/// A value on its way to Salesforce.
pub(crate) struct Outgoing<'a>(pub(crate) &'a Value);

impl Serialize for Outgoing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Blank => serializer.serialize_none(),
            Value::Text(text) | Value::Reference(text) => serializer.serialize_str(text),
            Value::Number(number) => Digits(number).serialize(serializer),
            Value::Flag(flag) => serializer.serialize_bool(*flag),
            Value::Date(date) => serializer.collect_str(date),
        }
    }
}

/// The value of a field as a query returned it; none for what is no value of a field.
pub(crate) fn incoming(name: &str, raw: &RawValue) -> Option<Value> {
    let text = raw.get();
    if matches!(text.as_bytes().first(), Some(b'-' | b'0'..=b'9')) {
        return Some(decimal(text).map_or_else(|| Value::text(text), Value::Number));
    }
    Some(match serde_json::from_str(text).unwrap_or(Json::Null) {
        Json::Null => Value::Blank,
        Json::Bool(flag) => Value::Flag(flag),
        Json::String(text) => match (calendar_date(&text), reference(name, &text)) {
            (Some(date), _) => Value::Date(date),
            (None, Some(id)) => Value::Reference(id),
            (None, None) => Value::text(text),
        },
        Json::Number(number) => Value::text(number.to_string()),
        Json::Array(_) | Json::Object(_) => return None,
    })
}

fn reference(name: &str, text: &str) -> Option<String> {
    let complete = salesforce_id(text);
    if name.ends_with("Id") && matches!(text.len(), 15 | 18) {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric());
        return complete.or_else(|| plain.then(|| text.to_owned()));
    }
    // In other fields only what cannot well be anything else: the checksum fits to the letter.
    complete.filter(|complete| complete == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, json: &str) -> Option<Value> {
        incoming(name, &RawValue::from_string(json.to_owned()).unwrap())
    }

    fn written(value: &Value) -> String {
        serde_json::to_string(&Outgoing(value)).unwrap()
    }

    #[test]
    fn numbers_keep_every_digit_both_ways() {
        for digits in [
            "0.1",
            "1234567890123.45",
            "9007199254740993",
            "-0.30",
            "120000.00",
        ] {
            let value = Value::Number(digits.parse().unwrap());
            assert_eq!(written(&value), digits);
            assert_eq!(read("AnnualRevenue", digits), Some(value));
        }
        let scientific = Value::Number("12345678".parse().unwrap());
        assert_eq!(read("AnnualRevenue", "1.2345678E7"), Some(scientific));
    }

    #[test]
    fn what_is_written_is_read_back_as_the_same_value() {
        let id = "001D000000Kv3g5IAB";
        for (name, value, json) in [
            ("Fax", Value::Blank, "null".to_owned()),
            (
                "BillingStreet",
                Value::Text("1 Main St\nSuite 2".into()),
                r#""1 Main St\nSuite 2""#.into(),
            ),
            (
                "Name",
                Value::Text("O'Brien \"x\" ñ".into()),
                r#""O'Brien \"x\" ñ""#.into(),
            ),
            ("Active__c", Value::Flag(true), "true".into()),
            (
                "Since__c",
                Value::Date(jiff::civil::date(2026, 3, 1)),
                r#""2026-03-01""#.into(),
            ),
            ("OwnerId", Value::Reference(id.into()), format!("{id:?}")),
            ("Parent__c", Value::Reference(id.into()), format!("{id:?}")),
        ] {
            assert_eq!(written(&value), json);
            assert_eq!(read(name, &json), Some(value), "{name}");
        }
    }

    #[test]
    fn only_ids_are_references() {
        let text = |text: &str| Some(Value::Text(text.into()));
        for (name, json, value) in [
            (
                "OwnerId",
                r#""001D000000Kv3g5""#,
                Some(Value::Reference("001D000000Kv3g5IAB".into())),
            ),
            (
                "OwnerId",
                r#""001D000000Kv3g5ZZZ""#,
                Some(Value::Reference("001D000000Kv3g5ZZZ".into())),
            ),
            ("Code__c", r#""001D000000Kv3g5""#, text("001D000000Kv3g5")),
            (
                "Code__c",
                r#""001D000000Kv3g5ZZZ""#,
                text("001D000000Kv3g5ZZZ"),
            ),
            (
                "Code__c",
                r#""001D000000Kv3g5iab""#,
                text("001D000000Kv3g5iab"),
            ),
            (
                "Code__c",
                r#""ABCDEFGHIJKLMNOPQR""#,
                text("ABCDEFGHIJKLMNOPQR"),
            ),
            (
                "OwnerId",
                r#""not an id, at all""#,
                text("not an id, at all"),
            ),
            ("Code__c", r#""""#, Some(Value::Blank)),
            (
                "LastModifiedDate",
                r#""2026-03-01T10:00:00.000+0000""#,
                text("2026-03-01T10:00:00.000+0000"),
            ),
            ("BillingAddress", r#"{"street":"1 Main St"}"#, None),
            (
                "Owner",
                r#"{"attributes":{"type":"User"},"Name":"x"}"#,
                None,
            ),
        ] {
            assert_eq!(read(name, json), value, "{name} {json}");
        }
    }
}
