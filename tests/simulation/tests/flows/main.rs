//! Whole flows over in-memory ports, with a virtual clock and faults.

#![expect(
    clippy::unwrap_used,
    reason = "in a test, a world that does not answer is a failure"
)]

mod batches;
mod clocks;
mod events;
mod faults;
mod hands;
#[path = "../ingress/logs.rs"]
mod logs;
mod lookup;
mod notes;
mod order;
mod orders;
mod outage;
mod outages;
mod owners;
mod parents;
mod path;
mod pauses;
mod policies;
mod polls;
mod races;
mod reach;
mod released;
mod relink;
mod resting;
mod samples;
mod scene;
mod seeds;
mod ship_to;
mod targets;
mod too_much;
mod torn;
mod typed;
mod untold;
mod upkeep;
mod zones;
