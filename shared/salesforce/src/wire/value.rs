//! Field values to and from Salesforce's JSON.
//!
//! Writing: text as text, numbers as JSON numbers digit for digit (never through a float), flags, dates as
//! `YYYY-MM-DD`, references as ids, blank as null.
//!
//! Reading goes by the field's type, which the describe tells: how a text looks says nothing of it. A number is a number,
//! null and empty text blank. Ids have 18 characters. What stands in a field of HTML is read as the text that it shows. An
//! object (an address, a related record) is no value of a field.

use counterpart_config::salesforce_id;
use counterpart_domain::Value;
use counterpart_http::{Digits, calendar_date, decimal, from_html};
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

/// What a field holds, as far as its JSON does not say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldType {
    /// Text as it is, and whatever is told as text: times, values of picklists.
    Text,
    /// HTML.
    Html,
    /// A day.
    Date,
    /// The id of a record.
    Reference,
}

impl FieldType {
    /// The type of fields that hold such values.
    pub(crate) const fn of(value: &Value) -> Self {
        match value {
            Value::Date(_) => Self::Date,
            Value::Reference(_) => Self::Reference,
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
    let is_id = matches!(inner.len(), 15 | 18) && inner.bytes().all(|b| b.is_ascii_alphanumeric());
    // JSON may write any character as its number.
    is_id || calendar_date(inner).is_some() || inner.contains(['&', '<', '\\'])
}

/// The value of a field as a query returned it; none for what is no value of a field.
pub(crate) fn incoming(field: FieldType, raw: &RawValue) -> Option<Value> {
    let text = raw.get();
    if matches!(text.as_bytes().first(), Some(b'-' | b'0'..=b'9')) {
        return Some(decimal(text).map_or_else(|| Value::text(text), Value::Number));
    }
    Some(match serde_json::from_str(text).unwrap_or(Json::Null) {
        Json::Null => Value::Blank,
        Json::Bool(flag) => Value::Flag(flag),
        Json::String(text) => match field {
            FieldType::Date => calendar_date(&text).map_or_else(|| Value::text(text), Value::Date),
            FieldType::Reference if is_id(&text) => {
                Value::Reference(salesforce_id(&text).unwrap_or(text))
            }
            FieldType::Html => Value::text(from_html(&text)),
            FieldType::Reference | FieldType::Text => Value::text(text),
        },
        Json::Number(number) => Value::text(number.to_string()),
        Json::Array(_) | Json::Object(_) => return None,
    })
}

fn is_id(text: &str) -> bool {
    matches!(text.len(), 15 | 18) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(field: FieldType, json: &str) -> Option<Value> {
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
        ] {
            let value = Value::Number(digits.parse().unwrap());
            assert_eq!(written(&value), digits);
            assert_eq!(read(FieldType::Text, digits), Some(value));
        }
        let scientific = Value::Number("12345678".parse().unwrap());
        assert_eq!(read(FieldType::Text, "1.2345678E7"), Some(scientific));
    }

    #[test]
    fn what_is_written_is_read_back_as_the_same_value() {
        let id = "001D000000Kv3g5IAB";
        for (field, value, json) in [
            (FieldType::Text, Value::Blank, "null".to_owned()),
            (
                FieldType::Text,
                Value::Text("1 Main St\nSuite 2".into()),
                r#""1 Main St\nSuite 2""#.into(),
            ),
            (
                FieldType::Text,
                Value::Text("O'Brien \"x\" ñ".into()),
                r#""O'Brien \"x\" ñ""#.into(),
            ),
            (FieldType::Text, Value::Flag(true), "true".into()),
            (
                FieldType::Date,
                Value::Date(jiff::civil::date(2026, 3, 1)),
                r#""2026-03-01""#.into(),
            ),
            (
                FieldType::Reference,
                Value::Reference(id.into()),
                format!("{id:?}"),
            ),
            (
                FieldType::Reference,
                Value::Reference(id.into()),
                format!("{id:?}"),
            ),
        ] {
            assert_eq!(written(&value), json);
            assert_eq!(read(field, &json), Some(value), "{field:?}");
        }
    }

    #[test]
    fn a_text_is_what_its_field_says_however_it_looks() {
        let looks = [
            "2026-03-01",
            "001D000000Kv3g5IAB",
            "001A0000012abcd",
            "00123",
            "true",
            "1e5",
            "<b>",
            "&amp;",
            "ABCDEFGHIJKLMNOPQR",
        ];
        for text in looks {
            let json = serde_json::to_string(text).unwrap();
            assert_eq!(read(FieldType::Text, &json), Some(Value::Text(text.into())));
        }
        let id = |id: &str| Some(Value::Reference(id.into()));
        for (field, json, value) in [
            (
                FieldType::Reference,
                r#""001D000000Kv3g5""#,
                id("001D000000Kv3g5IAB"),
            ),
            (
                FieldType::Reference,
                r#""001D000000Kv3g5ZZZ""#,
                id("001D000000Kv3g5ZZZ"),
            ),
            (
                FieldType::Reference,
                r#""no id""#,
                Some(Value::text("no id")),
            ),
            (FieldType::Date, r#""soon""#, Some(Value::text("soon"))),
            (
                FieldType::Html,
                r#""<p>a &amp; b</p>""#,
                Some(Value::text("a & b")),
            ),
            (FieldType::Text, r#""""#, Some(Value::Blank)),
            (FieldType::Text, r#"{"street":"1 Main St"}"#, None),
        ] {
            assert_eq!(read(field, json), value, "{field:?} {json}");
        }
    }

    #[test]
    fn what_only_its_field_can_tell_is_open() {
        let open = |json: &str| is_open(&RawValue::from_string(json.to_owned()).unwrap());
        for json in [
            r#""2026-03-01""#,
            r#""001D000000Kv3g5""#,
            r#""a & b""#,
            r#""\u003cb>""#,
        ] {
            assert!(open(json), "{json}");
        }
        for json in [
            "null",
            "12",
            "true",
            r#""Milwaukee""#,
            r#""2026-03-01T10:00:00.000+0000""#,
            "{}",
        ] {
            assert!(!open(json), "{json}");
        }
    }
}
