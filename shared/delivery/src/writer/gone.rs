//! Records that the CRM does not have any more under the id that their links name: merged into another one, which the link
//! follows, or deleted, which is for a person. They never come back by themselves.

use counterpart_domain::{Class, CrmId, Fault, SageKey};
use jiff::Timestamp;

use super::refused::again;
use super::verdict::{Decided, Prepared};
use super::work::{End, Work};
use super::{BatchReport, CrmWriter, Mapper, mark};
use crate::ports::Commit;
use crate::ports::prelude::*;
use crate::{Link, LinkWrite, PutLink, Reason, Stage};

/// How many merges of a record a link follows at once.
const MOST_MERGES: usize = 5;

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Ends a row whose record is not there.
    pub(super) async fn gone(
        &self,
        work: &Work<'_, P::Crm>,
        prepared: Prepared,
        fault: &Fault,
    ) -> Result<End, Fault> {
        let Prepared {
            key, entry, link, ..
        } = prepared;
        let Some((link, id)) = link.and_then(|link| Some((link.clone(), link.crm_id?))) else {
            return Ok(End::Redo(Some(again(entry))));
        };
        let now = self.clock.now();
        if let Some(heir) = self.heir(work, &key, &id).await? {
            return match self.put(follows(link, heir.clone(), now)).await? {
                PutLink::IdTaken(other) => {
                    let fault = merged(&key, &id, &heir, &other);
                    self.mark_conflict(&work.pack, work, &key, &entry).await?;
                    self.set_apart(work, key, entry, &fault).await
                }
                // Written again in full, under the survivor's id, or decided upon anew.
                PutLink::Stored(_) | PutLink::Lost(_) => Ok(End::Redo(Some(again(entry)))),
                PutLink::TooLarge(fault) => Err(*fault),
            };
        }
        if work.pack.reason == Reason::Redrive {
            // A person has seen that it is gone, and wants it all the same.
            self.put(forgets(link, id, now)).await?;
            return Ok(End::Redo(Some(again(entry))));
        }
        let fault = Fault::new(
            Class::Data,
            "E_CRM_RECORD_GONE",
            format!(
                "Record {id} of {key} was deleted in the CRM, or nobody like us may see it. It does not come back by itself: restore it there, then redrive; redriven while it is gone, it is created anew."
            ),
        )
        .with_detail(&fault.message);
        self.set_apart(work, key, entry, &fault).await
    }

    /// The record that stands for one that is gone: the one it was merged into, where the CRM tells, or the one that holds its
    /// key by now.
    async fn heir(
        &self,
        work: &Work<'_, P::Crm>,
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

    /// Whether another record of the CRM holds the key of this one.
    pub(super) async fn key_is_anothers(
        &self,
        work: &Work<'_, P::Crm>,
        row: &Decided,
    ) -> Result<bool, Fault> {
        let key = std::slice::from_ref(&row.prepared.key);
        let (found, _) = self.find(work, key).await?;
        let id = row.prepared.known_id();
        Ok(found.into_values().any(|record| Some(&record.id) != id))
    }

    async fn set_apart(
        &self,
        work: &Work<'_, P::Crm>,
        key: SageKey,
        entry: crate::Entry,
        fault: &Fault,
    ) -> Result<End, Fault> {
        let mut unused = BatchReport::default();
        let parked = self.park_entry(&work.pack, work.entity, key, entry, fault, &mut unused);
        let verdict = parked.await?;
        Ok(if unused.parked > 0 {
            End::Parked(verdict)
        } else {
            End::Said(verdict)
        })
    }

    async fn put(&self, write: LinkWrite) -> Result<PutLink, Fault> {
        let key = write.link.key.clone();
        let answer = self.store.commit(&[Commit::link(write)], &[]).await?.pop();
        answer.ok_or_else(|| mark::contended(&key))
    }
}

/// The link of a record that was merged: under the survivor's id, written there in full, key and all. What the survivor held
/// is no edit that Sage is to have.
pub(crate) fn follows(link: Link, heir: CrmId, now: Timestamp) -> LinkWrite {
    LinkWrite {
        previous_crm_id: link.crm_id.clone(),
        link: Link {
            stage: Stage::Linked,
            crm_id: Some(heir),
            key_unwritten: true,
            dirty: true,
            updated_at: now,
            ..link
        },
        write_reverse: true,
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

fn merged(key: &SageKey, id: &CrmId, heir: &CrmId, other: &SageKey) -> Fault {
    Fault::new(
        Class::Data,
        "E_CRM_MERGED",
        format!(
            "Record {id} of {key} was merged into {heir}, which is {other} of Sage 100: one record of the CRM cannot be two of Sage 100. Merge the two in Sage 100 as well, or redrive {key} once it may have a record of its own."
        ),
    )
}
