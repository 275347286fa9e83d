#![doc = include_str!("../README.md")]

mod agent;
mod cli;
mod clock;
mod control;
mod data;
mod plain;
mod sage;
mod salesforce;
mod serve;
mod shared;
mod soap;
mod start;
mod zoho;

pub use cli::Cli;
pub use data::DataSet;
pub use plain::plain_http;
pub use salesforce::private_key as salesforce_private_key;
pub use soap::Binding as SoapBinding;
pub use start::{Options, Running, start};
