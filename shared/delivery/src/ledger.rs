//! The ledger: what was seen, decided and done. Manifests are written before a pack is sent; outcomes are items, not
//! counters, so that a redelivery counts nothing twice.

use counterpart_domain::{Company, Digest, Entity, Note, SageKey, TargetName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What set a run off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The schedule.
    Poll,
    /// A signed hint.
    Hint,
    /// A changed rep mapping or field mapping.
    Remap,
}

/// One run of the poller: the window that its manifest closes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Sortable by time.
    pub id: String,
    /// The company.
    pub company: Company,
    /// The entity.
    pub entity: Entity,
    /// What set it off.
    pub kind: Kind,
    /// When it began.
    pub started_at: Timestamp,
    /// When its window was complete; none while it is under way or to be resumed.
    pub finished_at: Option<Timestamp>,
    /// Why it stopped early, where it did: code and sentence.
    pub stopped: Option<String>,
}

/// What the poller itself decided about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManifestVerdict {
    /// Sent to the writer; an outcome will follow.
    #[serde(rename = "s")]
    Sent,
    /// Same content, mapping and rep mapping as applied: nothing to do.
    #[serde(rename = "u")]
    Unchanged,
    /// Left out by the filters.
    #[serde(rename = "x")]
    Excluded,
    /// Cannot be read; parked by the poller.
    #[serde(rename = "p")]
    Parked,
}

/// One line of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// The key as the agent says it.
    #[serde(rename = "k")]
    pub local_key: String,
    /// Content hash; none where the record could not be read.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<Digest>,
    /// What the poller decided.
    #[serde(rename = "v")]
    pub verdict: ManifestVerdict,
}

/// What became of a record that was sent to the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Created in the CRM.
    Created,
    /// Changed in the CRM.
    Updated,
    /// Nothing to write.
    Unchanged,
    /// Left out by policy.
    Excluded,
    /// A newer observation had been applied already.
    Superseded,
    /// Parked, with a code and a sentence.
    Parked,
    /// Waits for its parent; not final.
    Waiting,
}

impl Outcome {
    /// Whether the record's part in the run is over. A final outcome is never replaced by another.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Waiting)
    }
}

/// A field before and after, as shown to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The CRM's field.
    pub field: String,
    /// Bounded text.
    pub before: String,
    /// Bounded text.
    pub after: String,
}

/// One outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeItem {
    /// The run.
    pub run: String,
    /// The target.
    pub target: TargetName,
    /// The record.
    pub key: SageKey,
    /// What became of it.
    pub outcome: Outcome,
    /// The code, where it was parked, excluded or waits.
    pub code: Option<String>,
    /// What an update changed.
    pub changes: Vec<FieldChange>,
    /// What the mapping could not standardise and wrote as it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// The mapping it was decided with.
    pub mapping_version: Digest,
    /// How often it was tried.
    pub attempts: u32,
    /// When.
    pub at: Timestamp,
}

impl OutcomeItem {
    /// What became of a record at its first try, with nothing to be said of it.
    #[must_use]
    pub const fn new(
        run: String,
        target: TargetName,
        key: SageKey,
        outcome: Outcome,
        mapping_version: Digest,
        at: Timestamp,
    ) -> Self {
        Self {
            run,
            target,
            key,
            outcome,
            code: None,
            changes: Vec::new(),
            notes: Vec::new(),
            mapping_version,
            attempts: 1,
            at,
        }
    }
}

/// How a run stands, for one target. `seen = created + updated + unchanged + excluded + superseded + parked + waiting +
/// in_flight`; what is missing from that is unexplained, and must be zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// In the manifests.
    pub seen: u64,
    /// Created in the CRM.
    pub created: u64,
    /// Changed in the CRM.
    pub updated: u64,
    /// Nothing to do.
    pub unchanged: u64,
    /// Left out by filters or policy.
    pub excluded: u64,
    /// Overtaken by a newer observation.
    pub superseded: u64,
    /// Parked.
    pub parked: u64,
    /// Waiting for a parent.
    pub waiting: u64,
    /// Sent, and no outcome yet.
    pub in_flight: u64,
}
