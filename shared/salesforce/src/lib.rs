#![doc = include_str!("../README.md")]

mod bulk;
mod changes;
mod client;
mod codes;
mod credentials;
mod currencies;
mod describe;
mod document;
mod duplicates;
mod faults;
mod find;
mod hosts;
mod jwt;
mod limits;
mod merges;
mod oauth;
mod org;
mod past;
mod ports;
mod product;
mod query;
mod refusals;
mod relays;
mod rows;
mod soql;
mod type_cache;
mod types;
mod wire;

pub use client::{Connection, SalesforceClient};
pub use counterpart_http::{Timeouts, Usage};
pub use credentials::{Credentials, Grant};
pub use limits::LimitInfo;
