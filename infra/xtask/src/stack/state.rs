//! What `up` leaves behind so that `down` ends exactly that, and people can use it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Result;
use crate::process::{end_group, started_at};
use crate::workspace::Workspace;

/// A stack that runs without this tool.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    /// Its servers.
    pub processes: Vec<KeptProcess>,
    /// MiniStack's base URL.
    pub endpoint: String,
    /// Base URL of the hint API.
    pub hint_url: String,
    /// Base URL of what CRMs call.
    pub crm_api_url: String,
    /// The `counterpart` command.
    pub counterpart: PathBuf,
    /// Variables that the command needs.
    pub environment: Vec<(String, String)>,
    /// What the simulators said when they started.
    pub said: Value,
}

/// One server that runs on.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeptProcess {
    /// What it is.
    pub name: String,
    /// Its process id, which is also its group's.
    pub pid: i32,
    /// When it started, in clock ticks since boot: a pid alone may be somebody else's by now.
    pub started_at: Option<u64>,
}

impl Kept {
    /// Describes a running process.
    pub fn process(name: &str, pid: i32) -> KeptProcess {
        KeptProcess {
            name: name.to_owned(),
            pid,
            started_at: started_at(pid),
        }
    }

    /// The folder of the stack that `up` starts.
    pub fn dir(workspace: &Workspace) -> PathBuf {
        workspace.target.join("stack").join("up")
    }

    fn file(dir: &Path) -> PathBuf {
        dir.join("state.json")
    }

    /// Reads what `up` left, if there is anything.
    ///
    /// # Errors
    /// When the file is there and can't be read.
    pub fn read(dir: &Path) -> Result<Option<Self>> {
        match std::fs::read_to_string(Self::file(dir)) {
            Ok(text) => Ok(Some(serde_json::from_str(&text)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the state, and a file for `source` in a shell that sets these variables.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn write(&self, dir: &Path, variables: &[(String, String)]) -> Result<PathBuf> {
        std::fs::write(Self::file(dir), serde_json::to_string_pretty(self)?)?;
        let mut shell = String::from("# source this file to use the local stack from a shell\n");
        for (name, value) in variables {
            let quoted = value.replace('\'', r"'\''");
            // Writing into a String cannot fail.
            let _infallible = writeln!(shell, "export {name}='{quoted}'");
        }
        if let Some(folder) = self.counterpart.parent() {
            let _infallible = writeln!(shell, "export PATH='{}':\"$PATH\"", folder.display());
        }
        let file = dir.join("env.sh");
        std::fs::write(&file, shell)?;
        Ok(file)
    }

    /// Ends the servers that are still the ones `up` started; returns the names of those ended.
    ///
    /// # Errors
    /// When the state file can't be removed.
    pub fn end(&self, dir: &Path) -> Result<Vec<String>> {
        let mut ended = Vec::new();
        for process in &self.processes {
            let now = started_at(process.pid);
            if now.is_some() && now == process.started_at {
                end_group(process.pid);
                ended.push(process.name.clone());
            }
        }
        std::fs::remove_file(Self::file(dir))?;
        Ok(ended)
    }

    /// Whether any of its servers still runs.
    pub fn is_running(&self) -> bool {
        self.processes.iter().any(|process| {
            process.started_at.is_some() && started_at(process.pid) == process.started_at
        })
    }
}
