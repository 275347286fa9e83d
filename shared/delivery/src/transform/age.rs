//! When a record first met its conditions, and what follows from that: a pure decision.

use std::collections::BTreeSet;

use counterpart_config::{CrmCondition, Since};
use counterpart_domain::{Fields, Value};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::ports::{Document, Past, Was};

/// A history that begins later than this after its record was created is not the whole of it.
const MAKING: SignedDuration = SignedDuration::from_mins(5);

/// Whether a record is older than the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// It first met its conditions at `since` or later.
    New,
    /// It first met them at this time, before `since`.
    Old(Timestamp),
    /// It has not been changed since this time, before `since`: it met them then.
    Untouched(Timestamp),
    /// It was entered after `since`, and says of itself that it was closed on this day, before.
    ClosedBefore(Date),
    /// It was there before `since`, and the CRM does not tell when it first met them.
    Untold,
}

/// When the conditions were first met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// Then.
    At(Timestamp),
    /// Never, as far as is known: the history does not lead up to the record as it was read.
    NotYet,
    /// Nobody knows: of one of the fields there is no history.
    Unknown,
}

/// What a record's own dates say without its history. None: the history has to be asked.
pub(super) fn by_dates(
    since: Since,
    created: Option<Timestamp>,
    modified: Option<Timestamp>,
    closed: Option<Date>,
) -> Option<Age> {
    if created.is_some_and(|created| created >= since.at()) {
        // Whoever brings old sales into the CRM creates them today.
        let before = closed.filter(|closed| *closed < since.first_day());
        return Some(before.map_or(Age::New, Age::ClosedBefore));
    }
    let modified = modified.filter(|modified| *modified < since.at());
    modified.map(Age::Untouched)
}

/// What the history of a record says that meets all the conditions as it was read.
pub(super) fn by_history(
    since: Since,
    when: &[CrmCondition],
    document: &Document,
    past: &Past,
) -> Age {
    match first_met(when, document, past) {
        Met::At(met) if met >= since.at() => Age::New,
        Met::At(met) => Age::Old(met),
        Met::NotYet | Met::Unknown => Age::Untold,
    }
}

/// When all conditions held for the first time, whatever came of the record afterwards.
pub(super) fn first_met(when: &[CrmCondition], document: &Document, past: &Past) -> Met {
    let Some(created) = document.created else {
        return Met::Unknown;
    };
    let begun = created.saturating_add(MAKING).unwrap_or(created);
    let mut moments = BTreeSet::new();
    for condition in when {
        let Some(values) = past.get(&condition.field).filter(|past| !past.is_empty()) else {
            return Met::Unknown;
        };
        // Whoever brings a record over from elsewhere sets back its date, not its history.
        if values.iter().all(|was| was.at > begun) {
            return Met::Unknown;
        }
        moments.extend(values.iter().map(|was| was.at));
        let last = values.iter().max_by_key(|was| was.at);
        let current = document
            .fields
            .get(&condition.field)
            .unwrap_or(&Value::Blank);
        if last.is_none_or(|last| last.value != *current) {
            return Met::NotYet;
        }
    }
    let held = |at: &Timestamp| {
        when.iter().all(|condition| {
            let values = past.get(&condition.field).map_or(&[][..], Vec::as_slice);
            values_at(values, *at).any(|value| {
                let fields = Fields::from([(condition.field.clone(), value.clone())]);
                condition.holds(&fields)
            })
        })
    };
    moments.into_iter().find(held).map_or(Met::NotYet, Met::At)
}

/// The values that a field had at a time: several, where it was changed more than once within the CRM's resolution. Before
/// all that is known, the first one.
fn values_at(values: &[Was], at: Timestamp) -> impl Iterator<Item = &Value> {
    let last = values.iter().map(|was| was.at).filter(|then| *then <= at);
    let last = last.max().or_else(|| values.iter().map(|was| was.at).min());
    let then = values.iter().filter(move |was| Some(was.at) == last);
    then.map(|was| &was.value)
}

#[cfg(test)]
#[path = "age_tests.rs"]
mod tests;
