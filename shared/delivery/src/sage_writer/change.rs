//! Edits in the CRM that Sage is to have. Sage's record and the link are read again: what is decided, is decided now.

use std::collections::BTreeSet;
use std::time::Duration;

use counterpart_config::{EntityConfig, Lengths};
use counterpart_domain::reconcile::Decision;
use counterpart_domain::{Class, CrmId, Fault, Fields, Record, SageKey, Value};
use jiff::SignedDuration;

use super::claim::contended;
use super::content::content_of_columns;
use super::desk::{Desk, idempotency_key};
use super::stop::{Stop, refuse};
use super::{CLOCK_SKEW, JobsReport, LONGEST_REQUEST, SageWriter};
use crate::bidirectional::{agree, compare, conflict};
use crate::intent::Shown;
use crate::job::ChangeRecord;
use crate::link::TRIES;
use crate::not_done::NotDone;
use crate::owner::{RepTable, rep_columns, rep_of_user};
use crate::ports::prelude::*;
use crate::ports::{Outgoing, QueueName, WriteContext};
use crate::send::json;
use crate::{CrmEvent, IntentStage, Link, LinkWrite, Outcome, PutLink, Stage};

impl<P: Ports> SageWriter<'_, P> {
    pub(super) async fn change_record(
        &self,
        desk: &Desk<'_, P>,
        change: &ChangeRecord,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        match self.change(desk, change).await {
            Ok(()) => {
                self.tell(desk, change, None).await?;
                let id = super::conclude::intent_of(desk.job).storage();
                self.store.unpark(&desk.job.target, &id).await?;
                self.note(desk, &change.key, desk.effect.get(), None)
                    .await?;
                Ok(())
            }
            Err(Stop::Back(not_done)) => {
                Err(self.note_lock(desk, Some(&change.key), *not_done).await)
            }
            Err(Stop::Refused(fault) | Stop::Ambiguous(fault)) => {
                self.tell(desk, change, Some(&fault)).await?;
                self.note(desk, &change.key, Some(Outcome::Parked), Some(&fault))
                    .await?;
                Ok(self.park_job(desk.job, &fault, report).await?)
            }
        }
    }

    /// Has the record say why its edit was refused, or takes that back.
    async fn tell(
        &self,
        desk: &Desk<'_, P>,
        change: &ChangeRecord,
        fault: Option<&Fault>,
    ) -> Result<(), NotDone> {
        let id = super::conclude::intent_of(desk.job);
        let known = self.store.intent(&desk.job.target, &id).await?;
        let told = known.as_ref().and_then(|intent| intent.code.as_deref());
        // One that is not in Sage yet, or not for certain, has its own story.
        let begun = known.as_ref();
        let begun = begun
            .is_some_and(|intent| intent.stage != IntentStage::Done && intent.number.is_some());
        if begun || (fault.is_none() && told.is_none()) {
            return Ok(());
        }
        let mut held = match self.hold(desk, &id).await {
            Ok(held) => held,
            Err(Stop::Back(not_done)) => return Err(*not_done),
            Err(Stop::Refused(fault) | Stop::Ambiguous(fault)) => return Err(fault.into()),
        };
        let intent = &mut held.intent;
        intent.stage = IntentStage::Done;
        intent
            .number
            .get_or_insert_with(|| change.key.local.clone());
        intent.customer.get_or_insert_with(|| change.key.clone());
        intent.code = fault.map(|fault| fault.code.clone().into_owned());
        intent.status_text = fault.map_or_else(String::new, |fault| fault.message.clone());
        held.show_on(&[Shown {
            module: change.module.clone(),
            id: change.id.clone(),
        }]);
        Ok(self.keep_and_show(desk, &mut held).await?)
    }

    async fn change(&self, desk: &Desk<'_, P>, change: &ChangeRecord) -> Result<(), Stop> {
        let key = &change.key;
        let entity = desk.entity(key.entity)?;
        let Some(link) = self.store.link(&desk.job.target, key).await? else {
            return self.again(desk).await;
        };
        match link.stage {
            Stage::Tombstoned => return Err(gone(key)),
            Stage::Creating => {
                let why = "The record is about to be created in Sage 100.";
                return Err(Stop::back("E_RECORD_CREATING", why, None));
            }
            // Somebody wrote since the edit was found: what the CRM holds now is to be read again.
            _ if link.rev != change.link_rev || link.crm_id.as_ref() != Some(&change.id) => {
                return self.again(desk).await;
            }
            _ => {}
        }
        let (_, there) = self.read(desk, key).await?;
        let there = there.ok_or_else(|| gone(key))?;
        let record = there.record.map_err(Stop::from)?;
        let reps = match &entity.owner {
            Some(_) => RepTable::load(self.store, &desk.job.target, &key.company).await?,
            None => RepTable::default(),
        };
        let decision = compare(entity, &reps, &link, &record, &change.crm, change.modified)?;
        let (columns, decision, aside) = self
            .columns(desk, entity, key, &record, change, decision)
            .await?;
        if !columns.is_empty() {
            self.update_record(desk, key, &columns, change).await?;
            desk.effect.set(Some(Outcome::Updated));
        }
        if !decision.to_sage.is_empty() {
            self.agree_on(desk, key, link, &decision).await?;
        }
        aside.map_or(Ok(()), |fault| Err(Stop::Refused(fault)))
    }

    /// What is written, what of the decision is done by that, and what a person has to settle: it keeps nothing else from
    /// being written.
    async fn columns(
        &self,
        desk: &Desk<'_, P>,
        entity: &EntityConfig,
        key: &SageKey,
        record: &Record,
        change: &ChangeRecord,
        mut decision: Decision,
    ) -> Result<(Fields, Decision, Option<Fault>), Stop> {
        let mut aside = conflict(key, &decision);
        let owner = entity.owner.as_ref();
        let mut changed: BTreeSet<String> = decision.to_sage.keys().cloned().collect();
        let mut rep = Fields::new();
        if let Some(owner) = owner.filter(|owner| changed.remove(&owner.field)) {
            let user = match decision.to_sage.get(&owner.field) {
                Some(Value::Reference(user)) => CrmId(user.clone()),
                other => CrmId(other.map(Value::to_string).unwrap_or_default()),
            };
            let current = record.rep(&key.company, &owner.column);
            let target = &desk.job.target;
            let found =
                rep_of_user(self.store, target, &key.company, &user, current.as_ref()).await;
            match found {
                // Sage has it already: the users differ only in name.
                Ok(found) if Some(&found) == current.as_ref() => {}
                Ok(found) => rep = rep_columns(owner, &found),
                Err(fault) if fault.class == Class::Data => {
                    decision.to_sage.remove(&owner.field);
                    aside = aside.or(Some(fault));
                }
                Err(fault) => return Err(fault.into()),
            }
        }
        let lengths = Lengths::default();
        let mut columns = entity
            .to_sage
            .changes(key.entity, &change.crm, &changed, &lengths)?;
        columns.extend(rep);
        // What Sage holds already is not written again.
        columns.retain(|name, value| record.get(name).unwrap_or(Value::Blank) != *value);
        Ok((columns, decision, aside))
    }

    async fn update_record(
        &self,
        desk: &Desk<'_, P>,
        key: &SageKey,
        columns: &Fields,
        change: &ChangeRecord,
    ) -> Result<(), Stop> {
        self.sit(desk).await?;
        let rev = change.link_rev.to_string();
        // With the columns: what is decided later of the same job may be something else.
        let content = content_of_columns(columns);
        let (text, content) = (key.text(), content.as_str());
        let idempotency_key = idempotency_key([&desk.job.id, "change", &text, &rev, content]);
        let context = WriteContext {
            idempotency_key: &idempotency_key,
            reference_column: "",
        };
        let update = desk.write.update_record(key, columns, context);
        match self.call(desk, update).await {
            Ok(()) => Ok(()),
            Err(fault) if fault.code == "E_SAGE_NOT_FOUND" => Err(gone(key)),
            // It may still arrive. Until it cannot any more, nothing of the account is written: a newer value would be
            // written over by it. Sent again afterwards, it makes the same of the record.
            Err(fault) if matches!(fault.class, Class::Ambiguous | Class::Bug) => {
                let at_work: SignedDuration = LONGEST_REQUEST.saturating_add(CLOCK_SKEW);
                let until = self.clock.now().saturating_add(at_work).ok();
                Err(NotDone::trouble(fault, until).into())
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// Both sides agree by now: the other targets learn of it, then the link, then this target's own bookkeeping.
    async fn agree_on(
        &self,
        desk: &Desk<'_, P>,
        key: &SageKey,
        link: Link,
        decision: &Decision,
    ) -> Result<(), Stop> {
        let (answer, there) = self.read(desk, key).await?;
        let there = there.ok_or_else(|| gone(key))?;
        let own = &desk.job.target;
        self.spread(desk, &answer, &there, |name| name != own)
            .await?;
        let mut link = link;
        for _ in 0..TRIES {
            agree(&mut link, decision);
            let write = LinkWrite::in_place(link.clone());
            match self.store.put_link(&write).await? {
                PutLink::Lost(now) => match *now {
                    Some(now) if now.crm_id == link.crm_id && now.stage == link.stage => link = now,
                    _ => return Ok(()),
                },
                PutLink::TooLarge(fault) => return Err((*fault).into()),
                PutLink::Stored(_) | PutLink::IdTaken(_) => {
                    return Ok(self
                        .spread(desk, &answer, &there, |name| name == own)
                        .await?);
                }
            }
        }
        Err(contended())
    }

    /// Sends the event that the job came from again: the record is read anew and decided upon anew.
    pub(super) async fn again(&self, desk: &Desk<'_, P>) -> Result<(), Stop> {
        self.again_after(desk, Duration::ZERO).await
    }

    /// The same, after a while.
    pub(super) async fn again_after(
        &self,
        desk: &Desk<'_, P>,
        delay: Duration,
    ) -> Result<(), Stop> {
        let event = CrmEvent {
            attempts: desk.job.event.attempts.saturating_add(1),
            ..desk.job.event.clone()
        };
        let message = Outgoing::delayed(json(&event)?, delay);
        let mut answers = self.queue.send(&QueueName::CrmEvents, &[message]).await?;
        match answers.pop() {
            Some(Ok(())) if answers.is_empty() => Ok(()),
            Some(Err(fault)) => Err(fault.into()),
            _ => {
                let why = "The queue answered for another number of messages than were sent.";
                Err(Stop::back("E_QUEUE_ANSWERS", why, None))
            }
        }
    }
}

fn gone(key: &SageKey) -> Stop {
    refuse(
        "E_SAGE_RECORD_GONE",
        format!(
            "{key} is no longer in Sage 100: the change in the CRM was not taken over. Link the record to the right one, or leave it unlinked."
        ),
    )
}
