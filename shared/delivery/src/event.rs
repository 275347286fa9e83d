//! A change in a CRM, as it lies in `crm-events`. It says that a record changed, not what became of it: whoever takes it
//! reads the record itself, so that repetition, order of arrival and gaps do no harm.

use std::collections::BTreeMap;

use counterpart_domain::{Class, CrmId, Fault, TargetName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ports::ChangedId;

/// The version of the wire format of events.
pub const EVENT_VERSION: u16 = 1;

/// What happened to the record, as far as the sender knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Created.
    Created,
    /// Changed.
    Updated,
    /// Deleted. It never reaches Sage.
    Deleted,
    /// Taken back out of the recycle bin.
    Undeleted,
    /// Nobody knows: look.
    Unknown,
}

/// How we learned of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventSource {
    /// Zoho's notification API.
    ZohoNotification,
    /// A webhook of a Zoho workflow rule.
    ZohoWebhook,
    /// A Salesforce Outbound Message.
    OutboundMessage,
    /// A signed callout from Flow, Apex or a Zoho function.
    Callout,
    /// A Salesforce platform event.
    PlatformEvent,
    /// Salesforce Change Data Capture.
    ChangeDataCapture,
    /// Read by Modified_Time after a lapse.
    CatchUp,
    /// The CRM writer found it when it compared a record.
    Comparison,
    /// An operator sent it again.
    Redrive,
}

/// One changed record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrmEvent {
    /// [`EVENT_VERSION`].
    pub version: u16,
    /// The same for each delivery of the same event, as far as the sender allows. For logs and for deduplication ids;
    /// nothing relies on it.
    pub id: String,
    /// The target.
    pub target: TargetName,
    /// The module or object: `Opportunity`, `Deals`.
    pub module: String,
    /// The record.
    pub record: CrmId,
    /// What happened.
    pub change: Change,
    /// How we learned of it.
    pub source: EventSource,
    /// The user that did it, where the event tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<CrmId>,
    /// When it happened, where the event tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// When we received it: deadlines and the time of each hop count from here.
    pub received_at: Timestamp,
    /// What the sender says of its transaction, for people: `transactionKey`, `sequenceNumber`, `commitNumber` as text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub transaction: BTreeMap<String, String>,
    /// How often it was handed back, or sent again by an operator.
    #[serde(default)]
    pub attempts: u32,
    /// Of an operator's: the code that was parked, and that they read before they sent it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<String>,
}

impl CrmEvent {
    /// One that nobody has handed back yet, of which neither who did it nor when is known.
    #[must_use]
    pub const fn new(
        id: String,
        target: TargetName,
        module: String,
        record: CrmId,
        change: Change,
        source: EventSource,
        received_at: Timestamp,
    ) -> Self {
        Self {
            version: EVENT_VERSION,
            id,
            target,
            module,
            record,
            change,
            source,
            user: None,
            occurred_at: None,
            received_at,
            transaction: BTreeMap::new(),
            attempts: 0,
            answers: None,
        }
    }

    /// A change that was read by its time. `id` is to be the same each time that it is read.
    #[must_use]
    pub(crate) fn caught_up(
        id: String,
        target: &TargetName,
        module: &str,
        changed: &ChangedId,
        received_at: Timestamp,
    ) -> Self {
        let change = if changed.deleted {
            Change::Deleted
        } else {
            Change::Updated
        };
        let (target, module, record) = (target.clone(), module.to_owned(), changed.id.clone());
        let source = EventSource::CatchUp;
        Self {
            user: changed.modified_by.clone(),
            occurred_at: Some(changed.modified),
            ..Self::new(id, target, module, record, change, source, received_at)
        }
    }

    /// Whether a person who was told of this code has answered it by sending it again. A redrive for another reason decides
    /// nothing.
    #[must_use]
    pub fn is_answer_to(&self, code: &str) -> bool {
        debug_assert!(crate::is_answer(code), "{code} is none of the questions");
        self.source == EventSource::Redrive && self.answers.as_deref() == Some(code)
    }

    /// Reads a body of `crm-events`.
    ///
    /// # Errors
    /// `E_EVENT_MALFORMED`, `E_EVENT_VERSION` (class data).
    pub fn decode(body: &str) -> Result<Self, Fault> {
        #[derive(Deserialize)]
        struct Head {
            version: u64,
        }
        let malformed = |error: serde_json::Error| {
            Fault::new(
                Class::Data,
                "E_EVENT_MALFORMED",
                "A message in crm-events is no event; it is kept as it is.",
            )
            .with_detail(error)
        };
        let Head { version } = serde_json::from_str(body).map_err(malformed)?;
        if version != u64::from(EVENT_VERSION) {
            return Err(Fault::new(
                Class::Data,
                "E_EVENT_VERSION",
                format!(
                    "An event has version {version}, and version {EVENT_VERSION} is read here; it is kept as it is. Redrive it when the function is up to date."
                ),
            ));
        }
        serde_json::from_str(body).map_err(malformed)
    }
}
