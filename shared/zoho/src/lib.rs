#![doc = include_str!("../README.md")]

mod client;
mod coql;
mod credentials;
mod faults;
mod hosts;
mod metadata;
mod oauth;
mod product;
mod rows;
mod upsert;
mod usage;
mod wire;

pub use client::{Connection, ZohoClient};
pub use counterpart_http::Timeouts;
pub use credentials::Credentials;
pub use hosts::{DataCenter, Environment};
pub use usage::Usage;
