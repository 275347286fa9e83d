//! The guard against a flood: so many orders, customers and contacts are created in a company within an hour, and no more.
//! What is beyond waits in the queue and comes by itself; a person hears of it and can stop it.

use jiff::{SignedDuration, Timestamp};

use super::desk::Desk;
use super::held::Held;
use super::stop::Stop;
use super::{SagePorts, SageWriter};
use crate::ports::{Clock as _, Creation, Creations as _, Ids as _};

/// The code of what waits.
pub(super) const FULL: &str = "E_SAGE_CREATIONS_FULL";
/// What waits does not come back all at once.
const SPREAD: SignedDuration = SignedDuration::from_mins(15);

impl<P: SagePorts> SageWriter<'_, P> {
    /// Counts what is about to be created, before a number is taken for it. What was begun goes on, and is counted once.
    pub(super) async fn count_creation(&self, desk: &Desk<'_, P>, held: &Held) -> Result<(), Stop> {
        if held.intent.number.is_some() || held.intent.sends > 0 {
            return Ok(());
        }
        let (name, most) = (name_of(held), desk.settings.creations_per_hour);
        let now = self.clock.now();
        let counted = self
            .store
            .count_creation(desk.company, most, &name, now)
            .await?;
        match counted {
            Creation::Counted => {
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

/// The same at each try, whichever worker it is of.
fn name_of(held: &Held) -> String {
    format!("{}#{}", held.intent.target, held.intent.id.storage())
}
