//! The slots to write that a company has, and how a job gives back whatever it holds.

use counterpart_config::CreditPolicy;

use super::context::JobContext;
use super::stop::Stop;
use super::{LONGEST_REQUEST, PAUSE, SageWriter};
use crate::job::Work;
use crate::ports::Slot;
use crate::ports::prelude::*;

impl<P: Ports> SageWriter<'_, P> {
    /// Makes sure of a slot to write to the company, and of the time for one more request. Who gets none hands the work back; that
    /// is no failure.
    pub(super) async fn acquire_slot(&self, context: &JobContext<'_, P>) -> Result<(), Stop> {
        if self.is_late(context.deadline, LONGEST_REQUEST) {
            let now = Some(self.clock.now());
            let why = "The time of this worker is nearly over; another one goes on.";
            return Err(Stop::back("E_OUT_OF_TIME", why, now));
        }
        let leases = &context.leases;
        if leases.has_slot() {
            return Ok(());
        }
        // Taken for as long as the leases, even where the answer is lost.
        leases.note_slot(true);
        // Credit that is checked holds until the order is there only if no other order of the company is written meanwhile:
        // such jobs share one slot, however many there are.
        let alone = matches!(context.job.work, Work::PlaceOrder(_))
            && context
                .target
                .orders
                .as_ref()
                .is_some_and(|orders| orders.credit != CreditPolicy::Ignore);
        let slots = if alone {
            1
        } else {
            context.settings.writers.max(1)
        };
        let now = self.clock.now();
        let slot = self
            .store
            .acquire_slot(context.company, slots, &leases.owner, now, leases.until)
            .await?;
        match slot {
            Slot::Acquired => Ok(()),
            Slot::Busy(free_at) => {
                leases.note_slot(false);
                let soon = now.saturating_add(self.jittered(PAUSE));
                let until = soon.map_or(free_at, |soon| soon.min(free_at));
                let why = "Another worker writes to this company just now.";
                Err(Stop::back("E_SAGE_SEATS_TAKEN", why, Some(until)))
            }
        }
    }

    /// Gives back whatever the job took.
    pub(super) async fn release_all(&self, context: &JobContext<'_, P>) {
        let leases = &context.leases;
        for id in leases.take_intents() {
            let released = self
                .store
                .release_intent(&context.job.target, &id, &leases.owner)
                .await;
            if let Err(fault) = released {
                tracing::warn!(intent.id = id.storage(), fault = %fault, "a lease runs out by itself");
            }
        }
        if leases.note_slot(false)
            && let Err(fault) = self
                .store
                .release_slot(context.company, &leases.owner)
                .await
        {
            tracing::warn!(company.code = %context.company, fault = %fault, "a slot falls free by itself");
        }
    }
}
