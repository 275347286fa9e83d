#![doc = include_str!("../README.md")]

mod aws;
mod check;
mod cli;
mod config;
mod doctor;
mod hooks;
mod link;
mod output;
mod parked;
mod pauses;
mod redrive;
mod reps;
mod restored;
mod run;
mod status;
mod systems;
mod tokens;
mod within;
mod words;

pub use cli::Cli;
pub use output::{Answer, Refusal, Style};
pub use run::run;
