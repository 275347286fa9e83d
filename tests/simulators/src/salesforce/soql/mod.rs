//! SOQL, as far as an integration goes with it: fields, parents, children, conditions of all
//! kinds, semi-joins, groups, ORDER BY, LIMIT and OFFSET.

mod compare;
mod cursor;
mod dates;
mod fault;
mod filter;
mod groups;
mod lexer;
mod parser;
mod path;
mod select;
mod syntax;

use serde_json::Value;

use super::{errors::Fail, org::Org, schema::Object};
use path::{Path, resolve};
use syntax::{Condition, Literal, LiteralValue, Name, Operator, Query, Select};

/// The longest query, in characters.
const MAX_QUERY: usize = 100_000;

/// What a query gives.
#[derive(Debug)]
pub struct Found {
    /// All rows, also those beyond the first answer.
    pub rows: Vec<Value>,
    /// How many records fit: more than there are rows only for COUNT().
    pub total: usize,
}

/// Runs a query; `deleted` tells whether it sees the recycle bin, `base` where paths of records start.
///
/// # Errors
/// What Salesforce says.
pub fn run(org: &Org, text: &str, deleted: bool, base: &str) -> Result<Found, Fail> {
    if text.chars().count() > MAX_QUERY {
        return Err(Fail::new(
            400,
            "QUERY_TOO_COMPLICATED",
            "SOQL statements cannot be longer than 100000 characters.",
        ));
    }
    let query = parser::parse(text)?;
    let object = named(org, &query.from, text)?;
    if query.select.as_slice() == [Select::Count] {
        let total = select::records(org, object, &query, text, deleted)?.len();
        let total = total
            .saturating_sub(query.offset)
            .min(query.limit.unwrap_or(usize::MAX));
        return Ok(Found {
            rows: Vec::new(),
            total,
        });
    }
    let aggregates = query
        .select
        .iter()
        .any(|select| matches!(select, Select::Aggregate(..) | Select::Count));
    let rows = if aggregates || !query.group.is_empty() {
        groups::rows(org, object, &query, text, deleted)?
    } else {
        select::rows(org, object, &query, text, deleted, base)?
    };
    Ok(Found {
        total: rows.len(),
        rows,
    })
}

fn named(org: &Org, name: &Name, text: &str) -> Result<&'static Object, Fail> {
    org.catalog
        .object(&name.text)
        .filter(|object| object.is_there(&org.settings))
        .ok_or_else(|| fault::no_such_object(text, name.at, &name.text))
}

/// The object and the only field of a query inside of a condition.
fn single_column(org: &Org, query: &Query, text: &str) -> Result<(&'static Object, Path), Fail> {
    let object = named(org, &query.from, text)?;
    match query.select.as_slice() {
        [Select::Field(name, None)] => Ok((object, resolve(org, object, name, text)?)),
        _ => Err(fault::malformed(
            text,
            query.from.at,
            "A semi join sub-select selects one field",
        )),
    }
}

/// The condition that a field holds an id.
fn equals(field: &str, id: &str) -> Condition {
    Condition::Test {
        field: Name {
            text: field.to_owned(),
            at: 0,
        },
        operator: Operator::Equal,
        values: vec![Literal {
            value: LiteralValue::Text(id.to_owned(), id.to_owned()),
            at: 0,
        }],
    }
}
