//! Asks the living systems what they are like: all at once, each within bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use counterpart_config::{SyncConfig, TargetConfig, UnmappedRep};
use counterpart_delivery::ports::{Clock, Crm, CrmMetadata, CrmModule};
use counterpart_domain::{Company, Fault, TargetName};
use counterpart_sage100::AgentClient;
use futures_util::future::{join, join_all};
use futures_util::{StreamExt as _, stream};

use super::lookup;
use super::world::{TargetWorld, World};
use crate::within::within;

/// The longest wait for one answer.
const LONGEST: Duration = Duration::from_secs(20);
/// Modules of one org that are asked for at once.
const AT_ONCE: usize = 4;

/// Asks every target and every company's agent. What does not answer is in the answer as a fault.
pub async fn gather<C: Crm + CrmMetadata, K: Clock>(
    config: &SyncConfig,
    crms: &BTreeMap<TargetName, C>,
    agents: &BTreeMap<Company, Result<AgentClient<K>, Fault>>,
) -> World {
    let targets = join_all(config.targets.iter().filter_map(|(name, target)| {
        let crm = crms.get(name)?;
        Some(async move { (name.clone(), target_world(target, crm).await) })
    }));
    let companies = join_all(agents.iter().map(async |(company, agent)| {
        let served = match agent {
            Ok(agent) => within(LONGEST, agent.capabilities()).await,
            Err(fault) => Err(fault.clone()),
        };
        (company.clone(), served)
    }));
    let (targets, agents) = join(targets, companies).await;
    World {
        targets: targets.into_iter().collect(),
        agents: agents.into_iter().collect(),
        queues: None,
    }
}

/// The modules that a target names, and those that its lookups lead to.
async fn modules<C: CrmMetadata>(
    target: &TargetConfig,
    crm: &C,
) -> BTreeMap<String, Result<Option<CrmModule>, Fault>> {
    let mut known = BTreeMap::new();
    let mut wanted = named(target);
    while !wanted.is_empty() {
        let describe = wanted.into_iter().map(async |name| {
            let module = within(LONGEST, crm.describe(&name)).await;
            (name, module)
        });
        let described = stream::iter(describe).buffer_unordered(AT_ONCE);
        known.extend(described.collect::<Vec<_>>().await);
        wanted = lookup::next(target, &known);
    }
    known
}

/// The modules that a target names.
fn named(target: &TargetConfig) -> BTreeSet<String> {
    let entities = target.entities.values().map(|config| config.module.clone());
    let mut named: BTreeSet<String> = entities.collect();
    if let Some(orders) = &target.orders {
        named.extend(orders.stock.iter().map(|stock| stock.module.clone()));
        for source in &orders.sources {
            named.insert(source.module.clone());
            let lines = target.crm.profile().line_module(&source.lines.relation);
            named.insert(lines.to_owned());
        }
    }
    named
}

/// What one org is like, as far as the target asks for it. What does not answer is in the answer as a fault.
pub async fn target_world<C: Crm + CrmMetadata>(target: &TargetConfig, crm: &C) -> TargetWorld {
    // First alone: it gets the token that the others share.
    let org = within(LONGEST, crm.org()).await;
    if org.is_err() {
        return TargetWorld {
            org,
            modules: BTreeMap::new(),
            users: None,
        };
    }
    let modules = modules(target, crm);
    let users = async {
        let admin = target.entities.values().any(|config| {
            let unmapped = config.owner.as_ref().map(|owner| &owner.unmapped);
            matches!(unmapped, Some(UnmappedRep::Admin(_)))
        });
        if admin {
            Some(within(LONGEST, crm.users()).await)
        } else {
            None
        }
    };
    let (modules, users) = join(modules, users).await;
    TargetWorld {
        org,
        modules,
        users,
    }
}
