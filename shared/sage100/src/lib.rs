#![doc = include_str!("../README.md")]
// As in `counterpart-delivery`: the port is used by generic handlers on one thread.

mod capabilities;
mod client;
mod fault;
mod http;
mod offers;
mod orders;
mod peer;
mod port;
mod query;
mod ranges;
mod search;
mod settings;
pub mod soap;
mod text;
mod wire;
mod write;

pub use capabilities::{
    AgentCapabilities, AgentCompany, AgentEntity, AgentField, AgentOrders, Health,
};
pub use client::AgentClient;
pub use ranges::{DigestPage, DigestRange, KeysPage};
pub use settings::AgentSettings;

/// The most records that one page of changes may be asked for.
pub const LARGEST_PAGE: u32 = 1000;
