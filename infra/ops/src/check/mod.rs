//! `counterpart config check` against the living systems: what a sync.toml says, compared with what the CRMs and the
//! agents say of themselves. The comparison is pure; `gather` asks the systems.

mod field;
mod gather;
mod lookup;
mod made;
mod module;
mod nearest;
mod problem;
mod render;
mod sale;
mod sale_columns;
mod system;
mod world;
mod zone;

use counterpart_config::{Finding, SyncConfig, TargetConfig};
use counterpart_domain::TargetName;

pub use gather::{gather, target_world};
pub use problem::{Problem, Severity};
pub use render::{Scope, answer, counted, findings_json, list, of_file};
pub use world::{TargetWorld, World};

/// Everything that is wrong with a configuration in this world, in the order of the file. `text` is what it was read from.
#[must_use]
pub fn examine(config: &SyncConfig, text: &str, world: &World) -> Vec<Problem> {
    let mut report = problem::Report::new(text);
    for (name, target) in &config.targets {
        if let Some(queues) = &world.queues
            && !queues.contains(name)
        {
            let known: Vec<&str> = queues.iter().map(TargetName::as_str).collect();
            report.mistake(
                "E_CHECK_QUEUE",
                &format!("targets.{name}"),
                format!(
                    "The deployment has no queue for target {name}; its records would go nowhere."
                ),
                format!(
                    "Deploy with {name} among the targets, or rename it; there is: {}.",
                    known.join(", ")
                ),
            );
        }
        let Some(here) = world.targets.get(name) else {
            continue;
        };
        if let Err(fault) = &here.org {
            system::unchecked(
                "E_CHECK_CRM_UNREACHABLE",
                &format!("targets.{name}"),
                &format!("Target {name}"),
                fault,
                &mut report,
            );
            continue;
        }
        for (entity, config) in &target.entities {
            module::ModuleCheck {
                name,
                target,
                entity: *entity,
                config,
                world,
                here,
            }
            .run(&mut report);
        }
        sale::SaleCheck { name, target, here }.run(&mut report);
    }
    sale_columns::check(config, world, &mut report);
    zone::check(config, world, &mut report);
    system::sage(config, world, &mut report);
    report.into_sorted()
}

/// What is wrong with one target's way to Sage, by the paths of its configuration.
#[must_use]
pub fn way_to_sage(name: &TargetName, target: &TargetConfig, here: &TargetWorld) -> Vec<Problem> {
    let mut report = problem::Report::new("");
    sale::SaleCheck { name, target, here }.run(&mut report);
    report.into_sorted()
}

/// The mistakes of the file itself, with what the living systems make of the rest of it: `config` is what
/// [`SyncConfig::parse_partly`] left. What is only a consequence of a mistake of the file is not said.
#[must_use]
pub fn examine_partly(
    config: &SyncConfig,
    findings: &[Finding],
    text: &str,
    world: &World,
) -> Vec<Problem> {
    let below = |path: &str, of: &str| {
        path.strip_prefix(of)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    // A target, or an entity of it, is not silenced by a mistake somewhere in it.
    let is_deep = |path: &str| path.split('.').count() > 3;
    let consequence = |problem: &Problem| {
        findings.iter().any(|finding| match problem.code {
            "E_CHECK_REQUIRED" => {
                below(&finding.path, &problem.path) || below(&problem.path, &finding.path)
            }
            _ => is_deep(&finding.path) && below(&problem.path, &finding.path),
        })
    };
    let mut problems = of_file(findings);
    let living = examine(config, text, world).into_iter();
    problems.extend(living.filter(|problem| !consequence(problem)));
    problems.sort();
    problems
}

#[cfg(test)]
mod tests;
