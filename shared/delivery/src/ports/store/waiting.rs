//! Children that wait for their parent to be linked.

use counterpart_domain::{AsOf, Fault, SageKey, TargetName};
use serde::{Deserialize, Serialize};

use crate::Entry;

/// One waiting record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingEntry {
    /// The parent's key.
    pub parent: SageKey,
    /// The child's key.
    pub child: SageKey,
    /// The child's newest observation.
    pub entry: Entry,
}

/// Who waits for whom. One item per (target, parent, child).
pub trait Waiting {
    /// Keeps a child's observation, unless a newer one of the same child is kept already.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn wait(&self, target: &TargetName, waiting: &WaitingEntry) -> Result<(), Fault>;

    /// The children of a parent, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn waiting_for(
        &self,
        target: &TargetName,
        parent: &SageKey,
        limit: usize,
    ) -> Result<Vec<WaitingEntry>, Fault>;

    /// Forgets a child's wait, unless a newer observation than `as_of` is kept. Forgetting what is not there is no fault.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn stop_waiting(
        &self,
        target: &TargetName,
        parent: &SageKey,
        child: &SageKey,
        as_of: AsOf,
    ) -> Result<(), Fault>;
}
