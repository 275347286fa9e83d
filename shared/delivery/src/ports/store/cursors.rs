//! How far each company and entity has been read.

use std::collections::BTreeMap;

use counterpart_domain::{AsOf, Company, Digest, Entity, Fault, ServerTime, Stamp, TargetName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A window that was begun and not finished: the next poll goes on with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenWindow {
    /// Lower bound.
    pub from: Stamp,
    /// Upper bound.
    pub to: Stamp,
    /// The agent's position after the last page whose records are all in the queue.
    pub after: Option<String>,
    /// The ERP's clock when the window was opened.
    pub opened: ServerTime,
    /// Our clock then.
    pub opened_at: Timestamp,
    /// Whether it was opened with the wide overlap.
    pub wide: bool,
    /// Whether everything is read again, because a target or its mapping is new.
    #[serde(default)]
    pub everything: bool,
    /// The mappings in force when it was opened.
    #[serde(default)]
    pub mappings: BTreeMap<TargetName, Digest>,
    /// The run that opened it: its manifests go on.
    pub run: String,
    /// Pages so far, as far as all of their records are in the queue.
    pub pages: u32,
    /// Pages whose manifest may be written already, sent or not.
    #[serde(default)]
    pub listed: u32,
}

/// The cursor of one company and entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The company.
    pub company: Company,
    /// The entity.
    pub entity: Entity,
    /// Every stamp before this has been read, as far as stamps can be trusted; none before the first window is complete.
    pub watermark: Option<Stamp>,
    /// The highest wall clock that the ERP ever showed: after it was set back, stamps up to here may still be unread.
    pub high_water: Option<Stamp>,
    /// The ERP's clock at the last complete window.
    pub last_server: Option<ServerTime>,
    /// Our clock then.
    pub last_polled_at: Option<Timestamp>,
    /// When the wide overlap was last used.
    pub last_wide_at: Option<Timestamp>,
    /// The mapping of each target that the last complete window was read with: another one, or a new target, has
    /// everything read again.
    #[serde(default)]
    pub mappings: BTreeMap<TargetName, Digest>,
    /// The highest as-of that the agent ever gave for this entity: it never falls.
    #[serde(default)]
    pub as_of: AsOf,
    /// The window under way.
    pub open: Option<OpenWindow>,
    /// Targets that are behind the others, or begin anew: each has a cursor of its own until it has caught up.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub apart: BTreeMap<TargetName, Cursor>,
}

impl Cursor {
    /// The cursor before anything was read.
    #[must_use]
    pub const fn new(company: Company, entity: Entity) -> Self {
        Self {
            company,
            entity,
            watermark: None,
            high_water: None,
            last_server: None,
            last_polled_at: None,
            last_wide_at: None,
            mappings: BTreeMap::new(),
            as_of: AsOf {
                epoch: 0,
                sequence: 0,
            },
            open: None,
            apart: BTreeMap::new(),
        }
    }
}

/// The answer to a wish for the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leased {
    /// It is ours, with the cursor as stored (or a new one).
    Ours(Box<Cursor>),
    /// Another poller has it until then.
    Busy(Timestamp),
}

/// Cursors and their leases.
pub trait Cursors {
    /// Takes the lease for `owner` until `until`, unless another owner's lease is still valid at `now`.
    ///
    /// # Errors
    /// When the store cannot be written, or nobody knows.
    async fn lease_cursor(
        &self,
        company: &Company,
        entity: Entity,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Leased, Fault>;

    /// Saves the cursor, if `owner` still has the lease.
    ///
    /// # Errors
    /// `E_LEASE_LOST` (transient) when it has not; or when the store cannot be written.
    async fn save_cursor(&self, cursor: &Cursor, owner: &str) -> Result<(), Fault>;

    /// Gives the lease back. Giving back what one does not have is no fault.
    ///
    /// # Errors
    /// When the store cannot be written; the lease then runs out by itself.
    async fn release_cursor(
        &self,
        company: &Company,
        entity: Entity,
        owner: &str,
    ) -> Result<(), Fault>;

    /// The cursor as it is, for people.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn cursor(&self, company: &Company, entity: Entity) -> Result<Option<Cursor>, Fault>;
}
