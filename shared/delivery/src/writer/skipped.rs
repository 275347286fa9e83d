//! Records that are not compared with the CRM: done already, overtaken, waiting for a parent or a creation, or parked.

use counterpart_domain::{Fault, SageKey};

use super::contended::repair_entry;
use super::prepare::Skip;
use super::results::{PackResults, RowResult};
use super::row_commit::{FollowUp, NextStep, Origin, RowCommit};
use super::snapshot::{PackWork, Snapshot};
use super::waiting::waiting_entry;
use super::{BatchReport, CrmWriter, Mapper};
use crate::ports::ParkedItem;
use crate::ports::prelude::*;
use crate::{Entry, Link, LinkWrite, Outcome, Reason};

/// Children that stay with a parent which is left out or parked itself.
type Kept = (SageKey, SageKey, Entry);

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Ends the part of every record that is not compared.
    pub(super) async fn end_skipped(
        &self,
        work: &PackWork<'_, P::Crm>,
        snapshot: &Snapshot<'_>,
        skips: Vec<(Entry, Skip)>,
        results: &mut PackResults,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let (mut waits, mut kept, mut parks) = (Vec::new(), Vec::new(), Vec::new());
        for (entry, skip) in skips {
            let key = work.pack.key(&entry);
            let link = || snapshot.links.get(&key).cloned();
            match skip {
                Skip::Recorded(outcome) => {
                    if work.again || work.pack.reason != Reason::Change {
                        results.linked.push(key.clone());
                    }
                    results.recorded.push(RowResult::new(key, entry, outcome));
                }
                Skip::Done(outcome, code) => self.done(work, key, entry, (outcome, code), results),
                Skip::MayHaveOverwritten => parks.push(self.overtaken(link(), key, entry, results)),
                Skip::WaitForParent(parent) => waits.push((parent, key, entry)),
                Skip::WaitForCreation => {
                    if let Some(fault) = self
                        .await_creation(&work.pack.target, snapshot, &key, &entry, results)
                        .await?
                    {
                        let now = self.clock.now();
                        parks.push(RowCommit::park(
                            work,
                            key.clone(),
                            entry,
                            link(),
                            fault,
                            now,
                        )?);
                    } else {
                        let result = RowResult::new(key, entry, Outcome::Waiting);
                        results.pending.push(result.with_code("WAITS_FOR_CREATION"));
                    }
                }
                Skip::ExcludedWithParent(parent) => {
                    kept.push((parent, key.clone(), entry.clone()));
                    let result = RowResult::new(key, entry, Outcome::Excluded);
                    results
                        .pending
                        .push(result.with_code("EXCLUDED_WITH_PARENT"));
                }
                Skip::Park(fault, parent) => {
                    kept.extend(parent.map(|parent| (parent, key.clone(), entry.clone())));
                    let now = self.clock.now();
                    parks.push(RowCommit::park(
                        work,
                        key.clone(),
                        entry,
                        link(),
                        *fault,
                        now,
                    )?);
                }
            }
        }
        self.keep(work, &kept).await?;
        parks.extend(self.keep_waiting(work, snapshot, waits, results).await?);
        self.store_parks(work, parks, results, report).await?;
        let kept = kept.into_iter().map(|(parent, _, entry)| (parent, entry));
        self.release_if_linked_meanwhile(&work.pack, snapshot.target, kept.collect())
            .await
    }

    fn done(
        &self,
        work: &PackWork<'_, P::Crm>,
        key: SageKey,
        entry: Entry,
        (outcome, code): (Outcome, Option<&'static str>),
        results: &mut PackResults,
    ) {
        if work.again || work.pack.reason != Reason::Change {
            // An earlier receive may have ended between its link and these last steps.
            results.linked.push(key.clone());
        }
        let result = RowResult::new(key, entry, outcome);
        results.pending.push(match code {
            Some(code) => result.with_code(code),
            None => result,
        });
    }

    /// An observation that may have reached the CRM after a newer one: what is stored is written again in full. A link that
    /// is marked already is marked again, as in `mark_dirty`.
    fn overtaken(
        &self,
        link: Option<Link>,
        key: SageKey,
        entry: Entry,
        results: &mut PackResults,
    ) -> NextStep {
        let result = RowResult::new(key, entry, Outcome::Superseded);
        let Some(link) = link else {
            return NextStep::Record(result);
        };
        let now = self.clock.now();
        let repair = repair_entry(&link, now);
        if link.crm_id.is_none() {
            results.repairs.extend(repair);
            return NextStep::Record(result);
        }
        NextStep::Store(Box::new(RowCommit {
            write: LinkWrite::dirty(link, now),
            parked: ParkedItem::Stays,
            result,
            follow_up: FollowUp::Overtaken(repair.map(Box::new)),
            origin: Origin::Overtaken,
        }))
    }

    /// Keeps children, durably, for the moment at which their parent comes in.
    async fn keep(&self, work: &PackWork<'_, P::Crm>, kept: &[Kept]) -> Result<(), Fault> {
        let waits: Vec<_> = kept
            .iter()
            .map(|(parent, key, entry)| waiting_entry(parent, key, entry))
            .collect();
        if waits.is_empty() {
            return Ok(());
        }
        self.store.wait(&work.pack.target, &waits).await
    }
}
