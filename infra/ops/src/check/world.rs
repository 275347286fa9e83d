//! What the living systems said of themselves.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_delivery::ports::{CrmModule, CrmOrg, CrmUser};
use counterpart_domain::{Company, Fault, TargetName};
use counterpart_sage100::{AgentCapabilities, AgentEntity};

/// A CRM org.
#[derive(Debug, Clone)]
pub struct TargetWorld {
    /// Who we are there; a fault when it cannot be reached at all.
    pub org: Result<CrmOrg, Fault>,
    /// By the names in sync.toml; none for a module that the org does not have.
    pub modules: BTreeMap<String, Result<Option<CrmModule>, Fault>>,
    /// The active users; absent where nothing asks for them.
    pub users: Option<Result<Vec<CrmUser>, Fault>>,
}

/// All systems that a sync.toml names.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The CRM orgs.
    pub targets: BTreeMap<TargetName, TargetWorld>,
    /// What the companies' agents serve.
    pub agents: BTreeMap<Company, Result<AgentCapabilities, Fault>>,
    /// The targets that the deployment has a queue for; none where no deployment is looked at.
    pub queues: Option<BTreeSet<TargetName>>,
}

impl World {
    /// An entity of a company as its agent serves it; none where the agent did not answer or does not serve it.
    #[must_use]
    pub fn entity(&self, company: &Company, plural: &str) -> Option<&AgentEntity> {
        let served = self.agents.get(company)?.as_ref().ok()?;
        let company = served.companies.iter().find(|one| one.code == *company)?;
        company.entities.get(plural)
    }
}
