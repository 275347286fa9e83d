//! `counterpart doctor`: each connection tried with its credentials.

mod account;
mod agent;
mod aws;
mod crm;
mod mark;
mod orders;
mod probe;
mod promise;
mod relay;
mod render;
mod sales;
mod search;
mod soap;

use std::collections::BTreeSet;

use counterpart_config::{SageWay, SyncConfig};
use counterpart_delivery::SecretText;
use counterpart_domain::{Company, Fault, TargetName};
use counterpart_runtime::{AgentSecret, Deployment, SystemClock};
use counterpart_sage100::{AgentClient, AgentSettings};
use futures_util::future::{join, join_all};

pub use mark::Trial;
pub use probe::{Probe, State};
pub use promise::{PROMISES, Promise, in_help};
pub use render::answer;

use crate::systems::{Agent, Systems};
use crate::within::within;

/// The column for the mark where nothing is said.
pub const USUAL_COLUMN: &str = "UDF_CRM_REFERENCE";

/// What no agent has for a token.
const WRONG_TOKEN: &str = "counterpart-doctor-wrong-token";

/// What is looked at.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Only this target.
    pub target: Option<TargetName>,
    /// Only this company.
    pub company: Option<Company>,
    /// Make the round trip of the mark, with an order of this.
    pub trial: Option<Trial>,
    /// Store what the SOAP services say of themselves now.
    pub learn: bool,
}

/// The deployment's own parts. Without a configuration the secrets are left out, since nobody knows their names.
pub async fn deployment(deployment: &Deployment, config: Option<&SyncConfig>) -> Vec<Probe> {
    aws::probes(deployment, config).await
}

/// The probe of a configuration that is not there, or cannot be used.
#[must_use]
pub fn no_configuration(fault: &Fault) -> Probe {
    let subject = probe::Subject::new("aws", "sync.toml");
    subject.failed("configuration", fault)
}

/// The agents and the CRMs.
pub async fn systems(
    deployment: &Deployment,
    config: &SyncConfig,
    systems: &Systems,
    scope: &Scope,
) -> Vec<Probe> {
    let companies = config.companies.keys().filter(|company| {
        let only = scope.company.as_ref().is_none_or(|only| only == *company);
        // A target alone is not about Sage.
        only && (scope.target.is_none() || scope.company.is_some())
    });
    let agents = join_all(companies.map(async |company| {
        let agent = systems.agents.get(company);
        let stranger = stranger(deployment, config, company).await;
        let columns = columns(config, company, scope);
        let mut probes = sage(company, agent, stranger.as_ref(), &columns).await;
        probes.extend(writing(deployment, config, company, agent, scope).await);
        probes
    }));
    let targets = config.targets.iter().filter(|(name, _)| {
        let only = scope.target.as_ref().is_none_or(|only| only == *name);
        only && (scope.company.is_none() || scope.target.is_some())
    });
    let crms = join_all(
        targets.map(async |(name, target)| match systems.crms.get(name) {
            Some(crm) => crm::probes(name, target, crm, &SystemClock).await,
            None => Vec::new(),
        }),
    );
    let (agents, crms) = join(agents, crms).await;
    agents.into_iter().chain(crms).flatten().collect()
}

async fn sage(
    company: &Company,
    agent: Option<&Agent>,
    stranger: Option<&AgentClient<SystemClock>>,
    columns: &[String],
) -> Vec<Probe> {
    match agent {
        Some(Ok(agent)) => {
            let patient = agent::Patient {
                agent,
                stranger,
                clock: &SystemClock,
                columns,
            };
            patient.probes(company).await
        }
        Some(Err(fault)) => {
            let subject = probe::Subject::new("sage", company);
            vec![subject.failed("client", fault)]
        }
        None => Vec::new(),
    }
}

/// The columns that hold the mark: the one that was said, or those that sync.toml has for the company, or the usual one.
fn columns(config: &SyncConfig, company: &Company, scope: &Scope) -> Vec<String> {
    if let Some(trial) = &scope.trial {
        return vec![trial.column.clone()];
    }
    let orders = config.targets.values();
    let orders = orders.filter_map(|target| target.orders.as_ref());
    let own = orders.filter(|orders| orders.company == *company);
    let own: BTreeSet<&str> = own.map(|orders| orders.reference_column.as_str()).collect();
    if own.is_empty() {
        return vec![USUAL_COLUMN.to_owned()];
    }
    own.into_iter().map(str::to_owned).collect()
}

/// How a company is written: the SOAP service where it has one, and the round trip of the mark where it is wished for.
async fn writing(
    deployment: &Deployment,
    config: &SyncConfig,
    company: &Company,
    agent: Option<&Agent>,
    scope: &Scope,
) -> Vec<Probe> {
    let Some(here) = config.companies.get(company) else {
        return Vec::new();
    };
    let (mut probes, client) = match &here.write {
        SageWay::Soap(service) => {
            soap::probes(deployment, config, company, service, scope.learn).await
        }
        SageWay::Agent | SageWay::None => (Vec::new(), None),
    };
    let Some(trial) = &scope.trial else {
        return probes;
    };
    let subject = probe::Subject::new("sage", company);
    let check = "round trip of the mark";
    let now = counterpart_delivery::ports::Clock::now(&SystemClock);
    let probe = match (&here.write, agent, client) {
        (SageWay::None, ..) => subject.skipped(check, "sync.toml has no `write` for this company."),
        (SageWay::Agent, Some(Ok(agent)), _) => {
            subject
                .probe(check, mark::round_trip(agent, agent, company, trial, now))
                .await
        }
        (SageWay::Soap(_), Some(Ok(agent)), Some(client)) => {
            subject
                .probe(check, mark::round_trip(&client, agent, company, trial, now))
                .await
        }
        _ => subject.skipped(check, "Agent and web services have to be reached first."),
    };
    probes.push(probe);
    probes
}

/// The same agent, with a token that it must not accept.
async fn stranger(
    deployment: &Deployment,
    config: &SyncConfig,
    company: &Company,
) -> Option<AgentClient<SystemClock>> {
    let company = config.companies.get(company)?;
    let secret = deployment
        .secrets
        .secret(&company.agent_secret)
        .await
        .ok()?;
    let ca = AgentSecret::read(&secret).ok()?.ca;
    let loopback = deployment.environment.allow_loopback;
    client(
        &company.agent_url,
        SecretText::new(WRONG_TOKEN),
        ca,
        loopback,
    )
    .ok()
}

fn client(
    url: &str,
    token: SecretText,
    ca: Option<String>,
    allow_loopback: bool,
) -> Result<AgentClient<SystemClock>, Fault> {
    let mut settings = AgentSettings::new(url, token);
    settings.extra_root_ca = ca;
    settings.allow_loopback = allow_loopback;
    AgentClient::new(&settings, SystemClock)
}

/// An agent alone, without a deployment: each company that it serves, or the one named. `secret` is what its secret holds.
///
/// # Errors
/// When no client can be made of it.
pub async fn agent_alone(
    url: &str,
    secret: &SecretText,
    company: Option<Company>,
    column: &str,
    trial: Option<&Trial>,
) -> Result<Vec<Probe>, Fault> {
    let secret = AgentSecret::read(secret)?;
    let agent = client(url, secret.token, secret.ca.clone(), true)?;
    let stranger = client(url, SecretText::new(WRONG_TOKEN), secret.ca, true)?;
    let companies = match company {
        Some(company) => vec![company],
        None => match within(probe::LONGEST, agent.capabilities()).await {
            Ok(served) => served.companies.into_iter().map(|one| one.code).collect(),
            Err(fault) => {
                let subject = probe::Subject::new("sage", "agent");
                return Ok(vec![subject.failed("capabilities", &fault)]);
            }
        },
    };
    let columns = [column.to_owned()];
    let patient = agent::Patient {
        agent: &agent,
        stranger: Some(&stranger),
        clock: &SystemClock,
        columns: &columns,
    };
    let probes = join_all(companies.iter().map(async |company| {
        let mut probes = patient.probes(company).await;
        if let Some(trial) = trial {
            let subject = probe::Subject::new("sage", company);
            probes.extend(patient.writes(&subject, company, trial).await);
        }
        probes
    }))
    .await;
    Ok(probes.into_iter().flatten().collect())
}
