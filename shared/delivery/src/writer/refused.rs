//! Rows that the CRM refused: tried again, looked into, or parked. A record that is no longer there under the id that its link
//! names was merged into another one, which the link follows, or deleted, which is for a person: it never comes back by itself.

use counterpart_domain::{Class, CrmId, Fault, Reach, SageKey, TargetName};
use jiff::{SignedDuration, Timestamp};

use super::compare::Decided;
use super::contended::contended;
use super::prepare::Prepared;
use super::results::Resolution;
use super::row_commit::{NextStep, RowCommit};
use super::snapshot::PackWork;
use super::waiting::waiting_entry;
use super::{BatchReport, CrmWriter, Mapper};
use crate::pack::GONE;
use crate::ports::prelude::*;
use crate::ports::{Commit, DeletedSince};
use crate::{Entry, Link, LinkWrite, Pack, PutLink, Reason, Stage};

/// How often a row is tried whose fault should pass by itself: about a day of a quarter of an hour each, not counting
/// the time in which the CRM could not be called at all.
pub(super) const TRIES_FOR_LOCK: u32 = 100;

/// How often a child is tried whose parent the CRM does not find.
const TRIES_FOR_PARENT: u32 = 5;

/// How far back it is asked whether a record was deleted: as long as Salesforce keeps its recycle bin.
const DELETED_WITHIN: SignedDuration = SignedDuration::from_hours(15 * 24);

/// How many merges of a record a link follows at once.
const MOST_MERGES: usize = 5;

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// What becomes of a row that the CRM refused, as far as it can be said without looking anywhere.
    pub(super) fn refused(
        work: &PackWork<'_, P::Crm>,
        row: Decided,
        fault: Fault,
        now: jiff::Timestamp,
    ) -> Result<NextStep, Fault> {
        let prepared = &row.prepared;
        let parent = prepared.entry.record.parent(&prepared.key.company);
        if fault.code == "E_CRM_PARENT_NOT_FOUND" && parent.is_some() {
            return Ok(NextStep::LookInto(Box::new(row), Box::new(fault)));
        }
        // Whose it is may show by and by.
        let may_pass = fault.is_retryable() || Reach::of(&fault) == Reach::Unclear;
        if may_pass && prepared.entry.attempts < TRIES_FOR_LOCK {
            return Ok(NextStep::Retry(retried(row.prepared.entry)));
        }
        let doubtful = match fault.code.as_ref() {
            "E_CRM_MATCHED_OTHER_FIELD" => true,
            "E_CRM_RECORD_GONE" | "E_CRM_DUPLICATE" => prepared.is_linked(),
            _ => false,
        };
        if doubtful {
            return Ok(NextStep::LookInto(Box::new(row), Box::new(fault)));
        }
        let Prepared {
            key, entry, link, ..
        } = row.prepared;
        RowCommit::park(work, key, entry, link, fault, now)
    }

    /// Ends a row whose refusal says something about its link.
    pub(super) async fn look_into(
        &self,
        work: &PackWork<'_, P::Crm>,
        row: Decided,
        fault: Fault,
    ) -> Result<Resolution, Fault> {
        // Another field of the CRM's may be unique as well: then it is nothing but a refusal.
        let in_doubt =
            fault.code != "E_CRM_DUPLICATE" || self.key_is_held_by_another(work, &row).await?;
        let Decided { prepared, .. } = row;
        let parent = prepared.entry.record.parent(&prepared.key.company);
        if fault.code == "E_CRM_DUPLICATE"
            && in_doubt
            && let Some(id) = prepared.known_id()
            && self.find_by_id(work, id).await?.is_none()
        {
            // The other one has taken its place.
            return self.record_gone(work, prepared, &fault).await;
        }
        match (fault.code.as_ref(), parent) {
            ("E_CRM_PARENT_NOT_FOUND", Some(parent)) => {
                return self.parent_gone(work, prepared, &parent, &fault).await;
            }
            ("E_CRM_RECORD_GONE", _) => return self.record_gone(work, prepared, &fault).await,
            _ if !in_doubt => {}
            _ => {
                self.mark_conflict(&work.pack, work, &prepared.key, &prepared.entry)
                    .await?;
            }
        }
        let mut unused = BatchReport::default();
        let result = self
            .park_entry(
                &work.pack,
                work.entity,
                prepared.key,
                prepared.entry,
                &fault,
                &mut unused,
            )
            .await?;
        Ok(Resolution::Parked(result))
    }

    /// The CRM does not find the parent whose id the link names: it was deleted there. The parent is written again in full,
    /// and the child waits for it.
    pub(super) async fn parent_gone(
        &self,
        work: &PackWork<'_, P::Crm>,
        prepared: Prepared,
        parent: &SageKey,
        fault: &Fault,
    ) -> Result<Resolution, Fault> {
        let Prepared { key, entry, .. } = prepared;
        let waiting = waiting_entry(parent, &key, &entry);
        self.store.wait(&work.pack.target, &[waiting]).await?;
        if let Some(repair) = self.mark_dirty(&work.pack, parent).await? {
            let of = Pack {
                entity: parent.entity,
                ..work.pack.clone()
            };
            self.send(
                &of,
                work.target,
                Reason::Repair,
                vec![repair],
                std::time::Duration::ZERO,
            )
            .await?;
        }
        if entry.attempts < TRIES_FOR_PARENT {
            return Ok(Resolution::Retry(retried(entry)));
        }
        let mut unused = BatchReport::default();
        let result = self
            .park_entry(&work.pack, work.entity, key, entry, fault, &mut unused)
            .await?;
        Ok(Resolution::Parked(result))
    }

    /// Ends a row whose record is not there.
    pub(super) async fn record_gone(
        &self,
        work: &PackWork<'_, P::Crm>,
        prepared: Prepared,
        fault: &Fault,
    ) -> Result<Resolution, Fault> {
        let Prepared {
            key, entry, link, ..
        } = prepared;
        let Some((link, id)) = link.and_then(|link| Some((link.clone(), link.crm_id?))) else {
            return Ok(Resolution::Redo(Some(retried(entry))));
        };
        let now = self.clock.now();
        if let Some(heir) = self.survivor_of(work, &key, &id).await? {
            return match self
                .put(LinkWrite::follow_merge(link, heir.clone(), now))
                .await?
            {
                PutLink::IdTaken(other) => {
                    let target = &work.pack.target;
                    let fault = merged(target, &key, &id, &heir, &other);
                    self.mark_conflict(&work.pack, work, &key, &entry).await?;
                    self.park_row(work, key, entry, &fault).await
                }
                // Written again in full, under the survivor's id, or decided upon anew.
                PutLink::Stored(_) | PutLink::Lost(_) => Ok(Resolution::Redo(Some(retried(entry)))),
                PutLink::TooLarge(fault) => Err(*fault),
            };
        }
        let deleted = self.is_deleted(work, &id).await?;
        if deleted && entry.answers(GONE) {
            // A person has seen that it is gone, and wants it all the same.
            self.put(forgets(link, id, now)).await?;
            return Ok(Resolution::Redo(Some(retried(entry))));
        }
        let gone = gone(&work.pack.target, &key, &id, deleted).with_detail(&fault.message);
        self.park_row(work, key, entry, &gone).await
    }

    /// The record that stands for one that is gone: the one it was merged into, where the CRM tells, or the one that holds its
    /// key by now.
    async fn survivor_of(
        &self,
        work: &PackWork<'_, P::Crm>,
        key: &SageKey,
        id: &CrmId,
    ) -> Result<Option<CrmId>, Fault> {
        let module = &work.entity.module;
        let mut last = None;
        for _ in 0..MOST_MERGES {
            match work
                .crm
                .survivor(module, last.as_ref().unwrap_or(id))
                .await?
            {
                Some(next) => last = Some(next),
                None => break,
            }
        }
        if last.is_some() {
            return Ok(last);
        }
        let (found, _) = self.find(work, std::slice::from_ref(key)).await?;
        let found = found.into_values().next().map(|record| record.id);
        Ok(found.filter(|found| found != id))
    }

    /// Whether the CRM says that a record was deleted lately. One that is only hidden from us is not; nor is one that a list
    /// of too many leaves out.
    async fn is_deleted(&self, work: &PackWork<'_, P::Crm>, id: &CrmId) -> Result<bool, Fault> {
        // Whoever comes second waits for the first one's answer.
        let mut known = work.deleted.lock().await;
        if let Some(deleted) = &*known {
            return Ok(deleted.ids.contains(id));
        }
        let now = self.clock.now();
        let since = now.saturating_sub(DELETED_WITHIN).unwrap_or(now);
        let module = &work.entity.module;
        let deleted = match work.crm.deleted_since(module, since).await {
            Ok(deleted) => deleted,
            // It is shown to others only.
            Err(fault) if !fault.is_retryable() => DeletedSince::default(),
            Err(fault) => return Err(fault),
        };
        Ok(known.insert(deleted).ids.contains(id))
    }

    /// Whether another record of the CRM holds the key of this one.
    pub(super) async fn key_is_held_by_another(
        &self,
        work: &PackWork<'_, P::Crm>,
        row: &Decided,
    ) -> Result<bool, Fault> {
        let key = std::slice::from_ref(&row.prepared.key);
        let (found, _) = self.find(work, key).await?;
        let id = row.prepared.known_id();
        Ok(found.into_values().any(|record| Some(&record.id) != id))
    }

    async fn park_row(
        &self,
        work: &PackWork<'_, P::Crm>,
        key: SageKey,
        entry: crate::Entry,
        fault: &Fault,
    ) -> Result<Resolution, Fault> {
        let mut unused = BatchReport::default();
        let parked = self.park_entry(&work.pack, work.entity, key, entry, fault, &mut unused);
        let result = parked.await?;
        Ok(if unused.parked > 0 {
            Resolution::Parked(result)
        } else {
            Resolution::Ended(result)
        })
    }

    async fn put(&self, write: LinkWrite) -> Result<PutLink, Fault> {
        let key = write.link.key.clone();
        let answer = self.store.commit(&[Commit::link(write)], &[]).await?.pop();
        answer.ok_or_else(|| contended(&key))
    }
}

/// An entry that is tried once more.
pub(super) fn retried(entry: Entry) -> Entry {
    Entry {
        attempts: entry.attempts + 1,
        ..entry
    }
}

/// The link of a record that is to be created anew.
fn forgets(link: Link, id: CrmId, now: Timestamp) -> LinkWrite {
    LinkWrite {
        link: Link {
            stage: Stage::Unwritten,
            crm_id: None,
            shadow: Default::default(),
            record: None,
            dirty: false,
            key_unwritten: false,
            updated_at: now,
            ..link
        },
        previous_crm_id: Some(id),
        write_reverse: false,
    }
}

/// A record that is not there. `deleted`: by somebody, as the CRM says.
fn gone(target: &TargetName, key: &SageKey, id: &CrmId, deleted: bool) -> Fault {
    let message = if deleted {
        format!(
            "Record {id} of {key} was deleted in the CRM. It does not come back by itself: restore it there, then redrive; redriven while it is gone, it is created anew."
        )
    } else {
        format!(
            "Record {id} of {key} is not to be seen in the CRM: it was deleted (long ago, or with many others), or is hidden from us. Restore it or share it with our user, then redrive. If it is gone for good, take its link away (`counterpart link release {target} {key}`), then redrive: it is created anew."
        )
    };
    Fault::new(Class::Data, GONE, message)
}

fn merged(target: &TargetName, key: &SageKey, id: &CrmId, heir: &CrmId, other: &SageKey) -> Fault {
    Fault::new(
        Class::Data,
        "E_CRM_MERGED",
        format!(
            "Record {id} of {key} was merged into {heir}, which is {other} of Sage 100: one record of the CRM cannot be two of Sage 100. Nothing is made anew by itself, and contacts stay where they are. Merge the two in Sage 100 as well, and this may stay as it is; or, if {key} is to have a record of its own again, take its link away (`counterpart link release {target} {key}`), then redrive."
        ),
    )
}
