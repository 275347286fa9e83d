//! Python tools in virtual environments under the target directory, one for each requirements file.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Failure, Result};
use crate::once;
use crate::process;
use crate::say::Say;
use crate::workspace::Workspace;

/// A virtual environment that holds what a requirements file names.
#[derive(Clone, Debug)]
pub struct Venv {
    dir: PathBuf,
}

impl Venv {
    /// Makes the environment, or takes the one that an earlier run made from the same requirements.
    ///
    /// # Errors
    /// When Python 3 or its venv module is missing, or a package can't be installed.
    pub fn ready(workspace: &Workspace, say: &Say, name: &str, requirements: &str) -> Result<Self> {
        let order = Order::new(workspace, name, requirements)?;
        if order.is_done() {
            return order.run();
        }
        say.step(&order.title(), || order.run())
    }

    /// One of its programs.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin().join(program));
        command
            .env("PATH", self.path())
            .env("VIRTUAL_ENV", &self.dir);
        command
    }

    fn bin(&self) -> PathBuf {
        self.dir.join("bin")
    }

    /// The search path with its programs first.
    pub fn path(&self) -> std::ffi::OsString {
        let mut path = self.bin().into_os_string();
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        path
    }
}

/// An environment that is wanted, and may have to be made.
#[derive(Debug)]
pub struct Order {
    venv: Venv,
    file: PathBuf,
    requirements: String,
    ingredients: Vec<String>,
}

impl Order {
    /// Nothing is made yet.
    ///
    /// # Errors
    /// When the requirements can't be read, or there is no Python 3.
    pub fn new(workspace: &Workspace, name: &str, requirements: &str) -> Result<Self> {
        let file = workspace.file(requirements);
        let dir = workspace.target.join("venv").join(name);
        Ok(Self {
            venv: Venv { dir },
            ingredients: ingredients(&file)?,
            file,
            requirements: requirements.to_owned(),
        })
    }

    /// What is done, for people.
    pub fn title(&self) -> String {
        format!("install the Python tools of {} (once)", self.requirements)
    }

    /// Whether an earlier run has made it.
    pub fn is_done(&self) -> bool {
        once::is_made(&self.venv.dir, &self.ingredients)
    }

    /// Makes it, unless it is there.
    ///
    /// # Errors
    /// When Python's venv module is missing, or a package can't be installed.
    pub fn run(self) -> Result<Venv> {
        let Self {
            venv,
            file,
            ingredients,
            ..
        } = self;
        once::made(&venv.dir, &ingredients, || {
            process::output(Command::new("python3").args(["-m", "venv"]).arg(&venv.dir))
                .map_err(|failure| failure.during("Python 3 with its venv module is needed"))?;
            process::output(
                venv.command("pip")
                    .args(["install", "--quiet", "--disable-pip-version-check"])
                    // Most of what is installed is never loaded; what is, Python compiles then.
                    .arg("--no-compile")
                    .arg("-r")
                    .arg(&file),
            )
            .map(drop)
        })?;
        Ok(venv)
    }
}

/// The requirements, the files they name beside them, and the Python they are for.
fn ingredients(file: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    let mut ingredients = Vec::new();
    for named in text.lines().filter_map(|line| line.strip_prefix("-c ")) {
        let beside = file.with_file_name(named.trim());
        ingredients.push(std::fs::read_to_string(beside)?);
    }
    ingredients.push(text);
    ingredients.push(process::output(Command::new("python3").arg("--version"))?);
    Ok(ingredients)
}
