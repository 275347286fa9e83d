//! What the agent writes: JSON in, Sage's business objects behind it.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::errors::Failure;
use crate::{
    data::{AUDIT, Column, ORDER, ORDER_LINE, Values},
    sage::{
        Desk, Entity, LineWrite, Matching, OrderWrite, Reason, Refusal, World, Writes, is_read_only,
    },
};

/// A mark on an order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    column: String,
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewLine {
    fields: Values,
}

/// A line that changes: the one of its key, or a new one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangedLine {
    line_key: Option<String>,
    fields: Values,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    number: String,
    customer: String,
    reference: Mark,
    fields: Values,
    lines: Vec<NewLine>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangedOrder {
    customer: String,
    reference: Mark,
    fields: Values,
    /// The lines as a whole.
    lines: Option<Vec<NewLine>>,
    /// Or what changes of them.
    #[serde(default)]
    changed_lines: Vec<ChangedLine>,
    #[serde(default)]
    removed_lines: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRecord {
    key: String,
    fields: Values,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangedFields {
    fields: BTreeMap<String, String>,
}

type Written = Result<(u16, Value), Failure>;

/// `POST …/orders`.
pub fn create_order(world: &mut World, company: &str, body: Value) -> Written {
    let new: NewOrder = read(body)?;
    let number = new.number.clone();
    let write = order(
        new.number,
        new.customer,
        &new.reference,
        new.fields,
        unkeyed(new.lines),
    )?;
    check_count(write.lines.as_ref())?;
    desk(world, company)?
        .create_order(&write, false)
        .map_err(Failure::from)?;
    Ok((201, json!({"number": number})))
}

/// `PUT …/orders/{number}`.
pub fn update_order(world: &mut World, company: &str, number: &str, body: Value) -> Written {
    let changed: ChangedOrder = read(body)?;
    let named = !changed.changed_lines.is_empty() || !changed.removed_lines.is_empty();
    if named && changed.lines.is_some() {
        return Err(Failure::bad_request(
            "The lines are given as a whole, or what changes of them.",
        ));
    }
    let (matching, lines) = match changed.lines {
        Some(lines) => (Matching::ByItem, unkeyed(lines)),
        None => (Matching::Named, changed.changed_lines),
    };
    let mut write = order(
        number.to_owned(),
        changed.customer,
        &changed.reference,
        changed.fields,
        lines,
    )?;
    if matching == Matching::ByItem {
        check_count(write.lines.as_ref())?;
    } else if named {
        write.removed = changed.removed_lines;
    } else {
        write.lines = None;
    }
    desk(world, company)?
        .update_order(&write, matching)
        .map_err(Failure::from)?;
    Ok((200, json!({"number": number})))
}

/// `DELETE …/orders/{number}`.
pub fn delete_order(world: &mut World, company: &str, number: &str) -> Written {
    desk(world, company)?
        .delete_order(number)
        .map_err(Failure::from)?;
    Ok((200, json!({"number": number})))
}

/// `POST …/{entity}/records`.
pub fn create_record(
    world: &mut World,
    company: &str,
    entity: &'static Entity,
    body: Value,
) -> Written {
    let new: NewRecord = read(body)?;
    let writes = writes(entity)?;
    let keys = key_fields(world, company, entity, &new.key).ok_or_else(|| {
        Failure::bad_request(format!("{:?} is no key of {}.", new.key, entity.name))
    })?;
    columns(entity.columns(), &new.fields, &key_columns(entity))?;
    let mut desk = desk(world, company)?;
    let key = keys.into_iter().map(|(_, value)| value).collect();
    let key = (writes.create)(&mut desk, key, new.fields).map_err(Failure::from)?;
    Ok((201, json!({"key": key})))
}

/// `PATCH …/{entity}/records/{key}`.
pub fn update_record(
    world: &mut World,
    company: &str,
    entity: &'static Entity,
    key: &str,
    body: Value,
) -> Written {
    let writes = writes(entity)?;
    let changed: ChangedFields = read(body)?;
    if changed.fields.is_empty() {
        return Err(Failure::bad_request("Name one column at least."));
    }
    columns(entity.columns(), &changed.fields, &key_columns(entity))?;
    let mut desk = desk(world, company)?;
    (writes.update)(&mut desk, key, &changed.fields).map_err(Failure::from)?;
    Ok((200, json!({"key": key})))
}

/// `POST …/order-numbers`.
pub fn next_order_number(world: &mut World, company: &str) -> Result<Value, Failure> {
    Ok(json!({"number": desk(world, company)?.next_order_number()}))
}

/// `POST …/customer-numbers`.
pub fn next_customer_number(world: &mut World, company: &str) -> Result<Value, Failure> {
    Ok(json!({"number": desk(world, company)?.next_customer_number()}))
}

/// How the agent writes an entity.
fn writes(entity: &Entity) -> Result<&Writes, Failure> {
    entity
        .writes
        .as_ref()
        .ok_or_else(|| Failure::new("E_NOT_OFFERED", format!("{} are not written.", entity.name)))
}

/// The key columns of a new record. Numbers and codes may hold the separator: below a parent, the parent's own key tells where it
/// ends.
fn key_fields(
    world: &World,
    company: &str,
    entity: &Entity,
    key: &str,
) -> Option<Vec<(&'static str, String)>> {
    let below = || {
        let parent = entity.parent?;
        let table = world.companies.get(company)?.table(parent)?;
        let (column, separator) = entity.key.last()?;
        let mut places = key.match_indices(separator);
        places.find_map(|(at, _)| {
            let (of, code) = (key.get(..at)?, key.get(at + separator.len()..)?);
            table.get(of).filter(|_| !code.is_empty())?;
            let mut fields = parent.key_fields(of)?;
            fields.push((*column, code.to_owned()));
            Some(fields)
        })
    };
    below().or_else(|| entity.key_fields(key))
}

fn key_columns(entity: &Entity) -> Vec<&'static str> {
    entity.key.iter().map(|(column, _)| *column).collect()
}

fn desk<'a>(world: &'a mut World, company: &'a str) -> Result<Desk<'a>, Failure> {
    world.desk(company).ok_or_else(|| {
        Failure::new(
            "E_UNKNOWN_COMPANY",
            format!("There is no company {company:?}."),
        )
    })
}

fn read<T: DeserializeOwned>(body: Value) -> Result<T, Failure> {
    serde_json::from_value(body)
        .map_err(|error| Failure::bad_request(format!("The body cannot be read: {error}.")))
}

fn unkeyed(lines: Vec<NewLine>) -> Vec<ChangedLine> {
    let unkeyed = |line: NewLine| ChangedLine {
        line_key: None,
        fields: line.fields,
    };
    lines.into_iter().map(unkeyed).collect()
}

fn check_count(lines: Option<&Vec<LineWrite>>) -> Result<(), Failure> {
    if lines.is_some_and(|lines| (1..=1000).contains(&lines.len())) {
        return Ok(());
    }
    Err(Failure::bad_request("An order has 1 to 1000 lines."))
}

/// The rules of an order's body that are the contract's, not Sage's.
fn order(
    number: String,
    customer: String,
    mark: &Mark,
    mut fields: Values,
    lines: Vec<ChangedLine>,
) -> Result<OrderWrite, Failure> {
    let keys = [
        "SalesOrderNo",
        "ARDivisionNo",
        "CustomerNo",
        mark.column.as_str(),
    ];
    columns(ORDER, &fields, &keys)?;
    if !ORDER.iter().any(|column| column.name == mark.column) {
        return Err(Failure::unknown_column(&mark.column));
    }
    if mark.value.is_empty() || mark.value.chars().count() > 60 {
        return Err(Failure::bad_request(
            "reference.value has 1 to 60 characters.",
        ));
    }
    for (at, line) in lines.iter().enumerate() {
        columns(ORDER_LINE, &line.fields, &["SalesOrderNo", "LineKey"])
            .map_err(|failure| failure.in_line(at + 1))?;
        for name in ["ItemCode", "QuantityOrdered"] {
            if line.line_key.is_none() && !line.fields.contains_key(name) {
                return Err(Failure::bad_request(format!(
                    "Line {} has no {name}.",
                    at + 1
                )));
            }
        }
    }
    fields.insert(mark.column.clone(), mark.value.clone());
    Ok(OrderWrite {
        number,
        customer,
        header: fields,
        lines: Some(
            lines
                .into_iter()
                .map(|line| LineWrite {
                    key: line.line_key,
                    values: line.fields,
                })
                .collect(),
        ),
        removed: Vec::new(),
        payments: None,
    })
}

/// Columns are known, writable and none of the key's.
fn columns(known: &[Column], fields: &Values, keys: &[&str]) -> Result<(), Failure> {
    for name in fields.keys() {
        if keys.contains(&name.as_str()) {
            return Err(Failure::bad_request(format!(
                "{name} does not stand among the fields of a write."
            )));
        }
        let is_audit = AUDIT.iter().any(|column| column.name == name);
        if !is_audit && !known.iter().any(|column| column.name == name) {
            return Err(Failure::unknown_column(name));
        }
        if is_audit || is_read_only(known, name) {
            return Err(
                Failure::new("E_READ_ONLY_COLUMN", format!("{name} cannot be written."))
                    .of_column(name),
            );
        }
    }
    Ok(())
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal.reason {
            Reason::NotOnFile | Reason::Invalid | Reason::Required => "E_VALUE_REFUSED",
            Reason::NoRecord => "E_NOT_FOUND",
            Reason::TooLong => "E_VALUE_TOO_LONG",
            Reason::Exists => "E_ALREADY_EXISTS",
            Reason::ReadOnly => "E_READ_ONLY_COLUMN",
            Reason::UnknownColumn => "E_UNKNOWN_COLUMN",
            Reason::Locked => "E_LOCKED",
        };
        let column = refusal.column.as_deref();
        let message = match column {
            Some(column) => format!("{column}: {}", refusal.message),
            None => refusal.message.clone(),
        };
        let mut failure = Failure::new(code, message);
        if let Some(column) = column {
            failure = failure.of_column(column);
        }
        match refusal.line {
            Some(line) => failure.in_line(line),
            None => failure,
        }
    }
}
