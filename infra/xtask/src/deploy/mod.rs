//! `deploy`: the real thing, into the caller's AWS account.
//!
//! SAM packs a writer for each target while it builds, and CloudFormation makes one for each target while it deploys: both
//! have to be told the same. So the template's parameters are put together here, before anything is built.

mod arguments;
mod parameters;
mod tools;

use std::collections::BTreeMap;
use std::io::{BufRead as _, IsTerminal as _};

use serde::Deserialize;

use self::arguments::{Arguments, Place};
use self::parameters::{ARCHITECTURE, COMPANIES, From, PROTECT, Parameters, TARGETS};
pub use self::tools::Tools;
use crate::cli::DeployOptions;
use crate::error::{Result, ensure};
use crate::say::Say;
use crate::venv::Venv;
use crate::workspace::Workspace;

const DESCRIBE: &str = "infra/local/describe_stack.py";

/// What CloudFormation says of the stack.
#[derive(Debug, Default, Deserialize)]
struct Stack {
    /// None: there is no such stack.
    status: Option<String>,
    parameters: BTreeMap<String, String>,
}

impl Stack {
    /// Whether nothing of it was ever made.
    fn is_new(&self) -> bool {
        matches!(self.status.as_deref(), None | Some("REVIEW_IN_PROGRESS"))
    }
}

/// Builds with cargo-lambda through SAM and deploys.
///
/// # Errors
/// When something has to be known first and is not, or either command fails.
pub fn run(workspace: &Workspace, options: &DeployOptions) -> Result<()> {
    let say = Say::new(false);
    let requirements = "infra/local/requirements-deploy.txt";
    // What cannot be understood is said before anything is installed.
    Arguments::read(&options.sam)?;
    let tools = Tools {
        venv: Venv::ready(workspace, &say, "deploy", requirements)?,
        infra: workspace.file("infra"),
        built: None,
        environment: None,
    };
    with(workspace, &say, &tools, options)
}

/// The same with any tools.
///
/// # Errors
/// See [`run`].
pub fn with(
    workspace: &Workspace,
    say: &Say,
    tools: &Tools,
    options: &DeployOptions,
) -> Result<()> {
    let arguments = Arguments::read(&options.sam)?;
    let place = Place::read(&tools.infra, &arguments)?;
    let describe = || describe(workspace, tools, &place);
    let mut parameters = Parameters::default();
    parameters.offer_all(&arguments.parameters, From::CommandLine);
    parameters.offer_all(&place.parameters, From::Samconfig);
    offer_architecture(&mut parameters, options.architecture.as_deref())?;
    // Who only builds, and says for what, needs no account.
    let known = [TARGETS, COMPANIES]
        .iter()
        .all(|name| parameters.get(name).is_some());
    let stack = if options.build_only && known {
        Stack::default()
    } else {
        describe()?
    };
    can_be_deployed(&place.stack, &stack)?;
    for name in [TARGETS, COMPANIES, ARCHITECTURE] {
        if let Some(value) = stack.parameters.get(name) {
            parameters.offer(name, value, From::Stack);
        }
    }
    parameters.offer(ARCHITECTURE, "arm64", From::Default);
    ask(say, &mut parameters)?;
    parameters.check()?;
    let creates = stack.is_new() && parameters.get(PROTECT).is_none();
    // A table that is protected cannot be taken away when the stack's creation fails, and stands in the way of the next try.
    let protect = if creates { "false" } else { "true" };
    parameters.offer(PROTECT, protect, From::Default);
    say.line(&format!("The stack {}:", place.stack));
    for name in [TARGETS, COMPANIES, ARCHITECTURE] {
        say.line(&format!("  {}", parameters.told(name)));
    }
    tools.build(
        say,
        &[of_config(&arguments), parameters.arguments()].concat(),
    )?;
    if options.build_only {
        say.line("Built; nothing was deployed.");
        return Ok(());
    }
    let rest = arguments.rest.clone();
    tools.deploy(say, &[rest.clone(), parameters.arguments()].concat())?;
    // Whoever said no to the changes has no stack.
    if !creates || describe()?.status.as_deref() != Some("CREATE_COMPLETE") {
        return Ok(());
    }
    say.line("The stack is made. Its tables are protected against deletion from now on:");
    parameters.offer(PROTECT, "true", From::CommandLine);
    let unasked = vec!["--no-confirm-changeset".to_owned()];
    tools.deploy(say, &[unasked, rest, parameters.arguments()].concat())
}

/// The option, or what the parameters say themselves.
fn offer_architecture(parameters: &mut Parameters, option: Option<&str>) -> Result<()> {
    let Some(option) = option else {
        return Ok(());
    };
    let given = parameters.get(ARCHITECTURE);
    ensure(given.is_none_or(|given| given == option), || {
        format!(
            "--architecture says {option}; {}",
            parameters.told(ARCHITECTURE)
        )
    })?;
    parameters.offer(ARCHITECTURE, option, From::CommandLine);
    Ok(())
}

/// A stack whose creation failed can be neither updated nor made again.
fn can_be_deployed(name: &str, stack: &Stack) -> Result<()> {
    let status = stack.status.as_deref().unwrap_or_default();
    ensure(!status.ends_with("IN_PROGRESS") || stack.is_new(), || {
        format!("the stack {name} is being changed ({status}): wait for the end of it")
    })?;
    ensure(
        !matches!(
            status,
            "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED"
        ),
        || {
            format!(
                "the stack {name} was never made ({status}). Take away what is left of it, then try again:\n  aws \
                 cloudformation delete-stack --stack-name {name}\n  aws cloudformation wait stack-delete-complete \
                 --stack-name {name}\ndocs/deploy.md says more, under \"When the first deployment fails\""
            )
        },
    )
}

/// Asks for what the build has to know and nobody has said, where there is somebody to ask.
fn ask(say: &Say, parameters: &mut Parameters) -> Result<()> {
    for (name, question) in [
        (
            COMPANIES,
            "Codes of the Sage companies, with commas between them (ABC,XYZ)",
        ),
        (
            TARGETS,
            "Names of the CRM targets, with commas between them (zoho,salesforce)",
        ),
    ] {
        if parameters.get(name).is_none() && std::io::stdin().is_terminal() {
            say.line(&format!("{question}:"));
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            let items: Vec<&str> = line.split(',').map(str::trim).collect();
            parameters.offer(name, &items.join(","), From::Answer);
        }
    }
    Ok(())
}

fn describe(workspace: &Workspace, tools: &Tools, place: &Place) -> Result<Stack> {
    let region = place.region.as_deref().unwrap_or_default();
    let profile = place.profile.as_deref().unwrap_or_default();
    let said = tools
        .python(&workspace.file(DESCRIBE), &[&place.stack, region, profile])
        .map_err(|failure| {
            failure.during(&format!(
                "the state of the stack {} is not known",
                place.stack
            ))
        })?;
    Ok(serde_json::from_str(&said)?)
}

/// The options that say which part of which file counts go to both commands.
fn of_config(arguments: &Arguments) -> Vec<String> {
    ["--config-file", "--config-env"]
        .iter()
        .filter_map(|flag| Some([(*flag).to_owned(), arguments.option(flag)?.to_owned()]))
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(status: &str) -> Stack {
        Stack {
            status: Some(status.to_owned()),
            parameters: BTreeMap::new(),
        }
    }

    #[test]
    fn a_stack_that_was_never_made_is_told_of_before_anything_is_built() {
        for status in ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_IN_PROGRESS"] {
            assert!(
                can_be_deployed("counterpart", &stack(status)).is_err(),
                "{status}"
            );
        }
        for status in [
            "CREATE_COMPLETE",
            "UPDATE_ROLLBACK_COMPLETE",
            "REVIEW_IN_PROGRESS",
        ] {
            assert!(
                can_be_deployed("counterpart", &stack(status)).is_ok(),
                "{status}"
            );
        }
        assert!(can_be_deployed("counterpart", &Stack::default()).is_ok());
        assert!(stack("REVIEW_IN_PROGRESS").is_new() && Stack::default().is_new());
        assert!(!stack("CREATE_COMPLETE").is_new());
    }

    #[test]
    fn the_processor_is_said_once() {
        let mut parameters = Parameters::default();
        offer_architecture(&mut parameters, Some("x86_64")).unwrap();
        assert_eq!(parameters.get(ARCHITECTURE), Some("x86_64"));
        assert!(offer_architecture(&mut parameters, Some("arm64")).is_err());
        assert!(offer_architecture(&mut parameters, None).is_ok());
    }
}
