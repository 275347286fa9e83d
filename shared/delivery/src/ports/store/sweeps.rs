//! How far each module has been read by its change stamp, and when the CRM told of it last.

use std::collections::BTreeMap;

use counterpart_domain::{CrmId, Fault, TargetName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ports::ChangesAfter;

/// How far the changes of a module have been read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// The target.
    pub target: TargetName,
    /// The module or object.
    pub module: String,
    /// What was stamped before this has been read, and is queued. The next reading begins somewhat earlier.
    pub read_until: Timestamp,
    /// A reading that did not come to its end: the next run goes on with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<OpenSweep>,
    /// What was deleted before this has been read, and is queued, where the CRM keeps a list of its own for that; none: as far as
    /// changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_until: Option<Timestamp>,
    /// A reading of that list that did not come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_deleted: Option<OpenDeleted>,
    /// What was queued of the time that the next reading looks at again, with the stamp that it had.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub queued: BTreeMap<CrmId, Timestamp>,
    /// The optimistic lock; 0: never stored.
    pub rev: u64,
}

/// A reading under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSweep {
    /// Where it began, by the CRM's stamps.
    pub since: Timestamp,
    /// When it was begun: at its end, everything before this has been read.
    pub begun_at: Timestamp,
    /// The last record that is queued; none: nothing is yet.
    pub after: Option<ChangesAfter>,
}

/// A reading of a list of deletions under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDeleted {
    /// From when on the list is.
    pub since: Timestamp,
    /// When it was begun: at its end, everything before this has been read.
    pub begun_at: Timestamp,
    /// The last page that is queued; 0: none is yet.
    pub page: u32,
}

impl Sweep {
    /// Until when both changes and deletions have been read.
    #[must_use]
    pub fn all_until(&self) -> Timestamp {
        let deleted = self.deleted_until.unwrap_or(self.read_until);
        deleted.min(self.read_until)
    }
}

/// That a CRM told of something by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The target.
    pub target: TargetName,
    /// A module, or the source of a relay (`aws.partner/salesforce.com/…`).
    pub of: String,
    /// When it was heard last.
    pub at: Timestamp,
}

/// Sweeps, and what was heard.
pub trait Sweeps {
    /// The sweeps of a target.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn sweeps(&self, target: &TargetName) -> Result<Vec<Sweep>, Fault>;

    /// Writes one if its `rev` is still the stored one (the store writes `rev + 1`). `false`: somebody was faster.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn put_sweep(&self, sweep: &Sweep) -> Result<bool, Fault>;

    /// Notes that something was heard, over whatever was noted before.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn note_heard(&self, heard: &Heard) -> Result<(), Fault>;

    /// What was heard of a target.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn heard(&self, target: &TargetName) -> Result<Vec<Heard>, Fault>;
}
