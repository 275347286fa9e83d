//! Records that kill the worker. A pack that has come often is watched; once two of its receives ended without a verdict it is
//! taken record by record, and after three more the record that was being tried each time is parked.

use counterpart_domain::{Class, Fault};

use super::message::NotDone;
use super::work::{Ends, Work};
use super::{BatchReport, CrmWriter, MARGIN, Mapper};
use crate::Pack;
use crate::circuit::Gate;
use crate::kills::{KILLS_OF_A_PACK, MOST_KILLS, WHOLE, Watched};
use crate::ports::prelude::*;

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    pub(super) async fn take_suspicious(
        &self,
        work: Work<'_, P::Crm>,
        receive_count: u32,
        deadline: jiff::Timestamp,
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        // While the CRM is out of reach a pack comes again and again, and should cost one read each time.
        if let Gate::Shut(until) = self.breaker().gate(&work.pack.target).await? {
            return Err(NotDone::shut(until));
        }
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
        work: Work<'_, P::Crm>,
        watched: &mut Watched,
        deadline: jiff::Timestamp,
        report: &mut BatchReport,
    ) -> Result<(), NotDone> {
        tracing::warn!(
            pack.id = work.pack.id,
            pack.kills = watched.kills(WHOLE),
            "a pack that ended without a verdict is taken record by record"
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
