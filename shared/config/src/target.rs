//! One CRM org: how it is reached and what is kept in step there.

use std::collections::BTreeMap;
use std::time::Duration;

use counterpart_domain::{Company, Entity};

use crate::EntityConfig;

/// The CRM products that can be a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrmKind {
    /// Zoho CRM.
    Zoho,
}

/// What only a Zoho CRM org has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZohoSettings {
    /// The data centre: one of [`ZohoSettings::DATA_CENTERS`].
    pub data_center: String,
    /// The token endpoint's address instead of the data centre's own; loopback only.
    pub accounts_url: Option<String>,
    /// The API's address instead of the data centre's own; loopback only.
    pub api_url: Option<String>,
    /// The API's version as it stands in addresses.
    pub api_version: String,
}

impl ZohoSettings {
    /// The data centres' names.
    pub const DATA_CENTERS: [&'static str; 8] = ["us", "eu", "in", "au", "jp", "ca", "cn", "sa"];
}

/// One CRM org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetConfig {
    /// The product.
    pub crm: CrmKind,
    /// The logical name of the secret that holds its credentials.
    pub secret: String,
    /// For [`CrmKind::Zoho`].
    pub zoho: ZohoSettings,
    /// The companies that go there.
    pub companies: Vec<Company>,
    /// What goes there, and how.
    pub entities: BTreeMap<Entity, EntityConfig>,
    /// How long a child waits for its parent before it is parked.
    pub parent_deadline: Duration,
    /// How many days the ledger keeps an entry.
    pub ledger_days: u32,
}
