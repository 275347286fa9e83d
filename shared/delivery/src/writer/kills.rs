//! Records that kill the worker. A receive that ended without a verdict (killed, out of memory, timed out) leaves nothing
//! but the queue's count; what was handed back in order is subtracted from it. After three such ends the pack is taken
//! record by record, and after three more the record that was being tried each time is parked.

use std::collections::HashMap;

use counterpart_domain::{Class, Fault};
use jiff::SignedDuration;

use super::message::NotDone;
use super::settle::Work;
use super::{BatchReport, CrmWriter, Mapper};
use crate::Pack;
use crate::ports::{Clock, Crm, Ids, PackProgress, Queue, Store};

/// Receives before anybody looks at how the earlier ones ended.
pub(super) const SUSPICIOUS: u32 = 3;
/// Ends without a verdict before a pack is taken record by record.
const KILLS_OF_A_PACK: u32 = 3;
/// Ends without a verdict while one record was being tried before it is parked.
const KILLS_OF_A_RECORD: u32 = 3;
/// How often a noting is tried again.
const TRIES: u32 = 3;
/// How long a pack is remembered: longer than any queue keeps it.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 15);

impl<K: Crm, S: Store, Q: Queue, C: Clock + Ids, M: Mapper> CrmWriter<'_, K, S, Q, C, M> {
    pub(super) async fn note_handed_back(&self, pack: &str) -> Result<(), Fault> {
        let mut tries = 0;
        loop {
            match self.try_note(pack).await {
                // Unnoted, it would count as a kill, perhaps of an innocent record: worth some patience.
                Err(fault) if tries < TRIES && fault.is_retryable() => {
                    tries += 1;
                    self.clock
                        .sleep(std::time::Duration::from_millis(300 << tries))
                        .await;
                }
                other => return other,
            }
        }
    }

    async fn try_note(&self, pack: &str) -> Result<(), Fault> {
        let mut progress = self.store.pack_progress(pack).await?;
        progress.handed_back += 1;
        progress.trying = None;
        self.remember(pack, &progress).await
    }

    async fn remember(&self, pack: &str, progress: &PackProgress) -> Result<(), Fault> {
        let until = self
            .clock
            .now()
            .saturating_add(REMEMBERED)
            .unwrap_or(jiff::Timestamp::MAX);
        self.store.put_pack_progress(pack, progress, until).await
    }

    pub(super) async fn take_suspicious(
        &self,
        work: Work<'_, K>,
        receive_count: u32,
        deadline: jiff::Timestamp,
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        let mut progress = self.store.pack_progress(&work.pack.id).await?;
        let kills = (receive_count - 1).saturating_sub(progress.handed_back);
        if kills < KILLS_OF_A_PACK {
            return self.process(work, report).await;
        }
        if let Some(killer) = progress.trying.take() {
            *progress.kills.entry(killer).or_default() += 1;
        }
        tracing::warn!(
            pack.id = work.pack.id,
            pack.kills = kills,
            "a pack that ended without a verdict is taken record by record"
        );
        for entry in work.pack.entries.clone() {
            let pack = Pack {
                entries: vec![entry.clone()],
                ..work.pack.clone()
            };
            if progress
                .kills
                .get(&entry.local_key)
                .is_some_and(|kills| *kills >= KILLS_OF_A_RECORD)
            {
                let key = pack.key(&entry);
                let fault = Fault::new(
                    Class::Bug,
                    "E_KILLS_WORKER",
                    format!(
                        "The writer ended {KILLS_OF_A_RECORD} times without a word while it worked on {key}. The record is set aside; please report it with its content."
                    ),
                );
                let verdict = self
                    .park_entry(&pack, work.entity, key, entry, &fault, report)
                    .await?;
                self.say(&pack, work.entity, &[verdict], &HashMap::new())
                    .await?;
                continue;
            }
            if self.is_late(deadline) {
                let fault = Fault::new(
                    Class::Transient,
                    "E_OUT_OF_TIME",
                    "The rest of the pack is left for another worker.",
                );
                return Err(NotDone {
                    fault,
                    until: Some(self.clock.now()),
                });
            }
            progress.trying = Some(entry.local_key.clone());
            self.remember(&work.pack.id, &progress).await?;
            // The record before may have closed the circuit.
            let circuit = self.store.circuit(&work.pack.target).await?;
            let one = Work {
                circuit,
                ..work.with(pack)
            };
            self.process(one, report).await?;
        }
        progress.trying = None;
        Ok(self.remember(&work.pack.id, &progress).await?)
    }
}
