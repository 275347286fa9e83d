//! The way to Sage in one CRM: the modules that orders come from, and the fields that it names.

use counterpart_config::TargetConfig;
use counterpart_delivery::ports::{Crm, CrmMetadata};
use counterpart_domain::TargetName;

use super::probe::{Found, Probe, Subject};
use crate::check::{self, Problem, Severity};

/// One probe per source of orders, of stock, and per entity that is created in Sage.
pub(super) async fn probes<C: Crm + CrmMetadata>(
    subject: &Subject,
    name: &TargetName,
    target: &TargetConfig,
    crm: &C,
) -> Vec<Probe> {
    let parts = parts(name, target);
    if parts.is_empty() {
        return Vec::new();
    }
    let here = check::target_world(target, crm).await;
    let problems = check::way_to_sage(name, target, &here);
    let mut probes = Vec::new();
    for (path, check) in parts {
        let mine: Vec<&Problem> = problems
            .iter()
            .filter(|problem| is_below(&problem.path, &path))
            .collect();
        probes.push(subject.probe(check, async { Ok(found(&mine)) }).await);
    }
    probes
}

/// The parts of the configuration that are about it, by path, and what each is called.
fn parts(name: &TargetName, target: &TargetConfig) -> Vec<(String, String)> {
    let mut parts = Vec::new();
    if let Some(orders) = &target.orders {
        let base = format!("targets.{name}.orders");
        for source in &orders.sources {
            let path = format!("{base}.sources.{}", source.module);
            parts.push((path, format!("orders from {}", source.module)));
        }
        if let Some(stock) = &orders.stock {
            parts.push((
                format!("{base}.stock"),
                format!("stock on {}", stock.module),
            ));
        }
    }
    for (entity, config) in &target.entities {
        if config.to_sage.create.is_some() {
            let path = format!("targets.{name}.{entity}.create_in_sage");
            parts.push((path, format!("{entity} create_in_sage")));
        }
    }
    parts
}

fn is_below(path: &str, of: &str) -> bool {
    path.strip_prefix(of)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The worst of what is wrong, and how much else there is.
fn found(problems: &[&Problem]) -> Found {
    let Some(worst) = problems.iter().min_by_key(|problem| problem.severity) else {
        return Found::Well(
            "every field that it names is there, and can be written where it has to be".into(),
        );
    };
    let more = match problems.len() - 1 {
        0 => String::new(),
        more => format!(" ({more} more: `counterpart config check` names them)"),
    };
    let said = format!("{}: {}{more}", worst.path, worst.message);
    match worst.severity {
        Severity::Warning => Found::Doubtful(said, worst.remedy.clone()),
        Severity::Mistake | Severity::Unchecked => {
            Found::Wrong(worst.code, said, worst.remedy.clone())
        }
    }
}
