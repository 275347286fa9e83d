//! Records one by one: a bad one is reported, its neighbours go on. Faults of the whole page are another matter: a page
//! in the wrong order, or of another company, would move the cursor or mix up customers, so it is refused.

use std::collections::BTreeSet;

use counterpart_delivery::ports::ChangedRecord;
use counterpart_domain::{Class, Company, Entity, Fault, Record, SageKey, Stamp, bounded};
use serde_json::value::RawValue;

use crate::http::{contract_fault, place};
use crate::wire::{WireKey, WireRecord};

/// What could be read of a list of records.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    pub records: Vec<ChangedRecord>,
    pub unreadable: Vec<Fault>,
}

/// Reads a list of records.
///
/// `floor` is the stamp for a record whose own cannot be read: it must not move the cursor.
pub(crate) fn records(
    company: &Company,
    entity: Entity,
    raw: &[&RawValue],
    floor: Stamp,
) -> Result<Decoded, Fault> {
    let mut decoded = Decoded::default();
    let mut seen = BTreeSet::new();
    for raw in raw {
        let key = match serde_json::from_str::<WireKey>(raw.get()) {
            Ok(wire) => read_key(company, entity, &wire.key)?,
            Err(error) => Err(unreadable(company, entity, &place(&error))),
        };
        let key = match key {
            Ok(key) => key,
            Err(fault) => {
                decoded.unreadable.push(fault);
                continue;
            }
        };
        if !seen.insert(key.local.clone()) {
            return Err(contract_fault(format!("{key} is there twice")));
        }
        decoded.records.push(record(key, raw, floor));
    }
    Ok(decoded)
}

/// A key; the outer fault is one of the page, the inner one of the record.
pub(crate) fn read_key(
    company: &Company,
    entity: Entity,
    text: &str,
) -> Result<Result<SageKey, Fault>, Fault> {
    if let Some((prefix, _)) = text.split_once(':')
        && Company::new(prefix).is_ok()
    {
        return Err(contract_fault(format!(
            "{} carries a company; keys of {company} were asked for, without it",
            bounded(text.to_owned(), 80)
        )));
    }
    Ok(SageKey::new(company, entity, text).map_err(|error| unreadable(company, entity, &error)))
}

fn record(key: SageKey, raw: &RawValue, floor: Stamp) -> ChangedRecord {
    let wire: WireRecord = match serde_json::from_str(raw.get()) {
        Ok(wire) => wire,
        Err(error) => {
            let record = Err(invalid(&key, &place(&error)));
            return ChangedRecord {
                key,
                stamp: floor,
                record,
            };
        }
    };
    match Stamp::parse(&wire.date_updated, &wire.time_updated) {
        Ok(stamp) => ChangedRecord {
            record: Record::from_columns(&key, &wire.fields),
            key,
            stamp,
        },
        Err(error) => ChangedRecord {
            record: Err(invalid(&key, &error)),
            key,
            stamp: floor,
        },
    }
}

/// Refuses a page whose stamps run backwards: the agent compared hours as text, or does not sort at all.
pub(crate) fn check_order(records: &[ChangedRecord]) -> Result<(), Fault> {
    // A record without a readable stamp stands at the floor and says nothing about the order.
    let mut last: Option<&ChangedRecord> = None;
    for record in records.iter().filter(|record| record.record.is_ok()) {
        if let Some(last) = last
            && record.stamp < last.stamp
        {
            return Err(contract_fault(format!(
                "{} of {} comes after {} of {}",
                record.key, record.stamp, last.key, last.stamp
            )));
        }
        last = Some(record);
    }
    Ok(())
}

/// Refuses a position that leads nowhere.
pub(crate) fn check_next(
    after: Option<&str>,
    next: Option<&str>,
    empty: bool,
) -> Result<(), Fault> {
    match next {
        Some(next) if after == Some(next) => Err(contract_fault(
            "the next position is the one just asked for",
        )),
        Some(_) if empty => Err(contract_fault("an empty page names a next position")),
        Some(next) if next.is_empty() || next.len() > 1024 => Err(contract_fault(
            "the next position is empty or longer than 1,024 bytes",
        )),
        _ => Ok(()),
    }
}

fn invalid(key: &SageKey, why: &dyn std::fmt::Display) -> Fault {
    Fault::new(
        Class::Data,
        "E_SAGE_RECORD_INVALID",
        format!("Sage 100 sent a {} that cannot be read: {key}.", key.entity),
    )
    .with_detail(why)
}

fn unreadable(company: &Company, entity: Entity, why: &dyn std::fmt::Display) -> Fault {
    Fault::new(
        Class::Data,
        "E_SAGE_KEY_INVALID",
        format!("Sage 100 sent a {entity} of {company} whose key cannot be read."),
    )
    .with_detail(why)
}
