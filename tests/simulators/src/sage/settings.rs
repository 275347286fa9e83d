//! What the control door may set of Sage: locks, columns that are dropped, values that are refused,
//! numbers that others take, options of the site.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    entities::CUSTOMERS,
    refusal::{Reason, Refusal},
};
use crate::data::Values;

/// A record that another user has.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    #[serde(default = "abc")]
    company: String,
    /// `customers`, `contacts` or `sales_orders`.
    entity: String,
    /// The key; `*` stands for all of the entity.
    key: String,
    /// How many writes it stops; without it, all until it is released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
}

/// A column of the order header that is silently not stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dropped {
    column: String,
    /// How many orders; without it, all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
}

/// A value that is refused.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    column: String,
    /// Without it, every value that is not blank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The fault code of the SOAP service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
}

/// Options of the site.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    /// What a locked record is answered with; the real text is not known.
    pub lock_text: String,
    /// The SOAP service's code for it; the real one is not known.
    pub lock_code: String,
    /// Orders for customers on credit hold or inactive ones are refused; otherwise Sage only warns,
    /// and warnings are lost on the way.
    pub refuse_orders_on_hold: bool,
    /// The SOAP service takes a number that only the history has for a new order.
    pub reuse_history_numbers: bool,
    /// Deleted orders stay in the history, as cancelled.
    pub keep_deleted_orders: bool,
    /// `AllowRemoteDiagnostics` of the SOAP service.
    pub allow_remote_diagnostics: bool,
    /// Companies that web services are not enabled for.
    pub web_services_off: Vec<String>,
    /// How many writes to a company the agent does at once; more meet `E_SAGE_BUSY`.
    pub writers: u32,
    /// `7.20`, or an older version with its shorter columns (`6.00`).
    pub sage_version: String,
    /// The version of the agent's contract: `1.2`, or `1.1`, which knows nothing of the settings below.
    pub contract: String,
    /// The agent looks for customers.
    pub customer_search: bool,
    /// The companies keep the history of their sales orders; where not, nobody finds an order there.
    pub order_history: bool,
    /// The agent says whether there is a history, and names code page and time zone.
    pub tells_of_itself: bool,
    /// The time zone that it names. The clock's offset does not follow it.
    pub time_zone: String,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            lock_text: "The record is in use by another user: JSMITH on WS-0417.".to_owned(),
            lock_code: "SY_RecordInUse".to_owned(),
            refuse_orders_on_hold: false,
            reuse_history_numbers: true,
            keep_deleted_orders: true,
            allow_remote_diagnostics: false,
            web_services_off: Vec::new(),
            writers: 1,
            sage_version: "7.20".to_owned(),
            contract: newest_contract().to_owned(),
            customer_search: true,
            order_history: true,
            tells_of_itself: true,
            time_zone: "America/Chicago".to_owned(),
        }
    }
}

/// The version that the contract itself is of.
fn newest_contract() -> &'static str {
    const CONTRACT: &str = include_str!("../../../../shared/sage100/agent.openapi.yaml");
    let mut lines = CONTRACT.lines();
    let version = lines.find_map(|line| line.strip_prefix("  version: "));
    version.unwrap_or_default().trim_matches('"')
}

impl Site {
    /// Whether the agent keeps version 1.2 of its contract or a later one.
    pub fn is_newer_agent(&self) -> bool {
        self.keeps_contract("1.2")
    }

    /// Whether the agent keeps a version of its contract, or a later one.
    pub fn keeps_contract(&self, version: &str) -> bool {
        let parts = |text: &str| {
            text.split('.')
                .map(|part| part.parse().unwrap_or(0))
                .collect::<Vec<u32>>()
        };
        parts(&self.contract) >= parts(version)
    }

    /// Whether columns have the lengths of before 2023.
    pub fn old_lengths(&self) -> bool {
        self.sage_version.starts_with('6') || self.sage_version.starts_with('5')
    }
}

/// What stands.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Locked records.
    pub locks: Vec<Lock>,
    /// Columns that are not stored.
    pub dropped: Vec<Dropped>,
    /// Values that are refused.
    pub refused: Vec<Refused>,
    /// How many of the next order numbers another user takes, by company.
    pub taken_numbers: BTreeMap<String, u32>,
    /// Options.
    pub site: Site,
}

fn abc() -> String {
    "ABC".to_owned()
}

/// Counts one use of something that may be used so often; answers whether it is used up.
fn used_up(times: &mut Option<u32>) -> bool {
    match times {
        None => false,
        Some(left) => {
            *left = left.saturating_sub(1);
            *left == 0
        }
    }
}

impl Settings {
    /// Whether another user has a record.
    ///
    /// # Errors
    /// He has.
    pub fn check_lock(
        &mut self,
        company: &str,
        entity: &str,
        key: &str,
        object: &'static str,
    ) -> Result<(), Refusal> {
        let found = self.locks.iter().position(|lock| {
            lock.company == company && lock.entity == entity && (lock.key == "*" || lock.key == key)
        });
        let Some(at) = found else { return Ok(()) };
        if self
            .locks
            .get_mut(at)
            .is_some_and(|lock| used_up(&mut lock.times))
        {
            self.locks.remove(at);
        }
        Err(Refusal::record(
            Reason::Locked,
            object,
            self.site.lock_text.clone(),
        ))
    }

    /// The same, of a customer.
    ///
    /// # Errors
    /// Another user has the record.
    pub fn check_customer_lock(
        &mut self,
        company: &str,
        key: &str,
        object: &'static str,
    ) -> Result<(), Refusal> {
        self.check_lock(company, CUSTOMERS.name, key, object)
    }

    /// Whether an order names a column that is not stored.
    pub fn drops_of(&self, header: &Values) -> bool {
        self.dropped.iter().any(|dropped| {
            header
                .get(&dropped.column)
                .is_some_and(|value| !value.is_empty())
        })
    }

    /// The columns of this order that are not stored.
    pub fn drop_columns(&mut self) -> Vec<String> {
        let columns = self
            .dropped
            .iter()
            .map(|dropped| dropped.column.clone())
            .collect();
        self.dropped
            .retain_mut(|dropped| !used_up(&mut dropped.times));
        columns
    }

    /// Whether a value is one that is refused.
    ///
    /// # Errors
    /// It is.
    pub fn check_refused(
        &mut self,
        object: &'static str,
        column: &str,
        value: &str,
    ) -> Result<(), Refusal> {
        let found = self.refused.iter().position(|refused| {
            refused.column == column
                && refused
                    .value
                    .as_deref()
                    .map_or(!value.is_empty(), |wanted| wanted == value)
        });
        let Some(at) = found else { return Ok(()) };
        let Some(refused) = self.refused.get_mut(at) else {
            return Ok(());
        };
        let message = refused
            .message
            .clone()
            .unwrap_or_else(|| format!("{value} is not valid."));
        let mut refusal = Refusal::value(Reason::Invalid, object, column, message);
        refusal.code.clone_from(&refused.code);
        if used_up(&mut refused.times) {
            self.refused.remove(at);
        }
        Err(refusal)
    }
}
