//! The functions of this repository, and the empty one.

use std::path::{Path, PathBuf};

use crate::error::{Failure, Result};
use crate::process;
use crate::workspace::{Workspace, cargo};

/// The binary that the others are measured against.
pub const EMPTY: &str = "empty";

/// The packages of the functions and of the empty one.
const PACKAGES: [&str; 2] = ["counterpart-functions", "counterpart-empty"];

/// A built function.
#[derive(Clone, Debug)]
pub struct Binary {
    /// Its name.
    pub name: String,
    /// The file.
    pub path: PathBuf,
}

/// The binaries of the package in `functions/`, the empty one first. The one that holds all is among them: whether it could
/// be deployed is measured, too.
///
/// # Errors
/// When cargo cannot read the workspace.
pub fn functions(workspace: &Workspace) -> Result<Vec<String>> {
    let said = process::output(
        cargo()
            .args(["metadata", "--no-deps", "--format-version", "1", "--locked"])
            .current_dir(&workspace.root),
    )?;
    let metadata: serde_json::Value = serde_json::from_str(&said)?;
    let mut names = below(&metadata, &workspace.file("functions"));
    if names.is_empty() {
        return Err(Failure::new("there is no package below functions/"));
    }
    names.sort();
    names.insert(0, EMPTY.to_owned());
    Ok(names)
}

fn below(metadata: &serde_json::Value, folder: &Path) -> Vec<String> {
    let text = |value: &serde_json::Value, name: &str| {
        value
            .get(name)
            .and_then(|name| name.as_str())
            .map(str::to_owned)
    };
    let list = |value: &serde_json::Value, name: &str| {
        value
            .get(name)
            .and_then(|list| list.as_array())
            .cloned()
            .unwrap_or_default()
    };
    list(metadata, "packages")
        .iter()
        .filter(|package| {
            text(package, "manifest_path").is_some_and(|path| Path::new(&path).starts_with(folder))
        })
        .flat_map(|package| list(package, "targets"))
        .filter(|target| list(target, "kind").iter().any(|kind| kind == "bin"))
        .filter_map(|target| text(&target, "name"))
        .collect()
}

/// Builds them in one invocation of cargo.
///
/// # Errors
/// When something does not compile.
pub fn build(workspace: &Workspace, names: &[String], profile: &str) -> Result<Vec<Binary>> {
    let mut command = cargo();
    command.args(["build", "--quiet", "--locked", "--profile", profile]);
    // No other package: its features would be built into the functions too.
    for package in PACKAGES {
        command.args(["--package", package]);
    }
    for name in names {
        command.args(["--bin", name]);
    }
    process::run(command.current_dir(&workspace.root))?;
    let folder = workspace.target.join(match profile {
        "dev" => "debug",
        other => other,
    });
    Ok(names
        .iter()
        .map(|name| Binary {
            name: name.clone(),
            path: folder.join(name),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_of_this_repository_is_found() {
        let workspace = Workspace::find().unwrap();
        let names = functions(&workspace).unwrap();
        assert_eq!(names.first().map(String::as_str), Some(EMPTY));
        let entries = std::fs::read_dir(workspace.file("functions")).unwrap();
        let folders = entries.filter(|entry| entry.as_ref().unwrap().path().is_dir());
        // The empty one, and the one that holds all.
        assert_eq!(names.len(), folders.count() + 2, "{names:?}");
    }
}
