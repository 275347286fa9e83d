//! Time, randomness and ids.

use std::time::Duration;

use jiff::Timestamp;

/// Where the present comes from.
pub trait Clock {
    /// The present instant.
    fn now(&self) -> Timestamp;
    /// Waits.
    async fn sleep(&self, duration: Duration);
}

/// Where chance and new ids come from.
pub trait Ids {
    /// An id that nobody has used: 26 characters or fewer, sortable by the time of its making, `0-9 a-z`.
    fn new_id(&self) -> String;
    /// A number in `0..below` (0 when `below` is 0), for jitter.
    fn random_below(&self, below: u64) -> u64;
}
