//! The whole of a `sync.toml`.

use std::collections::BTreeMap;

use counterpart_domain::{Company, Entity, TargetName};

use crate::{CompanyConfig, EntityConfig, TargetConfig};

/// A checked `sync.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncConfig {
    /// The Sage 100 companies.
    pub companies: BTreeMap<Company, CompanyConfig>,
    /// The CRM orgs.
    pub targets: BTreeMap<TargetName, TargetConfig>,
}

impl SyncConfig {
    /// The embedded default: fully commented, checked like any other file.
    pub const DEFAULT: &'static str = include_str!("../default.toml");

    /// The targets that an entity of a company goes to.
    pub fn targets_of(
        &self,
        company: &Company,
        entity: Entity,
    ) -> impl Iterator<Item = (&TargetName, &TargetConfig, &EntityConfig)> {
        self.targets.iter().filter_map(move |(name, target)| {
            let goes = target.companies.contains(company);
            let config = target.entities.get(&entity).filter(|_| goes)?;
            Some((name, target, config))
        })
    }
}
