//! The guard against a flood: so many orders, customers and contacts are created in a company within an hour, and no more.
//! What is beyond waits in the queue and comes by itself; a person hears of it and can stop it. What an outage kept back counts for
//! the hour in which it was asked for: it is no flood.

use jiff::{SignedDuration, Timestamp};

use super::SageWriter;
use super::context::JobContext;
use super::leases::LeasedIntent;
use super::stop::Stop;
use crate::job::Work;
use crate::ports::prelude::*;
use crate::ports::{BELATED, CREATION_COUNTS, Creation};

/// The code of what waits.
pub(super) const FULL: &str = "E_SAGE_CREATIONS_FULL";
/// What waits does not come back all at once.
const SPREAD: SignedDuration = SignedDuration::from_mins(15);

impl<P: Ports> SageWriter<'_, P> {
    /// Counts what is about to be created, before a number is taken for it. What was begun goes on, and is counted once.
    pub(super) async fn count_creation(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
    ) -> Result<(), Stop> {
        if leased.intent.number.is_some() || leased.intent.sends > 0 {
            return Ok(());
        }
        let (name, most) = (name_of(leased), context.settings.creations_per_hour);
        let now = self.clock.now();
        let hour = hour_of(asked_at(context));
        if is_belated(asked_at(context), now) {
            let of_hour = self.store.count_of_hour(context.company, hour, most, &name);
            if of_hour.await? {
                return Ok(());
            }
        }
        let counted = self
            .store
            .count_creation(context.company, most, &name, now)
            .await?;
        match counted {
            Creation::Counted => {
                // Whatever waits beside it finds its hour as full as it is.
                self.store
                    .count_of_hour(context.company, hour, most, &name)
                    .await?;
                leased.is_counted = true;
                Ok(())
            }
            Creation::Full(free_at) => {
                let why = format!(
                    "{most} orders, customers and contacts were created in company {} within the last hour; the rest waits for its turn.",
                    context.company
                );
                let most = u64::try_from(SPREAD.as_millis()).unwrap_or(0);
                let spread = i64::try_from(self.clock.random_below(most)).unwrap_or(0);
                let until = free_at
                    .saturating_add(SignedDuration::from_millis(spread))
                    .unwrap_or(Timestamp::MAX);
                Err(Stop::back(FULL, &why, Some(until)))
            }
        }
    }

    /// Takes the count back where the job ended without having taken a number: nothing was created.
    pub(super) async fn forget_creation(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
    ) {
        let name = name_of(leased);
        if leased.intent.number.is_some() || !std::mem::take(&mut leased.is_counted) {
            return;
        }
        if let Err(fault) = self.store.forget_creation(context.company, &name).await {
            tracing::warn!(company.code = %context.company, fault = %fault, "what was not created counts for an hour");
        }
    }
}

/// When a creation was asked for: when its sale was last modified, otherwise when its event came.
fn asked_at<P: Ports>(context: &JobContext<'_, P>) -> Timestamp {
    let received = context.job.event.received_at;
    let modified = match &context.job.work {
        Work::PlaceOrder(place) => place.modified,
        _ => None,
    };
    modified.map_or(received, |modified| modified.min(received))
}

/// The beginning of the hour of a time.
fn hour_of(time: Timestamp) -> Timestamp {
    let second = time.as_second();
    Timestamp::from_second(second - second.rem_euclid(3_600)).unwrap_or(time)
}

/// Whether a creation was asked for so long ago that something was in the way, an outage, and not so long that it would be
/// none: it counts for the hour of then.
fn is_belated(asked: Timestamp, now: Timestamp) -> bool {
    let waited = now.duration_since(asked);
    waited > CREATION_COUNTS && waited <= BELATED
}

/// The same at each try, whichever worker it is of.
fn name_of(leased: &LeasedIntent) -> String {
    format!("{}#{}", leased.intent.target, leased.intent.id.storage())
}
