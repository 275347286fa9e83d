//! `test`: everything that can fail, in one command.

use std::time::Instant;

use crate::binaries::Binaries;
use crate::cli::{DemoOptions, RehearseOptions, SimOptions, TestOptions};
use crate::demo;
use crate::error::Result;
use crate::npm;
use crate::process;
use crate::rehearse;
use crate::say::{Say, seconds};
use crate::sim;
use crate::venv::Venv;
use crate::workspace::{Workspace, cargo};

const CLIENTS: &str = "tests/e2e";
const JSFORCE: &str = "tests/e2e/jsforce";
const ZOHO_NODE: &str = "tests/e2e/zoho_node";
/// Seeds of the simulation: some hundred at each change, thousands by hand.
const SEEDS: u64 = 300;

/// Runs the Rust tests, some seeds of the simulation, the tests with real client libraries, a rehearsal of deployments, and a
/// small demo.
///
/// # Errors
/// Names the first part that did not hold.
pub fn run(workspace: &Workspace, options: &TestOptions) -> Result<()> {
    let say = Say::new(false);
    let started = Instant::now();
    say.step("Rust tests", || {
        process::run_aloud(
            cargo()
                .args(["test", "--workspace", "--locked"])
                .current_dir(&workspace.root),
        )
    })?;
    sim::run(workspace, &SimOptions::of(SEEDS))?;
    let requirements = format!("{CLIENTS}/requirements.txt");
    let venv = Venv::ready(workspace, &say, "e2e", &requirements)?;
    let jsforce = npm::ready(workspace, &say, &venv, JSFORCE)?;
    let zoho = npm::ready(workspace, &say, &venv, ZOHO_NODE)?;
    let binaries = Binaries::build(workspace, &say)?;
    say.step("real client libraries against the simulators", || {
        process::run_aloud(
            venv.command("python")
                .args(["-m", "unittest"])
                .env("COUNTERPART_SIMULATORS", binaries.path("simulators"))
                .env("COUNTERPART_NODE_MODULES", &jsforce)
                .env("COUNTERPART_ZOHO_NODE_MODULES", &zoho)
                .env("PYTHONDONTWRITEBYTECODE", "1")
                .current_dir(workspace.file(CLIENTS)),
        )
    })?;
    rehearse::run(workspace, &RehearseOptions { from: None })?;
    demo::run(
        workspace,
        &DemoOptions {
            // Told of more than once, a deal is one order all the same.
            duplicates: 3,
            customers: options.customers,
            seed: 1,
            sales: true,
            json: false,
        },
    )?;
    say.line(&format!(
        "All of it holds ({}).",
        seconds(started.elapsed())
    ));
    Ok(())
}
