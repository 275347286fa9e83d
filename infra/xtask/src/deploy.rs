//! `deploy`: the real thing, into the caller's AWS account.

use std::process::Command;

use crate::cli::DeployOptions;
use crate::error::{Failure, Result};
use crate::say::Say;
use crate::venv::Venv;
use crate::workspace::Workspace;

const OVERRIDES: &str = "--parameter-overrides";

/// Builds with cargo-lambda through SAM and deploys.
///
/// # Errors
/// When either command fails.
pub fn run(workspace: &Workspace, options: &DeployOptions) -> Result<()> {
    let say = Say::new(false);
    let requirements = "infra/local/requirements-deploy.txt";
    let venv = Venv::ready(workspace, &say, "deploy", requirements)?;
    let infra = workspace.file("infra");
    let mut build = venv.command("sam");
    build.arg("build").args(overrides(&options.sam));
    interactive(&say, build.current_dir(&infra))?;
    if options.build_only {
        say.line("Built into infra/.aws-sam/build; nothing was deployed.");
        return Ok(());
    }
    let mut deploy = venv.command("sam");
    deploy.arg("deploy").args(&options.sam);
    interactive(&say, deploy.current_dir(&infra))
}

/// Runs a command that may ask the person something.
fn interactive(say: &Say, command: &mut Command) -> Result<()> {
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

/// The part of the arguments that building needs too: the processor is a parameter of the template.
fn overrides(arguments: &[String]) -> Vec<&String> {
    let is_flag = |word: &&String| word.starts_with("--");
    let mut rest = arguments.iter().skip_while(|word| *word != OVERRIDES);
    let first = rest.next();
    first
        .into_iter()
        .chain(rest.take_while(|word| !is_flag(word)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_parameters_go_to_the_build() {
        let given = [
            "--guided",
            OVERRIDES,
            "Companies=ABC",
            "Architecture=x86_64",
            "--region",
            "x",
        ]
        .map(str::to_owned);
        assert_eq!(
            overrides(&given),
            [OVERRIDES, "Companies=ABC", "Architecture=x86_64"]
        );
        assert!(overrides(&given[..1]).is_empty());
    }
}
