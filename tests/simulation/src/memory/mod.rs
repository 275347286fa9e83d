//! The ports in memory: exact, immediate, and open to inspection.

mod events;
mod jobs;
mod queue;
mod store;

pub use events::MemoryEvents;
pub use jobs::{MemoryJobs, ReceivedMessage};
pub use queue::{MemoryQueue, Received};
pub use store::{Backup, MemoryStore};
