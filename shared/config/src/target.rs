//! One CRM org: how it is reached and what is kept in step there.

use std::collections::BTreeMap;
use std::time::Duration;

use counterpart_domain::{Company, Entity};

use crate::{CrmSettings, EntityConfig, EventsConfig, OrdersConfig, QuietWindow};

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
    /// When nothing is done for it: it is not read or written, and nothing that it asks for is written to Sage.
    pub quiet: Vec<QuietWindow>,
}
