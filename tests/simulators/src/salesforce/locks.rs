//! Row locks. A write locks its record and the account it belongs to; two writes of one account's
//! contacts can collide even if they touch different contacts.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{errors::Fail, ids::Id, org::Org, settings::RowLock};

/// Locks of calls that are still at work: who holds a record, and until when.
#[derive(Debug, Default)]
pub struct Holds {
    held: BTreeMap<Id, (u64, Instant)>,
    next: u64,
}

impl Holds {
    /// A number for a call.
    pub fn holder(&mut self) -> u64 {
        self.next += 1;
        let now = Instant::now();
        self.held.retain(|_, (_, until)| *until > now);
        self.next
    }

    fn is_held_by_another(&self, id: &Id, holder: u64) -> bool {
        self.held
            .get(id)
            .is_some_and(|(other, until)| *other != holder && *until > Instant::now())
    }
}

/// Locks rows for a call.
///
/// # Errors
/// UNABLE_TO_LOCK_ROW when another holds one of them.
pub fn take(org: &mut Org, holder: u64, ids: &[Id]) -> Result<(), Fail> {
    for id in ids {
        if told(org, id) || org.holds.is_held_by_another(id, holder) {
            return Err(Fail::row(
                "UNABLE_TO_LOCK_ROW",
                format!("unable to obtain exclusive access to this record or 1 records: {id}"),
            ));
        }
    }
    let hold = Duration::from_millis(org.settings.lock_hold_ms);
    if !hold.is_zero() {
        let until = Instant::now() + hold;
        for id in ids {
            org.holds.held.insert(id.clone(), (holder, until));
        }
    }
    Ok(())
}

/// Whether the control door has told that somebody holds the record.
fn told(org: &mut Org, id: &Id) -> bool {
    if org.settings.row_locks.is_empty() {
        return false;
    }
    let key = org
        .stores
        .values()
        .find_map(|store| store.get(id))
        .map(|record| record.text("Sage_Key__c").to_lowercase())
        .unwrap_or_default();
    let fits = |lock: &RowLock| {
        lock.id.as_deref().and_then(Id::parse).as_ref() == Some(id)
            || lock
                .key
                .as_ref()
                .is_some_and(|wanted| !key.is_empty() && wanted.to_lowercase() == key)
    };
    let locks = &mut org.settings.row_locks;
    let Some(at) = locks.iter().position(fits) else {
        return false;
    };
    if let Some(times) = locks.get_mut(at).and_then(|lock| lock.times.as_mut()) {
        *times = times.saturating_sub(1);
        if *times == 0 {
            locks.remove(at);
        }
    }
    true
}
