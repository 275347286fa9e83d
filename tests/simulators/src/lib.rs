#![doc = include_str!("../README.md")]

mod agent;
mod cli;
mod clock;
mod control;
mod data;
mod sage;
mod salesforce;
mod serve;
mod shared;
mod start;
mod zoho;

pub use cli::Cli;
pub use data::DataSet;
pub use start::{Options, Running, start};
