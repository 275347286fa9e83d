//! Our own writes come back as events. The user alone does not tell them: a Flow that fires on our write changes other
//! fields in the same transaction and under our name. So an event is ours only if every field that it names as changed
//! holds what the link's shadow says that we wrote; anything else goes on, and does no harm.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_config::salesforce_id;
use counterpart_domain::Value;
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use super::envelope::{Envelope, Header, Members, day, text};
use crate::{Link, Stage};

/// What Salesforce changes by itself with every write.
const STAMPS: [&str; 5] = [
    "LastModifiedDate",
    "LastModifiedById",
    "SystemModstamp",
    "LastViewedDate",
    "LastReferencedDate",
];

/// The changed fields by the names that a record has them under, each with its value. None: the event does not tell all of
/// them, so that it cannot be called ours.
pub(super) fn changed<'a>(
    envelope: &Envelope<'a>,
    header: &Header<'_>,
) -> Option<BTreeMap<String, &'a RawValue>> {
    let fields = flat(envelope);
    let names = header.changed_fields.as_deref().unwrap_or_default();
    let mut changed: BTreeSet<String> = BTreeSet::new();
    match header.change_type.as_str() {
        "CREATE" => changed.extend(fields.values().flatten().map(|(name, _)| name.clone())),
        "UPDATE" if !names.is_empty() => {
            for name in names {
                if is_bitmap(name) {
                    return None;
                }
                match (name.split_once('.'), fields.get(name.as_str())) {
                    (Some((compound, part)), _) => {
                        changed.insert(part_name(compound, part));
                    }
                    // A compound named as a whole: each of its parts that is there.
                    (None, Some(parts)) => {
                        changed.extend(parts.iter().map(|(name, _)| name.clone()))
                    }
                    (None, None) => return None,
                }
            }
        }
        _ => return None,
    }
    let values: BTreeMap<String, &RawValue> = fields.into_values().flatten().collect();
    changed
        .into_iter()
        .filter(|name| !STAMPS.contains(&name.as_str()))
        .map(|name| {
            let value = values.get(&name).copied()?;
            Some((name, value))
        })
        .collect()
}

/// Whether all of it is what we wrote.
pub(super) fn is_written(
    link: &Link,
    key_field: Option<&str>,
    changed: &BTreeMap<String, &RawValue>,
) -> bool {
    let settled = link.stage == Stage::Linked && !link.dirty && link.parked.is_none();
    settled
        && changed.iter().all(|(name, raw)| {
            if key_field == Some(name.as_str()) {
                return text(raw).is_some_and(|key| key == link.key.text());
            }
            link.shadow
                .get(name)
                .is_some_and(|base| is_same(base.crm.value(), raw))
        })
}

/// `0x400800`, `4-0x01`: changed fields as bits of a schema that we do not have.
fn is_bitmap(name: &str) -> bool {
    let digits = match name.split_once('-') {
        Some((field, digits)) if field.bytes().all(|b| b.is_ascii_digit()) => digits,
        Some(_) => return false,
        None => name,
    };
    digits
        .strip_prefix("0x")
        .is_some_and(|hex| !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The event's fields: by the name there, the record's own fields that it stands for.
fn flat<'a>(envelope: &Envelope<'a>) -> BTreeMap<String, Vec<(String, &'a RawValue)>> {
    let own = envelope.fields().map(|(name, raw)| {
        let parts = serde_json::from_str::<Members<'a>>(raw.get()).ok();
        let fields = match parts {
            Some(parts) => parts
                .into_iter()
                .map(|(part, raw)| (part_name(name, &part), raw))
                .collect(),
            None => vec![(name.to_owned(), raw)],
        };
        (name.to_owned(), fields)
    });
    own.collect()
}

/// `BillingAddress` and `City` are `BillingCity`; `Name` and `LastName` are `LastName`.
fn part_name(compound: &str, part: &str) -> String {
    match compound.strip_suffix("Address") {
        Some(which) => format!("{which}{part}"),
        None if compound == "Name" => part.to_owned(),
        // No field of any record: never ours.
        None => format!("{compound}.{part}"),
    }
}

fn is_same(written: &Value, raw: &RawValue) -> bool {
    match written {
        Value::Blank => raw.get() == "null" || text(raw).is_some_and(|text| text.is_empty()),
        Value::Text(written) => text(raw).is_some_and(|text| lines(&text) == lines(written)),
        Value::Number(written) => number(raw.get()) == Some(*written),
        Value::Flag(written) => raw.get() == if *written { "true" } else { "false" },
        Value::Date(written) => day(raw) == Some(*written),
        Value::Reference(written) => {
            let id = text(raw).and_then(|id| salesforce_id(&id));
            id.is_some() && id == salesforce_id(written)
        }
    }
}

fn number(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text)
        .or_else(|_| Decimal::from_scientific(text))
        .ok()
}

fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}
