//! `counterpart config check` and `push`: a file, and where there is a deployment, what the living systems say of it.

use std::path::Path;

use counterpart_config::SyncConfig;
use counterpart_domain::TargetName;
use counterpart_runtime::{Deployment, Environment};
use serde_json::Value;

use super::deployment;
use crate::output::{Answer, Refusal, Style, printable};
use crate::systems::systems;
use crate::{check, config};

pub(super) fn name(file: &Path) -> String {
    printable(file.display().to_string())
}

/// Why only the file is checked; none when there is a deployment to ask.
fn file_only(offline: bool) -> Option<String> {
    if offline {
        return Some("Only the file was checked (--offline).".into());
    }
    let error = Environment::of_process().err()?;
    let any = std::env::vars_os().any(|(name, _)| {
        name.to_str()
            .is_some_and(|name| name.starts_with("COUNTERPART_TABLE_"))
    });
    Some(if any {
        format!(
            "Only the file was checked: the environment does not describe a deployment whole ({}).",
            printable(error.to_string())
        )
    } else {
        "Only the file was checked: no deployment is set in the environment, so no CRM and no agent was asked.".into()
    })
}

pub(super) async fn check(file: &Path, offline: bool) -> Result<Answer, Refusal> {
    let (text, style) = (config::read(file)?, Style::of_stdout());
    if let Some(why) = file_only(offline) {
        return Ok(config::check_file(&name(file), &text, &why, style));
    }
    let deployment = deployment()?;
    let config = match SyncConfig::parse(&text) {
        Ok(config) => config,
        Err(_) => return Ok(wrong(&deployment, &name(file), &text, style).await),
    };
    let problems = Box::pin(problems(&deployment, &config, &text)).await;
    let scope = check::Scope::Live;
    Ok(check::answer(
        &name(file),
        Some(&config),
        &problems,
        &scope,
        style,
    ))
}

/// What the living systems say of themselves.
async fn world(deployment: &Deployment, config: &SyncConfig) -> check::World {
    let systems = systems(deployment, config).await;
    let mut world = check::gather(config, &systems.crms, &systems.agents).await;
    world.queues = Some(deployment.environment.queues.keys().cloned().collect());
    world
}

/// What the living systems make of a configuration.
async fn problems(deployment: &Deployment, config: &SyncConfig, text: &str) -> Vec<check::Problem> {
    check::examine(config, text, &world(deployment, config).await)
}

/// Everything that is wrong with a file that has mistakes of its own: they hide nothing that can be asked all the same.
async fn wrong(deployment: &Deployment, name: &str, text: &str, style: Style) -> Answer {
    let (config, findings) = SyncConfig::parse_partly(text);
    if config.targets.is_empty() && config.companies.is_empty() {
        return config::wrong(name, &findings, style);
    }
    let world = Box::pin(world(deployment, &config)).await;
    let problems = check::examine_partly(&config, &findings, text, &world);
    check::answer(name, None, &problems, &check::Scope::Partly, style)
}

pub(super) async fn push(file: &Path, unchecked: bool) -> Result<Answer, Refusal> {
    let (text, style, name) = (config::read(file)?, Style::of_stdout(), name(file));
    let deployment = deployment()?;
    let config = match SyncConfig::parse(&text) {
        Ok(config) => config,
        Err(_) => return Ok(wrong(&deployment, &name, &text, style).await),
    };
    let problems = Box::pin(problems(&deployment, &config, &text)).await;
    let stops = |problem: &check::Problem| match problem.severity {
        check::Severity::Mistake => true,
        check::Severity::Unchecked => !unchecked,
        check::Severity::Warning => false,
    };
    if problems.iter().any(stops) {
        let scope = check::Scope::Live;
        return Ok(check::answer(&name, None, &problems, &scope, style));
    }
    let queues: Vec<TargetName> = deployment.environment.queues.keys().cloned().collect();
    let pushed = config::push(
        &name,
        &text,
        &config,
        &*deployment.store,
        &deployment.clock,
        &queues,
    );
    let mut answer = Box::pin(pushed).await?;
    if !problems.is_empty() {
        let list = check::list(&name, &problems, style);
        answer.text = format!("{list}{}.\n{}", check::counted(&problems), answer.text);
    }
    if let Value::Object(json) = &mut answer.json {
        json.insert("findings".into(), check::findings_json(&problems));
        json.insert("live".into(), true.into());
    }
    Ok(answer)
}
