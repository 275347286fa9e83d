//! Edits in the CRM that Sage is to have. Sage's record and the link are read again: what is decided, is decided now.

use std::collections::BTreeSet;

use counterpart_config::EntityConfig;
use counterpart_domain::reconcile::Decision;
use counterpart_domain::{Class, CrmId, Fault, Fields, Record, SageKey, Value};
use jiff::SignedDuration;

use super::base::holds;
use super::context::{JobContext, idempotency_key};
use super::create_once::claim::contended;
use super::stop::{Stop, refuse};
use super::{CLOCK_SKEW, JobsReport, LONGEST_REQUEST, SageWriter};
use crate::bidirectional::{agree, as_written, compare, conflict};
use crate::intent::Shown;
use crate::intent::content_of_columns;
use crate::job::ChangeRecord;
use crate::link::TRIES;
use crate::not_done::NotDone;
use crate::owner::{RepTable, rep_columns, rep_of_user};
use crate::ports::WriteContext;
use crate::ports::prelude::*;
use crate::{IntentStage, Link, LinkWrite, Outcome, PutLink, Stage};

impl<P: Ports> SageWriter<'_, P> {
    pub(super) async fn change_record(
        &self,
        context: &JobContext<'_, P>,
        change: &ChangeRecord,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        match self.change(context, change).await {
            Ok(()) => {
                self.tell(context, change, None).await?;
                let id = super::finish::intent_of(context.job).storage();
                self.store.unpark(&context.job.target, &id).await?;
                self.note(context, &change.key, context.effect.get(), None)
                    .await?;
                Ok(())
            }
            Err(Stop::Back(not_done)) => {
                Err(self.note_lock(context, Some(&change.key), *not_done).await)
            }
            Err(Stop::Refused(fault) | Stop::Ambiguous(fault)) => {
                self.tell(context, change, Some(&fault)).await?;
                self.note(context, &change.key, Some(Outcome::Parked), Some(&fault))
                    .await?;
                Ok(self.park_job(context.job, &fault, report).await?)
            }
        }
    }

    /// Has the record say why its edit was refused, or takes that back.
    async fn tell(
        &self,
        context: &JobContext<'_, P>,
        change: &ChangeRecord,
        fault: Option<&Fault>,
    ) -> Result<(), NotDone> {
        let id = super::finish::intent_of(context.job);
        let known = self.store.intent(&context.job.target, &id).await?;
        let told = known.as_ref().and_then(|intent| intent.code.as_deref());
        // One that is not in Sage yet, or not for certain, has its own story.
        let begun = known.as_ref();
        let begun = begun
            .is_some_and(|intent| intent.stage != IntentStage::Done && intent.number.is_some());
        if begun || (fault.is_none() && told.is_none()) {
            return Ok(());
        }
        let mut leased = match self.lease_intent(context, &id).await {
            Ok(leased) => leased,
            Err(Stop::Back(not_done)) => return Err(*not_done),
            Err(Stop::Refused(fault) | Stop::Ambiguous(fault)) => return Err(fault.into()),
        };
        let intent = &mut leased.intent;
        intent.stage = IntentStage::Done;
        intent
            .number
            .get_or_insert_with(|| change.key.local.clone());
        intent.customer.get_or_insert_with(|| change.key.clone());
        intent.code = fault.map(|fault| fault.code.clone().into_owned());
        intent.status_text = fault.map_or_else(String::new, |fault| fault.message.clone());
        leased.show_on(&[Shown {
            module: change.module.clone(),
            id: change.id.clone(),
        }]);
        Ok(self.save_and_write_back(context, &mut leased).await?)
    }

    async fn change(&self, context: &JobContext<'_, P>, change: &ChangeRecord) -> Result<(), Stop> {
        let key = &change.key;
        let entity = context.entity(key.entity)?;
        let Some(link) = self.store.link(&context.job.target, key).await? else {
            return self.again(context).await;
        };
        match link.stage {
            Stage::Tombstoned => return Err(gone(key)),
            Stage::Creating => {
                let why = "The record is about to be created in Sage 100.";
                return Err(Stop::back("E_RECORD_CREATING", why, None));
            }
            // Somebody wrote since the edit was found: what the CRM holds now is to be read again.
            _ if link.rev != change.link_rev || link.crm_id.as_ref() != Some(&change.id) => {
                return self.again(context).await;
            }
            _ => {}
        }
        let (_, there) = self.read(context, key).await?;
        let there = there.ok_or_else(|| gone(key))?;
        let record = there.record.map_err(Stop::from)?;
        let reps = match &entity.owner {
            Some(_) => RepTable::load(self.store, &context.job.target, &key.company).await?,
            None => RepTable::default(),
        };
        let decision = compare(entity, &reps, &link, &record, &change.crm, change.modified)?;
        let (columns, decision, aside) = self
            .columns(context, entity, key, &record, change, decision)
            .await?;
        if !columns.is_empty() {
            let parent = record.parent(&key.company);
            self.update_record(context, key, parent, &columns, change)
                .await?;
            context.effect.set(Some(Outcome::Updated));
        }
        if !decision.to_sage.is_empty() {
            let written = Written {
                before: &record,
                columns: &columns,
                crm: &change.crm,
            };
            self.agree_on(context, key, link, written, decision).await?;
        }
        aside.map_or(Ok(()), |fault| Err(Stop::Refused(fault)))
    }

    /// What is written, what of the decision is done by that, and what a person has to settle: it keeps nothing else from
    /// being written.
    async fn columns(
        &self,
        context: &JobContext<'_, P>,
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
            let target = &context.job.target;
            let found =
                rep_of_user(self.store, target, &key.company, &user, current.as_ref()).await;
            match found {
                // Sage has it already: the users differ only in name.
                Ok(found) if Some(&found) == current.as_ref() => {}
                Ok(found) => rep = rep_columns(key.entity, owner, &found),
                Err(fault) if fault.class == Class::Data => {
                    decision.to_sage.remove(&owner.field);
                    aside = aside.or(Some(fault));
                }
                Err(fault) => return Err(fault.into()),
            }
        }
        let lengths = self.lengths(&key.company, change.crm.values()).await?;
        let mut columns =
            entity
                .to_sage
                .changes(key.entity, &change.crm, &changed, &lengths, Some(record))?;
        entity.fit_changes(key.entity, &mut columns, &self.texts(context).await?)?;
        columns.extend(rep);
        // What Sage holds already is not written again.
        columns.retain(|name, value| record.get(name).unwrap_or(Value::Blank) != *value);
        Ok((columns, decision, aside))
    }

    async fn update_record(
        &self,
        context: &JobContext<'_, P>,
        key: &SageKey,
        parent: Option<SageKey>,
        columns: &Fields,
        change: &ChangeRecord,
    ) -> Result<(), Stop> {
        self.acquire_slot(context).await?;
        let rev = change.link_rev.to_string();
        // With the columns: what is decided later of the same job may be something else.
        let content = content_of_columns(columns);
        let (text, content) = (key.text(), content.as_str());
        let idempotency_key = idempotency_key([&context.job.id, "change", &text, &rev, content]);
        let request = WriteContext {
            idempotency_key: &idempotency_key,
            reference_column: "",
            parent: parent.as_ref(),
        };
        let update = context.write.update_record(key, columns, request);
        match self.call(context, update).await {
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
        context: &JobContext<'_, P>,
        key: &SageKey,
        link: Link,
        written: Written<'_>,
        mut decision: Decision,
    ) -> Result<(), Stop> {
        let (answer, there) = self.read(context, key).await?;
        let there = there.ok_or_else(|| gone(key))?;
        let entity = context.entity(key.entity)?;
        if let Some(after) = written.after(key, there.record.as_ref().ok()) {
            let (before, crm) = (written.before, written.crm);
            as_written(entity, &link, before, &after, crm, &mut decision);
        }
        let own = &context.job.target;
        self.fan_out(context, &answer, &there, |name| name != own)
            .await?;
        let mut link = link;
        for _ in 0..TRIES {
            agree(&mut link, &decision);
            let write = LinkWrite::in_place(link.clone());
            match self.store.put_link(&write).await? {
                PutLink::Lost(now) => match *now {
                    Some(now) if now.crm_id == link.crm_id && now.stage == link.stage => link = now,
                    _ => return Ok(()),
                },
                PutLink::TooLarge(fault) => return Err((*fault).into()),
                PutLink::Stored(_) | PutLink::IdTaken(_) => {
                    return Ok(self
                        .fan_out(context, &answer, &there, |name| name == own)
                        .await?);
                }
            }
        }
        Err(contended())
    }
}

/// What was given to Sage.
struct Written<'a> {
    /// The record as it was.
    before: &'a Record,
    /// The columns that it was given.
    columns: &'a Fields,
    /// What the CRM held.
    crm: &'a Fields,
}

impl Written<'_> {
    /// The record as our own write makes it: as Sage shows it, where that is a form of what was sent. Otherwise somebody has
    /// edited it there already.
    fn after(&self, key: &SageKey, there: Option<&Record>) -> Option<Record> {
        let there = there.filter(|there| holds(there, self.columns));
        there
            .cloned()
            .or_else(|| self.before.with(key, self.columns).ok())
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
