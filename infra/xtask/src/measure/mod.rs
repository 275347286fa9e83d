//! What the functions weigh: size of the binary, time from its start to the first poll of the Runtime API, and memory at
//! that moment, each against an empty function that was built the same way.

mod api;
pub mod build;
mod figures;
mod run;
mod table;

use crate::cli::MeasureOptions;
use crate::error::Result;
use crate::say::Say;
use crate::workspace::Workspace;

use api::RuntimeApi;
use figures::{Report, Samples};

/// Measures all functions and reports.
///
/// # Errors
/// When something does not compile, or a function does not come to its first poll.
pub fn run(workspace: &Workspace, options: &MeasureOptions) -> Result<()> {
    let say = Say::new(options.json);
    let functions = build::functions(workspace)?;
    let title = format!(
        "build {} functions, profile {}",
        functions.len(),
        options.profile
    );
    let binaries = say.step(&title, || {
        build::build(workspace, &functions, &options.profile)
    })?;
    let api = RuntimeApi::start()?;
    let mut samples: Vec<Samples> = binaries.iter().map(Samples::of).collect::<Result<_>>()?;
    say.step(&format!("start each {} times", options.runs), || {
        // The first round only brings the files into memory.
        for round in 0..=options.runs as usize {
            // In turns, and in another order each time: whatever else this machine does meets all of them alike.
            for turn in 0..binaries.len() {
                let at = (turn + round) % binaries.len();
                let started = run::start_once(&binaries[at], &api)?;
                if round > 0 {
                    samples[at].add(&started);
                }
            }
        }
        Ok(())
    })?;
    let report = Report::new(&options.profile, options.runs, &samples)?;
    if options.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        say.line(&table::table(&report));
    }
    Ok(())
}
