#![doc = include_str!("../README.md")]

mod changes;
mod client;
mod codes;
mod credentials;
mod currencies;
mod describe;
mod document;
mod duplicates;
mod faults;
mod hosts;
mod jwt;
mod limits;
mod merges;
mod oauth;
mod org;
mod past;
mod product;
mod query;
mod relays;
mod rows;
mod soql;
mod update;
mod upsert;
mod usage;
mod wire;

pub use client::{Connection, SalesforceClient};
pub use counterpart_http::Timeouts;
pub use credentials::{Credentials, Grant};
pub use limits::LimitInfo;
pub use usage::Usage;
