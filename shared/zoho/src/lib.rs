#![doc = include_str!("../README.md")]

mod budget;
mod changes;
mod channels;
mod client;
mod coql;
mod credentials;
mod currencies;
mod document;
mod faults;
mod fields;
mod hosts;
mod lookups;
mod metadata;
mod oauth;
mod past;
mod product;
mod rows;
mod scopes;
mod update;
mod upsert;
mod usage;
mod wire;

pub use client::{Connection, ZohoClient};
pub use counterpart_http::Timeouts;
pub use credentials::Credentials;
pub use hosts::{DataCenter, Environment};
pub use scopes::{SCOPES, Scope, scope_names};
pub use usage::Usage;
