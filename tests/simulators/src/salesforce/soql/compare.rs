//! Values that can be compared: what a record holds, and what a literal wants.

use std::cmp::Ordering;

use jiff::{Timestamp, civil::Date};
use serde_json::Value;

use super::{
    dates,
    fault::{invalid_field, malformed},
    filter::wanted_kind,
    syntax::{Literal, LiteralValue, Operator},
};
use crate::salesforce::{
    errors::Fail,
    ids::Id,
    org::Org,
    schema::{Field, Kind},
};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A value that can be compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text, in lower case.
    Text(String),
    /// An id, whose case counts.
    Exact(String),
    /// From a second up to, but without, another.
    Time(i64, i64),
}

impl Wanted {
    /// The text of a text or an id.
    pub fn text(&self) -> Option<&str> {
        match self {
            Wanted::Text(text) | Wanted::Exact(text) => Some(text),
            _ => None,
        }
    }

    /// How a found value stands to a wanted one; `None` if it cannot be told, as with null.
    pub fn order(&self, wanted: &Wanted) -> Option<Ordering> {
        match (self, wanted) {
            (Wanted::Null, Wanted::Null) => Some(Ordering::Equal),
            (Wanted::Bool(one), Wanted::Bool(other)) => Some(one.cmp(other)),
            (Wanted::Number(one), Wanted::Number(other)) => one.partial_cmp(other),
            (Wanted::Text(one), Wanted::Text(other))
            | (Wanted::Exact(one), Wanted::Exact(other)) => Some(one.cmp(other)),
            (Wanted::Time(at, _), Wanted::Time(from, to)) => Some(if at < from {
                Ordering::Less
            } else if at < to {
                Ordering::Equal
            } else {
                Ordering::Greater
            }),
            _ => None,
        }
    }
}

/// The value of a record's field.
pub fn known(field: &Field, value: &Value) -> Wanted {
    match (field.kind, value) {
        (_, Value::Null) => Wanted::Null,
        (_, Value::Bool(value)) => Wanted::Bool(*value),
        (_, Value::Number(number)) => number.as_f64().map_or(Wanted::Null, Wanted::Number),
        (Kind::Id | Kind::Reference(_), Value::String(text)) => Wanted::Exact(text.clone()),
        (Kind::Date, Value::String(text)) => text
            .parse()
            .map_or(Wanted::Null, |day| Wanted::Time(dates::start(day), 0)),
        (Kind::DateTime, Value::String(text)) => {
            second(text).map_or(Wanted::Null, |at| Wanted::Time(at, 0))
        }
        (_, Value::String(text)) => Wanted::Text(text.to_lowercase()),
        (_, other) => Wanted::Text(other.to_string()),
    }
}

fn second(text: &str) -> Option<i64> {
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text)
        .or_else(|_| text.parse())
        .ok()
        .map(|at: Timestamp| at.as_second())
}

/// A literal as a value of a field.
///
/// # Errors
/// It cannot be one.
pub fn wanted(
    org: &Org,
    field: &Field,
    operator: Operator,
    literal: &Literal,
    text: &str,
) -> Result<Wanted, Fail> {
    let wrong = || {
        let kind = wanted_kind(field.kind);
        let quotes = if matches!(kind, "string" | "id") {
            "should be"
        } else {
            "should not be"
        };
        invalid_field(
            text,
            literal.at,
            &format!(
                "value of filter criterion for field '{}' must be of type {kind} and {quotes} enclosed in quotes",
                field.name
            ),
        )
    };
    let found = match (&literal.value, field.kind) {
        (LiteralValue::Null, _) => Some(Wanted::Null),
        (LiteralValue::Bool(value), Kind::Boolean) => Some(Wanted::Bool(*value)),
        (
            LiteralValue::Number(number),
            Kind::Number(..) | Kind::Int(_) | Kind::Currency(..) | Kind::Percent(..),
        ) => number.parse().ok().map(Wanted::Number),
        (LiteralValue::Number(day), Kind::Date) => day
            .parse::<Date>()
            .ok()
            .filter(|_| day.len() == 10)
            .map(|day| {
                let from = dates::start(day);
                Wanted::Time(from, from + DAY)
            }),
        (LiteralValue::Number(time), Kind::DateTime) => {
            second(time).map(|at| Wanted::Time(at, at + 1))
        }
        (LiteralValue::Date(name, count), Kind::Date | Kind::DateTime) => {
            dates::range(name, *count, org.now())
                .map(|(from, to)| Wanted::Time(dates::start(from), dates::start(to)))
        }
        (LiteralValue::Text(id, _), Kind::Id | Kind::Reference(_)) => {
            let Some(id) = Id::parse(id) else {
                let mut fail = malformed(text, literal.at, &format!("invalid ID field: {id}"));
                "INVALID_QUERY_FILTER_OPERATOR".clone_into(&mut fail.code);
                return Err(fail);
            };
            Some(Wanted::Exact(id.to_string()))
        }
        (LiteralValue::Text(value, pattern), _) if wanted_kind(field.kind) == "string" => {
            let text = if operator == Operator::Like {
                pattern
            } else {
                value
            };
            // An empty text is no value, here as in records.
            Some(if text.is_empty() {
                Wanted::Null
            } else {
                Wanted::Text(text.to_lowercase())
            })
        }
        _ => None,
    };
    found.ok_or_else(wrong)
}
