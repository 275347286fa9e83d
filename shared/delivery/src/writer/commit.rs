//! Step `commit`: everything that a pack leaves is stored together, then what somebody else was faster with is looked at one
//! by one.

use futures_util::{StreamExt as _, stream};

use counterpart_domain::{Fault, Reach};

use super::prepare::Prepared;
use super::refused::{TRIES_FOR_LOCK, retried};
use super::results::{PackResults, Resolution, RowResult};
use super::row_commit::{NextStep, Origin, RowCommit};
use super::snapshot::PackWork;
use super::write::Writes;
use super::{BatchReport, CrmWriter, Mapper};
use crate::ports::prelude::*;
use crate::ports::{Commit, RowOutcome};
use crate::{OutcomeItem, PutLink};

/// Records that are looked into at once.
const AT_ONCE: usize = 16;

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Ends the rows of a pack: those that were written, with the CRM's answers, and those that needed no write.
    pub(super) async fn commit_rows(
        &self,
        work: &PackWork<'_, P::Crm>,
        Writes { due, quiet }: Writes,
        answers: Vec<RowOutcome>,
        results: &mut PackResults,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let now = self.clock.now();
        let (mut row_commits, mut doubtful) = (Vec::new(), Vec::new());
        let written = due.into_iter().zip(answers.into_iter().map(Some));
        for (row, outcome) in written.chain(quiet.into_iter().map(|row| (row, None))) {
            let next = match outcome {
                Some(Err(fault)) => Self::refused(work, row, fault, now)?,
                outcome => RowCommit::row(work, row, outcome.as_ref(), now),
            };
            match next {
                NextStep::Store(row_commit) => row_commits.push(*row_commit),
                NextStep::Record(result) => results.pending.push(result),
                NextStep::Retry(entry) => results.retries.push(entry),
                NextStep::LookInto(row, fault) => doubtful.push((*row, *fault)),
            }
        }
        self.store_row_commits(work, row_commits, results, report)
            .await?;
        let looks = doubtful.into_iter();
        let looks = looks.map(|(row, fault)| self.look_into(work, row, fault));
        end_each(looks, results, report).await
    }

    /// Sets aside the rows whose reading the CRM refuses.
    pub(super) async fn park_unreadable_rows(
        &self,
        work: &PackWork<'_, P::Crm>,
        rows: Vec<(Prepared, Fault)>,
        results: &mut PackResults,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let now = self.clock.now();
        let mut parks = Vec::new();
        for (row, fault) in rows {
            let Prepared {
                key, entry, link, ..
            } = row;
            // What may pass, or may be everybody's, is tried again for a day.
            let may_pass = fault.is_retryable() || Reach::of(&fault) == Reach::Unclear;
            parks.push(if may_pass && entry.attempts < TRIES_FOR_LOCK {
                NextStep::Retry(retried(entry))
            } else {
                RowCommit::park(work, key, entry, link, fault, now)?
            });
        }
        self.store_parks(work, parks, results, report).await
    }

    /// Stores what is set aside before the CRM is called: no outage holds it up.
    pub(super) async fn store_parks(
        &self,
        work: &PackWork<'_, P::Crm>,
        parks: Vec<NextStep>,
        results: &mut PackResults,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let mut row_commits = Vec::new();
        for next in parks {
            match next {
                NextStep::Store(row_commit) => row_commits.push(*row_commit),
                NextStep::Record(result) => results.pending.push(result),
                NextStep::Retry(entry) => results.retries.push(entry),
                NextStep::LookInto(row, _) => results.retries.push(row.prepared.entry),
            }
        }
        if row_commits.is_empty() {
            return Ok(());
        }
        self.store_row_commits(work, row_commits, results, report)
            .await
    }

    /// Stores endings, and every outcome that is known by now.
    pub(super) async fn store_row_commits(
        &self,
        work: &PackWork<'_, P::Crm>,
        row_commits: Vec<RowCommit>,
        results: &mut PackResults,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let along = self.outcomes(work, &results.pending, results);
        let mut commits = Vec::with_capacity(row_commits.len());
        let mut rest = Vec::with_capacity(row_commits.len());
        for row_commit in row_commits {
            let outcome = self.outcome(work, &row_commit.result, results);
            let RowCommit {
                write,
                parked,
                result,
                follow_up,
                origin,
            } = row_commit;
            commits.push(Commit {
                write,
                parked,
                outcome: Some(outcome),
            });
            rest.push((result, follow_up, origin));
        }
        if commits.is_empty() {
            self.store.put_outcomes(&along).await?;
            results.recorded.append(&mut results.pending);
            return Ok(());
        }
        let answers = self.store.commit(&commits, &along).await?;
        results.recorded.append(&mut results.pending);
        let mut lost = Vec::new();
        for ((Commit { write, parked, .. }, (result, follow_up, origin)), answer) in
            commits.into_iter().zip(rest).zip(answers)
        {
            let row_commit = RowCommit {
                write,
                parked,
                result,
                follow_up,
                origin,
            };
            match answer {
                PutLink::Stored(_) => {
                    if let Origin::Parked(fault) = &row_commit.origin {
                        tracing::error!(record.key = %row_commit.result.key, target.name = %work.pack.target, fault.code = %fault.code, "a record is parked");
                    }
                    row_commit.stored(results, report);
                }
                answer => lost.push((row_commit, answer)),
            }
        }
        let looks = lost.into_iter();
        let looks = looks.map(|(row_commit, answer)| self.not_stored(work, row_commit, answer));
        end_each(looks, results, report).await
    }

    /// Writes the outcomes that are not in the ledger yet.
    pub(super) async fn write_outcomes(
        &self,
        work: &PackWork<'_, P::Crm>,
        results: &mut PackResults,
    ) -> Result<(), Fault> {
        if results.pending.is_empty() {
            return Ok(());
        }
        let outcomes = self.outcomes(work, &results.pending, results);
        self.store.put_outcomes(&outcomes).await?;
        results.recorded.append(&mut results.pending);
        Ok(())
    }

    fn outcomes(
        &self,
        work: &PackWork<'_, P::Crm>,
        pending: &[RowResult],
        results: &PackResults,
    ) -> Vec<OutcomeItem> {
        let outcome = |result| self.outcome(work, result, results);
        pending.iter().map(outcome).collect()
    }

    pub(super) fn outcome(
        &self,
        work: &PackWork<'_, P::Crm>,
        result: &RowResult,
        results: &PackResults,
    ) -> OutcomeItem {
        let notes = results.notes.get(&result.key).cloned().unwrap_or_default();
        for note in &notes {
            // Without its sentence, which holds the record's content.
            tracing::info!(target.name = %work.pack.target, key = %result.key, field = %note.field, note.code = %note.code, "a value could not be standardised");
        }
        OutcomeItem {
            code: result.code.clone(),
            changes: result.changes.clone(),
            notes,
            attempts: result.entry.attempts + 1,
            ..OutcomeItem::new(
                result.entry.run.clone(),
                work.pack.target.clone(),
                result.key.clone(),
                result.outcome,
                work.entity.version.clone(),
                self.clock.now(),
            )
        }
    }
}

/// Ends records that have to be looked into one by one, some at once. One that fails keeps no other from its end: the pack
/// comes back for it.
async fn end_each(
    looks: impl Iterator<Item = impl Future<Output = Result<Resolution, Fault>>>,
    results: &mut PackResults,
    report: &mut BatchReport,
) -> Result<(), Fault> {
    let mut looks = stream::iter(looks).buffer_unordered(AT_ONCE);
    let mut failed = Ok(());
    while let Some(end) = looks.next().await {
        match end {
            Ok(end) => end.join(results, report),
            Err(fault) => failed = Err(fault),
        }
    }
    failed
}
