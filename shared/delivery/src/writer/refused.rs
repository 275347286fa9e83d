//! Rows that the CRM refused, and ids that it should not have answered with.

use counterpart_domain::{Class, Fault, SageKey};

use super::ending::{Ending, Next};
use super::verdict::{Decided, Prepared};
use super::waiting::waiting;
use super::work::{End, Work};
use super::{BatchReport, CrmWriter, Mapper};
use crate::ports::prelude::*;
use crate::{Entry, Pack, Reason};

/// How often a row is tried whose fault should pass by itself: about a day of a quarter of an hour each, not counting
/// the time in which the CRM could not be called at all.
const TRIES_FOR_LOCK: u32 = 100;
/// How often a child is tried whose parent the CRM does not find.
const TRIES_FOR_PARENT: u32 = 5;

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// What becomes of a row that the CRM refused, as far as it can be said without looking anywhere.
    pub(super) fn refused(
        work: &Work<'_, P::Crm>,
        row: Decided,
        fault: Fault,
        now: jiff::Timestamp,
    ) -> Result<Next, Fault> {
        let prepared = &row.prepared;
        let parent = prepared.entry.record.parent(&prepared.key.company);
        if fault.code == "E_CRM_PARENT_NOT_FOUND" && parent.is_some() {
            return Ok(Next::LookInto(Box::new(row), Box::new(fault)));
        }
        if fault.is_retryable() && prepared.entry.attempts < TRIES_FOR_LOCK {
            return Ok(Next::Retry(again(row.prepared.entry)));
        }
        let doubtful = match fault.code.as_ref() {
            "E_CRM_MATCHED_OTHER_FIELD" => true,
            "E_CRM_RECORD_GONE" | "E_CRM_DUPLICATE" => prepared.is_linked(),
            _ => false,
        };
        if doubtful {
            return Ok(Next::LookInto(Box::new(row), Box::new(fault)));
        }
        let Prepared {
            key, entry, link, ..
        } = row.prepared;
        Ending::park(work, key, entry, link, fault, now)
    }

    /// Ends a row whose refusal says something about its link.
    pub(super) async fn look_into(
        &self,
        work: &Work<'_, P::Crm>,
        row: Decided,
        fault: Fault,
    ) -> Result<End, Fault> {
        // Another field of the CRM's may be unique as well: then it is nothing but a refusal.
        let in_doubt = fault.code != "E_CRM_DUPLICATE" || self.key_is_anothers(work, &row).await?;
        let Decided { prepared, .. } = row;
        let parent = prepared.entry.record.parent(&prepared.key.company);
        if fault.code == "E_CRM_DUPLICATE"
            && in_doubt
            && let Some(id) = prepared.known_id()
            && self.find_by_id(work, id).await?.is_none()
        {
            // The other one has taken its place.
            return self.gone(work, prepared, &fault).await;
        }
        match (fault.code.as_ref(), parent) {
            ("E_CRM_PARENT_NOT_FOUND", Some(parent)) => {
                return self.orphaned(work, prepared, &parent, &fault).await;
            }
            ("E_CRM_RECORD_GONE", _) => return self.gone(work, prepared, &fault).await,
            _ if !in_doubt => {}
            _ => {
                self.mark_conflict(&work.pack, work, &prepared.key, &prepared.entry)
                    .await?;
            }
        }
        let mut unused = BatchReport::default();
        let verdict = self
            .park_entry(
                &work.pack,
                work.entity,
                prepared.key,
                prepared.entry,
                &fault,
                &mut unused,
            )
            .await?;
        Ok(End::Parked(verdict))
    }

    /// The CRM does not find the parent whose id the link names: it was deleted there. The parent is written again in full,
    /// and the child waits for it.
    pub(super) async fn orphaned(
        &self,
        work: &Work<'_, P::Crm>,
        prepared: Prepared,
        parent: &SageKey,
        fault: &Fault,
    ) -> Result<End, Fault> {
        let Prepared { key, entry, .. } = prepared;
        let waiting = waiting(parent, &key, &entry);
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
            return Ok(End::Retry(again(entry)));
        }
        let mut unused = BatchReport::default();
        let verdict = self
            .park_entry(&work.pack, work.entity, key, entry, fault, &mut unused)
            .await?;
        Ok(End::Parked(verdict))
    }

    pub(super) async fn taken(
        &self,
        work: &Work<'_, P::Crm>,
        row: Decided,
        other: &SageKey,
        id: &str,
    ) -> Result<End, Fault> {
        let key = row.prepared.key;
        let fault = Fault::new(
            Class::Data,
            "E_CRM_ID_TAKEN",
            format!(
                "The CRM answered for {key} with record {id}, which is linked to {other}. Look for two records with one key in the CRM."
            ),
        );
        // Its CRM record was just written with ours: it is written again with its own values.
        self.mark_dirty(&work.pack, other).await?;
        self.mark_conflict(&work.pack, work, &key, &row.prepared.entry)
            .await?;
        let mut unused = BatchReport::default();
        let verdict = self
            .park_entry(
                &work.pack,
                work.entity,
                key,
                row.prepared.entry,
                &fault,
                &mut unused,
            )
            .await?;
        Ok(End::Parked(verdict))
    }
}

/// An entry that is tried once more.
pub(super) fn again(entry: Entry) -> Entry {
    Entry {
        attempts: entry.attempts + 1,
        ..entry
    }
}
