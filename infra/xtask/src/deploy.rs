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
    let arguments = with_architecture(&options.sam, &options.architecture)?;
    build.arg("build").args(overrides(&arguments));
    interactive(&say, build.current_dir(&infra))?;
    if options.build_only {
        say.line("Built into infra/.aws-sam/build; nothing was deployed.");
        return Ok(());
    }
    let mut deploy = venv.command("sam");
    deploy.arg("deploy").args(&arguments);
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

/// The arguments with the processor among the template's parameters, so that what is built is what is deployed.
fn with_architecture(given: &[String], architecture: &str) -> Result<Vec<String>> {
    let mut arguments = Vec::with_capacity(given.len() + 2);
    for word in given {
        match word
            .strip_prefix(OVERRIDES)
            .and_then(|rest| rest.strip_prefix('='))
        {
            Some(parameters) => {
                arguments.push(OVERRIDES.to_owned());
                arguments.extend(parameters.split_whitespace().map(str::to_owned));
            }
            None => arguments.push(word.clone()),
        }
    }
    if arguments
        .iter()
        .any(|word| word.starts_with("Architecture="))
    {
        let told =
            "the processor is an option of its own: cargo xtask deploy --architecture x86_64";
        return Err(Failure::new(told.to_owned()));
    }
    let parameter = format!("Architecture={architecture}");
    match arguments.iter().position(|word| word == OVERRIDES) {
        Some(at) => arguments.insert(at + 1, parameter),
        None => arguments.extend([OVERRIDES.to_owned(), parameter]),
    }
    Ok(arguments)
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
    fn what_is_built_is_what_is_deployed() {
        let words = |words: &[&str]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        for (given, wanted) in [
            (
                words(&["--guided"]),
                words(&["--guided", OVERRIDES, "Architecture=arm64"]),
            ),
            (
                words(&[OVERRIDES, "Companies=ABC", "--region", "x"]),
                words(&[
                    OVERRIDES,
                    "Architecture=arm64",
                    "Companies=ABC",
                    "--region",
                    "x",
                ]),
            ),
            (
                words(&["--parameter-overrides=Companies=ABC"]),
                words(&[OVERRIDES, "Architecture=arm64", "Companies=ABC"]),
            ),
        ] {
            assert_eq!(with_architecture(&given, "arm64").unwrap(), wanted);
        }
        let twice = words(&[OVERRIDES, "Architecture=x86_64"]);
        assert!(with_architecture(&twice, "arm64").is_err());
    }

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
