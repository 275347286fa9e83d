//! Calls by operation and status.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A count of answered calls. A call whose connection was closed without an answer has status 0.
#[derive(Debug, Default)]
pub struct Stats {
    calls: BTreeMap<(String, u16), u64>,
}

impl Stats {
    /// Counts one call.
    pub fn count(&mut self, operation: &str, status: u16) {
        *self
            .calls
            .entry((operation.to_owned(), status))
            .or_default() += 1;
    }

    /// `[{"operation","status","count"}]`, in order of operation and status.
    pub fn calls(&self) -> Value {
        self.calls
            .iter()
            .map(|((operation, status), count)| json!({"operation": operation, "status": status, "count": count}))
            .collect()
    }

    /// Forgets all counts.
    pub fn clear(&mut self) {
        self.calls.clear();
    }
}
