//! `POST /crm/v8/coql`: the query language, as far as an integration goes with it. Conditions
//! of all kinds, one step through lookups, ORDER BY, LIMIT and OFFSET, COUNT(id).

mod eval;
mod lexer;
mod parser;
mod syntax;
mod value;

use axum::body::Bytes;
use serde_json::{Map, Value, json};

use super::{catalog::Catalog, errors::Failure, org::Org, schema::Module};
use syntax::{Condition, Query, Select};

/// Most rows of one call.
const MAX_ROWS: usize = 2_000;
/// Rows without a LIMIT.
const DEFAULT_ROWS: usize = 200;
/// Most rows that OFFSET reaches.
const MAX_OFFSET: usize = 100_000;
/// Most columns.
const MAX_COLUMNS: usize = 500;
/// Most values of an IN.
const MAX_IN: usize = 100;
/// The longest query, in bytes.
const MAX_QUERY: usize = 64 * 1024;

/// Runs a query; `None` if no record fits.
pub fn run(org: &mut Org, body: &Bytes) -> Result<Option<Value>, Failure> {
    let body: Map<String, Value> = serde_json::from_slice(body).map_err(|_| {
        let details =
            json!({"expected_data_type": "jsonobject", "api_name": "body", "json_path": "$"});
        Failure::new(400, "INVALID_DATA", &details, "body")
    })?;
    let Some(text) = body.get("select_query").and_then(Value::as_str) else {
        let details = json!({"api_name": "select_query", "json_path": "$.select_query"});
        return Err(Failure::new(
            400,
            "MANDATORY_NOT_FOUND",
            &details,
            "required field not found",
        ));
    };
    if text.len() > MAX_QUERY {
        return Err(limit_exceeded(&json!({"limit": MAX_QUERY})));
    }
    let query = parser::parse(text)?;
    let module = org.catalog.module(&query.module).ok_or_else(|| {
        invalid(
            &json!({"module": query.module}),
            "module given seems to be invalid",
        )
    })?;
    check(&org.catalog, module, &query)?;
    if !org.settings.multi_currency
        && let Select::Columns(columns) = &query.select
        && let Some(column) = columns
            .iter()
            .find(|column| matches!(column.as_str(), "Currency" | "Exchange_Rate"))
    {
        return Err(invalid(
            &json!({"column_name": column}),
            "column given seems to be invalid",
        ));
    }
    let limit = query.limit.unwrap_or(DEFAULT_ROWS);
    if limit == 0 || limit > MAX_ROWS {
        return Err(invalid(
            &json!({"limit": limit.to_string()}),
            "the limit given seems to be invalid",
        ));
    }
    org.charge(match limit {
        0..=200 => 1,
        201..=1000 => 2,
        _ => 3,
    })?;
    Ok(eval::rows(org, module, &query, limit))
}

/// The query names something that is not there.
fn invalid(details: &Value, message: &str) -> Failure {
    Failure::new(400, "INVALID_QUERY", details, message)
}

fn limit_exceeded(details: &Value) -> Failure {
    Failure::new(400, "LIMIT_EXCEEDED", details, "limit exceeded")
}

/// Columns exist, lists are short enough, literals suit their fields.
fn check(catalog: &Catalog, module: &Module, query: &Query) -> Result<(), Failure> {
    if let Select::Columns(columns) = &query.select {
        if columns.len() > MAX_COLUMNS {
            return Err(limit_exceeded(
                &json!({"limit": MAX_COLUMNS, "clause": "select"}),
            ));
        }
        for (index, column) in columns.iter().enumerate() {
            value::resolve(catalog, module, column)?;
            if columns.iter().take(index).any(|earlier| earlier == column) {
                return Err(Failure::new(
                    400,
                    "DUPLICATE_DATA",
                    &json!({"column_name": column}),
                    "duplicate data",
                ));
            }
        }
    }
    for (column, _) in &query.order {
        value::resolve(catalog, module, column)?;
    }
    if query.offset > MAX_OFFSET {
        return Err(invalid(
            &json!({"offset": query.offset.to_string()}),
            "the offset given seems to be invalid",
        ));
    }
    check_condition(catalog, module, &query.condition)
}

fn check_condition(
    catalog: &Catalog,
    module: &Module,
    condition: &Condition,
) -> Result<(), Failure> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts
            .iter()
            .try_for_each(|part| check_condition(catalog, module, part)),
        Condition::Test {
            column,
            values,
            operator,
            ..
        } => {
            if values.len() > MAX_IN {
                return Err(limit_exceeded(
                    &json!({"limit": MAX_IN, "operator": operator.text()}),
                ));
            }
            let field = value::resolve(catalog, module, column)?;
            values
                .iter()
                .try_for_each(|literal| value::suits(&field, column, literal, *operator))
        }
    }
}
