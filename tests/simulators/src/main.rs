//! The `simulators` command: parses its arguments, starts the servers, says where they are.

use clap::Parser;
use counterpart_simulators::{Cli, start};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let running = start(Cli::parse().into_options()).await?;
    println!("{}", running.announcement());
    running.wait().await
}
