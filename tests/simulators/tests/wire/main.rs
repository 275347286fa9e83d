//! The simulators over HTTP: the traps of the real systems, one test each.

mod agent;
mod clock;
mod data;
mod faults;
mod limits;
mod reads;
mod tokens;
mod upserts;
mod world;
