//! What the transform itself notes on an intent, and the write-backs that show it.

use counterpart_domain::sale::Reference;
use counterpart_domain::{Class, Company, Entity, Fault, TargetName};
use jiff::{SignedDuration, Timestamp};

use super::OrderTransform;
use super::work::Work;
use crate::WriteBack;
use crate::disposition::Disposition;
use crate::intent::{Intent, IntentId, IntentKind, IntentStage, Shown, Waiting};
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::ports::{IntentLease, Outgoing, QueueName};
use crate::send::{json, send_all};

/// How far clocks may be apart.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// How many records wait for one account.
const MOST_WAITING: usize = 500;
/// A worker that has the intent is done with it soon.
const BUSY_PAUSE: SignedDuration = SignedDuration::from_secs(10);

impl<P: Ports> OrderTransform<'_, P> {
    /// Changes an intent under its lease and has its state shown. `fresh`: how it begins where there is none; none: then
    /// nothing is done. What does not change is not saved, and what is shown already is not shown again.
    pub(super) async fn amend(
        &self,
        work: &Work<'_, P::Crm>,
        id: &IntentId,
        fresh: Option<Intent>,
        change: impl FnOnce(&mut Intent),
    ) -> Result<(), Disposition> {
        let (owner, stored) = self.lease(work, id).await?;
        let saved = self.save(stored, fresh, &owner, change).await;
        self.release(&work.event.target, id, &owner).await;
        match saved? {
            Some(rev) => self.show(work, id, rev).await,
            None => Ok(()),
        }
    }

    /// Changes what the CRM does not show of an intent that is there.
    pub(super) async fn amend_unseen(
        &self,
        work: &Work<'_, P::Crm>,
        id: &IntentId,
        change: impl FnOnce(&mut Intent),
    ) -> Result<(), Disposition> {
        let target = &work.event.target;
        let (owner, stored) = self.lease(work, id).await?;
        let mut saved = Ok(());
        if let Some(mut intent) = stored {
            let before = intent.rev;
            change(&mut intent);
            saved = self.save_unseen(target, &mut intent, before, &owner).await;
        }
        self.release(target, id, &owner).await;
        Ok(saved?)
    }

    /// Notes a record on the intent of its account. `false`: the account is a customer by now. Refused: as many wait as are
    /// noted, and this one is to be set aside.
    pub(super) async fn wait_for(
        &self,
        work: &Work<'_, P::Crm>,
        entity: Entity,
        id: &IntentId,
        company: &Company,
    ) -> Result<bool, Disposition> {
        let target = &work.event.target;
        let waiting = Waiting {
            entity,
            id: work.event.record.clone(),
        };
        let known = self.store.intent(target, id).await?;
        if known.is_some_and(|known| known.waiting.contains(&waiting)) {
            return Ok(true);
        }
        let (owner, stored) = self.lease(work, id).await?;
        let before = stored.as_ref().map_or(0, |stored| stored.rev);
        let mut intent = stored.unwrap_or_else(|| self.fresh(work, id, company));
        let is_there = intent.stage == IntentStage::Done;
        let mut noted = Ok(());
        let is_full = !is_there && intent.waiting.len() >= MOST_WAITING;
        if !is_there && !is_full {
            intent.waiting.push(waiting);
            noted = self.save_unseen(target, &mut intent, before, &owner).await;
        }
        self.release(target, id, &owner).await;
        noted?;
        if is_full {
            return Err(Disposition::park(
                "E_CONTACTS_WAITING",
                format!(
                    "{MOST_WAITING} records of account {} wait for it to become a customer of Sage 100, and no more are noted. Redrive this {} when the account is a customer.",
                    id.root,
                    entity.spec().in_crm
                ),
            ));
        }
        Ok(!is_there)
    }

    /// Saves what the CRM does not show: what it showed of the revision before holds for this one.
    pub(super) async fn save_unseen(
        &self,
        target: &TargetName,
        intent: &mut Intent,
        before: u64,
        owner: &str,
    ) -> Result<(), Fault> {
        intent.updated_at = self.clock.now();
        intent.rev = self.store.save_intent(intent, owner).await?;
        if before > 0 && self.store.written_back(target, &intent.id).await? == before {
            let rev = intent.rev;
            self.store
                .mark_written_back(target, &intent.id, rev)
                .await?;
        }
        Ok(())
    }

    pub(super) async fn lease(
        &self,
        work: &Work<'_, P::Crm>,
        id: &IntentId,
    ) -> Result<(String, Option<Intent>), Disposition> {
        let target = &work.event.target;
        let (now, owner) = (self.clock.now(), self.clock.new_id());
        let until = work.deadline.saturating_add(SKEW).unwrap_or(Timestamp::MAX);
        let leased = self.store.lease_intent(target, id, &owner, now, until);
        match leased.await? {
            IntentLease::Ours(_) if self.clock.now() >= work.deadline => {
                // It stood still, and knows nothing of what was said meanwhile.
                self.release(target, id, &owner).await;
                let why = "The function's time was over before the record was decided on.";
                Err(self.look_again(why))
            }
            IntentLease::Ours(stored) => Ok((owner, *stored)),
            IntentLease::Busy(until) => {
                let fault = Fault::new(
                    Class::Transient,
                    "E_INTENT_BUSY",
                    "Another worker has this sale or customer in hand.",
                );
                let soon = now.saturating_add(BUSY_PAUSE).unwrap_or(until);
                Err(NotDone::turn(fault, Some(until.min(soon))).into())
            }
        }
    }

    /// A lease that cannot be given back runs out by itself.
    pub(super) async fn release(&self, target: &TargetName, id: &IntentId, owner: &str) {
        if let Err(fault) = self.store.release_intent(target, id, owner).await {
            tracing::warn!(target.name = %target, fault = %fault, "an intent could not be released");
        }
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
        let unseen = stored.filter(|stored| {
            let modified = stored.modified;
            *stored
                == Intent {
                    modified,
                    ..intent.clone()
                }
        });
        if let Some(stored) = unseen {
            // Nothing that the CRM shows.
            let target = stored.target;
            self.save_unseen(&target, &mut intent, stored.rev, owner)
                .await?;
            return Ok(Some(intent.rev));
        }
        intent.updated_at = self.clock.now();
        Ok(Some(self.store.save_intent(&intent, owner).await?))
    }

    /// Has an intent shown in the CRM, unless it is.
    pub(super) async fn show(
        &self,
        work: &Work<'_, P::Crm>,
        id: &IntentId,
        rev: u64,
    ) -> Result<(), Disposition> {
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
        let message = Outgoing::now(json(&message)?);
        Ok(send_all(
            self.queue,
            self.clock,
            &QueueName::writes(target),
            vec![message],
        )
        .await?)
    }

    /// An intent that nothing was done about yet.
    pub(super) fn fresh(
        &self,
        work: &Work<'_, P::Crm>,
        id: &IntentId,
        company: &Company,
    ) -> Intent {
        let now = self.clock.now();
        let target = &work.event.target;
        let reference =
            (id.kind == IntentKind::Order).then(|| Reference::of(target, company, &id.root));
        Intent {
            reference,
            ..Intent::new(target.clone(), id.clone(), company.clone(), now)
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
