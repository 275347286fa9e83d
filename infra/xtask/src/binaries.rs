//! The binaries that the local stack runs, built in one go.

use std::path::PathBuf;

use crate::compile;
use crate::error::Result;
use crate::say::Say;
use crate::workspace::Workspace;

/// The binary that holds all functions. It is linked once; the functions' own binaries are for deployment.
pub const ALL_FUNCTIONS: &str = "all-functions";

const BUILT: [&str; 3] = [ALL_FUNCTIONS, "counterpart", "simulators"];

/// Where the built binaries are.
#[derive(Clone, Debug)]
pub struct Binaries {
    dir: PathBuf,
}

impl Binaries {
    /// Builds everything the stack needs in one invocation of cargo.
    ///
    /// # Errors
    /// When something does not compile.
    pub fn build(workspace: &Workspace, say: &Say) -> Result<Self> {
        let title = "build the functions, the command and the simulators";
        say.step(title, || compile::binaries(workspace, say, title, &BUILT))?;
        Ok(Self {
            dir: workspace.target.join("debug"),
        })
    }

    /// One of them.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}
