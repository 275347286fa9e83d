//! The `simulators` command: parses its arguments, starts the servers, says where they are.

use std::process::ExitCode;

use clap::Parser;
use counterpart_simulators::{Cli, start};

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match start(Cli::parse().into_options()).await {
        Ok(running) => {
            println!("{}", running.announcement());
            running.wait().await
        }
        Err(error) => Err(error),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("simulators: {error}");
            ExitCode::FAILURE
        }
    }
}
