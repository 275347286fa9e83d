//! Clients of every system that a sync.toml names, with the credentials of the deployment and tokens of this run's own.

use std::collections::BTreeMap;

use counterpart_config::SyncConfig;
use counterpart_domain::{Company, Fault, TargetName};
use counterpart_runtime::{Deployment, SystemClock, TargetClient};
use counterpart_sage100::AgentClient;
use futures_util::future::{join, join_all};

use crate::tokens::MemoryTokens;

/// A client of a CRM whose token lives as long as the command.
pub type OwnClient = TargetClient<MemoryTokens>;
/// A client of an agent, or why there is none.
pub type Agent = Result<AgentClient<SystemClock>, Fault>;

/// The clients.
pub struct Systems {
    /// One per target; one that cannot be made fails with each call.
    pub crms: BTreeMap<TargetName, OwnClient>,
    /// One per company.
    pub agents: BTreeMap<Company, Agent>,
}

/// Reads the secrets and makes the clients. No system is called yet.
pub async fn systems(deployment: &Deployment, config: &SyncConfig) -> Systems {
    let tokens = MemoryTokens::default();
    let crms = join_all(config.targets.iter().map(async |(name, target)| {
        let secret = deployment.secrets.secret(&target.secret).await;
        let loopback = deployment.environment.allow_loopback;
        let client = TargetClient::new(name, target, secret, tokens.clone(), loopback);
        (name.clone(), client)
    }));
    let agents = join_all(
        config
            .companies
            .iter()
            .map(async |(code, company)| (code.clone(), deployment.agent(company).await)),
    );
    let (crms, agents) = join(crms, agents).await;
    Systems {
        crms: crms.into_iter().collect(),
        agents: agents.into_iter().collect(),
    }
}
