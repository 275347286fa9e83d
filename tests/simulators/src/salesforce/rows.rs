//! The body of a row: its fields known, writable, well-formed; its relations found.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    errors::Fail,
    ids::Id,
    org::Org,
    schema::{Field, Kind, Object},
    values,
};
use crate::shared::folded;

/// How a row is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A new record.
    Insert,
    /// A record that is there.
    Update,
}

/// New values, checked and normalised; null clears.
pub type Change = BTreeMap<&'static str, Value>;

/// Reads a row. `text` is the request's body when it is about this row alone.
///
/// # Errors
/// What Salesforce says; several of its fields can be wrong at once.
pub fn read(
    org: &Org,
    object: &'static Object,
    row: &Map<String, Value>,
    purpose: Purpose,
    text: Option<&str>,
) -> Result<Change, Vec<Fail>> {
    let mut change = Change::new();
    let (mut closed, mut faults) = (Vec::new(), Vec::new());
    for (name, value) in row.iter().filter(|(name, _)| *name != "attributes") {
        if let Some(field) = object
            .field(name)
            .filter(|field| field.is_there(&org.settings))
        {
            if is_closed(field, purpose) {
                closed.push(field.name);
                continue;
            }
            match values::checked(org, field, value, text)
                .and_then(|value| refused(org, object, field, value))
            {
                Ok(value) => {
                    change.insert(field.name, value);
                }
                Err(fault) => faults.push(fault),
            }
        } else if let Some((field, target)) = org.catalog.relation(object, name) {
            match related(org, target, value) {
                Ok(id) => {
                    change.insert(field.name, id);
                }
                Err(fault) => return Err(vec![fault]),
            }
        } else {
            return Err(vec![Fail::no_such_column(name, object.name)]);
        }
    }
    if let Some(fault) = faults
        .iter()
        .find(|fault| fault.code == "JSON_PARSER_ERROR")
    {
        return Err(vec![fault.clone()]);
    }
    if !closed.is_empty() {
        let names = closed.join(", ");
        let mut fault = Fail::row(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            format!(
                "Unable to create/update fields: {names}. Please check the security settings of this field and verify that it is read/write for your profile or permission set."
            ),
        );
        fault.fields = Some(closed.into_iter().map(str::to_owned).collect());
        return Err(vec![fault]);
    }
    if faults.is_empty() {
        Ok(change)
    } else {
        Err(faults)
    }
}

fn is_closed(field: &Field, purpose: Purpose) -> bool {
    match purpose {
        Purpose::Insert => !field.createable,
        Purpose::Update => !field.updateable,
    }
}

/// Values that the control door has told to refuse.
fn refused(org: &Org, object: &Object, field: &Field, value: Value) -> Result<Value, Fail> {
    let told = org.settings.refuse.iter().find(|refusal| {
        refusal
            .object
            .as_ref()
            .is_none_or(|name| name == object.name)
            && refusal.field == field.name
            && refusal.value.as_ref().is_none_or(|wanted| {
                *wanted == value
                    || folded(wanted).is_some_and(|wanted| folded(&value) == Some(wanted))
            })
    });
    let Some(told) = told else {
        return Ok(value);
    };
    let code = told.code.as_deref().unwrap_or("FIELD_INTEGRITY_EXCEPTION");
    let message = told.message.clone();
    Err(Fail::field(
        code,
        field.name,
        message.unwrap_or_else(|| {
            format!(
                "field integrity exception: {} ({})",
                field.name, field.label
            )
        }),
    ))
}

/// The id of the record that a relation names by an external id: `{"Sage_Key__c":"…"}`.
fn related(org: &Org, target: &'static Object, value: &Value) -> Result<Value, Fail> {
    let members = match value {
        Value::Null => return Ok(Value::Null),
        Value::Object(members) => members,
        _ => {
            return Err(Fail::new(
                400,
                "JSON_PARSER_ERROR",
                format!(
                    "Cannot deserialize instance of {} from {value} or request may be missing a required field at [line:1, column:1]",
                    target.name
                ),
            ));
        }
    };
    let mut named = members.iter().filter(|(name, _)| *name != "attributes");
    let Some((name, key)) = named.next() else {
        return Err(Fail::row(
            "INVALID_FIELD",
            format!(
                "An external foreign key reference does not refer to a record: {}",
                target.name
            ),
        ));
    };
    if named.next().is_some() {
        return Err(Fail::row(
            "INVALID_FIELD",
            format!(
                "More than 1 field provided in an external foreign key reference in entity: {}",
                target.name
            ),
        ));
    }
    let field = target
        .field(name)
        .filter(|field| field.is_there(&org.settings))
        .ok_or_else(|| Fail::no_such_column(name, target.name))?;
    if !field.external_id && field.kind != Kind::Id {
        return Err(Fail::row(
            "INVALID_FIELD",
            format!(
                "Field name provided, {} does not match an External ID for {}",
                field.name, target.name
            ),
        ));
    }
    let shown = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
    let store = org.stores.get(target.name);
    if field.kind == Kind::Id {
        let found = key.as_str().and_then(Id::parse);
        let there = found.filter(|id| store.is_some_and(|store| store.get(id).is_some()));
        return match there {
            Some(id) => Ok(json!(id.as_str())),
            None => Err(Fail::row(
                "INVALID_CROSS_REFERENCE_KEY",
                "invalid cross reference id",
            )),
        };
    }
    let mut found = store
        .into_iter()
        .flat_map(|store| store.find(field.name, key));
    match (found.next(), found.next()) {
        (Some(record), None) => Ok(json!(record.id.as_str())),
        (None, _) => Err(Fail::row(
            "INVALID_FIELD",
            format!(
                "Foreign key external ID: {} not found for field {} in entity {}",
                shown.trim(),
                field.name,
                target.name
            ),
        )),
        (Some(_), Some(_)) => Err(Fail::row(
            "INVALID_FIELD",
            format!(
                "Foreign key external ID: {} matches more than one record for field {} in entity {}",
                shown.trim(),
                field.name,
                target.name
            ),
        )),
    }
}
