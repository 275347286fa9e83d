//! What an agent says about itself.

use std::collections::BTreeMap;

use counterpart_delivery::ports::Clock;
use counterpart_domain::{Class, Company, Fault, bounded};
use serde::Deserialize;

use crate::AgentClient;
use crate::http::parse;

/// The answer of an agent that is up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Health {
    /// `ok`.
    pub status: String,
    /// The agent's own version.
    pub agent_version: String,
    /// The contract that it keeps, `1.0`.
    pub contract_version: String,
}

/// What an agent serves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AgentCapabilities {
    /// The contract that it keeps, `1.0`.
    pub contract_version: String,
    /// Sage 100's version, `7.20`.
    pub sage_version: String,
    /// Minutes east of UTC of the ERP's clock.
    pub utc_offset_minutes: i32,
    /// The most records of a page.
    pub max_page_size: u32,
    /// The companies that the token may read.
    pub companies: Vec<AgentCompany>,
}

/// One company.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AgentCompany {
    /// Its code.
    pub code: Company,
    /// Its name.
    pub name: String,
    /// By the agent's plural name (`customers`).
    pub entities: BTreeMap<String, AgentEntity>,
}

/// One entity of a company.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AgentEntity {
    /// Its columns: their lengths differ by Sage version and site.
    pub fields: Vec<AgentField>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AgentField {
    /// Sage's name.
    pub name: String,
    /// `text`, `decimal`, `date`, `flag`.
    #[serde(rename = "type")]
    pub kind: String,
    /// For text: the length at which Sage cuts, in characters.
    pub length: Option<u32>,
    /// For decimals: all digits.
    pub precision: Option<u32>,
    /// For decimals: digits after the point.
    pub scale: Option<u32>,
}

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
