//! Change events: the header and the changed values, as neutral facts; `shapes` writes them down.

use serde_json::{Map, Value, json};

use super::{
    bus::{self, Entry},
    transaction::Step,
};
use crate::salesforce::{
    describe::compound,
    org::Org,
    render,
    schema::{Field, Kind, Object},
    store::Record,
};

/// A change of one or more records.
#[derive(Debug, Clone)]
pub struct Change {
    /// The object.
    pub object: &'static Object,
    /// Ids of the records.
    pub ids: Vec<String>,
    /// `changeType`.
    pub kind: &'static str,
    /// `changeOrigin`.
    pub origin: String,
    /// `transactionKey`.
    pub transaction: String,
    /// Place within the transaction.
    pub sequence: u64,
    /// Milliseconds since 1970.
    pub committed_ms: i64,
    /// `commitNumber`, beyond what a double can hold.
    pub commit: u64,
    /// The user.
    pub user: String,
    /// All fields of the event's schema, in its order, with their values now.
    pub values: Vec<Part>,
}

/// One field, or one component of a compound field.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The field of the event: the compound one for components.
    pub field: &'static str,
    /// The component.
    pub component: Option<&'static str>,
    /// The type.
    pub kind: Kind,
    /// The value, as records show it.
    pub value: Value,
    /// Whether this change wrote it.
    pub changed: bool,
}

/// Where a field stands in an event; none if events do not have it.
fn place(object: &Object, field: &'static Field) -> Option<(&'static str, Option<&'static str>)> {
    let hidden = matches!(field.name, "Id" | "IsDeleted" | "SystemModstamp")
        || field.calculated
        || matches!(field.kind, Kind::Address(_))
        || (object.name == "Contact" && field.name == "Name")
        || (object.name == "PricebookEntry"
            && matches!(
                field.name,
                "CreatedById" | "CreatedDate" | "LastModifiedById" | "LastModifiedDate"
            ));
    if hidden {
        return None;
    }
    Some(match compound(object, field) {
        Some("Name") => ("Name", Some(field.name)),
        Some(address) => {
            let part = address.trim_end_matches("Address");
            (address, field.name.strip_prefix(part))
        }
        None => (field.name, None),
    })
}

fn parts(org: &Org, step: &Step) -> Vec<Part> {
    let fields = step.object.all_fields();
    let value = |record: &Record, field: &Field| render::value(org, step.object, record, field);
    fields
        .filter(|field| field.is_there(&org.settings))
        .filter_map(|field| {
            let (name, component) = place(step.object, field)?;
            let now = value(&step.after, field);
            let before = step.before.as_ref().map(|before| value(before, field));
            let changed = before.as_ref() != Some(&now) || field.name == "LastModifiedDate";
            Some(Part {
                field: name,
                component,
                kind: field.kind,
                value: now,
                changed,
            })
        })
        .collect()
}

/// Tells what a transaction did. Records of which the same was changed share an event.
pub fn tell(org: &mut Org, steps: &[Step]) {
    let origin = org.telling.origin.clone();
    let user = origin
        .user
        .clone()
        .unwrap_or_else(|| org.integration_user());
    let mut changes: Vec<Change> = Vec::new();
    org.telling.transactions += 1;
    let transaction = key(org.telling.transactions);
    for step in steps {
        let Some(kind) = step.kind() else {
            continue;
        };
        let values = parts(org, step);
        let id = step.after.id.as_str().to_owned();
        let same = changes.iter_mut().find(|known| {
            known.object.name == step.object.name
                && known.kind == kind
                && (kind == "DELETE" || told(kind, &known.values).eq(told(kind, &values)))
        });
        if let Some(same) = same {
            same.ids.push(id);
            continue;
        }
        org.telling.commits += 1;
        changes.push(Change {
            object: step.object,
            ids: vec![id],
            kind,
            origin: origin.text.clone(),
            transaction: transaction.clone(),
            // Objects that nobody has selected count, too: their numbers are missing then.
            sequence: changes.len() as u64 + 1,
            committed_ms: org.clock.now().as_millisecond(),
            commit: commit(org.telling.commits),
            user: user.as_str().to_owned(),
            values,
        });
    }
    for change in changes {
        bus::offer(org, &change);
    }
}

/// The parts that an event of this kind tells.
pub fn told<'a>(kind: &'static str, values: &'a [Part]) -> impl Iterator<Item = &'a Part> {
    values.iter().filter(move |part| match kind {
        "UPDATE" => part.changed,
        "CREATE" | "UNDELETE" => !part.value.is_null(),
        _ => false,
    })
}

fn key(number: u64) -> String {
    // Looks like an UUID, and is in no order.
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        number & 0xFFFF_FFFF,
        (mixed >> 48) & 0xFFFF,
        0xE000 | ((mixed >> 36) & 0x0FFF),
        (mixed >> 20) & 0xFFFF,
        mixed & 0xFFFF_FFFF_FFFF
    )
}

fn commit(number: u64) -> u64 {
    1_745_500_706_683_617_281 + number * 2
}

/// An event without data, which the door has asked for: gaps, overflows, wildcards.
pub fn raise(org: &mut Org, object: &'static Object, kind: &'static str, ids: Vec<String>) {
    org.telling.transactions += 1;
    org.telling.commits += 1;
    let (transactions, commits) = (org.telling.transactions, org.telling.commits);
    let gap = kind.starts_with("GAP");
    let change = Change {
        object,
        ids,
        kind,
        origin: String::new(),
        // A gap's key can be that of a transaction of the data base.
        transaction: if gap {
            format!("0Mcxx{transactions:010}")
        } else {
            key(transactions)
        },
        sequence: 1,
        committed_ms: org.clock.now().as_millisecond(),
        commit: commit(commits),
        user: org.integration_user().as_str().to_owned(),
        values: Vec::new(),
    };
    bus::offer(org, &change);
}

/// Publishes a platform event.
pub fn publish(org: &mut Org, name: &str, fields: Map<String, Value>) {
    let user = org
        .telling
        .origin
        .user
        .clone()
        .unwrap_or_else(|| org.integration_user());
    org.telling.transactions += 1;
    let mut payload = Map::new();
    payload.insert(
        "CreatedDate".to_owned(),
        json!(super::shapes::instant(org.clock.now().as_millisecond())),
    );
    payload.insert("CreatedById".to_owned(), json!(user.as_str()));
    payload.insert("EventUuid".to_owned(), json!(key(org.telling.transactions)));
    payload.extend(fields);
    bus::enter(org, name, |_| {
        Some(Entry::new(name, json!({"payload": payload})))
    });
}
