//! What people pause and resume, by the code of their command.

use counterpart_delivery::pause::change::{self, Ended};
use counterpart_delivery::pause::{Pause, Scope};
use jiff::Timestamp;

use super::World;

impl World {
    /// Pauses, as `counterpart pause` does.
    ///
    /// # Panics
    /// When the store fails.
    #[expect(clippy::panic, reason = "a world without faults stores")]
    pub fn pause(&self, scope: Scope, until: Option<Timestamp>) -> Pause {
        let (store, clock) = (&self.store.inner, &self.clock);
        let begun = change::begin(store, clock, scope, "ann", "period end", until);
        let begun = clock.block_on(begun);
        begun.unwrap_or_else(|fault| panic!("{fault}"))
    }

    /// Ends a pause, as `counterpart resume` does. Whether it was on.
    ///
    /// # Panics
    /// When the store fails.
    #[expect(clippy::panic, reason = "a world without faults stores")]
    pub fn resume(&self, id: &str) -> bool {
        let (store, clock) = (&self.store.inner, &self.clock);
        let ended = change::end(store, clock, "bob", |pause| pause.id == id);
        let ended = clock.block_on(ended);
        matches!(ended, Ok(Ended::This(_))) || ended.is_err_and(|fault| panic!("{fault}"))
    }
}
