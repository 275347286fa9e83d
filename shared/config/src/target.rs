//! One CRM org: how it is reached and what is kept in step there.

use std::collections::BTreeMap;
use std::time::Duration;

use counterpart_domain::{Company, Entity, salesforce_id};

use crate::{EntityConfig, EventsConfig, OrdersConfig};

/// The CRM products that can be a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrmKind {
    /// Zoho CRM.
    Zoho,
    /// Salesforce.
    Salesforce,
}

impl CrmKind {
    /// As it stands in `crm = "…"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zoho => "zoho",
            Self::Salesforce => "salesforce",
        }
    }

    /// Whether a text has the form of a user's id in this product.
    #[must_use]
    pub fn is_user_id(self, id: &str) -> bool {
        match self {
            Self::Zoho => (1..=19).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit()),
            Self::Salesforce => id.starts_with("005") && salesforce_id(id).is_some(),
        }
    }

    /// An id as this product's API writes it: Salesforce's 15 characters are completed to 18. `None`: it is no id.
    #[must_use]
    pub fn full_id(self, id: &str) -> Option<String> {
        match self {
            Self::Zoho => self.is_user_id(id).then(|| id.to_owned()),
            Self::Salesforce => salesforce_id(id),
        }
    }
}

/// The product of a target, with what only that product has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CrmSettings {
    /// Zoho CRM.
    Zoho(ZohoSettings),
    /// Salesforce.
    Salesforce(SalesforceSettings),
}

impl CrmSettings {
    /// Which product it is.
    #[must_use]
    pub const fn kind(&self) -> CrmKind {
        match self {
            Self::Zoho(_) => CrmKind::Zoho,
            Self::Salesforce(_) => CrmKind::Salesforce,
        }
    }
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

/// What only a Salesforce org has. Page: "REST API Developer Guide".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalesforceSettings {
    /// The org's My Domain: `acme.my.salesforce.com`, or `acme--dev.sandbox.my.salesforce.com` for a sandbox.
    pub my_domain: String,
    /// The base address of the token endpoint instead of My Domain's; loopback only.
    pub login_url: Option<String>,
    /// The API's base address instead of the one that the token reply names; loopback only.
    pub instance_url: Option<String>,
    /// The API's version as it stands in addresses, without the `v`: `67.0`.
    pub api_version: String,
}

impl SalesforceSettings {
    /// The API version that is used where none is named: Summer '26.
    pub const API_VERSION: &'static str = "67.0";
}

/// One CRM org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetConfig {
    /// The product, and what only it has.
    pub crm: CrmSettings,
    /// The logical name of the secret that holds its credentials.
    pub secret: String,
    /// The companies that go there.
    pub companies: Vec<Company>,
    /// What goes there, and how.
    pub entities: BTreeMap<Entity, EntityConfig>,
    /// How long a child waits for its parent before it is parked.
    pub parent_deadline: Duration,
    /// How many days the ledger keeps an entry.
    pub ledger_days: u32,
    /// How sales become Sage orders; none: they do not.
    pub orders: Option<OrdersConfig>,
    /// How it tells of changes.
    pub events: EventsConfig,
}
