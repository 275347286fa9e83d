//! A pack from end to end: planned, read where needed, written in one call, linked, released, told.

use std::collections::HashMap;

use counterpart_config::{EntityConfig, TargetConfig};
use counterpart_domain::{Fault, Note, SageKey};
use futures_util::future::join_all;

use super::call::{Keyed, Limits, Stopped, Upserts, Wrote};
use super::context::Context;
use super::look::looked_for;
use super::message::NotDone;
use super::verdict::{Aside, Decided, Verdict};
use super::{BatchReport, CrmWriter, Mapper};
use crate::circuit::Gate;
use crate::ports::{
    Circuit, Clock, Crm, CrmRecords, EventQueue, Ids, Intents, Marks, Queue, RowOutcome, Store,
};
use crate::{Entry, Outcome, Pack, TargetFault};

/// Link writes under way at once.
const AT_ONCE: usize = 16;

/// A pack with everything that is the same for all its records.
pub(super) struct Work<'a, K> {
    pub(super) pack: Pack,
    pub(super) target: &'a TargetConfig,
    pub(super) entity: &'a EntityConfig,
    pub(super) crm: &'a K,
    pub(super) circuit: Circuit,
    /// Received before, without a verdict.
    pub(super) again: bool,
}

impl<'a, K> Work<'a, K> {
    pub(super) fn with(&self, pack: Pack) -> Work<'a, K> {
        Work {
            pack,
            circuit: self.circuit.clone(),
            ..*self
        }
    }
}

/// What a pack leaves behind besides links.
#[derive(Default)]
pub(super) struct Ends {
    pub(super) verdicts: Vec<Verdict>,
    /// To be tried again after a pause.
    pub(super) retries: Vec<Entry>,
    /// To be looked at again once their creation in Sage is done.
    pub(super) creating: Vec<Entry>,
    /// To be written again in full, at once.
    pub(super) repairs: Vec<Entry>,
    /// Linked by this pack: their children are released.
    pub(super) linked: Vec<SageKey>,
    /// What the mapping has to say about records that go over all the same.
    pub(super) notes: HashMap<SageKey, Vec<Note>>,
}

impl<K, S, Q, E, C, M> CrmWriter<'_, K, S, Q, E, C, M>
where
    K: Crm + CrmRecords,
    S: Store + Intents + Marks,
    Q: Queue,
    E: EventQueue,
    C: Clock + Ids,
    M: Mapper,
{
    /// Takes a pack to its end. Everything it does may be done again.
    pub(super) async fn process(
        &self,
        mut work: Work<'_, K>,
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        let context = self
            .context(&work.pack, work.target, work.entity, work.again)
            .await?;
        let mut ends = Ends::default();
        let mut prepared = Vec::new();
        let mut asides = Vec::new();
        for entry in newest(&work.pack, &mut ends) {
            match self.prepare(&work.pack, &context, &entry) {
                Ok(mut ready) => {
                    let notes = std::mem::take(&mut ready.notes);
                    ends.notes.insert(ready.key.clone(), notes);
                    prepared.push(ready);
                }
                Err(aside) => asides.push((entry, aside)),
            }
        }
        self.set_aside(&work.pack, &context, asides, &mut ends, report)
            .await?;
        let reads = prepared.iter().any(|row| looked_for(&work, row));
        if reads {
            self.claim_probe(&mut work).await?;
        }
        let (decided, unreadable) = match self.compare(&work, &context, prepared).await {
            Ok(compared) => compared,
            Err(fault) => return Err(self.gave_up(&work, fault, None, report).await),
        };
        for (row, fault) in unreadable {
            let verdict = self
                .park_entry(&work.pack, work.entity, row.key, row.entry, &fault, report)
                .await?;
            ends.verdicts.push(verdict);
        }
        let (mut writes, quiet): (Vec<Decided>, Vec<Decided>) =
            decided.into_iter().partition(|row| {
                row.decision.create
                    || !row.decision.to_crm.is_empty()
                    || row.prepared.unkeyed().is_some()
            });
        // Told before anything is settled: a worker that ends in between tells it once more, not never.
        self.tell_sage(&work, writes.iter().chain(&quiet)).await?;
        // Found by their ids: last, in a call of their own.
        writes.sort_by_key(|row| row.prepared.unkeyed().is_some());
        if !reads && !writes.is_empty() {
            self.claim_probe(&mut work).await?;
        }
        let called = reads || !writes.is_empty();
        let Wrote {
            rows,
            largest,
            stopped,
        } = self.write_all(&work, &writes, report).await;
        match &stopped {
            Some(Stopped::Failed(fault, at)) if rows.is_empty() => {
                let fault = fault.clone();
                return Err(self.gave_up(&work, fault, Some(*at), report).await);
            }
            Some(Stopped::Failed(..)) => {}
            _ if called && (largest > 0 || writes.is_empty()) => {
                let bulk = work.crm.bulk_size();
                self.breaker()
                    .close(&work.pack.target, &work.circuit, largest, bulk)
                    .await?;
            }
            _ => {}
        }
        // What was written is settled, whatever became of the rest, which comes back with the message.
        writes.truncate(rows.len());
        self.settle_rows(&work, writes, rows, quiet, &mut ends, report)
            .await?;
        if stopped.is_some() {
            // They are in the message, too.
            ends.retries.clear();
            ends.creating.clear();
        }
        self.release(&work.pack, &ends.linked).await?;
        self.send_again(&work.pack, work.target, &mut ends).await?;
        self.say(&work.pack, work.entity, &ends.verdicts, &ends.notes)
            .await?;
        self.forget_waits(&work.pack, &ends.verdicts).await?;
        match stopped {
            None => Ok(()),
            Some(Stopped::Failed(fault, at)) => {
                Err(self.gave_up(&work, fault, Some(at), report).await)
            }
            Some(Stopped::Slow) => Err(NotDone::slow(self.clock.now())),
        }
    }

    /// The rows that are found by key, then those that are found by id.
    async fn write_all(
        &self,
        work: &Work<'_, K>,
        rows: &[Decided],
        report: &mut BatchReport,
    ) -> Wrote {
        let limits = Limits::of(work.crm, &work.circuit);
        let by_key = rows.partition_point(|row| row.prepared.unkeyed().is_none());
        let (by_key, by_id) = rows.split_at(by_key);
        let mut wrote = self.write(&Upserts(work), limits, by_key, report).await;
        if wrote.stopped.is_none() && !by_id.is_empty() {
            let more = self.write(&Keyed(work), limits, by_id, report).await;
            wrote.rows.extend(more.rows);
            wrote.largest = wrote.largest.max(more.largest);
            wrote.stopped = more.stopped;
        }
        wrote
    }

    /// Asked for right before the first call of a pack, and only where there is one.
    async fn claim_probe(&self, work: &mut Work<'_, K>) -> Result<(), NotDone> {
        let circuit = work.circuit.clone();
        match self.breaker().claim(&work.pack.target, circuit).await? {
            Gate::Open(circuit) => work.circuit = circuit,
            Gate::Shut(until) => return Err(NotDone::shut(until)),
        }
        Ok(())
    }

    /// Opens the circuit. `rows`: of the write that failed, where it was one.
    async fn gave_up(
        &self,
        work: &Work<'_, K>,
        fault: Fault,
        rows: Option<usize>,
        report: &mut BatchReport,
    ) -> NotDone {
        report.faults.push(TargetFault {
            target: work.pack.target.clone(),
            fault: fault.clone(),
        });
        let until = self
            .breaker()
            .open(&work.pack.target, &work.circuit, &fault, rows)
            .await;
        NotDone {
            fault,
            until: Some(until),
        }
    }

    async fn set_aside(
        &self,
        pack: &Pack,
        context: &Context<'_>,
        asides: Vec<(Entry, Aside)>,
        ends: &mut Ends,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let (mut waits, mut kept) = (Vec::new(), Vec::new());
        for (entry, aside) in asides {
            let key = pack.key(&entry);
            match aside {
                Aside::Done(outcome, code) => {
                    if context.again || pack.reason != crate::Reason::Change {
                        // An earlier receive may have ended between its link and these last steps.
                        self.unpark_if_applied(pack, context, &key).await?;
                        ends.linked.push(key.clone());
                    }
                    let verdict = Verdict::new(key, entry, outcome);
                    ends.verdicts.push(match code {
                        Some(code) => verdict.with_code(code),
                        None => verdict,
                    });
                }
                Aside::MayHaveOverwritten => {
                    ends.repairs.extend(self.mark_dirty(pack, &key).await?);
                    ends.verdicts
                        .push(Verdict::new(key, entry, Outcome::Superseded));
                }
                Aside::Wait(parent) => waits.push((parent, key, entry)),
                Aside::Creating => {
                    let verdict = self.let_create(pack, context, key, entry, ends, report);
                    let verdict = verdict.await?;
                    ends.verdicts.push(verdict);
                }
                Aside::ExcludedWith(parent) => {
                    self.wait(pack, &parent, &key, &entry).await?;
                    kept.push((parent, entry.clone()));
                    let verdict = Verdict::new(key, entry, Outcome::Excluded);
                    ends.verdicts
                        .push(verdict.with_code("EXCLUDED_WITH_PARENT"));
                }
                Aside::Park(fault, parent) => {
                    if let Some(parent) = parent {
                        self.wait(pack, &parent, &key, &entry).await?;
                        kept.push((parent, entry.clone()));
                    }
                    ends.verdicts.push(
                        self.park_entry(pack, context.entity, key, entry, &fault, report)
                            .await?,
                    );
                }
            }
        }
        self.let_wait(pack, context, waits, ends, report).await?;
        self.release_if_linked_meanwhile(pack, context.target, kept)
            .await
    }

    async fn settle_rows(
        &self,
        work: &Work<'_, K>,
        writes: Vec<Decided>,
        rows: Vec<RowOutcome>,
        quiet: Vec<Decided>,
        ends: &mut Ends,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let mut jobs: Vec<(Decided, Option<RowOutcome>)> =
            writes.into_iter().zip(rows.into_iter().map(Some)).collect();
        jobs.extend(quiet.into_iter().map(|row| (row, None)));
        let mut failed = None;
        while !jobs.is_empty() {
            let rest = jobs.split_off(jobs.len().min(AT_ONCE));
            let part = std::mem::replace(&mut jobs, rest);
            for end in join_all(
                part.into_iter()
                    .map(|(row, outcome)| self.settle(work, row, outcome)),
            )
            .await
            {
                match end {
                    Ok(end) => end.join(ends, report),
                    // The others are stored all the same; the pack comes back for this one.
                    Err(fault) => failed = Some(fault),
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

/// A pack should name a key once. Where it does not, the newest observation counts, the others are superseded.
fn newest(pack: &Pack, ends: &mut Ends) -> Vec<Entry> {
    let mut by_key: HashMap<&str, usize> = HashMap::new();
    let mut kept: Vec<Entry> = Vec::with_capacity(pack.entries.len());
    for entry in &pack.entries {
        match by_key.get(entry.local_key.as_str()) {
            None => {
                by_key.insert(&entry.local_key, kept.len());
                kept.push(entry.clone());
            }
            Some(&at) => {
                let (newer, older) = if entry.as_of > kept[at].as_of {
                    (entry, kept[at].clone())
                } else {
                    (&kept[at], entry.clone())
                };
                kept[at] = newer.clone();
                let key = pack.key(&older);
                ends.verdicts
                    .push(Verdict::new(key, older, Outcome::Superseded));
            }
        }
    }
    kept
}
