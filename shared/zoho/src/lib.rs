#![doc = include_str!("../README.md")]

mod client;
mod coql;
mod credentials;
mod faults;
mod hosts;
mod http;
mod metadata;
mod oauth;
mod rows;
mod upsert;
mod usage;
mod wire;

pub use client::{Connection, ZohoClient};
pub use credentials::Credentials;
pub use hosts::{DataCenter, Environment};
pub use http::Timeouts;
pub use usage::Usage;
