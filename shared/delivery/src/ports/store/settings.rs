//! The active configuration, circuit breakers, and packs that are being watched.

use std::collections::BTreeMap;

use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::pause::{PauseNote, Pauses};

/// The `sync.toml` in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigVersion {
    /// Rises by one with each push.
    pub version: u64,
    /// Its text.
    pub text: String,
    /// When it was pushed.
    pub pushed_at: Timestamp,
}

/// A target's circuit breaker.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Circuit {
    /// Failures in a row; 0: closed.
    pub failures: u32,
    /// No calls before this instant; after it, one at a time may try.
    pub open_until: Option<Timestamp>,
    /// Since when it has been as it is: the first of the failures in a row, or the call that got through after them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Whether `open_until` is how long one caller has for its try, and not yet the pause after it.
    #[serde(default)]
    pub probing: bool,
    /// The fault that opened it last: code and sentence.
    pub reason: String,
    /// The most rows of one call, while more were too much for the CRM; none: as many as it takes in bulk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_rows: Option<usize>,
    /// Work that failed for something that may be its own, by its id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub odd: BTreeMap<String, OddJob>,
    /// The optimistic lock; 0: never stored.
    pub rev: u64,
}

/// Work that failed for something that may be its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OddJob {
    /// What it was to do: a job's kind; what was asked of a module.
    pub kind: String,
    /// How often it failed, others of its kind getting through in between.
    pub failures: u32,
    /// Whether others of its kind have got through since.
    pub others_passed: bool,
    /// When it failed first: the same instant for all rows of one call.
    #[serde(default)]
    pub first: Timestamp,
    /// When it failed last.
    #[serde(default)]
    pub at: Timestamp,
}

impl Circuit {
    /// From when the time counts that something was given which waits for the other side since `first`: an outage is not its
    /// fault. None while there is one.
    #[must_use]
    pub fn counts_from(&self, first: Timestamp) -> Option<Timestamp> {
        (self.failures == 0).then(|| self.since.map_or(first, |since| since.max(first)))
    }
}

/// What is known of a message whose receives ended without a verdict. How often it was received says nothing of that: it may
/// have waited through an outage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PackProgress {
    /// What was being tried when the last receive began: a record by its local key, or the message as a whole (an empty
    /// text). None once that came to an end in order.
    pub trying: Option<String>,
    /// Receives that ended while something was being tried, by what it was.
    pub kills: BTreeMap<String, u32>,
}

/// Settings.
pub trait Settings {
    /// The configuration in force; none before the first push.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn config(&self) -> Result<Option<ConfigVersion>, Fault>;

    /// The configurations before a version, the newest first, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn configs_before(&self, version: u64, limit: usize)
    -> Result<Vec<ConfigVersion>, Fault>;

    /// Puts a configuration in force if nobody pushed one after `expected` (0: none yet). `false`: somebody did.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn push_config(&self, text: &str, expected: u64, now: Timestamp) -> Result<bool, Fault>;

    /// A target's circuit.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn circuit(&self, target: &TargetName) -> Result<Circuit, Fault>;

    /// Writes a circuit if its `rev` is still the stored one (the store writes `rev + 1`). `false`: somebody was faster.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn put_circuit(&self, target: &TargetName, circuit: &Circuit) -> Result<bool, Fault>;

    /// What people paused.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn pauses(&self) -> Result<Pauses, Fault>;

    /// A circuit, and what people paused: all that says whether something may be called, in one question.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn circuit_and_pauses(&self, target: &TargetName) -> Result<(Circuit, Pauses), Fault>;

    /// Writes what people paused, and into the ledger what was done, both or neither: if `rev` is still the stored one (the
    /// store writes `rev + 1`). `false`: somebody was faster.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn put_pauses(&self, pauses: &Pauses, note: &PauseNote) -> Result<bool, Fault>;

    /// What was done to pauses, the newest first, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn pause_notes(&self, limit: usize) -> Result<Vec<PauseNote>, Fault>;

    /// What is known of a pack.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn pack_progress(&self, pack: &str) -> Result<PackProgress, Fault>;

    /// Keeps what is known of a pack, until `expires_at`.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn put_pack_progress(
        &self,
        pack: &str,
        progress: &PackProgress,
        expires_at: Timestamp,
    ) -> Result<(), Fault>;
}
