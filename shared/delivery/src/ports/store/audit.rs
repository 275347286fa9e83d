//! What people did by hand to a deployment, besides what they pushed: who, when, and what it was like before.

use counterpart_domain::Fault;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One deed of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByHand {
    /// When.
    pub at: Timestamp,
    /// Who, as AWS names them: the ARN of whoever ran the command.
    pub who: String,
    /// What was done: `circuit close`.
    pub verb: String,
    /// What it was done to.
    pub to: String,
    /// What it was like before.
    pub before: String,
}

/// The deeds. They are kept without limit.
pub trait Audit {
    /// Notes one that was done, for good.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn note_by_hand(&self, deed: &ByHand) -> Result<(), Fault>;

    /// The newest of them, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn by_hand(&self, limit: usize) -> Result<Vec<ByHand>, Fault>;
}
