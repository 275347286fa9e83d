//! What builds and deploys: the SAM command, in the folder of the template.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::error::{Failure, Result};
use crate::process;
use crate::say::Say;
use crate::venv::Venv;

/// The SAM command with its surroundings.
pub struct Tools {
    /// Where it is installed.
    pub venv: Venv,
    /// The folder of `template.yaml` and `samconfig.toml`.
    pub infra: PathBuf,
    /// Another folder than `.aws-sam/build` for what is built.
    pub built: Option<PathBuf>,
    /// Variables of its own. None: it runs before a person, in their environment.
    pub environment: Option<Vec<(String, OsString)>>,
}

impl Tools {
    /// `sam build`.
    ///
    /// # Errors
    /// When it fails.
    pub fn build(&self, say: &Say, arguments: &[String]) -> Result<()> {
        let mut command = self.venv.command("sam");
        command.arg("build");
        if let Some(built) = &self.built {
            command.arg("--build-dir").arg(built);
        }
        self.run(say, command.args(arguments))
    }

    /// `sam deploy` of what was built.
    ///
    /// # Errors
    /// When it fails.
    pub fn deploy(&self, say: &Say, arguments: &[String]) -> Result<()> {
        let mut command = self.venv.command("sam");
        command.arg("deploy");
        if let Some(built) = &self.built {
            // SAM looks for its configuration beside the template.
            command
                .arg("--template-file")
                .arg(built.join("template.yaml"))
                .arg("--config-file")
                .arg(self.infra.join("samconfig.toml"));
        }
        self.run(say, command.args(arguments))
    }

    /// What a script prints.
    ///
    /// # Errors
    /// When it fails.
    pub fn python(&self, script: &PathBuf, arguments: &[&str]) -> Result<String> {
        let mut command = self.venv.command("python");
        command.arg(script).args(arguments);
        process::output(self.surround(&mut command))
    }

    fn surround<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for (name, value) in self.environment.iter().flatten() {
            command.env(name, value);
        }
        command
            .current_dir(&self.infra)
            .env("PYTHONDONTWRITEBYTECODE", "1")
    }

    /// Before a person it may ask something; otherwise only a failure is shown.
    fn run(&self, say: &Say, command: &mut Command) -> Result<()> {
        let command = self.surround(command);
        if self.environment.is_some() {
            return process::output(command).map(drop);
        }
        let words: Vec<_> = command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        say.line(&format!("in infra/: sam {}", words.join(" ")));
        let status = command
            .status()
            .map_err(|error| Failure::new(format!("sam can't be started: {error}")))?;
        if status.success() {
            Ok(())
        } else {
            let verb = words.first().map(String::as_str).unwrap_or_default();
            Err(Failure::new(format!("sam {verb} ended with {status}")))
        }
    }
}
