//! What an agent says about itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use counterpart_delivery::ports::Clock;
use counterpart_domain::{Class, Company, Fault, bounded};
use jiff::SignedDuration;
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
    /// The code page of Sage's texts, `windows-1252`, where the agent knows it.
    #[serde(default)]
    pub code_page: Option<String>,
    /// The IANA name of the ERP's time zone, where the agent knows it.
    #[serde(default)]
    pub time_zone: Option<String>,
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
    /// What may be asked besides: `orders`, `items`, `stock`, `credit`, `price`, `customer_search`. An agent of version 1.0
    /// names nothing.
    #[serde(default)]
    pub reads: BTreeSet<String>,
    /// What may be written: `orders`, `customers`, `contacts`.
    #[serde(default)]
    pub writes: BTreeSet<String>,
    /// How many writes may be at work at once; 0 counts as 1.
    #[serde(default = "one")]
    pub writers: u32,
    /// Whether the company keeps the history of its sales orders, where the agent knows it.
    #[serde(default)]
    pub order_history: Option<bool>,
    /// The columns of the order tables.
    #[serde(default)]
    pub orders: Option<AgentOrders>,
}

const fn one() -> u32 {
    1
}

/// The order tables of a company.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AgentOrders {
    /// `SO_SalesOrderHeader`.
    pub header: AgentEntity,
    /// `SO_SalesOrderDetail`.
    pub lines: AgentEntity,
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
    /// Whether Sage computes it, so that it cannot be written.
    #[serde(default)]
    pub read_only: bool,
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

impl AgentCapabilities {
    /// One company.
    ///
    /// # Errors
    /// `E_SAGE_UNKNOWN_COMPANY` (configuration).
    pub fn company(&self, code: &Company) -> Result<&AgentCompany, Fault> {
        self.companies
            .iter()
            .find(|company| company.code == *code)
            .ok_or_else(|| {
                Fault::new(
                    Class::Configuration,
                    "E_SAGE_UNKNOWN_COMPANY",
                    format!(
                        "The agent does not serve company {code}: grant its token this company, or mend sync.toml."
                    ),
                )
            })
    }
}

/// How long an answer about the agent itself is taken for true.
const KNOWN_FOR: SignedDuration = SignedDuration::from_mins(10);

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
