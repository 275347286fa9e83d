//! What the transform itself notes on an intent, and the write-backs that show it.

use counterpart_domain::sale::Reference;
use counterpart_domain::{Class, Company, Fault};
use jiff::{SignedDuration, Timestamp};

use super::OrderTransform;
use super::work::{Halt, Work};
use crate::WriteBack;
use crate::intent::{Intent, IntentId, IntentKind, IntentStage, Shown};
use crate::not_done::NotDone;
use crate::ports::{
    Clock, Crm, CrmRecords, EventQueue, Ids, IntentLease, Intents, JobQueue, Outgoing, Queue, Store,
};
use crate::send::{json, send_writes};

/// How far clocks may be apart.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// A worker that has the intent is done with it soon.
const BUSY_PAUSE: SignedDuration = SignedDuration::from_secs(10);

impl<K, S, Q, E, J, C> OrderTransform<'_, K, S, Q, E, J, C>
where
    K: Crm + CrmRecords,
    S: Store + Intents,
    Q: Queue,
    E: EventQueue,
    J: JobQueue,
    C: Clock + Ids,
{
    /// Changes an intent under its lease and has its state shown. `fresh`: how it begins where there is none; none: then
    /// nothing is done. What does not change is not saved, and what is shown already is not shown again.
    pub(super) async fn amend(
        &self,
        work: &Work<'_, K>,
        id: &IntentId,
        fresh: Option<Intent>,
        change: impl FnOnce(&mut Intent),
    ) -> Result<(), Halt> {
        let target = &work.event.target;
        let (now, owner) = (self.clock.now(), self.clock.new_id());
        let until = work.deadline.saturating_add(SKEW).unwrap_or(Timestamp::MAX);
        let leased = self.store.lease_intent(target, id, &owner, now, until);
        let stored = match leased.await? {
            IntentLease::Ours(stored) => *stored,
            IntentLease::Busy(until) => {
                let fault = Fault::new(
                    Class::Transient,
                    "E_INTENT_BUSY",
                    "Another worker has this sale or customer in hand.",
                );
                let soon = now.saturating_add(BUSY_PAUSE).unwrap_or(until);
                return Err(Halt::from(NotDone {
                    fault,
                    until: Some(until.min(soon)),
                }));
            }
        };
        let saved = self.save(stored, fresh, &owner, change).await;
        let released = self.store.release_intent(target, id, &owner).await;
        let Some(rev) = saved? else {
            return Ok(released?);
        };
        if let Err(fault) = released {
            // It runs out by itself.
            tracing::warn!(target.name = %target, fault = %fault, "an intent could not be released");
        }
        self.show(work, id, rev).await
    }

    async fn save(
        &self,
        stored: Option<Intent>,
        fresh: Option<Intent>,
        owner: &str,
        change: impl FnOnce(&mut Intent),
    ) -> Result<Option<u64>, Fault> {
        let Some(mut intent) = stored.clone().or(fresh) else {
            return Ok(None);
        };
        change(&mut intent);
        if stored.as_ref() == Some(&intent) {
            return Ok(Some(intent.rev));
        }
        intent.updated_at = self.clock.now();
        Ok(Some(self.store.save_intent(&intent, owner).await?))
    }

    /// Has an intent shown in the CRM, unless it is.
    pub(super) async fn show(
        &self,
        work: &Work<'_, K>,
        id: &IntentId,
        rev: u64,
    ) -> Result<(), Halt> {
        let target = &work.event.target;
        if self.store.written_back(target, id).await? >= rev {
            return Ok(());
        }
        let message = WriteBack::of_intents(
            target,
            vec![id.clone()],
            self.config_version,
            self.clock.new_id(),
            self.clock.now(),
        );
        let message = Outgoing {
            body: json(&message)?,
            delay: std::time::Duration::ZERO,
        };
        Ok(send_writes(self.queue, self.clock, target, vec![message]).await?)
    }

    /// An intent that nothing was done about yet.
    pub(super) fn fresh(&self, work: &Work<'_, K>, id: &IntentId, company: &Company) -> Intent {
        let now = self.clock.now();
        let target = &work.event.target;
        Intent {
            target: target.clone(),
            id: id.clone(),
            company: company.clone(),
            reference: (id.kind == IntentKind::Order)
                .then(|| Reference::of(target, company, &id.root)),
            stage: IntentStage::Open,
            number: None,
            lost_numbers: Vec::new(),
            customer: None,
            content: None,
            sent_at: None,
            sends: 0,
            refusals: 0,
            shown: Vec::new(),
            code: None,
            status_text: String::new(),
            sage_status: String::new(),
            sage_total: None,
            invoice: String::new(),
            modified: None,
            rev: 0,
            created_at: now,
            updated_at: now,
        }
    }
}

/// Has an intent shown on one more record.
pub(super) fn show_on(intent: &mut Intent, record: &Shown) {
    if !intent.shown.contains(record) {
        intent.shown.push(record.clone());
        intent.shown.sort();
    }
}
