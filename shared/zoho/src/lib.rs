#![doc = include_str!("../README.md")]

mod changes;
mod channels;
mod client;
mod coql;
mod credentials;
mod credits;
mod currencies;
mod document;
mod faults;
mod field_cache;
mod fields;
mod find;
mod hosts;
mod lookups;
mod metadata;
mod oauth;
mod past;
mod ports;
mod product;
mod refusals;
mod rows;
mod scopes;
mod update;
mod upsert;
mod wire;

pub use client::{Connection, ZohoClient};
pub use counterpart_http::{Timeouts, Usage};
pub use credentials::Credentials;
pub use hosts::{DataCenter, Environment};
pub use scopes::{SCOPES, Scope, scope_names};
