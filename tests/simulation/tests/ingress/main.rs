//! The ways in from the CRM, over in-memory ports with a virtual clock and faults.

#![expect(
    clippy::unwrap_used,
    reason = "in a test, a world that does not answer is a failure"
)]

mod callouts;
mod hostile;
mod keeper;
mod lines;
mod logs;
mod org;
mod parked;
mod platform;
mod properties;
mod samples;
mod scene;
mod sweep;
mod webhooks;
