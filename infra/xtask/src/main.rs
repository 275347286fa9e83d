#![doc = include_str!("../README.md")]

mod aws;
mod bench;
mod binaries;
mod check;
mod cli;
mod compile;
mod demo;
mod deploy;
mod error;
mod hint;
mod house;
mod http;
mod logs;
mod measure;
mod npm;
mod once;
mod prepare;
mod process;
mod rehearse;
mod say;
mod sim;
mod stack;
mod stub;
mod target;
mod test;
mod up;
mod venv;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Task};
use crate::error::Result;
use crate::workspace::Workspace;

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nfailed: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    process::end_children_on_signal()?;
    let workspace = Workspace::find()?;
    match task {
        Task::Demo(options) => demo::run(&workspace, &options),
        Task::Test(options) => test::run(&workspace, &options),
        Task::Sim(options) => sim::run(&workspace, &options),
        Task::Check => check::run(&workspace),
        Task::House(options) => house::run(&workspace, &options),
        Task::Up(options) => up::up(&workspace, &options),
        Task::Down => up::down(&workspace),
        Task::Logs(options) => logs::run(&workspace, &options),
        Task::Measure(options) => measure::run(&workspace, &options),
        Task::Bench(options) => bench::run(&workspace, &options),
        Task::Rehearse(options) => rehearse::run(&workspace, &options),
        Task::Deploy(options) => deploy::run(&workspace, &options),
    }
}
