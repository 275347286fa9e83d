//! The link: the pair (Sage key, CRM record id) in one target, with what both sides last agreed on.

use counterpart_domain::reconcile::Shadow;
use counterpart_domain::{
    AsOf, CrmId, Digest, Fault, Record, RepKey, SageKey, TargetName, digest_of,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Outcome;

/// How often a link is written against other writers.
pub(crate) const TRIES: u32 = 5;

/// How far a record has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The CRM holds it; `crm_id` is set.
    Linked,
    /// The CRM holds it and Sage is about to: its number is reserved, and `crm_id` is set. What is seen of it meanwhile
    /// waits, so that nobody takes it for a record that the CRM does not know.
    Creating,
    /// Seen, but never written: the filters leave it out. Its children know that they need not wait.
    Excluded,
    /// Seen, but never written: it is parked.
    Unwritten,
    /// Both systems disagree about which records belong together; a person decides.
    Conflict,
    /// Deleted in Sage.
    Tombstoned,
    /// A person took the link away. What changes of it in Sage waits for a person, who links it again or has it redriven.
    Released,
}

/// The verdict of the last application, so that a redelivery can say it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastOutcome {
    /// The run that carried it.
    pub run: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// One record in one target. There is one item per (Sage key, target); it is made when a record is first decided upon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The target.
    pub target: TargetName,
    /// The Sage key.
    pub key: SageKey,
    /// How far it has come.
    pub stage: Stage,
    /// The CRM record's id, once there is one.
    pub crm_id: Option<CrmId>,
    /// The observation last applied (or excluded).
    pub as_of: AsOf,
    /// The content hash of that observation.
    pub source_hash: Digest,
    /// The mapping it was applied with.
    pub mapping_version: Digest,
    /// The rep mapping it was applied with.
    pub rep_version: Digest,
    /// Both sides' values at agreement.
    pub shadow: Shadow,
    /// The canonical record last applied: a repair or a new mapping is sent from it.
    pub record: Option<Record>,
    /// The rep of the newest observation, applied or parked: a change of the mapping finds its records by it.
    pub rep: Option<RepKey>,
    /// The newest observation, where it is parked: nothing older is applied meanwhile.
    #[serde(default)]
    pub parked: Option<AsOf>,
    /// The CRM may hold something older than `record`; the next write sends every mapped field.
    pub dirty: bool,
    /// The CRM record does not hold the Sage key yet: it came from the CRM. The next write is by its id, and writes the key.
    #[serde(default)]
    pub key_unwritten: bool,
    /// It was created in Sage from the CRM and belongs to Sage since: fields that both might change are Sage's.
    #[serde(default)]
    pub sage_owned: bool,
    /// The filters leave it out since the CRM has it: the CRM was told so by a last update, and learns no more of it until it
    /// is back among those that go there.
    #[serde(default)]
    pub resting: bool,
    /// When its key was last written again, after somebody had emptied it or typed over it in the CRM.
    #[serde(default)]
    pub key_restored: Option<Timestamp>,
    /// The last verdict.
    pub last: Option<LastOutcome>,
    /// Rises by one with each write of the item; the optimistic lock. 0: never stored.
    pub rev: u64,
    /// When it was last written.
    pub updated_at: Timestamp,
}

impl Link {
    /// One of which nothing is known but where it stands, as of `as_of`: no record, no base, no mark, never stored.
    #[must_use]
    pub fn new(
        target: TargetName,
        key: SageKey,
        stage: Stage,
        as_of: AsOf,
        mapping_version: Digest,
        now: Timestamp,
    ) -> Self {
        Self {
            target,
            key,
            stage,
            crm_id: None,
            as_of,
            source_hash: digest_of([""]),
            mapping_version,
            rep_version: digest_of([""]),
            shadow: Shadow::new(),
            record: None,
            rep: None,
            parked: None,
            dirty: false,
            key_unwritten: false,
            sage_owned: false,
            resting: false,
            key_restored: None,
            last: None,
            rev: 0,
            updated_at: now,
        }
    }

    /// Whether nothing is left to be done about the observation that it holds: the CRM has it in full, key and all, and
    /// nothing newer is set aside.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.stage == Stage::Linked && self.parked.is_none() && !self.dirty && !self.key_unwritten
    }

    /// Whether the CRM has had its last update of a record that the filters leave out.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.resting && self.crm_id.is_some() && !self.dirty && !self.key_unwritten
    }
}

/// A conditional write of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkWrite {
    /// The new content. Its `rev` is the one that was read; the store writes `rev + 1`.
    pub link: Link,
    /// The CRM id that the stored link had, where it differs from the new one: its reverse item goes.
    pub previous_crm_id: Option<CrmId>,
    /// Whether the reverse item (target + CRM id to Sage key) has to be written, in the same transaction.
    pub write_reverse: bool,
}

impl LinkWrite {
    /// A link whose CRM id stays as it is stored: no reverse item comes or goes.
    #[must_use]
    pub const fn in_place(link: Link) -> Self {
        Self {
            link,
            previous_crm_id: None,
            write_reverse: false,
        }
    }

    /// The link of a record that was merged: under the survivor's id, written there in full, key and all. What the survivor
    /// held is no edit that Sage is to have.
    #[must_use]
    pub fn follow_merge(link: Link, survivor: CrmId, now: Timestamp) -> Self {
        Self {
            previous_crm_id: link.crm_id.clone(),
            link: Link {
                stage: Stage::Linked,
                crm_id: Some(survivor),
                key_unwritten: true,
                dirty: true,
                updated_at: now,
                ..link
            },
            write_reverse: true,
        }
    }

    /// A link whose next write sends every field.
    #[must_use]
    pub fn dirty(link: Link, now: Timestamp) -> Self {
        Self::in_place(Link {
            dirty: true,
            updated_at: now,
            ..link
        })
    }
}

/// What became of a conditional write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PutLink {
    /// Stored, with this `rev`.
    Stored(u64),
    /// Somebody else wrote first: the item as it is now.
    Lost(Box<Option<Link>>),
    /// The CRM id already belongs to another Sage key.
    IdTaken(SageKey),
    /// No item can hold the record: nothing of it is stored. Only a commit of many says so; a single write fails.
    TooLarge(Box<Fault>),
}
