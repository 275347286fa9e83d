#![doc = include_str!("../README.md")]

mod cli;
mod config;
mod output;
mod parked;
mod reps;
mod run;
mod status;

pub use cli::Cli;
pub use output::{Answer, Refusal, Style};
pub use run::run;
