//! Deploys `infra/template.yaml` itself into MiniStack with the SAM command.
//!
//! Only `CodeUri` differs from the file in the repository, and in the way `sam build` changes it: it names the
//! folder of the built function instead of the folder of its source.

use std::path::Path;

use crate::binaries::Binaries;
use crate::error::{Failure, Result};
use crate::process;
use crate::stack::ministack::{environment, without_callers_account};
use crate::target;
use crate::venv::Venv;
use crate::workspace::Workspace;

/// Name of the local stack, and prefix of all its resources.
pub const STACK: &str = "counterpart";

/// All of them, in the template's order.
pub const FUNCTIONS: [&str; 8] = [
    "poller",
    "webhooks",
    "lookup",
    "platform-events",
    "channel-keeper",
    "order-transform",
    "sage-writer",
    "crm-writer",
];
/// The event bus that the simulated Salesforce fills, and what its sources begin with: those of AWS's partners are
/// reserved.
pub const SALESFORCE_BUS: &str = "salesforce";
/// See [`SALESFORCE_BUS`].
pub const SALESFORCE_SOURCE: &str = "simulated.partner";
/// Where the template finds their sources.
const SOURCES: &str = "../functions/";

/// Deploys the template for these companies.
///
/// # Errors
/// With the last lines of the SAM command when it fails.
pub fn deploy(
    workspace: &Workspace,
    venv: &Venv,
    binaries: &Binaries,
    endpoint: &str,
    dir: &Path,
    companies: &[String],
    scheduled: bool,
) -> Result<()> {
    let built = dir.join("build");
    for function in FUNCTIONS {
        binaries.lay_out(function, &built.join(function))?;
    }
    let template = std::fs::read_to_string(workspace.file("infra/template.yaml"))?;
    std::fs::write(built.join("template.yaml"), with_built_code(&template)?)?;
    let parameters = [
        format!("Companies={}", companies.join(",")),
        format!("Targets={}", target::names()),
        format!(
            "ScheduleState={}",
            if scheduled { "ENABLED" } else { "DISABLED" }
        ),
        format!("Architecture={}", architecture()),
        "AllowLoopback=true".to_owned(),
        format!("SalesforceEventBus={SALESFORCE_BUS}"),
        format!("SalesforceEventSource={SALESFORCE_SOURCE}"),
    ];
    let mut sam = venv.command("sam");
    sam.args(["deploy", "--template-file", "template.yaml"])
        .args([
            "--stack-name",
            STACK,
            "--resolve-s3",
            "--language-extensions",
        ])
        .args(["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
        .args(["--no-confirm-changeset", "--no-progressbar"])
        .arg("--parameter-overrides")
        .args(parameters)
        .current_dir(&built)
        .env("SAM_CLI_TELEMETRY", "0")
        .env("HOME", dir);
    for (name, value) in environment(endpoint) {
        sam.env(name, value);
    }
    without_callers_account(&mut sam);
    process::output(&mut sam).map(|_said| ())
}

/// The template with each `CodeUri` pointing at the built function beside it.
fn with_built_code(template: &str) -> Result<String> {
    if template.matches(SOURCES).count() != FUNCTIONS.len() {
        return Err(Failure::new(format!(
            "infra/template.yaml has to name the sources of {} once each",
            FUNCTIONS.join(", ")
        )));
    }
    Ok(template.replace(SOURCES, "./"))
}

/// This machine's processor as Lambda names it.
fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x86_64"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_code_differs_from_the_template() {
        let template = include_str!("../../../template.yaml");
        let changed = with_built_code(template).unwrap();
        let differing: Vec<_> = template
            .lines()
            .zip(changed.lines())
            .filter(|(before, after)| before != after)
            .map(|(_, after)| after.trim())
            .collect();
        assert_eq!(
            differing,
            [
                "CodeUri: ./poller",
                "CodeUri: ./webhooks",
                "CodeUri: ./lookup",
                "CodeUri: ./platform-events",
                "CodeUri: ./channel-keeper",
                "CodeUri: ./order-transform",
                "CodeUri: ./sage-writer",
                "CodeUri: !Sub \"./${Target}/../crm-writer\""
            ]
        );
    }

    /// No demo passes by there: who sends what only sometimes has to be sent still needs the right to.
    #[test]
    fn whoever_sends_events_may() {
        let template = include_str!("../../../template.yaml");
        for role in [
            "WebhooksRole",
            "PlatformEventsRole",
            "ChannelKeeperRole",
            "SageWriterRole",
        ] {
            let (_, rest) = template.split_once(&format!("\n  {role}:\n")).unwrap();
            let end = rest.find("\n\n").unwrap();
            let sends = "Action: sqs:SendMessage*\n                Resource: !GetAtt CrmEvents.Arn";
            assert!(rest[..end].contains(sends), "{role}");
        }
    }

    #[test]
    fn a_template_that_names_no_source_is_refused() {
        assert!(with_built_code("Resources: {}\n").is_err());
    }
}
