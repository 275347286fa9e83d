//! The ports in memory: exact, immediate, and open to inspection.

mod events;
mod jobs;
mod lambda;
mod queue;
mod rules;
mod store;

pub use events::MemoryEvents;
pub use jobs::{MemoryJobs, ReceivedMessage};
pub use lambda::{Chain, Function, Lambda};
pub use queue::{MemoryQueue, Received};
pub use rules::QueueRules;
pub use store::{Backup, MemoryStore};
