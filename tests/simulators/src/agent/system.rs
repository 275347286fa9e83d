//! The agent beside a Sage 100: its token, the idempotency keys that it keeps.

use std::sync::{Arc, MutexGuard};

use serde_json::{Value, json};

use super::{keep::Keep, seats::Seats};
use crate::sage::{Sage, World};

/// The bearer token of the simulated agent.
pub const TOKEN: &str = "agt_simulated_5d1f0c7a93";

/// The agent.
pub struct System {
    sage: Arc<Sage>,
    /// The idempotency keys and their answers.
    pub keep: Keep,
    /// The writes at work.
    pub seats: Seats,
}

impl System {
    /// An agent of a Sage 100.
    pub fn new(sage: Arc<Sage>) -> Self {
        Self {
            sage,
            keep: Keep::default(),
            seats: Seats::default(),
        }
    }

    /// What Sage holds.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.sage.world()
    }

    /// What the command prints of it.
    pub fn announcement(&self, url: &str) -> Value {
        let world = self.world();
        let companies: Vec<&String> = world.companies.keys().collect();
        json!({"url": url, "token": TOKEN, "companies": companies})
    }
}
