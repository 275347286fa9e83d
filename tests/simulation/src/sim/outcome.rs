//! What a run comes to.

use std::collections::BTreeMap;

use counterpart_delivery::invariants::{self, Broken};

use super::mishap::Mishap;

/// What became of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// What is not as it must be; empty: all is well.
    pub broken: Vec<Broken>,
    /// What went wrong, and how often.
    pub mishaps: BTreeMap<Mishap, u64>,
    /// Events that the CRMs told.
    pub events: u64,
    /// CRM records that sell.
    pub sales: u64,
    /// Orders that were created in Sage.
    pub orders: u64,
    /// The most workers that were at work at once.
    pub workers: usize,
    /// Of everything that happened, in its order: two runs with one digest are one run.
    pub digest: u64,
    /// What happened, where it was to be told.
    pub story: Vec<String>,
}

impl Outcome {
    /// How often an invariant is broken.
    #[must_use]
    pub fn count(&self, of: &invariants::Invariant) -> u64 {
        let broken = self.broken.iter().filter(|one| one.invariant == of.id);
        broken.count() as u64
    }
}
