//! Each mutation takes something out of a copy of the product; a scenario or a few seeds have to notice.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::copy::Copy;
use super::list::{self, Mutation};
use crate::cli::SimOptions;
use crate::error::{Failure, Result};
use crate::process;
use crate::say::{Say, seconds};
use crate::workspace::Workspace;

/// How a mutation may be noticed: the arguments of the simulation.
fn checks(mutation: &Mutation) -> Vec<Vec<String>> {
    let own = |text: &str| text.to_owned();
    let mut checks = Vec::new();
    if let Some(name) = &mutation.scenario {
        checks.push(vec![own("--scenario"), name.clone()]);
    }
    if let Some(faults) = &mutation.faults {
        checks.push(vec![
            own("--seeds"),
            mutation.seeds.to_string(),
            own("--faults"),
            faults.clone(),
            own("--quick"),
        ]);
    }
    checks
}

/// Runs all of them, or those whose name holds a text.
///
/// # Errors
/// When one survives, does not compile, or no longer fits the source; or when the checks fail without any.
pub fn run(workspace: &Workspace, options: &SimOptions) -> Result<()> {
    let say = Say::new(options.json);
    let mut mutations = list::read(&workspace.root)?;
    if let Some(only) = &options.only {
        mutations.retain(|mutation| mutation.name.contains(only.as_str()));
    }
    let copy = Copy::make(workspace)?;
    let binary = say.step("build a copy of the simulation", || copy.build())?;
    let wanted: BTreeSet<Vec<String>> = mutations.iter().flat_map(checks).collect();
    say.step("everything holds while nothing is taken out", || {
        for check in &wanted {
            if !holds(&binary, check)? {
                return Err(Failure::new(format!("not so: {}", check.join(" "))));
            }
        }
        Ok(())
    })?;
    let mut survivors = Vec::new();
    for mutation in &mutations {
        let began = Instant::now();
        let caught = caught(&copy, mutation)?;
        say.line(&format!(
            "  {} {} ({}; {})",
            if caught { "caught  " } else { "SURVIVES" },
            mutation.name,
            mutation.of,
            seconds(began.elapsed())
        ));
        if !caught {
            survivors.push(mutation.name.as_str());
        }
    }
    say.line(&format!(
        "{} mutations, {} caught",
        mutations.len(),
        mutations.len() - survivors.len()
    ));
    if options.json {
        let figures = serde_json::json!({
            "mutations": mutations.len(),
            "caught": mutations.len() - survivors.len(),
            "survivors": survivors,
        });
        println!("{figures}");
    }
    match survivors.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "nobody noticed: {}",
            survivors.join(", ")
        ))),
    }
}

fn caught(copy: &Copy, mutation: &Mutation) -> Result<bool> {
    let mut before = Vec::new();
    for edit in mutation.edits() {
        let file = copy.file(&edit.file);
        let whole = std::fs::read_to_string(&file)?;
        std::fs::write(&file, whole.replacen(&edit.text, &edit.with, 1))?;
        before.push((file, whole));
    }
    let built = copy.build();
    let caught = built.and_then(|binary| {
        for check in checks(mutation) {
            if !holds(&binary, &check)? {
                return Ok(true);
            }
        }
        Ok(false)
    });
    // The last one first: two places may be in one file.
    for (file, whole) in before.into_iter().rev() {
        std::fs::write(file, whole)?;
    }
    caught.map_err(|failure| failure.during(&mutation.name))
}

/// Whether the simulation says that all is well.
fn holds(binary: &Path, check: &[String]) -> Result<bool> {
    let status = Command::new(binary)
        .args(check)
        .env_remove("SEED")
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    match status.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => Err(Failure::new(format!(
            "the simulation ended with {status}: {}",
            process::last_lines(&check.join(" "), 1)
        ))),
    }
}
