//! What many seeds came to.

use std::collections::BTreeMap;

use counterpart_delivery::invariants;
use counterpart_simulation::sim::{Mishap, Outcome};
use serde::Serialize;

/// The figures, as `--json` gives them.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Count {
    pub(crate) seeds: u64,
    pub(crate) from: u64,
    pub(crate) failed: u64,
    pub(crate) events: u64,
    /// In how many seeds each happened.
    pub(crate) faults: BTreeMap<&'static str, u64>,
    pub(crate) sales: u64,
    pub(crate) orders: u64,
    pub(crate) duplicate_orders: u64,
    pub(crate) lost: u64,
    pub(crate) unexplained: u64,
    pub(crate) money_differs: u64,
    #[serde(skip)]
    pub(crate) broken: BTreeMap<&'static str, Vec<u64>>,
}

impl Count {
    pub(crate) fn new(from: u64) -> Self {
        let all = Mishap::ALL.iter().map(|one| (one.name(), 0));
        Self {
            from,
            faults: all.collect(),
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, outcome: &Outcome) {
        self.seeds += 1;
        self.failed += u64::from(!outcome.broken.is_empty());
        self.events += outcome.events;
        self.sales += outcome.sales;
        self.orders += outcome.orders;
        self.duplicate_orders += outcome.count(&invariants::ONE_ORDER);
        self.lost += outcome.count(&invariants::ANSWERED);
        self.unexplained += outcome.count(&invariants::WINDOW_CLOSES);
        self.money_differs +=
            outcome.count(&invariants::MONEY) + outcome.count(&invariants::HEADER);
        for mishap in outcome.mishaps.keys() {
            *self.faults.entry(mishap.name()).or_default() += 1;
        }
        for broken in &outcome.broken {
            let seeds = self.broken.entry(broken.invariant).or_default();
            if seeds.last() != Some(&outcome.seed) {
                seeds.push(outcome.seed);
            }
        }
    }
}
