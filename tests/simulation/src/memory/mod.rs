//! The ports in memory: exact, immediate, and open to inspection.

mod queue;
mod store;

pub use queue::{MemoryQueue, Received};
pub use store::MemoryStore;
