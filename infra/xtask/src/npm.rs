//! JavaScript packages below the target directory, exactly as a lock file names them.

use std::path::PathBuf;

use crate::error::{Failure, Result};
use crate::once;
use crate::process;
use crate::say::Say;
use crate::venv::Venv;
use crate::workspace::Workspace;

const FILES: [&str; 2] = ["package.json", "package-lock.json"];

/// Installs what the lock file of a folder names; answers where its `node_modules` is.
///
/// Node.js and npm are those of the virtual environment. No package runs a script of its own.
///
/// # Errors
/// When a file can't be read, or a package can't be installed.
pub fn ready(workspace: &Workspace, say: &Say, venv: &Venv, folder: &str) -> Result<PathBuf> {
    let dir = workspace.target.join("npm").join(folder.replace('/', "-"));
    let mut ingredients = vec![process::output(venv.command("node").arg("--version"))?];
    for name in FILES {
        let file = workspace.file(folder).join(name);
        let text = std::fs::read_to_string(&file)
            .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
        ingredients.push(text);
    }
    once::made(&dir, &ingredients, || {
        say.step(&format!("install the packages of {folder} (once)"), || {
            std::fs::create_dir_all(&dir)?;
            for (name, text) in FILES.iter().zip(ingredients.iter().skip(1)) {
                std::fs::write(dir.join(name), text)?;
            }
            process::output(
                venv.command("npm")
                    .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                    .current_dir(&dir),
            )
            .map(drop)
        })
    })?;
    Ok(dir)
}
