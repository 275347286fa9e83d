//! The guard against a flood: so many orders, customers and contacts are created in a company within an hour, and no more.
//! What is beyond waits in the queue and comes by itself; a person hears of it and can stop it. What an outage kept back counts for
//! the hour in which it was asked for: it is no flood.

use jiff::{SignedDuration, Timestamp};

use super::SageWriter;
use super::desk::Desk;
use super::held::Held;
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
    pub(super) async fn count_creation(&self, desk: &Desk<'_, P>, held: &Held) -> Result<(), Stop> {
        if held.intent.number.is_some() || held.intent.sends > 0 {
            return Ok(());
        }
        let (name, most) = (name_of(held), desk.settings.creations_per_hour);
        let now = self.clock.now();
        let hour = hour_of(asked_at(desk));
        if is_belated(asked_at(desk), now) {
            let of_hour = self.store.count_of_hour(desk.company, hour, most, &name);
            if of_hour.await? {
                return Ok(());
            }
        }
        let counted = self
            .store
            .count_creation(desk.company, most, &name, now)
            .await?;
        match counted {
            Creation::Counted => {
                // Whatever waits beside it finds its hour as full as it is.
                self.store
                    .count_of_hour(desk.company, hour, most, &name)
                    .await?;
                desk.counted.borrow_mut().insert(name);
                Ok(())
            }
            Creation::Full(free_at) => {
                let why = format!(
                    "{most} orders, customers and contacts were created in company {} within the last hour; the rest waits for its turn.",
                    desk.company
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
    pub(super) async fn forget_creation(&self, desk: &Desk<'_, P>, held: &Held) {
        let name = name_of(held);
        if held.intent.number.is_some() || !desk.counted.borrow_mut().remove(&name) {
            return;
        }
        if let Err(fault) = self.store.forget_creation(desk.company, &name).await {
            tracing::warn!(company.code = %desk.company, fault = %fault, "what was not created counts for an hour");
        }
    }
}

/// When a creation was asked for: when its sale was last modified, otherwise when its event came.
fn asked_at<P: Ports>(desk: &Desk<'_, P>) -> Timestamp {
    let received = desk.job.event.received_at;
    let modified = match &desk.job.work {
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
fn name_of(held: &Held) -> String {
    format!("{}#{}", held.intent.target, held.intent.id.storage())
}
