//! The ports in memory: exact, immediate, and open to inspection.

mod lambda;
mod queue;
mod queues;
mod rules;
mod store;

pub use lambda::{Chain, Function, Lambda};
pub use queue::{MemoryQueue, Received};
pub use queues::MemoryQueues;
pub use rules::QueueRules;
pub use store::{Backup, MemoryStore};
