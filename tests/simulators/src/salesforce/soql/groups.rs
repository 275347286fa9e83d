//! Aggregate queries: COUNT, MIN, MAX, SUM and AVG, over all records or by groups.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    fault::malformed,
    filter::sortable,
    path::{Path, resolve},
    select,
    syntax::{Query, Select},
};
use crate::salesforce::{errors::Fail, org::Org, schema::Object, store::Record};

/// One column of the result.
enum Column {
    Group(Path, String),
    Function(String, Path, String),
}

/// The rows of an aggregate query.
///
/// # Errors
/// A field is neither grouped by nor aggregated.
pub fn rows(
    org: &Org,
    object: &'static Object,
    query: &Query,
    text: &str,
    deleted: bool,
) -> Result<Vec<Value>, Fail> {
    let grouped: Result<Vec<Path>, Fail> = query
        .group
        .iter()
        .map(|name| resolve(org, object, name, text))
        .collect();
    let grouped = grouped?;
    let columns = columns(org, object, query, text, &grouped)?;
    let records = select::records(org, object, query, text, deleted)?;
    let mut groups: Vec<Vec<&Record>> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for record in records {
        let values: Vec<Value> = grouped.iter().map(|path| path.value(org, record)).collect();
        let at = *known
            .entry(json!(values).to_string().to_lowercase())
            .or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(record),
            None => groups.push(vec![record]),
        }
    }
    if query.group.is_empty() && groups.is_empty() {
        groups.push(Vec::new());
    }
    let limit = query.limit.unwrap_or(usize::MAX);
    let rows = groups.iter().skip(query.offset).take(limit);
    Ok(rows.map(|group| row(org, &columns, group)).collect())
}

fn columns(
    org: &Org,
    object: &'static Object,
    query: &Query,
    text: &str,
    grouped: &[Path],
) -> Result<Vec<Column>, Fail> {
    let (mut columns, mut unnamed) = (Vec::new(), 0);
    for select in &query.select {
        match select {
            Select::Field(name, alias) => {
                let path = resolve(org, object, name, text)?;
                let same = |known: &Path| {
                    known.field.name == path.field.name && known.hops.len() == path.hops.len()
                };
                if !grouped.iter().any(same) {
                    return Err(malformed(
                        text,
                        name.at,
                        &format!("Field must be grouped or aggregated: {}", path.field.name),
                    ));
                }
                let shown = alias.clone().unwrap_or_else(|| path.field.name.to_owned());
                columns.push(Column::Group(path, shown));
            }
            Select::Aggregate(function, name, alias) => {
                let path = resolve(org, object, name, text)?;
                let shown = alias.clone().unwrap_or_else(|| {
                    unnamed += 1;
                    format!("expr{}", unnamed - 1)
                });
                columns.push(Column::Function(function.clone(), path, shown));
            }
            Select::Count | Select::Fields(_) | Select::Children(_) => {
                return Err(malformed(
                    text,
                    query.from.at,
                    "Grouped query cannot use this in its select list",
                ));
            }
        }
    }
    Ok(columns)
}

fn row(org: &Org, columns: &[Column], group: &[&Record]) -> Value {
    let mut row = Map::new();
    row.insert("attributes".to_owned(), json!({"type": "AggregateResult"}));
    for column in columns {
        match column {
            Column::Group(path, name) => {
                let value = group
                    .first()
                    .map_or(Value::Null, |record| path.value(org, record));
                row.insert(name.clone(), value);
            }
            Column::Function(function, path, name) => {
                let values: Vec<Value> = group
                    .iter()
                    .map(|record| path.value(org, record))
                    .filter(|value| !value.is_null())
                    .collect();
                row.insert(name.clone(), aggregate(function, path, values));
            }
        }
    }
    Value::Object(row)
}

fn aggregate(function: &str, path: &Path, mut values: Vec<Value>) -> Value {
    let sum = |values: &[Value]| values.iter().filter_map(Value::as_f64).sum::<f64>();
    match function {
        "COUNT" => json!(values.len()),
        "COUNT_DISTINCT" => {
            let distinct: std::collections::BTreeSet<String> = values
                .iter()
                .map(|value| value.to_string().to_lowercase())
                .collect();
            json!(distinct.len())
        }
        _ if values.is_empty() => Value::Null,
        "SUM" => json!(sum(&values)),
        "AVG" => json!(sum(&values) / values.len() as f64),
        _ => {
            values.sort_by(|one, other| {
                let (one, other) = (sortable(path, one), sortable(path, other));
                one.order(&other).unwrap_or(std::cmp::Ordering::Equal)
            });
            let chosen = if function == "MIN" {
                values.first()
            } else {
                values.last()
            };
            chosen.cloned().unwrap_or(Value::Null)
        }
    }
}
