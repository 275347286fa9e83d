//! Where things lie: the repository and cargo's target directory.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Failure, Result};
use crate::process;

/// The repository this tool was built from.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Folder of the root manifest.
    pub root: PathBuf,
    /// Cargo's target directory, wherever the environment or the configuration puts it.
    pub target: PathBuf,
}

impl Workspace {
    /// Asks cargo.
    ///
    /// # Errors
    /// When cargo can't read the workspace.
    pub fn find() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let said = process::output(
            cargo()
                .args(["metadata", "--no-deps", "--format-version", "1", "--locked"])
                .current_dir(here),
        )?;
        let metadata: serde_json::Value = serde_json::from_str(&said)?;
        let path = |name: &str| {
            metadata
                .get(name)
                .and_then(serde_json::Value::as_str)
                .map(PathBuf::from)
                .ok_or_else(|| Failure::new(format!("cargo metadata names no {name}")))
        };
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
        })
    }

    /// A file of the repository.
    pub fn file(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }
}

/// The cargo that runs this tool.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
