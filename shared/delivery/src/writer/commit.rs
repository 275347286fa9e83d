//! The last step: everything that a pack leaves is stored together, then what somebody else was faster with is looked at one
//! by one.

use futures_util::{StreamExt as _, stream};

use counterpart_domain::Fault;

use super::ending::{Ending, Next, Origin};
use super::verdict::{Decided, Verdict};
use super::work::{End, Ends, Work};
use super::{BatchReport, CrmWriter, Mapper};
use crate::ports::prelude::*;
use crate::ports::{Commit, RowOutcome};
use crate::{OutcomeItem, PutLink};

/// Records that are looked into at once.
const AT_ONCE: usize = 16;

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Ends the rows of a pack: those that were written, with the CRM's answers, and those that needed no write.
    pub(super) async fn settle_rows(
        &self,
        work: &Work<'_, P::Crm>,
        writes: Vec<Decided>,
        rows: Vec<RowOutcome>,
        quiet: Vec<Decided>,
        ends: &mut Ends,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let now = self.clock.now();
        let (mut endings, mut doubtful) = (Vec::new(), Vec::new());
        let written = writes.into_iter().zip(rows.into_iter().map(Some));
        for (row, outcome) in written.chain(quiet.into_iter().map(|row| (row, None))) {
            let next = match outcome {
                Some(Err(fault)) => Self::refused(work, row, fault, now)?,
                outcome => Ending::row(work, row, outcome.as_ref(), now),
            };
            match next {
                Next::Store(ending) => endings.push(*ending),
                Next::Say(verdict) => ends.verdicts.push(verdict),
                Next::Retry(entry) => ends.retries.push(entry),
                Next::LookInto(row, fault) => doubtful.push((*row, *fault)),
            }
        }
        self.store_endings(work, endings, ends, report).await?;
        let looks = doubtful.into_iter();
        let looks = looks.map(|(row, fault)| self.look_into(work, row, fault));
        end_each(looks, ends, report).await
    }

    /// Stores endings, and every outcome that is known by now.
    pub(super) async fn store_endings(
        &self,
        work: &Work<'_, P::Crm>,
        endings: Vec<Ending>,
        ends: &mut Ends,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let along = self.outcomes(work, &ends.verdicts, ends);
        let mut commits = Vec::with_capacity(endings.len());
        let mut rest = Vec::with_capacity(endings.len());
        for ending in endings {
            let outcome = self.outcome(work, &ending.verdict, ends);
            let Ending {
                write,
                parked,
                verdict,
                follow_up,
                origin,
            } = ending;
            commits.push(Commit {
                write,
                parked,
                outcome: Some(outcome),
            });
            rest.push((verdict, follow_up, origin));
        }
        if commits.is_empty() {
            self.store.put_outcomes(&along).await?;
            ends.told.append(&mut ends.verdicts);
            return Ok(());
        }
        let answers = self.store.commit(&commits, &along).await?;
        ends.told.append(&mut ends.verdicts);
        let mut lost = Vec::new();
        for ((Commit { write, parked, .. }, (verdict, follow_up, origin)), answer) in
            commits.into_iter().zip(rest).zip(answers)
        {
            let ending = Ending {
                write,
                parked,
                verdict,
                follow_up,
                origin,
            };
            match answer {
                PutLink::Stored(_) => {
                    if let Origin::Parked(fault) = &ending.origin {
                        tracing::error!(record.key = %ending.verdict.key, target.name = %work.pack.target, fault.code = %fault.code, "a record is parked");
                    }
                    ending.stored(ends, report);
                }
                answer => lost.push((ending, answer)),
            }
        }
        let looks = lost.into_iter();
        let looks = looks.map(|(ending, answer)| self.not_stored(work, ending, answer));
        end_each(looks, ends, report).await
    }

    /// Writes the outcomes that are not in the ledger yet.
    pub(super) async fn say(&self, work: &Work<'_, P::Crm>, ends: &mut Ends) -> Result<(), Fault> {
        if ends.verdicts.is_empty() {
            return Ok(());
        }
        let outcomes = self.outcomes(work, &ends.verdicts, ends);
        self.store.put_outcomes(&outcomes).await?;
        ends.told.append(&mut ends.verdicts);
        Ok(())
    }

    fn outcomes(
        &self,
        work: &Work<'_, P::Crm>,
        verdicts: &[Verdict],
        ends: &Ends,
    ) -> Vec<OutcomeItem> {
        let outcome = |verdict| self.outcome(work, verdict, ends);
        verdicts.iter().map(outcome).collect()
    }

    pub(super) fn outcome(
        &self,
        work: &Work<'_, P::Crm>,
        verdict: &Verdict,
        ends: &Ends,
    ) -> OutcomeItem {
        let notes = ends.notes.get(&verdict.key).cloned().unwrap_or_default();
        for note in &notes {
            // Without its sentence, which holds the record's content.
            tracing::info!(target.name = %work.pack.target, key = %verdict.key, field = %note.field, note.code = %note.code, "a value could not be standardised");
        }
        OutcomeItem {
            code: verdict.code.clone(),
            changes: verdict.changes.clone(),
            notes,
            attempts: verdict.entry.attempts + 1,
            ..OutcomeItem::new(
                verdict.entry.run.clone(),
                work.pack.target.clone(),
                verdict.key.clone(),
                verdict.outcome,
                work.entity.version.clone(),
                self.clock.now(),
            )
        }
    }
}

/// Ends records that have to be looked into one by one, some at once. One that fails keeps no other from its end: the pack
/// comes back for it.
async fn end_each(
    looks: impl Iterator<Item = impl Future<Output = Result<End, Fault>>>,
    ends: &mut Ends,
    report: &mut BatchReport,
) -> Result<(), Fault> {
    let mut looks = stream::iter(looks).buffer_unordered(AT_ONCE);
    let mut failed = Ok(());
    while let Some(end) = looks.next().await {
        match end {
            Ok(end) => end.join(ends, report),
            Err(fault) => failed = Err(fault),
        }
    }
    failed
}
