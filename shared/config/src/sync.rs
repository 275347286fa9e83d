//! The whole of a `sync.toml`.

use std::collections::BTreeMap;

use counterpart_domain::{Company, Entity, TargetName};

use crate::{CompanyConfig, EntityConfig, Finding, TargetConfig, read};

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

    /// Reads and checks a `sync.toml`.
    ///
    /// # Errors
    /// Everything that is wrong in it at once, by line. A file that is not TOML is reported as far as its syntax goes.
    pub fn parse(text: &str) -> Result<Self, Vec<Finding>> {
        read::config(text)
    }

    /// Reads a file that was put in force, perhaps by a version of before: it may lack `since`, which new files have to
    /// have, and everything that does not need it goes on. Never for a file that is to be put in force.
    ///
    /// # Errors
    /// As [`SyncConfig::parse`].
    pub fn stored(text: &str) -> Result<Self, Vec<Finding>> {
        read::stored(text)
    }

    /// What can be relied on of a file, and everything that is wrong in it: for checks that go on after a mistake. Companies
    /// and targets of which the connection is in doubt are left out; of the others, what findings name is worth nothing.
    /// Never to be put in force.
    #[must_use]
    pub fn parse_partly(text: &str) -> (Self, Vec<Finding>) {
        read::partly(text)
    }

    /// The line, counted from 1, of a path as findings name it: `targets.zoho.customer.fields.Phone`,
    /// `targets.zoho.customer.include[1].equals`. What is not in the file has the line of its nearest parent that is,
    /// and 1 when there is none. For findings of checks that need more than the file.
    #[must_use]
    pub fn line_of(text: &str, path: &str) -> usize {
        read::line_of(text, path)
    }

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
