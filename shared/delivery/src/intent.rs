//! The intent: one sale and its one Sage order, or one record of the CRM and its one record in Sage.

use counterpart_domain::sale::{Reference, SaleOrder};
use counterpart_domain::{
    Company, CrmId, Digest, Entity, Fields, KeyError, SageKey, TargetName, Value, digest_of,
};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::written::{DISCOUNT, Written};

/// What is to be there once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum IntentKind {
    /// A sales order.
    Order,
    /// A record of an entity.
    Record(Entity),
}

impl IntentKind {
    /// The name in storage and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Record(entity) => entity.name(),
        }
    }
}

impl From<IntentKind> for &'static str {
    fn from(kind: IntentKind) -> Self {
        kind.name()
    }
}

impl TryFrom<String> for IntentKind {
    type Error = KeyError;
    fn try_from(name: String) -> Result<Self, KeyError> {
        if name == Self::Order.name() {
            return Ok(Self::Order);
        }
        name.parse().map(Self::Record)
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

/// A CRM record that waits for its parent to be in Sage. Stored as its id where it is a contact, as it was before there were
/// other children; else as `ENTITY#ID`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Waiting {
    /// What it is to be in Sage.
    pub entity: Entity,
    /// The record.
    pub id: CrmId,
}

impl From<String> for Waiting {
    fn from(text: String) -> Self {
        let named = text
            .split_once('#')
            .and_then(|(name, id)| Some((name.parse().ok()?, id)));
        match named {
            Some((entity, id)) => Self {
                entity,
                id: CrmId(id.to_owned()),
            },
            None => Self {
                entity: Entity::CONTACT,
                id: CrmId(text),
            },
        }
    }
}

impl From<Waiting> for String {
    fn from(waiting: Waiting) -> Self {
        if waiting.entity == Entity::CONTACT {
            return waiting.id.0;
        }
        format!("{}#{}", waiting.entity, waiting.id)
    }
}

/// A CRM record that shows the intent's state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Shown {
    /// The module or object.
    pub module: String,
    /// The record.
    pub id: CrmId,
}

/// What a sale is known by, besides its root. Noted once and for good: whatever becomes of look-ups afterwards, what was
/// once part of a sale stays with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SaleTrace {
    /// A CRM record that took part in it.
    Record(CrmId),
    /// The mark that its order in Sage carries.
    Mark(Reference),
}

impl SaleTrace {
    /// `record#006…`, `mark#CP-…`: the key in storage, without the target.
    #[must_use]
    pub fn storage(&self) -> String {
        match self {
            Self::Record(id) => format!("record#{id}"),
            Self::Mark(reference) => format!("mark#{reference}"),
        }
    }
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

/// The content of a record's columns.
pub(crate) fn content_of_columns(record: &Fields) -> Digest {
    let mut parts = Vec::new();
    columns(record, &mut parts);
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

/// What the CRM said last of a sale. Noted under the intent's lease before a job is sent, so that the number tells which of
/// two jobs is the later one, whatever overtakes what on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Rises by one with each that says something else than the one before. 0: none yet.
    pub number: u64,
    /// The record that said it.
    pub record: Option<CrmId>,
    /// When the CRM says that the record was last modified. CRMs count in whole seconds: two states of one record may have
    /// the same.
    pub modified: Option<Timestamp>,
    /// The content of the order; none: no order is wanted.
    pub content: Option<Digest>,
    /// When it was noted: a record that was read before says nothing of which of two states of one second is the later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noted_at: Option<Timestamp>,
}

/// What a person was told of customers that Sage may hold already, and whether it was decided that it is none of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Alike {
    /// The local keys of those that look alike: `01-ABF`.
    #[serde(default)]
    pub keys: Vec<String>,
    /// There are others that were not named.
    #[serde(default)]
    pub more: bool,
    /// Nobody could look: the agent does not search.
    #[serde(default)]
    pub unsearched: bool,
    /// A redrive said that a new customer is wanted all the same.
    #[serde(default)]
    pub dismissed: bool,
}

impl Alike {
    /// Whether nobody looks alike.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        self.keys.is_empty() && !self.more && !self.unsearched
    }

    /// Whether whoever was told this was told that, too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let named = other.keys.iter().all(|key| self.keys.contains(key));
        (self.more || (named && !other.more)) && (self.unsearched || !other.unsearched)
    }
}

/// What a sale asked for when it was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// All of it: content, customer, total.
    pub order: Digest,
    /// When.
    pub at: Timestamp,
}

impl Refused {
    /// After this, a record that was saved once more was saved by somebody who has read why: until then it is the same save,
    /// told by several events, or our own sentence on the record.
    const SAVED_ANEW: SignedDuration = SignedDuration::from_mins(2);

    /// `order`, refused at `at`. None: it cannot be told from others.
    #[must_use]
    pub fn of(order: &SaleOrder, at: Timestamp) -> Option<Self> {
        let text = serde_json::to_string(order).ok()?;
        let order = digest_of([text.as_str()]);
        Some(Self { order, at })
    }

    /// Whether the same is asked for, by a record that nobody has saved since. `modified`: when it was last.
    #[must_use]
    pub fn is_still(&self, order: &SaleOrder, modified: Option<Timestamp>) -> bool {
        let read = self.at.saturating_add(Self::SAVED_ANEW);
        let anew = modified.is_some_and(|modified| read.is_ok_and(|read| modified > read));
        !anew && Self::of(order, self.at).is_some_and(|same| same == *self)
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
    /// Whether a person has sent it, or Sage was asked for it: nobody is asked again whether it is older than the
    /// connection.
    #[serde(default)]
    pub admitted: bool,
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
    /// Customers: records of the account that wait for it to be one; bounded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Waiting>,
    /// Customers: those in Sage that may be this one, as a person was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alike: Option<Alike>,
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
    /// Orders: the sale that this one turned out to be a part of, before anything of it was sent. It makes no order of its
    /// own from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<IntentId>,
    /// Orders: the Opportunity or Deal that the sale's Order or Sales_Order names at present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_from: Option<CrmId>,
    /// Orders: what the CRM said last, asking for an order or for none.
    #[serde(default)]
    pub ask: Ask,
    /// When a create was last sent whose outcome nobody knows: until it cannot be at work any more, Sage may still come to
    /// have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_doubt: Option<Timestamp>,
    /// Orders: by which offset from UTC, in minutes, its moments are days, where nobody said a time zone: that of Sage's clock
    /// when the order was asked for first. A change of the clock is no edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc_offset_minutes: Option<i32>,
    /// Orders: how often it was begun anew, each time under another mark.
    #[serde(default)]
    pub renewals: u32,
    /// Orders: marks of other orders than this one: of those that were cancelled before it was begun anew, and of other
    /// sales. They are not looked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_marks: Vec<Reference>,
    /// Orders: the sale asked for none for a while, and its order was left as it was. Before it counts again, Sage is asked
    /// whether it still stands.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reopened: bool,
    /// Orders: what was refused last, by Sage or by what Sage holds. It is not tried again by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
    /// Rises by one with each save. 0: never stored.
    pub rev: u64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was last saved.
    pub updated_at: Timestamp,
}

/// How the text begins of a sale that was deleted.
pub(crate) const DELETED: &str = "The sale was deleted in the CRM.";

impl Intent {
    /// What the record says of a change that is not taken over.
    pub(crate) fn does_not_follow(&self) -> String {
        let number = self.number.as_deref().unwrap_or_default();
        format!(
            "Order {number} stands in Sage 100 as it was; later changes of the sale do not follow. Change the order there."
        )
    }

    /// One that nothing was done about yet, begun at `now`.
    #[must_use]
    pub fn new(target: TargetName, id: IntentId, company: Company, now: Timestamp) -> Self {
        Self {
            target,
            id,
            company,
            reference: None,
            stage: IntentStage::Open,
            number: None,
            lost_numbers: Vec::new(),
            customer: None,
            content: None,
            asked: None,
            admitted: false,
            written: Written::default(),
            sent_at: None,
            sends: 0,
            refusals: 0,
            shown: Vec::new(),
            waiting: Vec::new(),
            alike: None,
            code: None,
            status_text: String::new(),
            sage_status: String::new(),
            sage_total: None,
            invoice: String::new(),
            modified: None,
            part_of: None,
            made_from: None,
            ask: Ask::default(),
            in_doubt: None,
            reopened: false,
            utc_offset_minutes: None,
            renewals: 0,
            other_marks: Vec::new(),
            refused: None,
            rev: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether Sage cannot hold anything of it: nothing was ever sent.
    #[must_use]
    pub const fn is_unsent(&self) -> bool {
        self.sends == 0 && !matches!(self.stage, IntentStage::Done | IntentStage::Sent)
    }

    /// Whether an order was refused, and nothing of it has changed since: whatever tells of it once more, it would be refused
    /// again. A person who sends it again is another matter. `modified`: when its record was last saved.
    #[must_use]
    pub fn stands_refused(&self, order: &SaleOrder, modified: Option<Timestamp>) -> bool {
        // What may be in Sage by now has to be looked for, whatever was said of it.
        if matches!(self.stage, IntentStage::Sent | IntentStage::Ambiguous) {
            return false;
        }
        let refused = self.refused.as_ref().filter(|_| self.code.is_some());
        refused.is_some_and(|refused| refused.is_still(order, modified))
    }

    /// Whether an order's content is what was last sent to Sage. `content`: [`content_of`] the order.
    #[must_use]
    pub fn holds(&self, order: &SaleOrder, content: &Digest) -> bool {
        let Some(last) = &self.content else {
            return false;
        };
        let of_before = self.written == Written::default();
        last == content
            || (of_before && *last == content_of_before(order))
            || *last == content_without_discount(order)
    }
}

/// The content of an order that nobody gave a discount to, as versions told it that did not name its column.
fn content_without_discount(order: &SaleOrder) -> Digest {
    let mut order = order.clone();
    order
        .header
        .retain(|name, value| name != DISCOUNT || !value.is_blank());
    content_of(&order)
}

#[cfg(test)]
#[path = "intent_tests.rs"]
mod tests;
