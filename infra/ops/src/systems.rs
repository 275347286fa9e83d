//! Clients of every system that a sync.toml names, with the credentials of the deployment and tokens of this run's own.

use std::collections::BTreeMap;

use counterpart_config::SyncConfig;
use counterpart_delivery::Ports;
use counterpart_domain::{Company, Fault, TargetName};
use counterpart_runtime::{
    Deployment, DynamoStore, SageClient, SqsQueues, SystemClock, TargetClient,
};
use counterpart_sage100::AgentClient;
use futures_util::future::{join, join_all};

use crate::tokens::MemoryTokens;

/// A client of a CRM whose token lives as long as the command.
pub type OwnClient = TargetClient<MemoryTokens>;
/// The ports of the command: a deployment's, with such clients.
#[derive(Debug, Clone, Copy)]
pub struct CommandPorts;

impl Ports for CommandPorts {
    type Store = DynamoStore;
    type Queue = SqsQueues;
    type Clock = SystemClock;
    type Crm = OwnClient;
    type Agent = AgentClient<SystemClock>;
    type Write = SageClient;
}

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
    let targets: Vec<&TargetName> = config.targets.keys().collect();
    let (crms, agents) = join(
        crms(deployment, config, &targets),
        agents(deployment, config),
    )
    .await;
    Systems { crms, agents }
}

/// The clients of these targets.
pub async fn crms(
    deployment: &Deployment,
    config: &SyncConfig,
    targets: &[&TargetName],
) -> BTreeMap<TargetName, OwnClient> {
    let tokens = MemoryTokens::default();
    let targets = targets
        .iter()
        .filter_map(|name| config.targets.get_key_value(*name));
    let crms = join_all(targets.map(async |(name, target)| {
        let secret = deployment.secrets.secret(&target.secret).await;
        let loopback = deployment.environment.allow_loopback;
        let client = TargetClient::new(name, target, secret, tokens.clone(), loopback);
        (name.clone(), client)
    }));
    crms.await.into_iter().collect()
}

/// The clients of the companies' agents.
pub async fn agents(deployment: &Deployment, config: &SyncConfig) -> BTreeMap<Company, Agent> {
    let agents = join_all(
        config
            .companies
            .iter()
            .map(async |(code, company)| (code.clone(), deployment.agent(company).await)),
    );
    agents.await.into_iter().collect()
}
