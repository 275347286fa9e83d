use std::collections::BTreeMap;

use counterpart_delivery::intent::SaleTrace;
use counterpart_delivery::ports::{IntentLease, Intents, WaitingEntry};
use counterpart_delivery::{Intent, IntentId, Link};
use counterpart_domain::{Class, CrmId, Fault, SageKey, TargetName};
use jiff::Timestamp;

use super::MemoryStore;

/// An intent with what is kept about it.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    pub(super) intent: Option<Intent>,
    lease: Option<(String, Timestamp)>,
    written_back: u64,
}

/// The table of links and intents at some time, for [`MemoryStore::restore`]: all that shares one table of the deployment.
#[derive(Debug, Clone)]
pub struct Backup {
    links: BTreeMap<(TargetName, String), Link>,
    reverse: BTreeMap<(TargetName, CrmId), SageKey>,
    waiting: BTreeMap<(TargetName, String, String), WaitingEntry>,
    intents: BTreeMap<(TargetName, String), Kept>,
    sales: BTreeMap<(TargetName, SaleTrace), IntentId>,
}

impl MemoryStore {
    /// The table of links and intents as it is now.
    #[must_use]
    pub fn backup(&self) -> Backup {
        let state = self.0.borrow();
        Backup {
            links: state.links.clone(),
            reverse: state.reverse.clone(),
            waiting: state.waiting.clone(),
            intents: state.intents.clone(),
            sales: state.sales.clone(),
        }
    }

    /// Restores the table of links and intents to an earlier time: what was written since is lost.
    pub fn restore(&self, backup: &Backup) {
        let state = &mut *self.0.borrow_mut();
        state.links.clone_from(&backup.links);
        state.reverse.clone_from(&backup.reverse);
        state.waiting.clone_from(&backup.waiting);
        state.intents.clone_from(&backup.intents);
        state.sales.clone_from(&backup.sales);
    }

    /// Intents that somebody holds the lease of at `now`.
    #[must_use]
    pub fn leased_intents(&self, now: Timestamp) -> Vec<String> {
        let state = self.0.borrow();
        let held = state.intents.iter().filter(|(_, kept)| {
            let lease = kept.lease.as_ref();
            lease.is_some_and(|(_, until)| *until > now)
        });
        held.map(|((target, id), _)| format!("{target} {id}"))
            .collect()
    }
}

fn place(target: &TargetName, id: &IntentId) -> (TargetName, String) {
    (target.clone(), id.storage())
}

fn lost(intent: &Intent) -> Fault {
    Fault::new(
        Class::Transient,
        "E_LEASE_LOST",
        format!(
            "Another worker has taken over {} of {}.",
            intent.id.storage(),
            intent.target
        ),
    )
}

impl MemoryStore {
    /// Loses all intents, as a table that is made anew, or restored to a point before them.
    pub fn forget_intents(&self) {
        let state = &mut *self.0.borrow_mut();
        state.intents.clear();
        state.sales.clear();
    }
}

impl Intents for MemoryStore {
    async fn lease_intent(
        &self,
        target: &TargetName,
        id: &IntentId,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<IntentLease, Fault> {
        let state = &mut *self.0.borrow_mut();
        let kept = state.intents.entry(place(target, id)).or_default();
        match &kept.lease {
            Some((of, end)) if of != owner && *end > now => Ok(IntentLease::Busy(*end)),
            _ => {
                kept.lease = Some((owner.to_owned(), until));
                Ok(IntentLease::Ours(Box::new(kept.intent.clone())))
            }
        }
    }

    async fn save_intent(&self, intent: &Intent, owner: &str) -> Result<u64, Fault> {
        let state = &mut *self.0.borrow_mut();
        let at = place(&intent.target, &intent.id);
        let kept = state.intents.entry(at).or_default();
        if kept.lease.as_ref().is_none_or(|(of, _)| of != owner) {
            return Err(lost(intent));
        }
        let next = Intent {
            rev: intent.rev + 1,
            ..intent.clone()
        };
        // Sent again because the answer was lost: it is done.
        if kept.intent.as_ref() == Some(&next) {
            return Ok(next.rev);
        }
        if kept.intent.as_ref().map_or(0, |stored| stored.rev) != intent.rev {
            return Err(lost(intent));
        }
        let rev = next.rev;
        kept.intent = Some(next);
        Ok(rev)
    }

    async fn release_intent(
        &self,
        target: &TargetName,
        id: &IntentId,
        owner: &str,
    ) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        if let Some(kept) = state.intents.get_mut(&place(target, id))
            && kept.lease.as_ref().is_some_and(|(of, _)| of == owner)
        {
            kept.lease = None;
        }
        Ok(())
    }

    async fn intent(&self, target: &TargetName, id: &IntentId) -> Result<Option<Intent>, Fault> {
        let state = self.0.borrow();
        let kept = state.intents.get(&place(target, id));
        Ok(kept.and_then(|kept| kept.intent.clone()))
    }

    async fn mark_written_back(
        &self,
        target: &TargetName,
        id: &IntentId,
        rev: u64,
    ) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let kept = state.intents.entry(place(target, id)).or_default();
        kept.written_back = kept.written_back.max(rev);
        Ok(())
    }

    async fn written_back(&self, target: &TargetName, id: &IntentId) -> Result<u64, Fault> {
        let state = self.0.borrow();
        let kept = state.intents.get(&place(target, id));
        Ok(kept.map_or(0, |kept| kept.written_back))
    }

    async fn sales_of(
        &self,
        target: &TargetName,
        traces: &[SaleTrace],
    ) -> Result<Vec<Option<IntentId>>, Fault> {
        let sales = &self.0.borrow().sales;
        let of = |trace: &SaleTrace| sales.get(&(target.clone(), trace.clone())).cloned();
        Ok(traces.iter().map(of).collect())
    }

    async fn claim_for_sale(
        &self,
        target: &TargetName,
        trace: &SaleTrace,
        id: &IntentId,
    ) -> Result<IntentId, Fault> {
        let sales = &mut self.0.borrow_mut().sales;
        let of = sales.entry((target.clone(), trace.clone()));
        Ok(of.or_insert_with(|| id.clone()).clone())
    }
}
