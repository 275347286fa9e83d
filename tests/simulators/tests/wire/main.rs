//! The simulators over HTTP: the traps of the real systems, one test each.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail their test")]

mod agent;
mod clock;
mod data;
mod faults;
mod limits;
mod reads;
mod receiver;
mod salesforce;
mod soap;
mod tokens;
mod upserts;
mod world;
mod zoho;
