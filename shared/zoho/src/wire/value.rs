//! Field values to and from Zoho's JSON.
//!
//! Writing: text as text, numbers as JSON numbers digit for digit (never through a float), flags, dates as
//! `YYYY-MM-DD`, references as `{"id":…}`, blank as null.
//!
//! Reading goes by the field's type, which the fields metadata tells: how a text looks says nothing of it. An object with an id
//! is a reference, a number a number, null and empty text blank, a list of plain values text joined by `;`. What stands in a
//! rich text field is read as the text that it shows. Anything else is kept as its JSON text.

use counterpart_domain::Value;
use counterpart_http::{Digits, calendar_date, decimal, from_html, id};
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

/// What a field holds, as far as its JSON does not say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum FieldType {
    /// Text as it is, and whatever is told as text: times, values of picklists.
    #[default]
    Text,
    /// HTML.
    Html,
    /// A day.
    Date,
    /// A number, which may be told as text so that no client rounds it.
    Number,
}

impl FieldType {
    /// The type of fields that hold such values.
    pub(crate) const fn of(value: &Value) -> Self {
        match value {
            Value::Date(_) => Self::Date,
            Value::Number(_) => Self::Number,
            _ => Self::Text,
        }
    }
}

/// Whether only the field's type says what a value is.
pub(crate) fn is_open(raw: &RawValue) -> bool {
    let Some(inner) = raw.get().strip_prefix('"') else {
        return false;
    };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    // JSON may write any character as its number.
    let coded = inner.contains(['&', '<', '\\']);
    coded || calendar_date(inner).is_some() || decimal(inner).is_some()
}

/// A value that its JSON tells, or that is text.
pub(crate) fn plainly(raw: &RawValue) -> Value {
    incoming(FieldType::Text, raw)
}

/// A value as a query returned it. Numbers are read from their digits, which is why it is raw.
pub(crate) fn incoming(field: FieldType, raw: &RawValue) -> Value {
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
        Json::String(text) => match field {
            FieldType::Date => calendar_date(&text).map_or_else(|| Value::text(text), Value::Date),
            FieldType::Number => decimal(&text).map_or_else(|| Value::text(text), Value::Number),
            FieldType::Html => Value::text(from_html(&text)),
            FieldType::Text => Value::text(text),
        },
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
        read_as(FieldType::Text, json)
    }

    fn read_as(field: FieldType, json: &str) -> Value {
        incoming(field, &RawValue::from_string(json.to_owned()).unwrap())
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
            assert_eq!(read_as(FieldType::of(&value), json), value);
        }
    }

    #[test]
    fn a_text_is_what_its_field_says_however_it_looks() {
        for text in [
            "2026-03-01",
            "00123",
            "true",
            "1e5",
            "<b>",
            "&amp;",
            "001A0000012abcd",
        ] {
            let json = serde_json::to_string(text).unwrap();
            assert_eq!(read(&json), Value::Text(text.into()));
        }
        for (field, json, value) in [
            (
                FieldType::Number,
                r#""00123""#,
                Value::Number("123".parse().unwrap()),
            ),
            (FieldType::Number, r#""many""#, Value::text("many")),
            (
                FieldType::Date,
                r#""2026-03-01""#,
                Value::Date(jiff::civil::date(2026, 3, 1)),
            ),
            (
                FieldType::Html,
                r#""<div>a &amp; b</div>""#,
                Value::text("a & b"),
            ),
        ] {
            assert_eq!(read_as(field, json), value, "{json}");
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
