//! The present, and moments from it.

use jiff::{SignedDuration, Timestamp};

/// The present, and chance, for faults that ask for patience.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Now.
    pub now: Timestamp,
    /// 0..60
    pub jitter_seconds: i64,
}

impl Moment {
    /// So many seconds from now, and a little more by chance.
    #[must_use]
    pub fn after(self, seconds: i64) -> Timestamp {
        later(self.now, seconds + self.jitter_seconds)
    }
}

/// `now` plus `seconds`, or `now` at the end of time.
#[must_use]
pub fn later(now: Timestamp, seconds: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(now)
}
