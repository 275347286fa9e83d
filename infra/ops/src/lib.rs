#![doc = include_str!("../README.md")]

mod aws;
mod channel;
mod check;
mod circuit;
mod cli;
mod config;
mod doctor;
mod hooks;
mod link;
mod output;
mod parked;
mod pauses;
mod poll;
mod reps;
mod restored;
mod run;
mod signed;
mod status;
mod systems;
mod tokens;
mod unknown;
mod who;
mod within;
mod words;

pub use cli::Cli;
pub use doctor::{PROMISES, Promise};
pub use output::{Answer, Refusal, Style};
pub use run::run;
