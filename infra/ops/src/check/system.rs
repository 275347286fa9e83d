//! Systems that did not answer, and what Sage 100's side serves.

use counterpart_config::{Condition, EntityConfig, Source, SyncConfig};
use counterpart_domain::{Company, Entity, Fault};
use counterpart_sage100::AgentCapabilities;

use super::nearest;
use super::problem::{Report, Severity};
use super::world::World;
use crate::words::in_words;

/// A system, or a part of it, that could not be asked.
pub(super) fn unchecked(
    code: &'static str,
    path: &str,
    what: &str,
    fault: &Fault,
    report: &mut Report<'_>,
) {
    let remedy = if fault.is_retryable() {
        "Try again, or say --unchecked to push without this check."
    } else {
        "Mend that first (`counterpart doctor` looks closer), or say --unchecked to push without this check."
    };
    report.add(
        Severity::Unchecked,
        code,
        path,
        format!(
            "{what} could not be checked: {}: {}",
            fault.code,
            in_words(fault)
        ),
        remedy,
    );
}

/// The companies, and the columns that the mapping reads of each.
pub(super) fn sage(config: &SyncConfig, world: &World, report: &mut Report<'_>) {
    for company in config.companies.keys() {
        let path = format!("companies.{company}.agent_url");
        match world.agents.get(company) {
            None => {}
            Some(Err(fault)) => unchecked(
                "E_CHECK_AGENT_UNREACHABLE",
                &path,
                &format!("The agent of company {company}"),
                fault,
                report,
            ),
            Some(Ok(served)) => self::company(config, company, served, report),
        }
    }
    for (target_name, target) in &config.targets {
        for (entity, wanted) in &target.entities {
            let base = format!("targets.{target_name}.{entity}");
            for column in wanted.columns() {
                let path = place_of(wanted, column)
                    .map_or_else(|| base.clone(), |rest| format!("{base}.{rest}"));
                self::column(world, &target.companies, *entity, column, &path, report);
            }
        }
    }
}

fn company(
    config: &SyncConfig,
    company: &Company,
    served: &AgentCapabilities,
    report: &mut Report<'_>,
) {
    let path = format!("companies.{company}");
    let Some(here) = served.companies.iter().find(|one| one.code == *company) else {
        let codes: Vec<&str> = served
            .companies
            .iter()
            .map(|one| one.code.as_str())
            .collect();
        let otherwise = if codes.is_empty() {
            "Grant the token this company at the agent.".to_owned()
        } else {
            format!(
                "It serves: {}. Grant the token this company at the agent.",
                codes.join(", ")
            )
        };
        report.mistake(
            "E_CHECK_COMPANY",
            &path,
            format!("The agent does not serve company {company}."),
            otherwise,
        );
        return;
    };
    let wanted = Entity::ALL
        .into_iter()
        .filter(|entity| config.targets_of(company, *entity).next().is_some());
    for entity in wanted {
        if !here.entities.contains_key(entity.plural()) {
            report.mistake(
                "E_CHECK_ENTITY",
                &path,
                format!(
                    "The agent does not serve the {} of company {company}.",
                    entity.plural()
                ),
                "Update the agent, or take the entity out.",
            );
        }
    }
}

/// A column that no agent has is a mistake; one that only some companies lack may be meant so, and is blank there.
fn column(
    world: &World,
    companies: &[Company],
    entity: Entity,
    column: &str,
    path: &str,
    report: &mut Report<'_>,
) {
    let asked: Vec<_> = companies
        .iter()
        .filter_map(|company| Some((company, world.entity(company, entity.plural())?)))
        .collect();
    let lacking: Vec<String> = asked
        .iter()
        .filter(|(_, agent)| !agent.fields.iter().any(|field| field.name == column))
        .map(|(company, _)| company.to_string())
        .collect();
    if lacking.is_empty() {
        return;
    }
    let message = format!(
        "Sage 100 has no column {column} among the {} of {} {}.",
        entity.plural(),
        if lacking.len() == 1 {
            "company"
        } else {
            "companies"
        },
        lacking.join(", ")
    );
    if lacking.len() < asked.len() {
        report.warning(
            "E_CHECK_COLUMN_SOME",
            path,
            message,
            "It is taken for blank there: add the UDF in that company, or leave it so.",
        );
        return;
    }
    let names = asked
        .iter()
        .flat_map(|(_, agent)| agent.fields.iter().map(|field| field.name.as_str()));
    report.mistake(
        "E_CHECK_COLUMN",
        path,
        message,
        nearest::remedy(
            column,
            names,
            "Add the UDF in Sage 100, or grant it at the agent.",
        ),
    );
}

/// The first place in an entity's tables that reads a column.
fn place_of(config: &EntityConfig, column: &str) -> Option<String> {
    let field = config.fields.iter().find_map(|map| match &map.from {
        Source::Columns(columns) => columns
            .iter()
            .any(|name| name == column)
            .then(|| format!("fields.{}.from", map.field)),
        Source::Computed(expression) => expression
            .columns()
            .contains(column)
            .then(|| format!("fields.{}.compute", map.field)),
        Source::Const(_) => None,
    });
    let condition = || {
        let tests = |condition: &Condition| match condition {
            Condition::Column { column: name, .. } => name == column,
            Condition::When(expression) => expression.columns().contains(column),
        };
        let at = config.filter.include.iter().position(tests)?;
        Some(format!("include[{at}]"))
    };
    let owner = || {
        let owner = config.owner.as_ref()?;
        (owner.column == column).then(|| "owner.column".to_owned())
    };
    field.or_else(condition).or_else(owner)
}
