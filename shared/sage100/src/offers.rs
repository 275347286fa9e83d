//! Whether an agent is up, and whether it offers what is wanted of it.

use std::sync::Arc;

use counterpart_delivery::ports::Clock;
use counterpart_domain::{Class, Company, Fault, bounded};
use jiff::SignedDuration;

use crate::capabilities::{AgentCapabilities, Health};
use crate::client::AgentClient;
use crate::http::parse;

/// How long an answer about the agent itself is taken for true.
const KNOWN_FOR: SignedDuration = SignedDuration::from_mins(10);

impl<C: Clock> AgentClient<C> {
    /// Whether the agent is up; asked without the token.
    ///
    /// # Errors
    /// `E_SAGE_*` by class; `E_SAGE_CONTRACT_VERSION` for a contract that this client does not know.
    pub async fn health(&self) -> Result<Health, Fault> {
        let body = self.get("/v1/health", false).await?;
        let health: Health = parse(&body)?;
        check_version(&health.contract_version)?;
        Ok(health)
    }

    /// What the agent serves.
    ///
    /// # Errors
    /// As for [`AgentClient::health`].
    pub async fn capabilities(&self) -> Result<AgentCapabilities, Fault> {
        let body = self.get("/v1/capabilities", true).await?;
        let capabilities: AgentCapabilities = parse(&body)?;
        check_version(&capabilities.contract_version)?;
        Ok(capabilities)
    }

    /// What the agent serves, asked at most every ten minutes by this client and its clones.
    ///
    /// # Errors
    /// As for [`AgentClient::health`]; a fault is not kept.
    pub async fn known_capabilities(&self) -> Result<Arc<AgentCapabilities>, Fault> {
        let now = self.clock.now();
        if let Some((asked, known)) = self.known.get()
            && now.duration_since(asked) < KNOWN_FOR
        {
            return Ok(known);
        }
        let capabilities = Arc::new(self.capabilities().await?);
        self.known.put(now, capabilities.clone());
        Ok(capabilities)
    }

    /// Passes if the company offers this kind of reading.
    pub(crate) async fn check_reads(&self, company: &Company, what: &str) -> Result<(), Fault> {
        let known = self.known_capabilities().await?;
        let here = known.company(company)?;
        if here.reads.contains(what) {
            return Ok(());
        }
        Err(not_offered(
            &known,
            company,
            what,
            "The agent does not answer",
        ))
    }

    /// Passes if the company offers this kind of writing.
    pub(crate) async fn check_writes(&self, company: &Company, what: &str) -> Result<(), Fault> {
        let known = self.known_capabilities().await?;
        let here = known.company(company)?;
        if here.writes.contains(what) {
            return Ok(());
        }
        Err(not_offered(
            &known,
            company,
            what,
            "The agent does not write",
        ))
    }
}

fn not_offered(known: &AgentCapabilities, company: &Company, what: &str, begin: &str) -> Fault {
    Fault::new(
        Class::Configuration,
        "E_SAGE_NOT_OFFERED",
        format!(
            "{begin} {what} of company {company}: a newer agent is needed, or its administrator has to allow it to this token."
        ),
    )
    .with_detail(format!(
        "contract {}",
        bounded(known.contract_version.clone(), 40)
    ))
}

/// Minor versions only add; another major one is another contract.
fn check_version(version: &str) -> Result<(), Fault> {
    if version.split('.').next() == Some("1") {
        return Ok(());
    }
    Err(Fault::new(
        Class::Configuration,
        "E_SAGE_CONTRACT_VERSION",
        "The agent keeps another version of the contract than 1: update the agent or Counterpart.",
    )
    .with_detail(bounded(version.to_owned(), 40)))
}
