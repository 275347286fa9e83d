//! Whether `cargo xtask`, which is built alone, has the crates that it shares with the workspace built alike. A feature more
//! or less, and a crate is compiled twice.

use std::collections::BTreeSet;

use crate::error::{Result, ensure};
use crate::process;
use crate::workspace::{Workspace, cargo};

/// Compares the crates with their features.
///
/// # Errors
/// With the crates that differ.
pub fn check(workspace: &Workspace) -> Result<()> {
    let own = tree(
        workspace,
        &["--package", "xtask", "--edges", "normal,build"],
    )?;
    let all = tree(workspace, &["--workspace", "--edges", "normal,build,dev"])?;
    let twice: Vec<String> = own.difference(&all).cloned().collect();
    ensure(twice.is_empty(), || {
        format!(
            "these would be compiled twice; infra/xtask/Cargo.toml has to give them the features that the workspace gives \
             them:\n  {}",
            twice.join("\n  ")
        )
    })
}

/// Every crate from the registry, a line each with its version and features.
fn tree(workspace: &Workspace, selected: &[&str]) -> Result<BTreeSet<String>> {
    let said = process::output(
        cargo()
            .args(["tree", "--locked", "--prefix", "none"])
            .args(["--format", "{p} {f}"])
            .args(selected)
            .current_dir(&workspace.root),
    )?;
    Ok(said.lines().filter_map(of_registry).collect())
}

/// The line without cargo's marks; none for a crate of this repository, whose line names its path.
fn of_registry(line: &str) -> Option<String> {
    let line = line.trim_end_matches(" (*)").replace(" (proc-macro)", "");
    (!line.is_empty() && !line.contains("(/")).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_no_difference_and_own_crates_are_left_out() {
        let plain = of_registry("syn v3.0.9 derive,full");
        assert_eq!(of_registry("syn v3.0.9 derive,full (*)"), plain);
        assert!(plain.is_some());
        assert_eq!(
            of_registry("serde_derive v1.0.1 (proc-macro) default").unwrap(),
            "serde_derive v1.0.1 default"
        );
        assert_eq!(of_registry("xtask v0.1.0 (/repository/infra/xtask) "), None);
    }
}
