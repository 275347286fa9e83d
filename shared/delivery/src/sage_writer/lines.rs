//! Which line of Sage's order is which line of the sale: by the keys that were kept, then by content, then by order.

use std::collections::BTreeSet;

use counterpart_domain::sale::{SaleOrder, SalesOrderLine, is_same_code};
use rust_decimal::Decimal;

use crate::written::{Columns, Meant, MeantLine, StateLine, is_component, is_same};

/// The lines of a sale as they are meant, however many.
pub(super) fn wanted(order: &SaleOrder) -> Vec<MeantLine> {
    order.lines.iter().map(MeantLine::of).collect()
}

/// The keys of the lines that are ours.
pub(super) fn ours(known: Option<&Meant>) -> BTreeSet<&str> {
    let lines = known.iter().flat_map(|known| &known.lines);
    lines.filter_map(|line| line.key.as_deref()).collect()
}

/// The lines of an order that somebody else entered: those that are not ours, once it is known of all lines which are.
pub(super) fn strangers<'a>(
    known: Option<&Meant>,
    keys: impl IntoIterator<Item = &'a str>,
) -> BTreeSet<&'a str> {
    let all = known.is_some_and(|known| known.lines.iter().all(|line| line.key.is_some()));
    let ours = ours(known);
    let keys = keys.into_iter().filter(|key| all && !ours.contains(key));
    keys.collect()
}

/// For each line that is wanted, the place of the order's line that it is; none: there is none yet. Lines of `strangers` and
/// components of kits are nobody's.
pub(super) fn matched(
    wanted: &[MeantLine],
    known: Option<&Meant>,
    there: &[SalesOrderLine],
    strangers: &BTreeSet<&str>,
) -> Vec<Option<usize>> {
    let mut free: BTreeSet<usize> = there
        .iter()
        .enumerate()
        .filter(|(_, line)| !is_component(line) && !strangers.contains(line.key.trim()))
        .map(|(at, _)| at)
        .collect();
    let place = |key: &str| there.iter().position(|held| held.key.trim() == key);
    let mut found: Vec<Option<usize>> = wanted
        .iter()
        .map(|line| key_of(line, known).and_then(place))
        .collect();
    for (line, at) in wanted.iter().zip(&mut found) {
        let fits = |at: &usize| there.get(*at).is_some_and(|held| same_item(line, held));
        *at = at.filter(fits).filter(|at| free.remove(at));
    }
    // Keys that are kept for lines of the sale that are still there are not given to others by content.
    for exact in [true, false] {
        for (line, found) in wanted
            .iter()
            .zip(&mut found)
            .filter(|(_, found)| found.is_none())
        {
            let mut fitting = free.iter().copied().filter(|at| {
                let held = there.get(*at);
                held.is_some_and(|held| same_item(line, held) && (!exact || is_alike(line, held)))
            });
            *found = fitting.next();
            if let Some(at) = *found {
                free.remove(&at);
            }
        }
    }
    found
}

/// Whether a content still has a line that Sage had.
pub(super) fn has_place(meant: &Meant, known: Option<&Meant>, before: &StateLine) -> bool {
    let known = known.iter().flat_map(|known| &known.lines);
    let id = known
        .filter(|line| line.key.as_deref() == Some(before.key.as_str()))
        .find_map(|line| line.id.as_ref());
    meant.lines.iter().any(|line| match (&line.id, id) {
        (Some(one), Some(other)) => one == other && is_same_code(&line.item, &before.item),
        _ => is_same_code(&line.item, &before.item),
    })
}

/// The key that is kept of a line of the sale.
fn key_of<'k>(line: &'k MeantLine, known: Option<&'k Meant>) -> Option<&'k str> {
    if let Some(key) = &line.key {
        return Some(key);
    }
    let id = line.id.as_ref()?;
    let known = known?
        .lines
        .iter()
        .find(|one| one.id.as_ref() == Some(id))?;
    known.key.as_deref()
}

pub(super) fn same_item(line: &MeantLine, held: &SalesOrderLine) -> bool {
    is_same_code(&held.item, &line.item)
}

/// Whether quantity, price and discount are what is meant, as far as the line names them.
pub(super) fn is_alike(line: &MeantLine, held: &SalesOrderLine) -> bool {
    ["QuantityOrdered", "UnitPrice", "LineDiscountPercent"]
        .iter()
        .all(|name| match (line.columns.get(*name), column(held, name)) {
            (Some(wanted), Some(there)) => is_same(wanted, &there),
            _ => true,
        })
}

/// A column of Sage's line; none: the agent does not tell it.
pub(super) fn column(held: &SalesOrderLine, name: &str) -> Option<String> {
    let number = |number: Decimal| Some(number.normalize().to_string());
    match name {
        "ItemCode" => Some(held.item.trim().to_owned()),
        "QuantityOrdered" => number(held.quantity),
        "UnitPrice" => number(held.unit_price),
        _ => held.columns.get(name).cloned(),
    }
}

/// `2 x 1001-HON-H252 at 84.00 less 10 %`.
pub(super) fn said(item: &str, columns: &Columns) -> String {
    let number = |name: &str| {
        let text = columns.get(name)?.trim();
        let number = Decimal::from_str_exact(text).ok()?;
        (!number.is_zero()).then(|| number.normalize())
    };
    let quantity = number("QuantityOrdered").unwrap_or_default();
    let mut text = format!("{quantity} x {item}");
    if let Some(price) = number("UnitPrice") {
        text.push_str(&format!(" at {price}"));
    }
    if let Some(percent) = number("LineDiscountPercent") {
        text.push_str(&format!(" less {percent} %"));
    }
    text
}
