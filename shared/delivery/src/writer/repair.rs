//! What to do when somebody else was faster, between our read of a link and our write.

use counterpart_domain::Fault;

use super::ending::{Ending, Origin};
use super::mark::contended;
use super::verdict::{Decided, Verdict};
use super::work::{End, Ends, Work};
use super::{BatchReport, CrmWriter, Mapper};
use crate::ports::prelude::*;
use crate::ports::{Commit, ParkedItem};
use crate::{Entry, Link, LinkWrite, Outcome, PutLink, Stage};

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Ends a record that was not stored: somebody else wrote its link first, or its CRM id is linked to another key.
    pub(super) async fn not_stored(
        &self,
        work: &Work<'_, P::Crm>,
        ending: Ending,
        answer: PutLink,
    ) -> Result<End, Fault> {
        let Ending {
            write,
            verdict,
            origin,
            ..
        } = ending;
        if let PutLink::TooLarge(fault) = answer {
            return self.park_bare(work, verdict, &fault).await;
        }
        let Verdict { key, entry, .. } = &verdict;
        match origin {
            // Whoever was faster has decided more.
            Origin::LeftOut => Ok(End::Said(verdict)),
            Origin::Overtaken => {
                let repair = self.mark_dirty(&work.pack, key).await?;
                Ok(End::Overtaken(verdict, repair))
            }
            Origin::Parked(fault) => {
                let mut report = BatchReport::default();
                let (key, entry) = (key.clone(), entry.clone());
                let parked =
                    self.park_entry(&work.pack, work.entity, key, entry, &fault, &mut report);
                let verdict = parked.await?;
                Ok(if report.parked > 0 {
                    End::Parked(verdict)
                } else {
                    End::Said(verdict)
                })
            }
            Origin::Row(row) => match answer {
                PutLink::IdTaken(other) => {
                    let id = write.link.crm_id.map(|id| id.0).unwrap_or_default();
                    self.taken(work, *row, &other, &id).await
                }
                PutLink::Lost(current) => match *current {
                    // Meanwhile it was left out, or something newer was parked: the CRM's record must not be forgotten.
                    Some(current) if current.crm_id.is_none() && write.link.crm_id.is_some() => {
                        self.join(work, write, current, verdict).await
                    }
                    current => self.lost(work, *row, current, verdict.outcome).await,
                },
                PutLink::Stored(_) | PutLink::TooLarge(_) => Ok(End::Said(verdict)),
            },
        }
    }

    /// Adds the CRM's record to a link that somebody made meanwhile without one.
    async fn join(
        &self,
        work: &Work<'_, P::Crm>,
        write: LinkWrite,
        current: Link,
        verdict: Verdict,
    ) -> Result<End, Fault> {
        let Verdict {
            key,
            entry,
            outcome,
            ..
        } = verdict;
        let verdict = Verdict::new(key, entry, outcome);
        let commit = Commit {
            write: LinkWrite {
                link: Link {
                    parked: current.parked,
                    rep: current.rep.or(write.link.rep),
                    rev: current.rev,
                    ..write.link
                },
                ..write
            },
            parked: ParkedItem::Stays,
            outcome: Some(self.outcome(work, &verdict, &Ends::default())),
        };
        if self.stores(commit).await? {
            return Ok(End::Linked(verdict));
        }
        // Handed back, and done again from what is stored then.
        Err(contended(&verdict.key))
    }

    /// Somebody else wrote the link between our read and our write: our call may have overwritten something newer, or was
    /// made against a base that no longer held. The record is marked and written again in full.
    async fn lost(
        &self,
        work: &Work<'_, P::Crm>,
        row: Decided,
        current: Option<Link>,
        outcome: Outcome,
    ) -> Result<End, Fault> {
        let Decided { prepared, .. } = row;
        let ours = prepared.entry.as_of;
        let same = current.as_ref().is_some_and(|link| {
            link.as_of == ours
                && link.source_hash == prepared.entry.hash
                && link.mapping_version == work.entity.version
                && link.rep_version == prepared.rep_version
                && link.stage == Stage::Linked
                && !link.dirty
        });
        if same {
            // The same observation on two workers; the first one's word counts.
            let said = current
                .and_then(|link| link.last)
                .filter(|last| last.run == prepared.entry.run);
            let outcome = said.map_or(outcome, |last| last.outcome);
            return Ok(End::Said(Verdict::new(
                prepared.key,
                prepared.entry,
                outcome,
            )));
        }
        let newer = current.as_ref().is_some_and(|link| link.as_of > ours);
        let repair = self.mark_dirty(&work.pack, &prepared.key).await?;
        Ok(if newer {
            End::Repair(
                Verdict::new(prepared.key, prepared.entry, Outcome::Superseded),
                repair,
            )
        } else {
            End::Redo(Some(Entry {
                attempts: prepared.entry.attempts + 1,
                ..prepared.entry
            }))
        })
    }
}
