#![doc = include_str!("../README.md")]
// As in `counterpart-delivery`: the port is used by generic handlers on one thread.

mod capabilities;
mod client;
mod decode;
mod fault;
mod http;
mod orders;
mod port;
mod ranges;
mod search;
mod settings;
pub mod soap;
mod text;
mod transport;
mod wire;
mod write;

pub use capabilities::{
    AgentCapabilities, AgentCompany, AgentEntity, AgentField, AgentOrders, Health,
};
pub use client::AgentClient;
pub use ranges::{DigestPage, DigestRange, KeysPage};
pub use settings::AgentSettings;

/// The longest answer that is read, in bytes. The contract promises that no page is longer.
pub const LONGEST_ANSWER: usize = 4 * 1024 * 1024;
/// The most records that one page of changes may be asked for.
pub const LARGEST_PAGE: u32 = 1000;
