//! A row of a write: checked, then applied to a record.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    errors::RowError,
    org::Org,
    sales::Line,
    schema::{Field, Kind, Module, subform},
    store::{Id, Record, Store, folded},
    values,
};

/// A row whose values have been checked and normalised.
#[derive(Debug)]
pub struct Row {
    /// New values; null clears.
    pub values: BTreeMap<&'static str, Value>,
    /// Rows of subforms by their fields.
    pub lines: BTreeMap<&'static str, Vec<Line>>,
    /// A new owner.
    pub owner: Option<Id>,
    /// The row's own id.
    pub id: Option<Id>,
    /// The row's place: `$.data[0]`.
    pub path: String,
}

impl Row {
    /// Checks a row. Fields that the module does not have, and those that only Zoho sets, are
    /// silently ignored.
    pub fn check(org: &Org, module: &Module, index: usize, row: &Value) -> Result<Self, RowError> {
        let path = format!("$.data[{index}]");
        let object = row
            .as_object()
            .ok_or_else(|| RowError::expected("data", &path, "jsonobject"))?;
        let id = match object.get("id") {
            None | Some(Value::Null) => None,
            Some(id) => Some(
                parse_id(id).ok_or_else(|| RowError::no_such_id("id", &format!("{path}.id")))?,
            ),
        };
        let mut checked = Self {
            values: BTreeMap::new(),
            lines: BTreeMap::new(),
            owner: None,
            id,
            path,
        };
        let fields = module.fields_with(org.settings.multi_currency);
        for field in fields.filter(|field| field.is_written()) {
            let Some(value) = object.get(field.name) else {
                continue;
            };
            let at = format!("{}.{}", checked.path, field.name);
            if let Kind::Subform(name) = field.kind
                && let Some(subform) = subform(name)
            {
                let lines = Line::check(org, subform, field, value, &at)?;
                checked.lines.insert(field.name, lines);
                continue;
            }
            refuse(org, module, field, value, &at)?;
            let value = values::checked(org, field, value, &at)?;
            if field.kind == Kind::Owner {
                checked.owner = value.as_str().and_then(|id| id.parse().ok());
            } else {
                checked.values.insert(field.name, value);
            }
        }
        Ok(checked)
    }

    /// Fields that a new record needs.
    pub fn check_mandatory(&self, module: &Module) -> Result<(), RowError> {
        self.mandatory(module, |field| {
            let rows = self
                .lines
                .get(field.name)
                .is_some_and(|lines| !lines.is_empty());
            !rows && self.values.get(field.name).is_none_or(Value::is_null)
        })
    }

    /// Fields that an update must not clear.
    pub fn check_not_cleared(&self, module: &Module) -> Result<(), RowError> {
        self.mandatory(module, |field| {
            self.values.get(field.name).is_some_and(Value::is_null)
        })
    }

    fn mandatory(
        &self,
        module: &Module,
        is_missing: impl Fn(&Field) -> bool,
    ) -> Result<(), RowError> {
        match module
            .fields
            .iter()
            .find(|field| field.mandatory && is_missing(field))
        {
            Some(field) => Err(RowError::mandatory(
                field.name,
                &format!("{}.{}", self.path, field.name),
            )),
            None => Ok(()),
        }
    }

    /// Unique values that another record has already.
    pub fn check_unique(&self, org: &Org, store: &Store, own: Option<Id>) -> Result<(), RowError> {
        let duplicates: Vec<(&Field, &Record)> = store
            .module
            .uniques()
            .filter_map(|field| {
                let value = self.values.get(field.name)?;
                let other = store
                    .find(field.name, value)
                    .find(|record| Some(record.id) != own)?;
                Some((field, other))
            })
            .collect();
        match duplicates.as_slice() {
            [] => Ok(()),
            [(field, other)] => {
                let mut details = self.duplicate(org, field, other);
                details.insert("id".to_owned(), json!(other.id.to_string()));
                Err(RowError::new(
                    "DUPLICATE_DATA",
                    Value::Object(details),
                    "duplicate data",
                ))
            }
            several => {
                let errors: Vec<Value> = several
                    .iter()
                    .map(|(field, other)| {
                        let mut details = self.duplicate(org, field, other);
                        details["duplicate_record"]["module"] =
                            json!({"api_name": store.module.name, "id": store.module.id.to_string()});
                        super::errors::shape("DUPLICATE_DATA", &Value::Object(details), "duplicate data")
                    })
                    .collect();
                Err(RowError::new(
                    "MULTIPLE_OR_MULTI_ERRORS",
                    json!({"errors": errors}),
                    "Multiple errors in the request",
                ))
            }
        }
    }

    fn duplicate(&self, org: &Org, field: &Field, other: &Record) -> Map<String, Value> {
        let owner = org
            .user(other.owner)
            .map(|user| json!({"name": user.name, "id": user.id.to_string(), "zuid": user.zuid()}));
        let mut details = Map::new();
        details.insert("api_name".to_owned(), json!(field.name));
        details.insert(
            "json_path".to_owned(),
            json!(format!("{}.{}", self.path, field.name)),
        );
        details.insert(
            "duplicate_record".to_owned(),
            json!({"id": other.id.to_string(), "Owner": owner}),
        );
        details.insert("more_records".to_owned(), json!(false));
        details
    }

    /// Puts the row's values into a record.
    pub fn apply(&self, record: &mut Record) {
        for (name, value) in &self.values {
            if value.is_null() {
                record.values.remove(name);
            } else {
                record.values.insert(name, value.clone());
            }
        }
        record.owner = self.owner.unwrap_or(record.owner);
    }
}

/// An id as rows and queries carry it.
pub fn parse_id(value: &Value) -> Option<Id> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_u64(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Values that the control door has told to refuse.
fn refuse(
    org: &Org,
    module: &Module,
    field: &Field,
    value: &Value,
    path: &str,
) -> Result<(), RowError> {
    let refused = org.settings.refusals.iter().any(|refusal| {
        refusal
            .module
            .as_ref()
            .is_none_or(|name| name == module.name)
            && refusal.field == field.name
            && refusal.value.as_ref().is_none_or(|wanted| {
                wanted == value
                    || folded(wanted).is_some_and(|wanted| folded(value) == Some(wanted))
            })
    });
    if refused {
        Err(RowError::invalid(field.name, path))
    } else {
        Ok(())
    }
}
