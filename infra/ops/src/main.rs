//! The `counterpart` command.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use counterpart_ops::{Cli, Refusal, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    counterpart_runtime::init_for_command();
    let json = cli.json;
    match run(cli).await {
        Ok(answer) => {
            let text = if json {
                answer.json.to_string()
            } else {
                answer.text
            };
            // A reader that has seen enough (`| head`) is no error.
            let _closed = writeln!(std::io::stdout(), "{}", text.trim_end_matches('\n'));
            if answer.well {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(refusal) => {
            report(&refusal, json);
            ExitCode::FAILURE
        }
    }
}

fn report(refusal: &Refusal, json: bool) {
    if json {
        println!("{}", refusal.json());
    }
    eprintln!("{}", refusal.text());
}
