//! A pack from end to end, step by step: snapshot, prepare, compare, write, commit. Each step takes what the one before made.
//! A pack that has ended workers is watched, and in the end taken record by record.

use counterpart_domain::{Class, Fault, SageKey};

use super::alike::looks_alike;
use super::compare::looked_for;
use super::prepare::{Plan, is_settled, prepare};
use super::results::{PackResults, RowResult};
use super::snapshot::{PackWork, Snapshot};
use super::write::{Stopped, Writes, Written};
use super::{BatchReport, CrmWriter, MARGIN, Mapper};
use crate::kills::{KILLS_OF_A_PACK, MOST_KILLS, WHOLE, Watched};
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::{Outcome, Pack, Reason};

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Takes a pack to its end. Everything it does may be done again.
    pub(super) async fn process(
        &self,
        mut work: PackWork<'_, P::Crm>,
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        let Some(mut snapshot) = self.take_snapshot(&mut work).await? else {
            return Ok(());
        };
        let named = work.pack.named();
        let entries = std::mem::take(&mut work.pack.entries);
        let Plan {
            rows,
            skipped,
            mut results,
        } = prepare(&self.mapper, &work.pack, &mut snapshot, entries);
        self.end_skipped(&work, &snapshot, skipped, &mut results, report)
            .await?;
        let reads = rows
            .iter()
            .any(|row| looked_for(&work, row) || looks_alike(&work, row));
        if reads {
            work.circuit = self.claim_probe(&work.pack.target, &work.circuit).await?;
        }
        let (rows, mut unreadable) = self.part_alike(&work, rows, &named, report).await?;
        let compared = match self.compare(&work, &snapshot, rows).await {
            Ok(compared) => compared,
            Err(fault) => {
                let (target, circuit) = (&work.pack.target, &work.circuit);
                return Err(self
                    .open_circuit(target, circuit, fault, None, &named, report)
                    .await);
            }
        };
        unreadable.extend(compared.unreadable);
        self.park_unreadable_rows(&work, unreadable, &mut results, report)
            .await?;
        let writes = Writes::of(compared.decided);
        // Before anything is stored: a worker that ends in between sends its event once more, not never.
        self.emit_events(&work, writes.rows()).await?;
        let written = self.write_pack(&mut work, writes, reads, report).await?;
        self.commit_pack(&work, written, results, report).await
    }

    /// What is stored of a pack's records. None: an earlier receive has settled all of them.
    async fn take_snapshot<'w>(
        &self,
        work: &mut PackWork<'w, P::Crm>,
    ) -> Result<Option<Snapshot<'w>>, NotDone> {
        if !work.links_first {
            // While the CRM is out of reach a pack comes again and again, and should cost one read each time.
            work.circuit = self.check_pack(&work.pack).await?;
        }
        let mut snapshot = self
            .snapshot(&work.pack, work.target, work.entity, work.again)
            .await?;
        if is_settled(&work.pack, &snapshot) {
            self.leave_settled(work, &snapshot).await?;
            return Ok(None);
        }
        if work.links_first {
            work.circuit = self.check_pack(&work.pack).await?;
        }
        self.add_parents(&work.pack, &mut snapshot).await?;
        Ok(Some(snapshot))
    }

    /// The last step: what was written is settled, whatever became of the rest, which comes back with the message.
    async fn commit_pack(
        &self,
        work: &PackWork<'_, P::Crm>,
        written: Written,
        mut results: PackResults,
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        let Written {
            writes,
            answers,
            stopped,
        } = written;
        self.commit_rows(work, writes, answers, &mut results, report)
            .await?;
        if stopped.is_some() {
            // They are in the message, too.
            results.retries.clear();
            results.creating.clear();
            results.held_up.clear();
        }
        self.release(&work.pack, &results.linked).await?;
        self.send_again(&work.pack, work.target, &mut results)
            .await?;
        self.write_outcomes(work, &mut results).await?;
        self.forget_waits(&work.pack, &results.recorded).await?;
        match stopped {
            None => Ok(()),
            Some(Stopped::Failed {
                fault,
                rows,
                met_by,
            }) => {
                let (target, circuit) = (&work.pack.target, &work.circuit);
                Err(self
                    .open_circuit(target, circuit, fault, Some(rows), &met_by, report)
                    .await)
            }
            Some(Stopped::Slow) => Err(NotDone::slow(self.clock.now())),
        }
    }

    /// A pack that an earlier receive settled: what may have been left of its last steps is done.
    async fn leave_settled(
        &self,
        work: &PackWork<'_, P::Crm>,
        snapshot: &Snapshot<'_>,
    ) -> Result<(), NotDone> {
        let said = work.pack.entries.iter().map(|entry| {
            let key = work.pack.key(entry);
            let last = snapshot.links.get(&key).and_then(|link| link.last.as_ref());
            let outcome = last.map_or(Outcome::Unchanged, |last| last.outcome);
            RowResult::new(key, entry.clone(), outcome)
        });
        let said: Vec<RowResult> = said.collect();
        if work.again || work.pack.reason != Reason::Change {
            let keys: Vec<SageKey> = said.iter().map(|said| said.key.clone()).collect();
            self.release(&work.pack, &keys).await?;
        }
        Ok(self.forget_waits(&work.pack, &said).await?)
    }

    pub(super) async fn take_suspicious(
        &self,
        work: PackWork<'_, P::Crm>,
        receive_count: u32,
        deadline: jiff::Timestamp,
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        // While the CRM is out of reach a pack comes again and again, and should cost one read each time.
        self.check_pack(&work.pack).await?;
        let mut watched = self.kills().of(&work.pack.id, receive_count).await?;
        let done = match &mut watched {
            Some(watched) if watched.kills(WHOLE) >= KILLS_OF_A_PACK => {
                self.take_one_by_one(work, watched, deadline, report).await
            }
            Some(watched) => {
                self.kills().begin(watched, WHOLE).await?;
                self.process(work, report).await
            }
            None => self.process(work, report).await,
        };
        self.kills().end(watched).await;
        done
    }

    async fn take_one_by_one(
        &self,
        work: PackWork<'_, P::Crm>,
        watched: &mut Watched,
        deadline: jiff::Timestamp,
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        tracing::warn!(
            pack.id = work.pack.id,
            pack.kills = watched.kills(WHOLE),
            "a pack that ended without a result is taken record by record"
        );
        for entry in work.pack.entries.clone() {
            let pack = Pack {
                entries: vec![entry.clone()],
                ..work.pack.clone()
            };
            if watched.kills(&entry.local_key) >= MOST_KILLS {
                let key = pack.key(&entry);
                let fault = Fault::new(
                    Class::Bug,
                    "E_KILLS_WORKER",
                    format!(
                        "The writer ended {MOST_KILLS} times without a word while it worked on {key}. The record is set aside; please report it with its content."
                    ),
                );
                let result = self
                    .park_entry(&pack, work.entity, key, entry, &fault, report)
                    .await?;
                let mut results = PackResults {
                    pending: vec![result],
                    ..PackResults::default()
                };
                self.write_outcomes(&work.with(pack), &mut results).await?;
                continue;
            }
            if self.is_late(deadline, MARGIN) {
                let fault = Fault::new(
                    Class::Transient,
                    "E_OUT_OF_TIME",
                    "The rest of the pack is left for another worker.",
                );
                return Err(NotDone::turn(fault, Some(self.clock.now())));
            }
            self.kills().begin(watched, &entry.local_key).await?;
            self.process(work.with(pack), report).await?;
        }
        Ok(())
    }
}
