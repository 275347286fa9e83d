//! The Sage 100 agent: the HTTP contract of `shared/sage100/agent.openapi.yaml`.

mod capabilities;
mod changes;
mod digests;
mod door;
mod edits;
mod entity;
mod errors;
mod gate;
mod keys;
mod position;
mod query;
mod records;
mod routes;
mod table;
mod world;

pub use routes::router;
pub use world::System;
