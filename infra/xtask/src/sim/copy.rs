//! A copy of the sources, to be spoilt: the repository itself is never touched.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Failure, Result};
use crate::process;
use crate::workspace::{Workspace, cargo};

/// The copy, with a target directory of its own.
#[derive(Debug)]
pub struct Copy {
    source: PathBuf,
    target: PathBuf,
}

impl Copy {
    /// Copies what git knows of, as it is in the working tree.
    ///
    /// # Errors
    /// When a file can't be copied.
    pub fn make(workspace: &Workspace) -> Result<Self> {
        let dir = workspace.target.join("mutations");
        let copy = Self {
            source: dir.join("source"),
            target: dir.join("target"),
        };
        let listed = process::output(
            Command::new("git")
                .args(["ls-files", "--cached", "--others", "--exclude-standard"])
                .current_dir(&workspace.root),
        )?;
        let mut copied = BTreeSet::new();
        for file in listed.lines().filter(|file| !file.is_empty()) {
            let from = workspace.root.join(file);
            if from.is_file() {
                copied.insert(PathBuf::from(file));
                let to = copy.source.join(file);
                let new = std::fs::read(&from)?;
                // What did not change keeps its time, so that cargo does not build it anew.
                if std::fs::read(&to).ok().as_ref() != Some(&new) {
                    if let Some(parent) = to.parent() {
                        std::fs::create_dir_all(parent)?;
                    }
                    std::fs::write(&to, new)?;
                }
            }
        }
        remove_others(&copy.source, Path::new(""), &copied)?;
        Ok(copy)
    }

    /// A file of the copy.
    pub fn file(&self, relative: &str) -> PathBuf {
        self.source.join(relative)
    }

    /// Builds the simulation out of the copy: nothing else, and as quickly as can be.
    ///
    /// # Errors
    /// When it does not compile, with what the compiler said.
    pub fn build(&self) -> Result<PathBuf> {
        let quick = |package: &str| format!("profile.dev.package.{package}.opt-level=0");
        let mut command = cargo();
        command
            .args([
                "build",
                "--quiet",
                "--locked",
                "--package",
                "counterpart-simulation",
                "--bin",
            ])
            .arg(super::BINARY)
            .args(["--config", &quick("counterpart-delivery")])
            .args(["--config", &quick("counterpart-domain")])
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "1")
            .env("RUSTFLAGS", "-Awarnings")
            .current_dir(&self.source);
        process::output(&mut command)?;
        let binary = self.target.join("debug").join(super::BINARY);
        match binary.exists() {
            true => Ok(binary),
            false => Err(Failure::new(format!("{} was not built", said(&binary)))),
        }
    }
}

/// Removes what is left of an earlier copy, below `folder`: a module of two files would not compile.
fn remove_others(root: &Path, folder: &Path, copied: &BTreeSet<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            remove_others(root, &name, copied)?;
        } else if !copied.contains(&name) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn said(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_an_earlier_copy_goes() {
        let root = tempfile::tempdir().unwrap();
        for file in ["a/mod.rs", "a.rs", "a/b/old.rs"] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let copied = BTreeSet::from([PathBuf::from("a/mod.rs")]);
        remove_others(root.path(), Path::new(""), &copied).unwrap();
        let is_there = |file: &str| root.path().join(file).exists();
        assert!(is_there("a/mod.rs") && !is_there("a.rs") && !is_there("a/b/old.rs"));
    }
}
