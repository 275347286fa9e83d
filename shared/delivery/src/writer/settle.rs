//! A pack from end to end: planned, read where needed, written in one call, linked, released, told.

use std::collections::HashMap;

use counterpart_domain::{Fault, SageKey};

use super::call::{ById, Limits, Stopped, Upserts, Wrote};
use super::context::Context;
use super::ending::{Ending, Next};
use super::look::looked_for;
use super::verdict::{Decided, Prepared, Verdict};
use super::work::{Ends, Work};
use super::{BatchReport, CrmWriter, Mapper};
use crate::circuit::Gate;
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::{Entry, Outcome, Pack, Reason, TargetFault};

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Takes a pack to its end. Everything it does may be done again.
    pub(super) async fn process(
        &self,
        mut work: Work<'_, P::Crm>,
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        let again = work.again;
        if !work.links_first {
            // While the CRM is out of reach a pack comes again and again, and should cost one read each time.
            self.enter(&mut work).await?;
        }
        let mut context = self
            .context(&work.pack, work.target, work.entity, again)
            .await?;
        if self.is_settled(&work.pack, &context) {
            return self.leave_settled(&work, &context).await;
        }
        if work.links_first {
            self.enter(&mut work).await?;
        }
        self.add_parents(&work.pack, &mut context).await?;
        let mut ends = Ends::default();
        let mut prepared = Vec::new();
        let mut asides = Vec::new();
        let entries = std::mem::take(&mut work.pack.entries);
        for entry in newest(&work.pack, entries, &mut ends) {
            match self.prepare(&work.pack, &mut context, entry) {
                Ok(mut ready) => {
                    let notes = std::mem::take(&mut ready.notes);
                    if !notes.is_empty() {
                        ends.notes.insert(ready.key.clone(), notes);
                    }
                    prepared.push(ready);
                }
                Err(aside) => asides.push(*aside),
            }
        }
        self.set_aside(&work, &context, asides, &mut ends, report)
            .await?;
        let reads = prepared.iter().any(|row| looked_for(&work, row));
        if reads {
            self.claim_probe(&mut work).await?;
        }
        let (decided, unreadable) = match self.compare(&work, &context, prepared).await {
            Ok(compared) => compared,
            Err(fault) => return Err(self.gave_up(&work, fault, None, report).await),
        };
        self.park_unreadable(&work, unreadable, &mut ends, report)
            .await?;
        let (mut writes, quiet): (Vec<Decided>, Vec<Decided>) =
            decided.into_iter().partition(|row| {
                row.decision.create
                    || !row.decision.to_crm.is_empty()
                    || row.prepared.unkeyed().is_some()
            });
        // Told before anything is settled: a worker that ends in between tells it once more, not never.
        self.tell_sage(&work, writes.iter().chain(&quiet)).await?;
        // Known by their ids: last, in a call of their own.
        writes.sort_by_key(|row| row.prepared.is_linked());
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
        self.say(&work, &mut ends).await?;
        self.forget_waits(&work.pack, &ends.told).await?;
        match stopped {
            None => Ok(()),
            Some(Stopped::Failed(fault, at)) => {
                Err(self.gave_up(&work, fault, Some(at), report).await)
            }
            Some(Stopped::Slow) => Err(NotDone::slow(self.clock.now())),
        }
    }

    /// The rows that are found by key, then those that are known by id.
    async fn write_all(
        &self,
        work: &Work<'_, P::Crm>,
        rows: &[Decided],
        report: &mut BatchReport,
    ) -> Wrote {
        let limits = Limits::of(work.crm, &work.circuit);
        let by_key = rows.partition_point(|row| !row.prepared.is_linked());
        let (by_key, by_id) = rows.split_at(by_key);
        let mut wrote = self.write(&Upserts(work), limits, by_key, report).await;
        if wrote.stopped.is_none() && !by_id.is_empty() {
            let more = self.write(&ById(work), limits, by_id, report).await;
            wrote.rows.extend(more.rows);
            wrote.largest = wrote.largest.max(more.largest);
            wrote.stopped = more.stopped;
        }
        wrote
    }

    /// Asked for right before the first call of a pack, and only where there is one.
    async fn claim_probe(&self, work: &mut Work<'_, P::Crm>) -> Result<(), NotDone> {
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
        work: &Work<'_, P::Crm>,
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
        NotDone::trouble(fault, Some(until))
    }

    /// Asks whether the CRM may be called at all.
    async fn enter(&self, work: &mut Work<'_, P::Crm>) -> Result<(), NotDone> {
        match self.breaker().gate(&work.pack.target).await? {
            Gate::Open(circuit) => work.circuit = circuit,
            Gate::Shut(until) => return Err(NotDone::shut(until)),
        }
        Ok(())
    }

    /// A pack that an earlier receive settled: what may have been left of its last steps is done.
    async fn leave_settled(
        &self,
        work: &Work<'_, P::Crm>,
        context: &Context<'_>,
    ) -> Result<(), NotDone> {
        let said = work.pack.entries.iter().map(|entry| {
            let key = work.pack.key(entry);
            let last = context.links.get(&key).and_then(|link| link.last.as_ref());
            let outcome = last.map_or(Outcome::Unchanged, |last| last.outcome);
            Verdict::new(key, entry.clone(), outcome)
        });
        let said: Vec<Verdict> = said.collect();
        if work.again || work.pack.reason != Reason::Change {
            let keys: Vec<SageKey> = said.iter().map(|said| said.key.clone()).collect();
            self.release(&work.pack, &keys).await?;
        }
        Ok(self.forget_waits(&work.pack, &said).await?)
    }

    /// Sets aside the rows whose reading the CRM refuses.
    async fn park_unreadable(
        &self,
        work: &Work<'_, P::Crm>,
        rows: Vec<(Prepared, Fault)>,
        ends: &mut Ends,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let now = self.clock.now();
        let mut parks = Vec::new();
        for (row, fault) in rows {
            let Prepared {
                key, entry, link, ..
            } = row;
            parks.push(Ending::park(work, key, entry, link, fault, now)?);
        }
        self.store_parks(work, parks, ends, report).await
    }

    /// Stores what is set aside before the CRM is called: no outage holds it up.
    pub(super) async fn store_parks(
        &self,
        work: &Work<'_, P::Crm>,
        parks: Vec<Next>,
        ends: &mut Ends,
        report: &mut BatchReport,
    ) -> Result<(), Fault> {
        let mut endings = Vec::new();
        for next in parks {
            match next {
                Next::Store(ending) => endings.push(*ending),
                Next::Say(verdict) => ends.verdicts.push(verdict),
                Next::Retry(entry) => ends.retries.push(entry),
                Next::LookInto(row, _) => ends.retries.push(row.prepared.entry),
            }
        }
        if endings.is_empty() {
            return Ok(());
        }
        self.store_endings(work, endings, ends, report).await
    }
}

/// A pack should name a key once. Where it does not, the newest observation counts, the others are superseded.
fn newest(pack: &Pack, entries: Vec<Entry>, ends: &mut Ends) -> Vec<Entry> {
    let mut at: HashMap<String, usize> = HashMap::with_capacity(entries.len());
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(&at) = at.get(&entry.local_key) else {
            at.insert(entry.local_key.clone(), kept.len());
            kept.push(entry);
            continue;
        };
        let older = if entry.as_of > kept[at].as_of {
            std::mem::replace(&mut kept[at], entry)
        } else {
            entry
        };
        // In one run a record has one outcome: that of its newest observation.
        if older.run != kept[at].run {
            let key = pack.key(&older);
            ends.verdicts
                .push(Verdict::new(key, older, Outcome::Superseded));
        }
    }
    kept
}
