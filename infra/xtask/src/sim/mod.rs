//! `sim`: whole runs from a seed, in memory and in virtual time, and what becomes of them when the product is spoilt.

mod copy;
mod list;
mod mutations;

use std::process::{Command, Stdio};

use crate::cli::SimOptions;
use crate::compile;
use crate::error::{Failure, Result};
use crate::say::Say;
use crate::workspace::Workspace;

/// The binary of `tests/simulation`.
const BINARY: &str = "sim";

/// Builds the simulation and runs it.
///
/// # Errors
/// When it does not compile, a seed fails, or a mutation survives.
pub fn run(workspace: &Workspace, options: &SimOptions) -> Result<()> {
    if options.mutations {
        return mutations::run(workspace, options);
    }
    let say = Say::new(true);
    let title = "build the simulation";
    say.step(title, || {
        compile::binaries(workspace, &say, title, &[BINARY])
    })?;
    let mut command = Command::new(workspace.target.join("debug").join(BINARY));
    command
        .args(["--seeds", &options.seeds.to_string()])
        .args(["--from", &options.from.to_string()])
        .args(["--faults", &options.faults]);
    if options.json {
        command.arg("--json");
    }
    if options.scenarios {
        command.arg("--scenarios");
    }
    let status = command.stdin(Stdio::null()).status()?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(
        "not everything holds; what does not stands above",
    ))
}
