//! Records that kill the worker. After three receives that ended without a verdict the pack is taken record by record, and
//! after three more the record that was being tried each time is parked.

use counterpart_domain::{Class, Fault};

use super::message::NotDone;
use super::settle::{Ends, Work};
use super::{BatchReport, CrmWriter, Mapper};
use crate::Pack;
use crate::kills::{KILLS_OF_A_PACK, KILLS_OF_A_RECORD, kills};
use crate::ports::{Clock, Crm, CrmRecords, EventQueue, Ids, Intents, Marks, Queue, Store};

impl<K, S, Q, E, C, M> CrmWriter<'_, K, S, Q, E, C, M>
where
    K: Crm + CrmRecords,
    S: Store + Intents + Marks,
    Q: Queue,
    E: EventQueue,
    C: Clock + Ids,
    M: Mapper,
{
    pub(super) async fn take_suspicious(
        &self,
        work: Work<'_, K>,
        receive_count: u32,
        deadline: jiff::Timestamp,
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        let mut progress = self.store.pack_progress(&work.pack.id).await?;
        let kills = kills(&progress, receive_count);
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
                let mut ends = Ends {
                    verdicts: vec![verdict],
                    ..Ends::default()
                };
                self.say(&work.with(pack), &mut ends).await?;
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
            self.kills().remember(&work.pack.id, &progress).await?;
            self.process(work.with(pack), report).await?;
        }
        progress.trying = None;
        Ok(self.kills().remember(&work.pack.id, &progress).await?)
    }
}
