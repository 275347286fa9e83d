//! What is named of an order that is changed: the columns that are ours, and of the lines those that differ.

use std::collections::BTreeMap;

use counterpart_domain::sale::{
    Item, LineChange, ORDER_HEADER, ORDER_LINE, OrderChange, SaleLine, SaleOrder, SalesOrder,
    SalesOrderLine, is_address,
};
use counterpart_domain::{ColumnKind, Fields, OnBlank, TableSpec, Value};
use rust_decimal::Decimal;

use super::lines::{column, matched, ours, strangers, wanted};
use crate::written::{Columns, Meant, Written, is_held, is_same, kept};

/// The change that makes an order what the sale says. `items`: those of its lines. Lines that somebody else entered stay.
pub(super) fn change(
    order: &SaleOrder,
    written: &Written,
    there: &SalesOrder,
    items: &BTreeMap<String, Item>,
) -> OrderChange {
    let known = written.meant.as_ref();
    let strangers = strangers(known, there.lines.iter().map(|line| line.key.trim()));
    let places = matched(&wanted(order), known, &there.lines, &strangers);
    let mut lines = Vec::with_capacity(there.lines.len());
    let mut removed = Vec::new();
    let ours = ours(known);
    for (at, held) in there.lines.iter().enumerate() {
        if crate::written::is_component(held) {
            continue;
        }
        let key = held.key.trim().to_owned();
        let taken = places.iter().position(|place| *place == Some(at));
        let columns = match taken.and_then(|taken| order.lines.get(taken)) {
            None if ours.contains(key.as_str()) => {
                removed.push((key, held.item.trim().to_owned()));
                continue;
            }
            None => Fields::new(),
            Some(line) => line_columns(line, held, written, items),
        };
        lines.push(LineChange {
            key: Some(key),
            item: held.item.trim().to_owned(),
            columns,
            seen: Some((held.quantity, held.unit_price)),
        });
    }
    for (line, _) in order
        .as_created()
        .lines
        .iter()
        .zip(&places)
        .filter(|(_, place)| place.is_none())
    {
        lines.push(LineChange {
            key: None,
            item: line.item.clone(),
            columns: line.named(),
            seen: None,
        });
    }
    OrderChange {
        company: order.company.clone(),
        reference: order.reference.clone(),
        header: header(order, known),
        lines,
        removed,
    }
}

/// Whether a change does anything, as far as Sage tells what it holds. `written`: what was last written.
pub(super) fn is_needed(change: &OrderChange, written: &Written, there: &SalesOrder) -> bool {
    let before = written.meant.as_ref().map(|meant| &meant.header);
    let differs = |(name, value): (&String, &Value)| {
        let stood = before.and_then(|before| before.get(name));
        let (wanted, held) = (kept(&value.in_sage()), there.columns.get(name));
        held.is_none_or(|held| !is_held(&wanted, &kept(held), stood.map(String::as_str)))
    };
    change.changes_lines() || change.header.iter().any(differs)
}

/// The header's columns that are named.
fn header(order: &SaleOrder, known: Option<&Meant>) -> Fields {
    let before = known.map(|known| &known.header);
    let mut named = Fields::new();
    for (name, value) in &order.header {
        let stood = before.and_then(|before| before.get(name));
        // Who took the order further in Sage is not overruled by what it was created with.
        if name == "OrderStatus" && stood.is_some_and(|stood| is_same(stood, &value.in_sage())) {
            continue;
        }
        let of_address = ["ShipTo", "BillTo"].iter().any(|kind| {
            let mut parts = order
                .header
                .iter()
                .filter(|(part, _)| is_address(part, kind));
            is_address(name, kind) && parts.any(|(_, value)| !value.is_blank())
        });
        let stood = of_address || stood.is_some_and(|stood| !stood.is_empty());
        if let Some(value) = on_update(&ORDER_HEADER, name, value, stood) {
            named.insert(name.clone(), value);
        }
    }
    named
}

/// A column's value in an update; none: it is not named. `stood`: something of the CRM stood there before.
fn on_update(table: &'static TableSpec, name: &str, value: &Value, stood: bool) -> Option<Value> {
    if !value.is_blank() {
        return Some(value.clone());
    }
    let blanked = match table.on_blank(name) {
        OnBlank::Blanked => true,
        OnBlank::IfWritten => stood,
        OnBlank::Stays => false,
    };
    let number = table
        .column(name)
        .is_some_and(|spec| spec.kind == ColumnKind::Number);
    let nothing = if number {
        Value::Number(Decimal::ZERO)
    } else {
        Value::Blank
    };
    blanked.then_some(nothing)
}

/// The columns of a line that is there: all that are ours where any differs, none where it is as it should be.
fn line_columns(
    line: &SaleLine,
    held: &SalesOrderLine,
    written: &Written,
    items: &BTreeMap<String, Item>,
) -> Fields {
    let key = held.key.trim();
    let known = written.meant.iter().flat_map(|meant| &meant.lines);
    let known = known
        .filter(|line| line.key.as_deref() == Some(key))
        .map(|line| &line.columns);
    let before: Option<&Columns> = known.into_iter().next();
    let state = written.state.iter().flat_map(|state| &state.lines);
    let state = state
        .filter(|line| line.key == key)
        .map(|line| &line.columns)
        .next();
    let item = items.get(&line.item);
    let mut named = Fields::new();
    let mut differs = false;
    for (name, value) in line.named() {
        let stood = before.and_then(|before| before.get(&name));
        let stood_filled = stood.is_some_and(|stood| !stood.is_empty());
        let value = match (name.as_str(), item) {
            ("ItemCode", _) => continue,
            // Sage takes no blank there: the item's own is meant.
            ("UnitOfMeasure", Some(item)) if value.is_blank() && stood_filled => {
                Value::text(item.sales_unit.trim())
            }
            ("WarehouseCode", Some(item)) if value.is_blank() && stood_filled => {
                Value::text(item.warehouse.trim())
            }
            ("UnitOfMeasure" | "WarehouseCode", _) if value.is_blank() => continue,
            _ => match on_update(&ORDER_LINE, &name, &value, stood_filled) {
                Some(value) => value,
                None => continue,
            },
        };
        if matches!(name.as_str(), "UnitOfMeasure" | "WarehouseCode") && value.is_blank() {
            continue;
        }
        let text = kept(&value.in_sage());
        let now = column(held, &name).map(|now| kept(&now));
        // As it was written, and nobody has touched it since: however Sage spells it.
        let untouched = stood.is_some_and(|stood| *stood == text)
            && now.as_ref() == state.and_then(|state| state.get(&name));
        let stood = stood.map(String::as_str);
        differs |= !untouched && !now.is_some_and(|now| is_held(&text, &now, stood));
        named.insert(name, value);
    }
    if differs { named } else { Fields::new() }
}
