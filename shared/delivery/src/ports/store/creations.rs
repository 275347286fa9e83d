//! How much was created in a company lately: the guard against a flood.

use counterpart_domain::{Company, Fault};
use jiff::{SignedDuration, Timestamp};

/// How long a creation counts.
pub const CREATION_COUNTS: SignedDuration = SignedDuration::from_hours(1);

/// How long ago a creation may have been asked for to count for the hour of then: as long as a queue keeps a job.
pub const BELATED: SignedDuration = SignedDuration::from_hours(14 * 24);

/// The answer to a wish to create something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// It may be, and counts from now on, or did so before.
    Counted,
    /// As many as may be are counted; one fewer then at the latest.
    Full(Timestamp),
}

/// Creations of the last hour, per company, whichever worker they are of.
pub trait Creations {
    /// Counts what is called `name` for [`CREATION_COUNTS`] from `now` on, unless `most` others are counted. What is counted
    /// already is not counted twice, and its time is the first one's.
    ///
    /// # Errors
    /// When the store cannot be written, or nobody knows: counting it again is no harm.
    async fn count_creation(
        &self,
        company: &Company,
        most: u32,
        name: &str,
        now: Timestamp,
    ) -> Result<Creation, Fault>;

    /// Counts what is called `name` for the hour in which it was asked for, which begins at `hour`, unless `most` others of
    /// that hour are. `true`: it is counted, now or before. It is kept for [`BELATED`] at least, and never taken back.
    ///
    /// # Errors
    /// As with [`Creations::count_creation`].
    async fn count_of_hour(
        &self,
        company: &Company,
        hour: Timestamp,
        most: u32,
        name: &str,
    ) -> Result<bool, Fault>;

    /// Takes back what was counted, because nothing was created. What is not counted is no fault.
    ///
    /// # Errors
    /// When the store cannot be written; it then counts for its hour.
    async fn forget_creation(&self, company: &Company, name: &str) -> Result<(), Fault>;

    /// How many are counted at `now`.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn creations(&self, company: &Company, now: Timestamp) -> Result<u32, Fault>;
}
