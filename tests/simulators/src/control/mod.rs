//! What every simulated system has: a count of calls, fault rules, and the gate that all
//! requests pass through.

mod door;
mod faults;
mod gate;
mod reply;
mod stats;

pub use door::{Doorkeeper, ResetBody, Which, door};
pub use faults::{Faults, Rule};
pub use gate::{Gate, Permit, Personality, Seen, gate};
pub use reply::{door_body, door_error, door_list, json_reply};
pub use stats::Stats;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after a panic elsewhere: a simulator's state is still the best there is.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
