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

/// A wait that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    /// The parent's key.
    pub parent: SageKey,
    /// The child's key.
    pub child: SageKey,
    /// The observation that need not wait any longer.
    pub as_of: AsOf,
}

/// Who waits for whom. One item per (target, parent, child). Every method takes as many as there are, at a cost that grows
/// by the hundred.
pub trait Waiting {
    /// Keeps observations of children, each unless a newer one of the same child is kept already.
    ///
    /// # Errors
    /// When any of them could not be written; keeping them all again is safe.
    async fn wait(&self, target: &TargetName, waiting: &[WaitingEntry]) -> Result<(), Fault>;

    /// Those of the parents for whom somebody waits, or has waited: asking [`Waiting::waiting_for`] of any other parent
    /// would bring nothing.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn waited_for(
        &self,
        target: &TargetName,
        parents: &[SageKey],
    ) -> Result<Vec<SageKey>, Fault>;

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

    /// Forgets waits, each unless a newer observation of the child is kept. Forgetting what is not there is no fault.
    ///
    /// # Errors
    /// When any of them could not be taken away; taking them all away again is safe.
    async fn stop_waiting(&self, target: &TargetName, over: &[Over]) -> Result<(), Fault>;
}
