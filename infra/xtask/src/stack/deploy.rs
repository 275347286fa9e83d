//! Deploys `infra/template.yaml` itself into MiniStack with the SAM command.
//!
//! Only `CodeUri` differs from the file in the repository, and in the way `sam build` changes it: it names what was built
//! instead of the folder of the sources. That is one binary for all functions here; which of them a process is, the
//! template's `Handler` says.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::binaries::{ALL_FUNCTIONS, Binaries};
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
const SOURCES: &str = "../functions";
/// The packed binary, beside the deployed template.
const BUILT: &str = "./functions.zip";
/// Seconds between two looks of the SAM command at what it waits for; of itself it waits five, as is fit for the cloud.
const LOOK_EVERY: &str = "0.2";

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
    std::fs::create_dir_all(&built)?;
    // Packed here, once. Of a folder the SAM command would make a pack for every function.
    process::output(
        venv.command("python")
            .arg(workspace.file("infra/local/pack_function.py"))
            .arg(binaries.path(ALL_FUNCTIONS))
            .arg(built.join(BUILT)),
    )?;
    let template = std::fs::read_to_string(workspace.file("infra/template.yaml"))?;
    std::fs::write(built.join("template.yaml"), with_built_code(&template)?)?;
    // A home of its own, in which it has just asked whether there is a newer one: ours is pinned.
    let home = dir.join(".aws-sam");
    std::fs::create_dir_all(&home)?;
    let asked = json!({ "lastVersionCheck": now(), "telemetryEnabled": false });
    std::fs::write(home.join("metadata.json"), asked.to_string())?;
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
        .env("SAM_CLI_POLL_DELAY", LOOK_EVERY)
        .env("HOME", dir);
    for (name, value) in environment(endpoint) {
        sam.env(name, value);
    }
    without_callers_account(&mut sam);
    process::output(&mut sam).map(|_said| ())
}

/// Seconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// The template with each `CodeUri` pointing at the built binary beside it.
fn with_built_code(template: &str) -> Result<String> {
    if template.matches(SOURCES).count() != FUNCTIONS.len() {
        return Err(Failure::new(format!(
            "infra/template.yaml has to name {SOURCES} once for each of {}",
            FUNCTIONS.join(", ")
        )));
    }
    Ok(template.replace(SOURCES, BUILT))
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
        let (writer, others) = differing.split_last().unwrap();
        assert_eq!(*writer, "CodeUri: !Sub \"./functions.zip/${Target}/..\"");
        assert!(
            others
                .iter()
                .all(|line| *line == "CodeUri: ./functions.zip")
        );
        assert_eq!(others.len(), FUNCTIONS.len() - 1);
    }

    #[test]
    fn every_function_is_built_and_chosen_by_its_own_name() {
        let template = include_str!("../../../template.yaml");
        let all = include_str!("../../../../functions/all.rs");
        let values = |key: &str| -> Vec<String> {
            template
                .lines()
                .filter_map(|line| line.trim().strip_prefix(key))
                .map(|rest| rest.trim_matches([' ', '}']).to_owned())
                .collect()
        };
        assert_eq!(values("BuildProperties: { Binary:"), FUNCTIONS);
        assert_eq!(values("Handler:"), FUNCTIONS);
        for function in FUNCTIONS {
            assert!(all.contains(&format!("\"{function}\" =>")), "{function}");
        }
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
