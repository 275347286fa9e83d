//! Field values to and from Zoho's JSON.
//!
//! Writing: text as text, numbers as JSON numbers digit for digit (never through a float), flags, dates as
//! `YYYY-MM-DD`, references as `{"id":…}`, blank as null.
//!
//! Reading knows no field types (a query's answer carries none), so the JSON decides: an object with an id is a
//! reference, a number a number, a text that is exactly a calendar date a date, null and empty text blank, a list of
//! plain values text joined by `;`. Anything else is kept as its JSON text. A text field whose whole content happens
//! to be a date is therefore read as a date.

use counterpart_domain::Value;
use counterpart_http::{Digits, calendar_date, decimal, id};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value as Json;
use serde_json::value::RawValue;

/// A value on its way to Zoho.
pub(crate) struct Outgoing<'a>(pub(crate) &'a Value);

impl Serialize for Outgoing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Blank => serializer.serialize_none(),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Number(number) => Digits(number).serialize(serializer),
            Value::Flag(flag) => serializer.serialize_bool(*flag),
            Value::Date(date) => serializer.collect_str(date),
            Value::Reference(id) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("id", id)?;
                map.end()
            }
        }
    }
}

/// A value as a query returned it. Numbers are read from their digits, which is why it is raw.
pub(crate) fn incoming(raw: &RawValue) -> Value {
    let text = raw.get();
    let json: Json = match text.as_bytes().first() {
        Some(b'-' | b'0'..=b'9') => {
            return decimal(text).map_or_else(|| Value::text(text), Value::Number);
        }
        _ => serde_json::from_str(text).unwrap_or(Json::Null),
    };
    match json {
        Json::Null => Value::Blank,
        Json::Bool(flag) => Value::Flag(flag),
        Json::String(text) => calendar_date(&text).map_or_else(|| Value::text(text), Value::Date),
        Json::Object(map) => id(map.get("id")).map_or_else(|| Value::text(text), Value::Reference),
        Json::Array(items) => Value::text(
            items
                .iter()
                .map(|item| {
                    item.as_str()
                        .map_or_else(|| item.to_string(), str::to_owned)
                })
                .collect::<Vec<_>>()
                .join(";"),
        ),
        Json::Number(number) => Value::text(number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Value {
        incoming(&RawValue::from_string(json.to_owned()).unwrap())
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
            "7922816251426433759354395033.5",
        ] {
            let value = Value::Number(digits.parse().unwrap());
            assert_eq!(written(&value), digits);
            assert_eq!(read(digits), value);
        }
        assert_eq!(read("1.5E3"), Value::Number("1500".parse().unwrap()));
    }

    #[test]
    fn values_are_written_in_zohos_shapes() {
        for (value, json) in [
            (Value::Blank, "null"),
            (
                Value::Text("O'Brien \"x\" ñ".into()),
                r#""O'Brien \"x\" ñ""#,
            ),
            (Value::Flag(true), "true"),
            (
                Value::Date(jiff::civil::date(2026, 3, 1)),
                r#""2026-03-01""#,
            ),
            (
                Value::Reference("4150868000000376008".into()),
                r#"{"id":"4150868000000376008"}"#,
            ),
        ] {
            assert_eq!(written(&value), json);
            assert_eq!(read(json), value);
        }
    }

    #[test]
    fn what_is_not_plain_is_read_by_rule() {
        for (json, value) in [
            (r#""""#, Value::Blank),
            (
                r#"{"id":4150868000000376008}"#,
                Value::Reference("4150868000000376008".into()),
            ),
            (r#"["a","b"]"#, Value::Text("a;b".into())),
            (r#""2026-13-01""#, Value::Text("2026-13-01".into())),
            (r#""20260301""#, Value::Text("20260301".into())),
            (
                r#""2026-03-01T10:00:00+05:30""#,
                Value::Text("2026-03-01T10:00:00+05:30".into()),
            ),
        ] {
            assert_eq!(read(json), value, "{json}");
        }
    }
}
