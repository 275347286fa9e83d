//! Whole runs from a seed: two companies, two CRMs, people on both sides, workers of every kind at once, and whatever may go
//! wrong. At the end everything comes to rest, and the product's invariants say whether it is as it must be.
//!
//! The same seed is the same run, step by step.

mod begun;
mod chance;
mod crm_life;
mod dice;
mod facts;
mod hearing;
mod mishap;
mod org;
mod outage;
mod outcome;
mod panics;
mod pauses;
mod queues;
mod restore;
mod run;
mod sage_life;
pub mod scenarios;
mod story;
mod telling;
mod town;
mod workers;

pub use mishap::Mishap;
pub use outcome::Outcome;
pub use run::run;
