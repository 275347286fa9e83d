//! A job for Sage, as it lies in `sage-writes.fifo`. Its group is target and CRM account: jobs of one account keep their order.

use counterpart_domain::sale::{NewCustomer, SaleOrder};
use counterpart_domain::{Company, CrmId, Digest, Fields, SageKey, TargetName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::CrmEvent;
use crate::intent::{IntentId, Shown, content_of};

/// The version of the wire format of jobs.
pub const JOB_VERSION: u16 = 1;

/// One job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SageJob {
    /// [`JOB_VERSION`].
    pub version: u16,
    /// Unique to this job.
    pub id: String,
    /// The target that it comes from.
    pub target: TargetName,
    /// The CRM account, or the root where there is none: with the target, the group.
    pub account: CrmId,
    /// The event that it comes from: an operator's redrive begins with it again.
    pub event: CrmEvent,
    /// The version of the configuration that it was made with.
    pub config_version: u64,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// What is to be done.
    pub work: Work,
}

impl SageJob {
    /// `MessageGroupId`.
    #[must_use]
    pub fn group(&self) -> String {
        format!("{}:{}", self.target, self.account)
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// An order is to be there as it is here: created, or brought up to date while it is open.
    PlaceOrder(Box<PlaceOrder>),
    /// An order is no longer wanted.
    CancelOrder(CancelOrder),
    /// A customer is to be there once.
    CreateCustomer(Box<CreateCustomer>),
    /// A record that belongs to a customer, such as a contact, is to be there once.
    #[serde(rename = "create_contact")]
    CreateChild(Box<CreateChild>),
    /// Fields that the CRM may change were changed there.
    ChangeRecord(Box<ChangeRecord>),
    /// A person says which customer of Sage an account is.
    LinkCustomer(Box<LinkCustomer>),
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceOrder {
    /// The sale.
    pub intent: IntentId,
    /// What Sage is to hold.
    pub order: SaleOrder,
    /// The content that the sale asks for, where `order` was made to fit into Sage since.
    #[serde(skip)]
    pub content: Option<Digest>,
    /// The order number that the record shows already, where we know of none: a table may have been restored, or the record
    /// is a copy of another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<String>,
    /// Deals that were deleted since the record was made, and of which we know nothing: what stands in Sage under the mark of
    /// one of them may be this record's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<CrmId>,
    /// The CRM records that show its state.
    pub shown: Vec<Shown>,
    /// When the CRM says that the record was last modified: an older job changes nothing.
    pub modified: Option<Timestamp>,
    /// [`Ask::number`](crate::intent::Ask::number): a job that another one was asked for after changes nothing. 0: of a
    /// version that did not count.
    #[serde(default)]
    pub ask: u64,
}

impl PlaceOrder {
    /// The content that the sale asks for.
    #[must_use]
    pub fn content(&self) -> Digest {
        let of_order = || content_of(&self.order);
        self.content.clone().unwrap_or_else(of_order)
    }
}

/// An order that is no longer wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelOrder {
    /// The sale.
    pub intent: IntentId,
    /// The company.
    pub company: Company,
    /// The CRM records that show its state.
    pub shown: Vec<Shown>,
    /// As with [`PlaceOrder::modified`].
    pub modified: Option<Timestamp>,
    /// As with [`PlaceOrder::ask`].
    #[serde(default)]
    pub ask: u64,
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateCustomer {
    /// The account.
    pub intent: IntentId,
    /// What Sage is to hold.
    pub customer: NewCustomer,
    /// The account record, which shows the state.
    pub shown: Vec<Shown>,
}

/// An account that a person gave the key of a customer that Sage holds, instead of having it created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkCustomer {
    /// The account.
    pub intent: IntentId,
    /// The customer.
    pub key: SageKey,
    /// The account that had the customer until now, where there was one: it is gone from the CRM.
    #[serde(default)]
    pub instead_of: Option<CrmId>,
    /// The account record, which shows the state.
    pub shown: Vec<Shown>,
}

/// A record that belongs to a customer: its entity is that of its intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateChild {
    /// The CRM's record.
    pub intent: IntentId,
    /// Its customer.
    pub customer: SageKey,
    /// The last part of its key (`ContactCode`), where the CRM gives it; otherwise it is made from the name, and made unique
    /// within the customer.
    pub code: Option<String>,
    /// The columns, under Sage's names.
    pub columns: Fields,
    /// As with [`NewCustomer::crm`].
    #[serde(default)]
    pub crm: Fields,
    /// The CRM's record, which shows the state.
    pub shown: Vec<Shown>,
}

/// Edits in the CRM. The worker reads Sage's record and the link again and decides then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRecord {
    /// The Sage record.
    pub key: SageKey,
    /// The CRM's module.
    pub module: String,
    /// The CRM's record.
    pub id: CrmId,
    /// The revision of the link that the edit was found with. With another one by now, the CRM may hold something else
    /// than `crm` says: the event is sent again, and the record read anew.
    pub link_rev: u64,
    /// All mapped fields as the CRM holds them, by its names; the owner among them, where the owner follows.
    pub crm: Fields,
    /// When the CRM says that it was last modified.
    pub modified: Option<Timestamp>,
}

/// A record whose order may be that of a deal which was deleted.
pub(crate) const OF_DELETED: &str = "E_ORDER_OF_DELETED";

/// The sentence on an account that names a customer of Sage which another account has.
pub(crate) fn of_another(key: &SageKey, account: &CrmId) -> String {
    format!(
        "Customer {key} of Sage 100 belongs to account {account}. Use that account, or merge the two; if this one is another customer, clear the field."
    )
}
