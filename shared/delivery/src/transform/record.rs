//! An edit of a record: what Sage has to learn of it, and what the CRM has to be reminded of.

use std::collections::BTreeSet;
use std::time::Duration;

use counterpart_config::{EntityConfig, Lengths, RepDirection};
use counterpart_domain::reconcile::{Decision, NoteKind};
use counterpart_domain::{Class, Entity, Fault, Fields, SageKey};
use jiff::SignedDuration;

use super::read::id_in;
use super::work::Work;
use super::{OrderTransform, TransformReport};
use crate::bidirectional::{compare, compared_fields, conflict, edits_of, goes_to_sage};
use crate::disposition::Disposition;
use crate::event::EventSource;
use crate::intent::{IntentId, IntentKind, IntentStage};
use crate::job::{ChangeRecord, Work as JobWork};
use crate::not_done::{NotDone, look_again};
use crate::owner::{RepTable, rep_of_user};
use crate::pack::{Head, cut};
use crate::ports::prelude::*;
use crate::ports::{DocumentQuery, QueueName};
use crate::send::send_all;
use crate::{Entry, Link, Reason, Stage};

/// How long an edit waits for its record to come to rest: a repair, the key's write. Outages are shorter, and the queue keeps
/// a message for ten days.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(7 * 24);

impl<P: Ports> OrderTransform<'_, P> {
    /// Takes an event of a module whose records are an entity's. `false`: nothing had to be done.
    pub(super) async fn take_record(
        &self,
        work: &mut Work<'_, P::Crm>,
        entity: Entity,
        config: &EntityConfig,
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        let target = work.event.target.clone();
        let key = self.store.key_of(&target, &work.event.record).await?;
        let Some(key) = key.filter(|key| key.entity == entity) else {
            return self.take_new(work, entity, config, report).await;
        };
        let Some(link) = self.store.link(&target, &key).await? else {
            return Ok(false);
        };
        if link.crm_id.as_ref() != Some(&work.event.record) {
            return self.take_former(work, entity, config, &link, report).await;
        }
        if link.stage == Stage::Creating {
            let redriven = work.event.source == EventSource::Redrive;
            if redriven || self.is_idle(work, entity).await? {
                // Its creation was refused, or nobody goes on with it: it is tried again as it is now.
                return self.take_new(work, entity, config, report).await;
            }
            if !link.dirty && !link.shadow.is_empty() {
                // Nobody reads the record before the creation is done, and then it is compared with what was sent.
                tracing::info!(target.name = %target, record.key = %key, "an edit in the CRM is found once the creation in Sage 100 is done");
                return Ok(false);
            }
        }
        self.take_edit(work, config, key, link, report).await
    }

    /// Whether the creation of a record waits for nothing but another event.
    async fn is_idle(&self, work: &Work<'_, P::Crm>, entity: Entity) -> Result<bool, Disposition> {
        let id = IntentId {
            kind: IntentKind::Record(entity),
            root: work.event.record.clone(),
        };
        let known = self.store.intent(&work.event.target, &id).await?;
        Ok(known.is_some_and(|intent| {
            matches!(
                intent.stage,
                IntentStage::Open | IntentStage::Refused | IntentStage::Ambiguous
            )
        }))
    }

    async fn take_edit(
        &self,
        work: &mut Work<'_, P::Crm>,
        config: &EntityConfig,
        key: SageKey,
        link: Link,
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        match link.stage {
            Stage::Linked | Stage::Creating => {}
            // Which record belongs to which is in doubt, or Sage has none: nothing is compared.
            Stage::Conflict
            | Stage::Tombstoned
            | Stage::Excluded
            | Stage::Unwritten
            | Stage::Released => {
                return Ok(false);
            }
        }
        let restless = link.stage == Stage::Creating
            || link.dirty
            || link.key_unwritten
            || link.record.is_none();
        let Some(record) = link.record.as_ref().filter(|_| !restless) else {
            let now = self.clock.now();
            let since = self.waits_since(work).await?;
            let is_over = since.is_some_and(|since| now.duration_since(since) > LONGEST_WAIT);
            if link.parked.is_some() || is_over {
                return self.take_restless(work, config, &key, &link, report).await;
            }
            let fault = Fault::new(
                Class::Transient,
                "E_RECORD_RESTLESS",
                format!("{key} is being written; the edit in the CRM is looked at afterwards."),
            );
            let until = look_again(now, work.event.received_at);
            return Err(NotDone::turn(fault, until).into());
        };
        let mut fields = compared_fields(config);
        fields.push(config.key_field.clone());
        let query = DocumentQuery {
            module: config.module.clone(),
            fields,
            lines: None,
        };
        let id = work.event.record.clone();
        let Some(mut document) = self.read(work, &query, &id, report).await? else {
            self.check_hidden(work, report).await?;
            // Deletions in the CRM never reach Sage.
            tracing::info!(target.name = %work.event.target, record.key = %key, record.id = %id, "a record was deleted in the CRM; Sage 100 keeps it");
            return Ok(false);
        };
        let held = document.fields.remove(&config.key_field);
        if let Some(fault) = self.restore_key(work, config, &link, held).await? {
            let intent = IntentId {
                kind: IntentKind::Record(key.entity),
                root: id,
            };
            self.refuse_edit(work, &intent, &key, &fault, report)
                .await?;
            return Ok(true);
        }
        let reps = match &config.owner {
            Some(_) => RepTable::load(self.store, &work.event.target, &key.company).await?,
            None => RepTable::default(),
        };
        let decision = compare(
            config,
            &reps,
            &link,
            record,
            &document.fields,
            document.modified,
        );
        let decision = decision.map_err(Disposition::of)?;
        let intent = IntentId {
            kind: IntentKind::Record(key.entity),
            root: id.clone(),
        };
        let done = self
            .compare_again(work, config, &link, &decision, report)
            .await?;
        if !goes_to_sage(config, &decision.to_sage) {
            // Beside what goes to Sage, the Sage writer says it.
            if let Some(fault) = conflict(&key, &decision) {
                self.refuse_edit(work, &intent, &key, &fault, report)
                    .await?;
                return Ok(true);
            }
            self.unpark(work, &intent).await?;
            return Ok(done | self.clear(work, &intent).await?);
        }
        let checked = self.check(work, config, &key, &link, &decision, &document.fields);
        if let Err(halt) = checked.await {
            let Disposition::Park(fault) = halt else {
                return Err(halt);
            };
            self.refuse_edit(work, &intent, &key, &fault, report)
                .await?;
            return Ok(true);
        }
        // What an earlier edit was refused for, the Sage writer takes back once Sage has this one.
        let parent = config.parent_field.as_ref();
        let account = parent
            .filter(|_| key.entity.parent().is_some())
            .and_then(|field| id_in(&document.fields, field));
        let change = ChangeRecord {
            key,
            module: config.module.clone(),
            id: id.clone(),
            link_rev: link.rev,
            crm: document.fields,
            modified: document.modified,
        };
        self.unpark(work, &intent).await?;
        let change = JobWork::ChangeRecord(Box::new(change));
        self.send_job(work, account.unwrap_or(id), change, report)
            .await?;
        Ok(done || report.jobs > 0)
    }

    /// Takes an edit of a record that does not come to rest, because what Sage has of it is parked, or does not get through:
    /// the two cannot be compared. Where Sage is to have it, a person is told.
    async fn take_restless(
        &self,
        work: &mut Work<'_, P::Crm>,
        config: &EntityConfig,
        key: &SageKey,
        link: &Link,
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        let id = work.event.record.clone();
        let query = DocumentQuery {
            module: config.module.clone(),
            fields: compared_fields(config),
            lines: None,
        };
        let Some(document) = self.read(work, &query, &id, report).await? else {
            return Ok(false);
        };
        let edited = edits_of(config, link, &document.fields);
        if !link.shadow.is_empty() && !goes_to_sage(config, &edited) {
            return Ok(false);
        }
        let fields: Vec<String> = edited.into_keys().collect();
        let fault = Fault::new(
            Class::Data,
            "E_RECORD_RESTLESS",
            format!(
                "The record was edited in the CRM ({}) while what Sage 100 has of {key} could not be written to the CRM, and the edit is not in Sage 100. Settle what is parked for {key}, then redrive this edit.",
                fields.join(", ")
            ),
        );
        let intent = IntentId {
            kind: IntentKind::Record(key.entity),
            root: id,
        };
        self.refuse_edit(work, &intent, key, &fault, report).await?;
        Ok(true)
    }

    /// What can be said of an edit without Sage: its columns, and the salesperson that the owner stands for.
    async fn check(
        &self,
        work: &Work<'_, P::Crm>,
        config: &EntityConfig,
        key: &SageKey,
        link: &Link,
        decision: &Decision,
        crm: &Fields,
    ) -> Result<(), Disposition> {
        let changed: BTreeSet<String> = decision.to_sage.keys().cloned().collect();
        let columns = config
            .to_sage
            .changes(key.entity, crm, &changed, &Lengths::new(), None);
        columns.map_err(Disposition::of)?;
        let owner = config
            .owner
            .as_ref()
            .filter(|owner| owner.direction != RepDirection::SageToCrm)
            .filter(|owner| changed.contains(&owner.field));
        if let Some(owner) = owner {
            let Some(user) = id_in(crm, &owner.field) else {
                return Err(Disposition::park(
                    "E_REP_UNMAPPED",
                    "The record has no owner, and Sage 100 wants a salesperson. Choose an owner.",
                ));
            };
            let (target, company) = (&work.event.target, &key.company);
            let current = link.rep.as_ref();
            rep_of_user(self.store, target, company, &user, current)
                .await
                .map_err(Disposition::of)?;
        }
        Ok(())
    }

    /// Has the CRM writer compare the record, where an edit is to be reverted or reported: it writes, notes and keeps the base.
    async fn compare_again(
        &self,
        work: &Work<'_, P::Crm>,
        config: &EntityConfig,
        link: &Link,
        decision: &Decision,
        report: &mut TransformReport,
    ) -> Result<bool, Disposition> {
        let foreign = |kind| {
            matches!(
                kind,
                NoteKind::ForeignEditReverted | NoteKind::ForeignEditKept
            )
        };
        let any = decision.notes.iter().any(|note| foreign(note.kind));
        let now = Duration::ZERO;
        let sends = any && link.parked.is_none();
        if !sends || !self.send_stored(work, link, Reason::Edited, now).await? {
            return Ok(false);
        }
        tracing::info!(target.name = %work.event.target, record.key = %link.key, module = config.module, "an edit in the CRM is compared");
        report.compared += 1;
        Ok(true)
    }

    /// Sends the record that a link holds to the CRM writer once more. `false`: it holds none.
    pub(super) async fn send_stored(
        &self,
        work: &Work<'_, P::Crm>,
        link: &Link,
        reason: Reason,
        delay: Duration,
    ) -> Result<bool, Disposition> {
        let Some(record) = link.record.clone() else {
            return Ok(false);
        };
        let entry = Entry {
            local_key: link.key.local.clone(),
            as_of: link.as_of,
            hash: link.source_hash.clone(),
            record,
            // A run of its own: an outcome that is final is never replaced.
            run: self.clock.new_id(),
            first_sent: self.clock.now(),
            attempts: 0,
            answers: Vec::new(),
        };
        let head = Head {
            target: &work.event.target,
            company: &link.key.company,
            entity: link.key.entity,
            reason,
            config_version: self.config_version,
        };
        let most = work.target.crm.profile().bulk_size;
        let longest = self.queue.longest_body();
        let (ready, _too_large) = cut(head, vec![entry], most, longest, delay, self.clock)?;
        send_all(
            self.queue,
            self.clock,
            &QueueName::writes(&work.event.target),
            ready,
        )
        .await?;
        Ok(true)
    }

    /// Takes back what an earlier edit was refused for.
    async fn clear(&self, work: &Work<'_, P::Crm>, id: &IntentId) -> Result<bool, Disposition> {
        let Some(intent) = self.store.intent(&work.event.target, id).await? else {
            return Ok(false);
        };
        if intent.stage != IntentStage::Done {
            return Ok(false);
        }
        if intent.code.is_none() {
            self.show(work, id, intent.rev).await?;
            return Ok(false);
        }
        self.amend(work, id, None, |intent| {
            intent.code = None;
            intent.status_text = String::new();
        })
        .await?;
        Ok(true)
    }
}
