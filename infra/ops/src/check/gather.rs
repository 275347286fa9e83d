//! Asks the living systems what they are like: all at once, each within bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use counterpart_config::{SyncConfig, TargetConfig, UnmappedRep};
use counterpart_delivery::ports::{Clock, Crm, CrmMetadata};
use counterpart_domain::{Company, Fault, TargetName};
use counterpart_sage100::AgentClient;
use futures_util::future::{join, join_all};
use futures_util::{StreamExt as _, stream};

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

async fn target_world<C: Crm + CrmMetadata>(target: &TargetConfig, crm: &C) -> TargetWorld {
    // First alone: it gets the token that the others share.
    let org = within(LONGEST, crm.org()).await;
    if org.is_err() {
        return TargetWorld {
            org,
            modules: BTreeMap::new(),
            users: None,
        };
    }
    let names: BTreeSet<&str> = target
        .entities
        .values()
        .map(|config| config.module.as_str())
        .collect();
    let describe = names.into_iter().map(async |name| {
        let module = within(LONGEST, crm.describe(name)).await;
        (name.to_owned(), module)
    });
    let modules = stream::iter(describe).buffer_unordered(AT_ONCE).collect();
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
