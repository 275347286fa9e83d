//! The check and normalisation of one field value. Zoho trims text, and takes an empty text
//! for no value.

use jiff::{Timestamp, civil};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use super::{
    errors::RowError,
    formats::{is_phone, is_website},
    org::Org,
    schema::{Field, Kind},
    store::Id,
};
use crate::shared::{as_kept, is_email};

/// A value as it is stored, or why it is refused.
pub fn checked(org: &Org, field: &Field, value: &Value, path: &str) -> Result<Value, RowError> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    match field.kind {
        Kind::Text | Kind::TextArea | Kind::Picklist(_) => text(org, field, value, path),
        Kind::RichText => {
            let text = trimmed(field, value, path)?;
            Ok(text.map_or(Value::Null, |text| json!(as_kept(&text))))
        }
        Kind::Email => formatted(field, value, path, is_email),
        Kind::Phone => formatted(field, value, path, is_phone),
        Kind::Website => formatted(field, value, path, is_website),
        Kind::Boolean if value.is_boolean() => Ok(value.clone()),
        Kind::Boolean => Err(RowError::expected(field.name, path, "boolean")),
        Kind::Integer | Kind::BigInt => whole(field, value, path),
        Kind::Double | Kind::Currency => decimal(field, value, path),
        Kind::Date => parsed(field, value, path, |text| {
            text.parse::<civil::Date>().is_ok() && text.len() == 10
        }),
        Kind::DateTime => parsed(field, value, path, |text| text.parse::<Timestamp>().is_ok()),
        Kind::Lookup(target) => lookup(org, field, target, value, path),
        Kind::Owner => owner(org, field, value, path),
        Kind::List(_)
            if value
                .as_array()
                .is_some_and(|all| all.iter().all(Value::is_object)) =>
        {
            Ok(value.clone())
        }
        // Rows of subforms are checked one by one, elsewhere.
        Kind::List(_) | Kind::Subform(_) => Err(RowError::expected(field.name, path, "jsonarray")),
    }
}

fn trimmed(field: &Field, value: &Value, path: &str) -> Result<Option<String>, RowError> {
    let text = value
        .as_str()
        .ok_or_else(|| RowError::expected(field.name, path, field.kind.data_type()))?
        .trim();
    if text.chars().count() > field.length as usize {
        return Err(RowError::too_long(field.name, path, field.length));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn text(org: &Org, field: &Field, value: &Value, path: &str) -> Result<Value, RowError> {
    let Some(text) = trimmed(field, value, path)? else {
        return Ok(Value::Null);
    };
    if let Kind::Picklist(values) = field.kind {
        // Currencies must be active ones of the organisation; other picklists grow by what is sent.
        let closed = field.name == "Currency" || org.settings.strict_picklists;
        if closed && !values.contains(&text.as_str()) {
            return Err(RowError::invalid(field.name, path));
        }
    }
    Ok(json!(text))
}

fn formatted(
    field: &Field,
    value: &Value,
    path: &str,
    fits: fn(&str) -> bool,
) -> Result<Value, RowError> {
    match trimmed(field, value, path)? {
        None => Ok(Value::Null),
        Some(text) if fits(&text) => Ok(json!(text)),
        Some(_) => Err(RowError::expected(field.name, path, field.kind.data_type())),
    }
}

fn parsed(
    field: &Field,
    value: &Value,
    path: &str,
    fits: fn(&str) -> bool,
) -> Result<Value, RowError> {
    match value.as_str().map(str::trim) {
        Some("") => Ok(Value::Null),
        Some(text) if fits(text) => Ok(json!(text)),
        _ => Err(RowError::expected(field.name, path, field.kind.data_type())),
    }
}

fn whole(field: &Field, value: &Value, path: &str) -> Result<Value, RowError> {
    let expected = || RowError::expected(field.name, path, field.kind.data_type());
    let number = match value {
        Value::Number(number) => number.as_i64().ok_or_else(expected)?,
        Value::String(text) if field.kind == Kind::BigInt && !text.is_empty() => {
            text.parse().map_err(|_| expected())?
        }
        _ => return Err(expected()),
    };
    if number.unsigned_abs().to_string().len() > field.length as usize {
        return Err(RowError::too_long(field.name, path, field.length));
    }
    // Zoho shows long numbers as text, so that no client rounds them.
    Ok(if field.kind == Kind::BigInt {
        json!(number.to_string())
    } else {
        json!(number)
    })
}

/// Numbers are kept with nine decimals, the most that a field can show. An amount is rounded to its field's `precision` when
/// it is stored only where the field's `rounding_option` says so (round_off, round_up, round_down; Zoho CRM API, Fields
/// Metadata); that of every field here is `normal`, which is taken for no rounding: its screens show two decimals.
fn decimal(field: &Field, value: &Value, path: &str) -> Result<Value, RowError> {
    let expected = || RowError::expected(field.name, path, field.kind.data_type());
    let Value::Number(number) = value else {
        return Err(expected());
    };
    let text = number.to_string();
    let number: Decimal = text
        .parse()
        .or_else(|_| Decimal::from_scientific(&text))
        .map_err(|_| expected())?;
    let rounded = number
        .round_dp_with_strategy(9, RoundingStrategy::MidpointAwayFromZero)
        .normalize();
    if rounded.trunc().abs().to_string().len() > field.length as usize {
        return Err(RowError::too_long(field.name, path, field.length));
    }
    serde_json::from_str(&rounded.to_string()).map_err(|_| expected())
}

/// The id inside of `{"id":"…"}`.
fn id_of(field: &Field, value: &Value, path: &str) -> Result<Id, RowError> {
    let object = value
        .as_object()
        .ok_or_else(|| RowError::expected(field.name, path, "jsonobject"))?;
    let id = match object.get("id") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_u64(),
        _ => None,
    };
    id.ok_or_else(|| RowError::no_such_id(field.name, path))
}

fn lookup(
    org: &Org,
    field: &Field,
    target: &str,
    value: &Value,
    path: &str,
) -> Result<Value, RowError> {
    let id = id_of(field, value, path)?;
    let there = org
        .catalog
        .module(target)
        .and_then(|module| org.stores.get(module.name))
        .is_some_and(|store| store.get(id).is_some());
    if there {
        Ok(json!(id.to_string()))
    } else {
        Err(RowError::no_such_id(field.name, path))
    }
}

fn owner(org: &Org, field: &Field, value: &Value, path: &str) -> Result<Value, RowError> {
    let id = id_of(field, value, path)?;
    if org.user(id).is_some_and(|user| user.active) {
        Ok(json!(id.to_string()))
    } else {
        Err(RowError::no_such_id(field.name, path))
    }
}
