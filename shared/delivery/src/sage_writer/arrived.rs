//! Whether a write without an answer arrived as a whole: Sage takes an update whole or not at all, while a person, or an earlier
//! write that nobody knows of any more, may have done a part of the same.

use std::collections::BTreeSet;

use counterpart_domain::sale::{ORDER_HEADER, ORDER_LINE, SalesOrder};
use counterpart_domain::{OnBlank, TableSpec};

use super::lines::{has_place, matched, strangers};
use crate::written::{Columns, Meant, State, StateLine, is_same, kept};

/// Whether nothing that a write was to change is still as it was before it. `known`: what was meant before; `base`: what Sage
/// held then.
pub(super) fn is_whole(
    meant: &Meant,
    known: Option<&Meant>,
    base: &State,
    there: &SalesOrder,
) -> bool {
    let Some(known) = known else {
        return true;
    };
    let now: Columns = there
        .columns
        .iter()
        .map(|(name, text)| (name.clone(), kept(text)))
        .collect();
    let header = Side {
        table: &ORDER_HEADER,
        known: &known.header,
        base: &base.header,
        now: &now,
    };
    if header.lacks(&meant.header) {
        return false;
    }
    let others = strangers(Some(known), base.lines.iter().map(|line| line.key.as_str()));
    let places = matched(&meant.lines, Some(known), &there.lines, &others);
    let names: BTreeSet<&str> = meant.line_columns();
    for (line, place) in meant.lines.iter().zip(places) {
        let Some(held) = place.and_then(|place| there.lines.get(place)) else {
            continue;
        };
        let now = StateLine::of(held, &names);
        let before = base.lines.iter().find(|line| line.key == now.key);
        let mut lines = known.lines.iter();
        let known = lines.find(|line| line.key.as_deref() == Some(now.key.as_str()));
        let (Some(before), Some(known)) = (before, known) else {
            continue;
        };
        let side = Side {
            table: &ORDER_LINE,
            known: &known.columns,
            base: &before.columns,
            now: &now.columns,
        };
        if side.lacks(&line.columns) {
            return false;
        }
    }
    // What was to be taken out.
    let ours = |key: &str| {
        let mut lines = known.lines.iter();
        lines.any(|line| line.key.as_deref() == Some(key))
    };
    let stands = |key: &str| there.lines.iter().any(|held| held.key.trim() == key);
    let mut lines = base.lines.iter();
    !lines.any(|line| ours(&line.key) && stands(&line.key) && !has_place(meant, Some(known), line))
}

/// Columns of a header or a line: as they were meant before, as Sage held them then, and as it holds them now.
struct Side<'a> {
    table: &'static TableSpec,
    known: &'a Columns,
    base: &'a Columns,
    now: &'a Columns,
}

impl Side<'_> {
    /// Whether a column was to become something else, and is still what it was.
    fn lacks(&self, meant: &Columns) -> bool {
        meant.iter().any(|(name, text)| {
            let known = self.known.get(name).map_or("", String::as_str);
            let to_change = !is_same(known, text);
            // A blank that Sage does not take is not sent.
            let sent = !text.is_empty() || self.table.on_blank(name) != OnBlank::Stays;
            let before = self.base.get(name).map_or("", String::as_str);
            let now = self.now.get(name);
            let untouched = now.is_some_and(|now| is_same(now, before) && !is_same(now, text));
            to_change && sent && untouched
        })
    }
}
