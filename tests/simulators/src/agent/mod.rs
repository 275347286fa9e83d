//! The Sage 100 agent: the HTTP contract of `shared/sage100/agent.openapi.yaml`.

mod asks;
mod capabilities;
mod changes;
mod digests;
mod door;
mod errors;
mod gate;
mod keep;
mod keys;
mod orders;
mod position;
mod query;
mod records;
mod routes;
mod search;
mod seats;
mod system;
mod write_routes;
mod writes;

pub use routes::router;
pub use system::System;
