//! The binaries that the local stack runs, built in one go.

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::process;
use crate::say::Say;
use crate::stack::deploy::FUNCTIONS;
use crate::workspace::{Workspace, cargo};

/// Where the built binaries are.
#[derive(Clone, Debug)]
pub struct Binaries {
    dir: PathBuf,
}

impl Binaries {
    /// Builds everything the stack needs in one invocation of cargo with the profile `ci`.
    ///
    /// # Errors
    /// When something does not compile.
    pub fn build(workspace: &Workspace, say: &Say) -> Result<Self> {
        say.step(
            "build the functions, the command and the simulators",
            || {
                process::run(
                    cargo()
                        .args(["build", "--quiet", "--locked", "--profile", "ci"])
                        .args(FUNCTIONS.iter().flat_map(|name| ["--bin", name]))
                        .args(["--bin", "counterpart", "--bin", "simulators"])
                        .current_dir(&workspace.root),
                )
            },
        )?;
        Ok(Self {
            dir: workspace.target.join("ci"),
        })
    }

    /// One of them.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Lays a function out as Lambda expects it: a folder with a `bootstrap`.
    ///
    /// # Errors
    /// When the file can't be copied.
    pub fn lay_out(&self, name: &str, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::copy(self.path(name), folder.join("bootstrap"))?;
        Ok(())
    }
}
