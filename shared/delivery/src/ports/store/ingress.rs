//! What the ways in from the CRM keep: slots to write to Sage, nonces, channels, marks, and what has to be read anew.

use counterpart_domain::{AsOf, Company, Digest, Fault, TargetName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The answer to a wish for a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// It is ours.
    Acquired,
    /// All are taken; one is free then at the latest.
    Busy(Timestamp),
}

/// The company semaphore: how many write to one Sage company at once.
pub trait WriteSlots {
    /// Takes one of `slots` slots for `holder` until `until`. A holder that has one already keeps it, with the later end.
    ///
    /// # Errors
    /// When the store cannot be written, or nobody knows.
    async fn acquire_slot(
        &self,
        company: &Company,
        slots: u32,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Slot, Fault>;

    /// Gives it back. Giving back what one does not have is no fault.
    ///
    /// # Errors
    /// When the store cannot be written; the slot then falls free by itself.
    async fn release_slot(&self, company: &Company, holder: &str) -> Result<(), Fault>;
}

/// What is known of a nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nonce {
    /// Never seen: it is ours to finish.
    New,
    /// Begun by a worker that has not finished it: the sender's retry may be taken up.
    Begun,
    /// Its work is done: answer "already accepted", queue nothing.
    Done,
}

/// Nonces of signed callouts. A nonce becomes final only after the send.
pub trait Nonces {
    /// Begins a nonce, kept until `expires_at`.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn begin_nonce(
        &self,
        nonce: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Nonce, Fault>;

    /// Whether a nonce was begun, is not finished, and is still kept.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn is_begun(&self, nonce: &str, now: Timestamp) -> Result<bool, Fault>;

    /// Makes it final.
    ///
    /// # Errors
    /// When the store cannot be written: the sender has to be told that it may try again.
    async fn finish_nonce(&self, nonce: &str, expires_at: Timestamp) -> Result<(), Fault>;
}

/// A subscription as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// The target.
    pub target: TargetName,
    /// The module that it watches.
    pub module: String,
    /// The channel's id, digits.
    pub channel_id: String,
    /// Until when the CRM keeps it, from its own answer; none: not subscribed yet.
    pub expires_at: Option<Timestamp>,
    /// When it was last subscribed or renewed.
    pub renewed_at: Option<Timestamp>,
    /// A digest of what was subscribed (events, address, token): when it changes, the channel is subscribed anew.
    #[serde(default)]
    pub terms: Option<Digest>,
    /// The optimistic lock; 0: never stored.
    pub rev: u64,
}

/// Channels.
pub trait Channels {
    /// Those of a target.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn channels(&self, target: &TargetName) -> Result<Vec<Channel>, Fault>;

    /// Writes one if its `rev` is still the stored one (the store writes `rev + 1`). `false`: somebody was faster.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn put_channel(&self, channel: &Channel) -> Result<bool, Fault>;
}

/// A module of which events were lost: whoever reads it by its change stamp has to have passed `since`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resync {
    /// The target.
    pub target: TargetName,
    /// The module or object.
    pub module: String,
    /// Why: `GAP_OVERFLOW`, a wildcard id.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// How often it was noted, kept by the store: a note that was renewed while it was taken up is not taken away.
    #[serde(default)]
    pub times: u32,
}

/// Marks: highest observations applied, and modules to be read anew.
pub trait Marks {
    /// Raises a mark to `as_of`. `false`: it is higher already, and what carries `as_of` is overtaken. An equal one is
    /// raised once more.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn raise_mark(&self, name: &str, as_of: AsOf) -> Result<bool, Fault>;

    /// Notes that a module has to be read anew. A note that is there keeps its earlier `since`, and is counted.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn note_resync(&self, resync: &Resync) -> Result<(), Fault>;

    /// What has to be read anew in a target.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn resyncs(&self, target: &TargetName) -> Result<Vec<Resync>, Fault>;

    /// Takes a note away, if its `times` is still the same.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn clear_resync(&self, resync: &Resync) -> Result<(), Fault>;
}

/// What was learned of a company's SOAP service from its own WSDL, as JSON of the Sage crate's own making.
pub trait Bindings {
    /// The binding of a company; none: not learned yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn binding(&self, company: &Company) -> Result<Option<String>, Fault>;

    /// Keeps it.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn put_binding(&self, company: &Company, binding: &str) -> Result<(), Fault>;
}
