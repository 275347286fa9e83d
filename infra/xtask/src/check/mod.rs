//! `check`: what the compiler can't see.

mod alarms;
mod dependencies;
mod features;
mod packages;
mod rights;
mod unrolled;
mod walkthroughs;
mod written;

use crate::error::Result;
use crate::house;
use crate::process;
use crate::say::Say;
use crate::venv::Venv;
use crate::workspace::Workspace;

const TEMPLATE: &str = "infra/template.yaml";

/// Checks the figures of the code, the walkthroughs, the template with three tools, as it is written and with its loops
/// unrolled, what SAM packs by it, then licences and sources of all dependencies, and that they are compiled once.
///
/// # Errors
/// With the findings of the first check that has any.
pub fn run(workspace: &Workspace) -> Result<()> {
    let say = Say::new(false);
    say.step("figures of the code", || house::check(workspace))?;
    say.step("walkthroughs lead somewhere", || {
        walkthroughs::check(workspace)
    })?;
    let lint = Venv::ready(workspace, &say, "lint", "infra/local/requirements-lint.txt")?;
    let stack = Venv::ready(
        workspace,
        &say,
        "stack",
        "infra/local/requirements-stack.txt",
    )?;
    let template = workspace.file(TEMPLATE);
    let unrolled = say.step("unroll the template's loops", || {
        unrolled::write(workspace, &stack, &template)
    })?;
    say.step(
        "cfn-lint infra/template.yaml, as written and unrolled",
        || process::output(lint.command("cfn-lint").arg(&template).arg(&unrolled)).map(drop),
    )?;
    say.step("sam validate --lint", || {
        process::output(
            stack
                .command("sam")
                .args(["validate", "--lint", "--language-extensions", "--template"])
                .arg(&template)
                .env("SAM_CLI_TELEMETRY", "0")
                .env("AWS_DEFAULT_REGION", crate::aws::REGION),
        )
        .map(drop)
    })?;
    say.step(
        "sam build packs each function, for one target and for two",
        || packages::check(workspace, &say, &stack),
    )?;
    // It cannot look into loops: what stands in them it would pass unseen.
    say.step("checkov --framework cloudformation, unrolled", || {
        process::output(
            lint.command("checkov")
                .args(["--framework", "cloudformation", "--compact", "--quiet"])
                // Its texts about findings lie on a server; the findings themselves do not need it.
                .arg("--skip-download")
                .arg("--file")
                .arg(&unrolled),
        )
        .map(drop)
    })?;
    say.step("licences and sources of all dependencies", || {
        dependencies::check(workspace)
    })?;
    say.step(
        "cargo xtask has the features that the workspace gives",
        || features::check(workspace),
    )
}
