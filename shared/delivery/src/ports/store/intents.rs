//! Intents: what makes one sale one Sage order, and one account one Sage customer. They never expire.

use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;

use crate::intent::{Intent, IntentId, SaleTrace};

/// The answer to a wish for an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntentLease {
    /// It is ours, as it is stored; none: it was never stored.
    Ours(Box<Option<Intent>>),
    /// Another worker has it until then.
    Busy(Timestamp),
}

/// Intents and their leases.
pub trait Intents {
    /// Takes the lease for `owner` until `until`, unless another owner's lease is still valid at `now`.
    ///
    /// # Errors
    /// When the store cannot be written, or nobody knows.
    async fn lease_intent(
        &self,
        target: &TargetName,
        id: &IntentId,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<IntentLease, Fault>;

    /// Saves an intent, if `owner` still has the lease. The store writes `rev + 1` and answers with it; a save that was
    /// done and is sent again by the same owner with the same content is done.
    ///
    /// # Errors
    /// `E_LEASE_LOST` (transient) when it has not, or when the stored `rev` is another; or when the store cannot be written.
    async fn save_intent(&self, intent: &Intent, owner: &str) -> Result<u64, Fault>;

    /// Gives the lease back. Giving back what one does not have is no fault.
    ///
    /// # Errors
    /// When the store cannot be written; the lease then runs out by itself.
    async fn release_intent(
        &self,
        target: &TargetName,
        id: &IntentId,
        owner: &str,
    ) -> Result<(), Fault>;

    /// An intent as it is.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn intent(&self, target: &TargetName, id: &IntentId) -> Result<Option<Intent>, Fault>;

    /// Notes that the CRM shows the intent as of `rev`. Lower than what is noted: nothing changes.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn mark_written_back(
        &self,
        target: &TargetName,
        id: &IntentId,
        rev: u64,
    ) -> Result<(), Fault>;

    /// How far the CRM shows the intent: 0 when it was never written back.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn written_back(&self, target: &TargetName, id: &IntentId) -> Result<u64, Fault>;

    /// Which sales these belong to, in order; none: to nobody's yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn sales_of(
        &self,
        target: &TargetName,
        traces: &[SaleTrace],
    ) -> Result<Vec<Option<IntentId>>, Fault>;

    /// Notes for good that something belongs to the sale `id`, unless it belongs to one already. The answer is whose it is.
    ///
    /// # Errors
    /// When the store cannot be written, or nobody knows; repeating it does no harm.
    async fn claim_for_sale(
        &self,
        target: &TargetName,
        trace: &SaleTrace,
        id: &IntentId,
    ) -> Result<IntentId, Fault>;
}
