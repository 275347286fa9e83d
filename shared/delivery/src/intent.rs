//! The intent: one sale and its one Sage order, or one account and its one Sage customer.

use counterpart_domain::sale::{Reference, SaleOrder};
use counterpart_domain::{Company, CrmId, Digest, Fields, SageKey, TargetName, Value, digest_of};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::written::Written;

/// What is to be there once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentKind {
    /// A sales order.
    Order,
    /// A customer.
    Customer,
    /// A contact.
    Contact,
}

impl IntentKind {
    /// The name in storage and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Customer => "customer",
            Self::Contact => "contact",
        }
    }
}

/// Which one: its kind and the CRM record at its root. A won Opportunity and its Order (a Deal and its Sales_Order) have
/// the same root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IntentId {
    /// What is to be there once.
    pub kind: IntentKind,
    /// The root's id. For orders the Opportunity or Deal, where the sale has one; for customers the account.
    pub root: CrmId,
}

impl IntentId {
    /// `order#006…`: the key in storage, without the target.
    #[must_use]
    pub fn storage(&self) -> String {
        format!("{}#{}", self.kind.name(), self.root)
    }
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentStage {
    /// Begun; Sage has not been touched.
    Open,
    /// A number is reserved and stored.
    Reserved,
    /// A create with this number may be on its way, done or not.
    Sent,
    /// Sage holds it.
    Done,
    /// It cannot be done as it is; parked with code and sentence. Sage has nothing of it.
    Refused,
    /// Nobody can tell whether Sage has it; parked for a person.
    Ambiguous,
    /// It was done, and is cancelled in Sage.
    Cancelled,
}

/// A CRM record that shows the intent's state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Shown {
    /// The module or object.
    pub module: String,
    /// The record.
    pub id: CrmId,
}

/// The content of an order, for [`Intent::content`]: what Sage is to hold, whoever the customer turned out to be. Ids of the
/// CRM, its total and the note on the currency are no part of it. A blank column is another content than one that is not
/// named.
#[must_use]
pub fn content_of(order: &SaleOrder) -> Digest {
    let mut parts = vec!["named".to_owned()];
    columns(&order.header, &mut parts);
    for line in &order.lines {
        columns(&line.named(), &mut parts);
    }
    digest_of(parts.iter().map(String::as_str))
}

/// The content as versions before told it: without what is blank or no discount. An order that was last written by one of
/// them has this, and is not written again for the sake of the other form.
#[must_use]
pub fn content_of_before(order: &SaleOrder) -> Digest {
    let number = |number: Option<Decimal>| {
        number.map_or_else(String::new, |number| number.normalize().to_string())
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let order = order.as_created();
    let mut parts = Vec::new();
    columns(&order.header, &mut parts);
    for line in &order.lines {
        parts.extend([
            line.item.clone(),
            number(Some(line.quantity)),
            text(&line.unit),
            text(&line.warehouse),
            number(line.unit_price),
            number(line.discount_percent.filter(|percent| !percent.is_zero())),
        ]);
        columns(&line.columns, &mut parts);
    }
    digest_of(parts.iter().map(String::as_str))
}

fn columns(columns: &Fields, parts: &mut Vec<String>) {
    parts.push(columns.len().to_string());
    for (name, value) in columns {
        let value = match value {
            Value::Number(number) => number.normalize().to_string(),
            other => other.to_string(),
        };
        parts.extend([name.clone(), value]);
    }
}

/// One intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The target.
    pub target: TargetName,
    /// Which one.
    pub id: IntentId,
    /// The company.
    pub company: Company,
    /// Our mark in Sage; of orders only.
    pub reference: Option<Reference>,
    /// How far it has come.
    pub stage: IntentStage,
    /// The number reserved or used: `SalesOrderNo`, or a customer's or contact's local key (`01-ABF`).
    pub number: Option<String>,
    /// Numbers that turned out to be another's, newest last; bounded.
    #[serde(default)]
    pub lost_numbers: Vec<String>,
    /// The customer.
    pub customer: Option<SageKey>,
    /// The canonical content last sent to Sage: an equal one has nothing to do, another one is an update.
    pub content: Option<Digest>,
    /// The content that the CRM asked for last, until Sage's job of it was taken: meanwhile an equal `content` may be about
    /// to be replaced.
    #[serde(default)]
    pub asked: Option<Digest>,
    /// When a create with this number was first sent: it is repeated within a bound of time only.
    pub sent_at: Option<Timestamp>,
    /// How often a create was sent.
    #[serde(default)]
    pub sends: u32,
    /// How often Sage itself refused a create: what is sent after a refusal is another try, under another idempotency key.
    #[serde(default)]
    pub refusals: u32,
    /// The CRM records that show the state.
    pub shown: Vec<Shown>,
    /// Customers: contacts of the account that wait for it to be one; bounded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<CrmId>,
    /// Why it is refused or ambiguous: the stable code.
    pub code: Option<String>,
    /// What a sales person reads on the CRM record.
    pub status_text: String,
    /// Sage's word for its state: `New`, `Open`, `Hold`, `Closed`, `Cancelled`; blank before it is there.
    pub sage_status: String,
    /// What Sage says that the order comes to.
    pub sage_total: Option<Decimal>,
    /// `LastInvoiceNo`, once there is one.
    #[serde(default)]
    pub invoice: String,
    /// Orders: what was written of it, and what Sage made of that.
    #[serde(default)]
    pub written: Written,
    /// The newest event taken into account: what is older changes nothing.
    #[serde(default)]
    pub modified: Option<Timestamp>,
    /// Rises by one with each save. 0: never stored.
    pub rev: u64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was last saved.
    pub updated_at: Timestamp,
}

impl Intent {
    /// Whether an order's content is what was last sent to Sage. `content`: [`content_of`] the order.
    #[must_use]
    pub fn holds(&self, order: &SaleOrder, content: &Digest) -> bool {
        let Some(last) = &self.content else {
            return false;
        };
        let of_before = self.written == Written::default();
        last == content || (of_before && *last == content_of_before(order))
    }
}
