//! Columns of a query and the values behind them.

use std::cmp::Ordering;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{
    invalid,
    syntax::{Literal, Operator},
};
use crate::zoho::{
    catalog::Catalog,
    errors::Failure,
    org::Org,
    render::{self, Lookups},
    schema::{Field, Kind, Module},
    store::Record,
};

/// What a column leads to.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// The record's id.
    Id,
    /// A field of the record.
    Field(&'static Field),
    /// A field (`None`: the id) of the record that a lookup names.
    Through(&'static Field, &'static Module, Option<&'static Field>),
}

/// A field that queries know: rows of subforms and lists are none.
fn queried(module: &Module, name: &str) -> Option<&'static Field> {
    module
        .field(name)
        .filter(|field| !matches!(field.kind, Kind::Subform(_) | Kind::List(_)))
}

/// The target of a column such as `Phone` or `Account_Name.Sage_Key`.
pub fn resolve(catalog: &Catalog, module: &Module, column: &str) -> Result<Target, Failure> {
    let unknown = || {
        invalid(
            &json!({"column_name": column}),
            "column given seems to be invalid",
        )
    };
    if column.eq_ignore_ascii_case("id") {
        return Ok(Target::Id);
    }
    let Some((lookup, inner)) = column.split_once('.') else {
        return queried(module, column)
            .map(Target::Field)
            .ok_or_else(unknown);
    };
    let lookup = module.field(lookup).ok_or_else(unknown)?;
    match lookup.kind {
        Kind::Lookup(target) => {
            let target = catalog.module(target).ok_or_else(unknown)?;
            match inner {
                "id" => Ok(Target::Through(lookup, target, None)),
                inner => Ok(Target::Through(
                    lookup,
                    target,
                    Some(queried(target, inner).ok_or_else(unknown)?),
                )),
            }
        }
        // Users have only their id here.
        Kind::Owner if inner == "id" => Ok(Target::Field(lookup)),
        _ => Err(unknown()),
    }
}

/// The value that a column shows: lookups give only their id.
pub fn shown(org: &Org, record: &Record, target: Target) -> Value {
    match target {
        Target::Id => json!(record.id.to_string()),
        Target::Field(field) => render::value(org, record, field, Lookups::IdOnly),
        Target::Through(lookup, module, inner) => {
            let found = record
                .values
                .get(lookup.name)
                .and_then(|id| id.as_str()?.parse().ok())
                .and_then(|id| org.stores.get(module.name)?.get(id));
            match (found, inner) {
                (None, _) => Value::Null,
                (Some(found), None) => json!(found.id.to_string()),
                (Some(found), Some(field)) => render::value(org, found, field, Lookups::IdOnly),
            }
        }
    }
}

/// A value that can be compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Comparable {
    /// No value.
    Null,
    /// A number, an id, an instant.
    Number(Decimal),
    /// Anything else, in lower case.
    Text(String),
}

/// How values of a target are compared.
pub fn comparable(target: &Target, value: &Value) -> Comparable {
    let text = match value {
        Value::Null => return Comparable::Null,
        Value::Object(object) => object
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or("")
            .to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    from_text(target, &text).unwrap_or_else(|| Comparable::Text(text.to_lowercase()))
}

fn from_text(target: &Target, text: &str) -> Option<Comparable> {
    let kind = match target {
        Target::Id | Target::Through(_, _, None) => Kind::BigInt,
        Target::Field(field) | Target::Through(_, _, Some(field)) => field.kind,
    };
    match kind {
        Kind::DateTime => text
            .parse::<Timestamp>()
            .ok()
            .map(|time| Comparable::Number(time.as_second().into())),
        Kind::Integer
        | Kind::BigInt
        | Kind::Double
        | Kind::Currency
        | Kind::Lookup(_)
        | Kind::Owner => text
            .parse()
            .or_else(|_| Decimal::from_scientific(text))
            .ok()
            .map(Comparable::Number),
        Kind::Boolean => {
            matches!(text, "true" | "false").then(|| Comparable::Text(text.to_owned()))
        }
        Kind::Text
        | Kind::TextArea
        | Kind::RichText
        | Kind::Email
        | Kind::Phone
        | Kind::Website
        | Kind::Picklist(_)
        | Kind::Subform(_)
        | Kind::List(_)
        | Kind::Date => Some(Comparable::Text(text.trim().to_lowercase())),
    }
}

/// A literal as a value of the target.
pub fn literal(target: &Target, literal: &Literal) -> Comparable {
    from_text(target, &literal.text())
        .unwrap_or_else(|| Comparable::Text(literal.text().to_lowercase()))
}

/// Whether a literal can be a value of the target at all.
pub fn suits(
    target: &Target,
    column: &str,
    literal: &Literal,
    operator: Operator,
) -> Result<(), Failure> {
    if operator == Operator::Like || from_text(target, &literal.text()).is_some() {
        return Ok(());
    }
    let details = json!({"cv_criteria": false, "column_name": column, "value": literal.text(), "operator": operator.text()});
    Err(invalid(&details, "invalid value given for the column"))
}

/// Null comes first.
pub fn order(one: &Comparable, other: &Comparable) -> Ordering {
    match (one, other) {
        (Comparable::Null, Comparable::Null) => Ordering::Equal,
        (Comparable::Null, _) => Ordering::Less,
        (_, Comparable::Null) => Ordering::Greater,
        (Comparable::Number(one), Comparable::Number(other)) => one.cmp(other),
        (Comparable::Text(one), Comparable::Text(other)) => one.cmp(other),
        (Comparable::Number(_), Comparable::Text(_)) => Ordering::Less,
        (Comparable::Text(_), Comparable::Number(_)) => Ordering::Greater,
    }
}
