//! What people changed in Sage since our last write, told apart from what we wrote ourselves.

use std::collections::BTreeSet;

use counterpart_domain::sale::{SaleOrder, SalesOrder};
use counterpart_domain::{Class, Fault};

use super::arrived;
use super::lines::{has_place, matched, said, strangers, wanted};
use crate::written::{DISCOUNT, Meant, State, StateLine, Written, columns, is_component, is_same};

/// The code of an order that is not as it was left.
pub(super) const CHANGED_IN_SAGE: &str = "E_ORDER_CHANGED_IN_SAGE";

/// What a look at an order in Sage says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// The write that was under way has arrived.
    pub(super) landed: bool,
    /// What people changed, in words.
    pub(super) changed: Vec<String>,
}

/// Compares an order with what is known of it. What the sale itself wants by now is nobody's harm.
pub(super) fn look(written: &Written, there: &SalesOrder, order: &SaleOrder) -> Look {
    let mut look = Look::default();
    let under_way = written.under_way.as_ref().map(|one| &one.meant);
    let known = baseline(written, there).filter(|_| !written.doubtful);
    let Some((base, of_state)) = known else {
        look.changed = unknown_lines(there, order);
        return look;
    };
    // Read for the first time since it was written.
    look.landed = under_way.is_some() && !of_state;
    let sale = Meant {
        header: columns(&order.header),
        lines: wanted(order),
    };
    for (name, before) in &base.header {
        let Some(now) = there.columns.get(name) else {
            continue;
        };
        let now = crate::written::kept(now);
        if is_same(before, &now) {
            continue;
        }
        if name == DISCOUNT && is_sages(written, &sale) {
            continue;
        }
        let by = |meant: &Meant| {
            meant
                .header
                .get(name)
                .is_some_and(|text| is_same(text, &now))
        };
        if under_way.is_some_and(by) {
            look.landed = true;
        } else if !by(&sale) {
            look.changed
                .push(format!("{name} is {now:?}, and was {before:?}"));
        }
    }
    lines(written, &base, there, &sale, &mut look);
    if of_state && let Some(meant) = under_way {
        look.landed &= arrived::is_whole(meant, written.meant.as_ref(), &base, there);
    }
    look
}

/// Whether the order's discount is nobody's word: Sage computes it of a rate of the customer's, anew with each change of a line.
fn is_sages(written: &Written, sale: &Meant) -> bool {
    let under_way = written.under_way.as_ref().map(|one| &one.meant);
    let known = written.meant.iter().chain(under_way).chain([sale]);
    let mut said = known.filter_map(|meant| meant.header.get(DISCOUNT));
    said.all(String::is_empty)
}

/// What Sage held after our last write, and whether that was read. Where it was not, what was meant has to do.
fn baseline(written: &Written, there: &SalesOrder) -> Option<(State, bool)> {
    if let Some(state) = &written.state {
        return Some((state.clone(), true));
    }
    let under_way = written.under_way.as_ref().map(|one| &one.meant);
    let meant = under_way.or(written.meant.as_ref())?;
    let strangers = strangers(Some(meant), there.lines.iter().map(|line| line.key.trim()));
    let places = matched(&meant.lines, None, &there.lines, &strangers);
    let lines = meant
        .lines
        .iter()
        .zip(places)
        .map(|(line, place)| StateLine {
            key: place
                .and_then(|place| there.lines.get(place))
                .map_or_else(String::new, |held| held.key.trim().to_owned()),
            item: line.item.clone(),
            columns: line
                .columns
                .iter()
                .filter(|(name, text)| *name != "ItemCode" && !text.is_empty())
                .map(|(name, text)| (name.clone(), text.clone()))
                .collect(),
        });
    let header = meant
        .header
        .iter()
        .filter(|(name, text)| *name != "OrderStatus" && !text.is_empty());
    let header = header.map(|(name, text)| (name.clone(), text.clone()));
    let state = State {
        header: header.collect(),
        lines: lines.collect(),
        net: there.net(),
    };
    Some((state, false))
}

fn lines(written: &Written, base: &State, there: &SalesOrder, sale: &Meant, look: &mut Look) {
    let under_way = written.under_way.as_ref().map(|one| &one.meant);
    let known = written.meant.as_ref();
    // Lines that were there before and are not ours: nothing of us explains them.
    let others = strangers(known, base.lines.iter().map(|line| line.key.as_str()));
    let place = |meant: Option<&Meant>| {
        let lines = meant
            .map(|meant| meant.lines.as_slice())
            .unwrap_or_default();
        matched(lines, known, &there.lines, &others)
    };
    let (under_places, sale_places) = (place(under_way), place(Some(sale)));
    let of = |meant: Option<&Meant>, places: &[Option<usize>], at: usize| {
        let index = places.iter().position(|place| *place == Some(at))?;
        meant?.lines.get(index).cloned()
    };
    let names = sale.line_columns();
    for (at, held) in there.lines.iter().enumerate() {
        if is_component(held) {
            continue;
        }
        let now = StateLine::of(held, &names);
        let ours = of(under_way, &under_places, at);
        let Some(before) = base.lines.iter().find(|line| line.key == now.key) else {
            let alike = ours.is_some_and(|line| {
                let quantity = line.columns.get("QuantityOrdered");
                quantity.is_some_and(|text| is_same(text, &held.quantity.to_string()))
            });
            if alike {
                look.landed = true;
            } else {
                look.changed
                    .push(format!("line {} was added", said(&now.item, &now.columns)));
            }
            continue;
        };
        let wants = of(Some(sale), &sale_places, at);
        let mut by_us = false;
        let mut odd = Vec::new();
        for (name, was) in &before.columns {
            let Some(is) = now.columns.get(name).filter(|is| !is_same(is, was)) else {
                continue;
            };
            let by = |line: &crate::written::MeantLine| {
                line.columns.get(name).is_some_and(|text| is_same(text, is))
            };
            if ours.as_ref().is_some_and(by) {
                by_us = true;
            } else if !wants.as_ref().is_some_and(by) {
                odd.push((name, is, was));
            }
        }
        look.landed |= by_us;
        for (name, is, was) in odd {
            // Sage prices anew what it prices itself.
            let named = ours
                .as_ref()
                .is_some_and(|line| line.columns.contains_key(name));
            if by_us && !named {
                continue;
            }
            let (key, item) = (&now.key, &now.item);
            look.changed.push(format!(
                "{name} of line {key} ({item}) is {is:?}, and was {was:?}"
            ));
        }
    }
    for before in &base.lines {
        if there.lines.iter().any(|held| held.key.trim() == before.key) {
            continue;
        }
        let gone = |meant: Option<&Meant>, known: Option<&Meant>| {
            meant.is_some_and(|meant| !has_place(meant, known, before))
        };
        if gone(under_way, known) {
            look.landed = true;
        } else if !gone(Some(sale), known) {
            look.changed.push(format!(
                "line {} was taken out",
                said(&before.item, &before.columns)
            ));
        }
    }
}

/// Of an order of which nothing is known, lines that are none of the sale's, also where another line has their item: they may
/// be a clerk's, or were taken out of the sale.
fn unknown_lines(there: &SalesOrder, order: &SaleOrder) -> Vec<String> {
    let places = matched(&wanted(order), None, &there.lines, &BTreeSet::new());
    let strange = there
        .lines
        .iter()
        .enumerate()
        .filter(|(at, held)| !is_component(held) && !places.contains(&Some(*at)));
    let words = |(_, held)| {
        let state = StateLine::of(held, &BTreeSet::new());
        let line = said(&state.item, &state.columns);
        format!("line {line} is not in the sale")
    };
    strange.map(words).collect()
}

/// The change of the sale waits for a person: both sides.
pub(super) fn changed_in_sage(
    number: &str,
    look: &Look,
    order: &SaleOrder,
    there: &SalesOrder,
) -> Fault {
    let changed = counterpart_domain::bounded(look.changed.join("; "), 400);
    Fault::new(
        Class::Data,
        CHANGED_IN_SAGE,
        format!(
            "Order {number} was changed in Sage 100 by people since it was last written: {changed}. The change of the sale was not taken over. Redrive it to have the sale's own lines and fields in Sage (lines that were added there stay), or make the change in Sage by hand."
        ),
    )
    .with_detail(both_sides(order, there))
}

/// An order was found by its mark, what was written of it is not known, and it is not what the sale says: whether people
/// changed it in Sage, or the sale did in the CRM, nobody can tell.
pub(super) fn not_known(number: &str, order: &SaleOrder, there: &SalesOrder) -> Fault {
    let names = BTreeSet::new();
    let lines = there.lines.iter().filter(|held| !is_component(held));
    let lines = lines.map(|held| StateLine::of(held, &names));
    let lines: Vec<String> = lines.map(|line| said(&line.item, &line.columns)).collect();
    let lines = counterpart_domain::bounded(lines.join(", "), 300);
    Fault::new(
        Class::Data,
        CHANGED_IN_SAGE,
        format!(
            "Order {number} is in Sage 100 and is not what the sale says now, and what was last written of it is not known any more (a table was restored): people may have changed it in Sage. It has {lines}. Nothing was changed. Redrive it to have the sale's own lines and fields in Sage, or make the change in Sage by hand."
        ),
    )
    .with_detail(both_sides(order, there))
}

fn both_sides(order: &SaleOrder, there: &SalesOrder) -> String {
    let names = BTreeSet::new();
    let of_sage: Vec<String> = there
        .lines
        .iter()
        .map(|held| StateLine::of(held, &names))
        .map(|line| said(&line.item, &line.columns))
        .collect();
    let of_sale: Vec<String> = wanted(order)
        .iter()
        .map(|line| said(&line.item, &line.columns))
        .collect();
    let header: Vec<String> = order
        .header
        .iter()
        .map(|(name, value)| format!("{name} {:?}", value.in_sage()))
        .collect();
    format!(
        "Sage 100: {}; the sale: {}; {}",
        of_sage.join(", "),
        of_sale.join(", "),
        header.join(", ")
    )
}
