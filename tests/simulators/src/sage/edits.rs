//! Edits as people and programs make them in Sage, stamped or not.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    check::decimal,
    entities::Entity,
    order_edits, sale_edits,
    world::{Company, World, shown},
};
use crate::data::{AUDIT, Kind, Row, Stamp, filled};

/// One edit, as the control door takes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    #[serde(default = "abc")]
    pub company: String,
    #[serde(default = "customers")]
    pub entity: String,
    #[serde(default)]
    pub action: Action,
    /// New orders and customers may do without: the next number is taken.
    #[serde(default)]
    pub key: String,
    /// The new key of a renumbering.
    to: Option<String>,
    /// Column values to set.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// The lines of an order, as a whole.
    pub lines: Option<Vec<BTreeMap<String, String>>>,
    /// `false`: the edit leaves DateUpdated and TimeUpdated as they are.
    #[serde(default = "yes")]
    pub stamp: bool,
    /// Instead of the server's clock.
    date: Option<String>,
    /// Instead of the server's clock.
    time: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    #[default]
    Set,
    Create,
    Delete,
    Renumber,
    /// An order is invoiced in full: it moves to the history.
    Invoice,
    /// An order is put on hold.
    Hold,
    /// An order is opened: after a hold, or when it was new.
    Open,
    /// An order is closed.
    Close,
}

fn abc() -> String {
    "ABC".to_owned()
}

fn customers() -> String {
    "customers".to_owned()
}

fn yes() -> bool {
    true
}

/// Makes an edit; answers what the record is now.
pub fn apply(world: &mut World, edit: &Edit) -> Result<Value, String> {
    match edit.entity.as_str() {
        "sales_orders" => return order_edits::apply(world, edit),
        "stock" | "price_codes" | "zip_codes" => {
            return sale_edits::apply(world, edit);
        }
        _ => {}
    }
    let entity = Entity::named(&edit.entity)
        .ok_or_else(|| format!("there is no entity {:?}", edit.entity))?;
    let mut edit = edit.clone();
    for (name, value) in &mut edit.fields {
        check(entity, name, value)?;
        if let Some(scaled) = scaled(entity, name, value) {
            *value = scaled;
        }
    }
    let edit = &edit;
    let mut stamp = world.stamp_now();
    if let Some(date) = &edit.date {
        stamp.date.clone_from(date);
    }
    if let Some(time) = &edit.time {
        Stamp::time_number(time).ok_or_else(|| format!("time {time:?} is no decimal number"))?;
        stamp.time.clone_from(time);
    }
    let company = world
        .companies
        .get_mut(&edit.company)
        .ok_or_else(|| format!("there is no company {:?}", edit.company))?;
    match edit.action {
        Action::Set => set(company, entity, edit, stamp),
        Action::Create => create(company, entity, edit, stamp),
        Action::Delete => delete(company, entity, edit),
        Action::Renumber => renumber(company, entity, edit, &stamp),
        Action::Invoice | Action::Hold | Action::Open | Action::Close => {
            Err("only sales_orders are invoiced, held, opened and closed".to_owned())
        }
    }
}

/// A number as its column holds it. What is none is entered all the same: there are such records.
fn scaled(entity: &Entity, name: &str, value: &str) -> Option<String> {
    let column = entity.columns().iter().find(|column| column.name == name)?;
    match column.kind {
        Kind::Decimal(precision, scale) if !value.is_empty() => decimal(value, precision, scale),
        _ => None,
    }
}

fn check(entity: &Entity, name: &str, value: &str) -> Result<(), String> {
    if AUDIT.iter().any(|column| column.name == name) {
        return Ok(());
    }
    let column = entity
        .columns()
        .iter()
        .find(|column| column.name == name)
        .ok_or_else(|| format!("{} has no column {name:?}", entity.name))?;
    match column.kind {
        Kind::Text(length) if value.chars().count() > length as usize => Err(format!(
            "{name} holds {length} characters, {value:?} is longer"
        )),
        _ => Ok(()),
    }
}

/// There is no such record.
pub fn missing(edit: &Edit) -> String {
    format!(
        "{} has no record {:?} in {}",
        edit.company, edit.key, edit.entity
    )
}

fn set(
    company: &mut Company,
    entity: &'static Entity,
    edit: &Edit,
    stamp: Stamp,
) -> Result<Value, String> {
    let table = company.table_mut(entity);
    let mut row = table.remove(&edit.key).ok_or_else(|| missing(edit))?;
    row.fields.extend(edit.fields.clone());
    if edit.stamp {
        row.touch(stamp, "0000000007");
    }
    let now = shown(&row);
    table.put(row);
    Ok(now)
}

fn create(
    company: &mut Company,
    entity: &'static Entity,
    edit: &Edit,
    stamp: Stamp,
) -> Result<Value, String> {
    let keys = entity
        .key_fields(&edit.key)
        .ok_or_else(|| format!("{:?} is no key of {}", edit.key, edit.entity))?;
    let table = company.table_mut(entity);
    if table.get(&edit.key).is_some() {
        return Err(format!("{:?} exists already", edit.key));
    }
    let mut row = Row::new(
        entity.columns(),
        edit.key.clone(),
        stamp.clone(),
        &stamp,
        &[],
    );
    row.fields.extend(filled(&[], entity.initial));
    row.fields.extend(edit.fields.clone());
    row.fields.extend(
        keys.into_iter()
            .map(|(name, value)| (name.to_owned(), value)),
    );
    let now = shown(&row);
    table.put(row);
    Ok(now)
}

/// Deleting a record deletes what belongs to it, as Sage does.
fn delete(company: &mut Company, entity: &'static Entity, edit: &Edit) -> Result<Value, String> {
    company
        .table_mut(entity)
        .remove(&edit.key)
        .ok_or_else(|| missing(edit))?;
    company.remove_below(entity, &edit.key);
    Ok(json!({"key": edit.key, "deleted": true}))
}

/// Sage has no immutable key: a renumbered record is gone under its old number, and what
/// belongs to it moves along. Whether the stamp moves too is the edit's choice.
fn renumber(
    company: &mut Company,
    entity: &'static Entity,
    edit: &Edit,
    stamp: &Stamp,
) -> Result<Value, String> {
    let to = edit
        .to
        .as_ref()
        .ok_or("a renumbering needs `to`, the new key")?;
    if company
        .table(entity)
        .is_some_and(|table| table.get(to).is_some())
    {
        return Err(format!("{to:?} exists already"));
    }
    let now = moved(company, entity, edit, &edit.key, to, stamp)?;
    for child in entity.children() {
        let (before, after) = (child.prefix_below(&edit.key), child.prefix_below(to));
        for key in company.keys_below(child, &before) {
            let code = key.strip_prefix(&before).unwrap_or_default();
            moved(company, child, edit, &key, &format!("{after}{code}"), stamp)?;
        }
    }
    Ok(now)
}

fn moved(
    company: &mut Company,
    entity: &'static Entity,
    edit: &Edit,
    from: &str,
    to: &str,
    stamp: &Stamp,
) -> Result<Value, String> {
    let keys = entity
        .key_fields(to)
        .ok_or_else(|| format!("{to:?} is no key of {}", entity.name))?;
    let table = company.table_mut(entity);
    let mut row = table.remove(from).ok_or_else(|| missing(edit))?;
    row.key = to.to_owned();
    row.fields.extend(
        keys.into_iter()
            .map(|(name, value)| (name.to_owned(), value)),
    );
    if edit.stamp {
        row.touch(stamp.clone(), "0000000007");
    }
    let now = shown(&row);
    table.put(row);
    Ok(now)
}
