//! What an agent says about itself.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_domain::sale::{ORDER_HEADER, ORDER_LINE};
use counterpart_domain::{Class, Company, Entity, Fault, TableSpec};
use serde::Deserialize;

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

impl AgentCompany {
    /// The lengths of the text columns of all tables that are written.
    #[must_use]
    pub fn lengths(&self) -> Vec<(&'static TableSpec, String, u32)> {
        let orders = self.orders.iter().flat_map(|orders| {
            [
                (&ORDER_HEADER, &orders.header),
                (&ORDER_LINE, &orders.lines),
            ]
        });
        let of_entities = Entity::ALL.iter().filter_map(|entity| {
            let table = &entity.spec().table;
            Some((table, self.entities.get(table.name)?))
        });
        let columns = orders.chain(of_entities).flat_map(|(table, told)| {
            let fields = told.fields.iter();
            fields.map(move |field| (table, field))
        });
        columns
            .filter_map(|(table, field)| Some((table, field.name.clone(), field.length?)))
            .collect()
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
