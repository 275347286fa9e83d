//! The rows of a subform in a write. Rows with an id change or leave; rows without one are new, and
//! on an update they are appended: whoever sends the same rows twice has them twice.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::zoho::{
    errors::RowError,
    org::Org,
    rows::parse_id,
    schema::{Field, Module},
    store::{Id, Record},
    values,
};

/// Most rows of a subform.
const MOST: usize = 200;

/// One row, checked.
#[derive(Debug)]
pub struct Line {
    id: Option<Id>,
    delete: bool,
    values: BTreeMap<&'static str, Value>,
    path: String,
}

impl Line {
    /// Checks the rows of a subform.
    ///
    /// # Errors
    /// What Zoho says of the first that is wrong.
    pub fn check(
        org: &Org,
        subform: &'static Module,
        field: &Field,
        value: &Value,
        path: &str,
    ) -> Result<Vec<Self>, RowError> {
        let rows = value
            .as_array()
            .ok_or_else(|| RowError::expected(field.name, path, "jsonarray"))?;
        if rows.len() > MOST {
            return Err(RowError::too_long(field.name, path, MOST as u32));
        }
        let checked = rows
            .iter()
            .enumerate()
            .map(|(index, row)| Self::one(org, subform, row, format!("{path}[{index}]")));
        checked.collect()
    }

    fn one(
        org: &Org,
        subform: &'static Module,
        row: &Value,
        path: String,
    ) -> Result<Self, RowError> {
        let row = row
            .as_object()
            .ok_or_else(|| RowError::expected(subform.name, &path, "jsonobject"))?;
        let id = match row.get("id") {
            None | Some(Value::Null) => None,
            Some(id) => Some(
                parse_id(id).ok_or_else(|| RowError::no_such_id("id", &format!("{path}.id")))?,
            ),
        };
        let mut line = Self {
            id,
            delete: row.contains_key("_delete"),
            values: BTreeMap::new(),
            path,
        };
        for field in subform.fields.iter().filter(|field| field.is_written()) {
            let Some(value) = row.get(field.name) else {
                continue;
            };
            let at = format!("{}.{}", line.path, field.name);
            let value = values::checked(org, field, value, &at)?;
            line.values.insert(field.name, value);
        }
        let missing = subform.fields.iter().find(|field| {
            let value = line.values.get(field.name);
            field.mandatory
                && !line.delete
                && (value.is_some_and(Value::is_null) || (line.id.is_none() && value.is_none()))
        });
        match missing {
            Some(field) => Err(RowError::mandatory(
                field.name,
                &format!("{}.{}", line.path, field.name),
            )),
            None => Ok(line),
        }
    }
}

/// The rows of a subform after a write.
///
/// # Errors
/// A row names one that the record does not have.
pub fn merged(
    org: &mut Org,
    field: &Field,
    lines: &[Line],
    old: Option<&Record>,
) -> Result<Value, RowError> {
    let stood = old
        .and_then(|record| record.values.get(field.name))
        .and_then(Value::as_array);
    // An empty list takes all rows away.
    let mut rows: Vec<Value> = if lines.is_empty() {
        Vec::new()
    } else {
        stood.cloned().unwrap_or_default()
    };
    let now = org.time(org.now());
    for line in lines {
        let at = match line.id {
            None => {
                rows.push(json!({"id": org.new_id().to_string(), "Created_Time": now}));
                rows.len() - 1
            }
            Some(id) => {
                let id = json!(id.to_string());
                let known = rows.iter().position(|row| row["id"] == id);
                known.ok_or_else(|| RowError::no_such_id("id", &format!("{}.id", line.path)))?
            }
        };
        if line.delete {
            rows.remove(at);
            continue;
        }
        if let Some(Value::Object(row)) = rows.get_mut(at) {
            fill(row, line);
            row.insert("Modified_Time".to_owned(), json!(now));
        }
    }
    if rows.len() > MOST {
        return Err(RowError::too_long(field.name, field.name, MOST as u32));
    }
    Ok(Value::Array(rows))
}

fn fill(row: &mut Map<String, Value>, line: &Line) {
    for (name, value) in &line.values {
        if value.is_null() {
            row.remove(*name);
        } else {
            row.insert((*name).to_owned(), value.clone());
        }
    }
}
