//! The queues: packs and write-backs of each target, changes in the CRMs, and jobs for Sage.

use std::fmt;
use std::time::Duration;

use counterpart_domain::{Class, Fault, TargetName};
use jiff::Timestamp;

/// One of the queues of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueueName {
    /// `crm-writes` of a target: packs and write-backs.
    CrmWrites(TargetName),
    /// `crm-events`: changes in all CRMs.
    CrmEvents,
    /// `salesforce-events`: what EventBridge delivers.
    SalesforceEvents,
    /// `sage-writes.fifo`: jobs for Sage, in order within a group.
    SageWrites,
}

impl QueueName {
    /// `crm-writes` of a target.
    #[must_use]
    pub fn writes(target: &TargetName) -> Self {
        Self::CrmWrites(target.clone())
    }

    /// The target whose queue it is; none: it is one for all targets.
    #[must_use]
    pub const fn target(&self) -> Option<&TargetName> {
        match self {
            Self::CrmWrites(target) => Some(target),
            Self::CrmEvents | Self::SalesforceEvents | Self::SageWrites => None,
        }
    }

    /// Whether it keeps the order within groups. Its messages are never sent anew: they would lose their places.
    #[must_use]
    pub const fn is_fifo(&self) -> bool {
        matches!(self, Self::SageWrites)
    }
}

impl fmt::Display for QueueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CrmWrites(target) => write!(f, "crm-writes queue of {target}"),
            Self::CrmEvents => f.write_str("crm-events queue"),
            Self::SalesforceEvents => f.write_str("salesforce-events queue"),
            Self::SageWrites => f.write_str("sage-writes queue"),
        }
    }
}

/// The place of a message in a FIFO queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fifo {
    /// `MessageGroupId`: target and CRM account. At most 128 characters of letters, digits and punctuation.
    pub group: String,
    /// `MessageDeduplicationId`, fresh for each send: event and attempt. At most 128 characters.
    pub deduplication_id: String,
}

/// One message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its body.
    pub body: String,
    /// How long it stays invisible at first; at most 15 minutes. FIFO queues take no delay of a single message.
    pub delay: Duration,
    /// Its place, for a FIFO queue, and only for one.
    pub fifo: Option<Fifo>,
}

impl Outgoing {
    /// For a standard queue, to be received after a delay of at most 15 minutes.
    #[must_use]
    pub const fn delayed(body: String, delay: Duration) -> Self {
        Self {
            body,
            delay,
            fifo: None,
        }
    }

    /// For a standard queue, to be received at once.
    #[must_use]
    pub const fn now(body: String) -> Self {
        Self::delayed(body, Duration::ZERO)
    }

    /// For a FIFO queue.
    #[must_use]
    pub const fn in_group(body: String, group: String, deduplication_id: String) -> Self {
        Self {
            body,
            delay: Duration::ZERO,
            fifo: Some(Fifo {
                group,
                deduplication_id,
            }),
        }
    }
}

/// Sending, and handing back what was received.
pub trait Queue {
    /// The longest body in bytes, in every queue.
    fn longest_body(&self) -> usize;

    /// Sends messages, in order. The answer has one entry per message, in order: a message counts as durable only when its
    /// own entry is `Ok` (a batch may fail in part). In a FIFO queue nothing is sent behind a message of its group that was
    /// not taken.
    ///
    /// # Errors
    /// When nothing was sent, or nobody knows. Class bug where the `fifo` of a message does not fit the queue ([`check_kind`]).
    async fn send(
        &self,
        queue: &QueueName,
        messages: &[Outgoing],
    ) -> Result<Vec<Result<(), Fault>>, Fault>;

    /// Keeps a received message invisible for `delay` (at most 12 hours), after which it is received again. In a FIFO queue
    /// its group waits with it.
    ///
    /// # Errors
    /// When the receipt is no longer valid, or the queue cannot be reached; the message then comes back by itself.
    async fn hand_back(
        &self,
        queue: &QueueName,
        receipt: &str,
        delay: Duration,
    ) -> Result<(), Fault>;

    /// Sends the body of a received message once more, before its queue forgets it, with the time at which its work was first
    /// sent. It stays invisible for `delay`, or for as long as the queue allows (15 minutes). Standard queues only.
    ///
    /// # Errors
    /// When it was not sent, or nobody knows. Class bug for a FIFO queue ([`check_anew`]).
    async fn send_anew(
        &self,
        queue: &QueueName,
        body: &str,
        first_sent: Timestamp,
        delay: Duration,
    ) -> Result<(), Fault>;
}

/// Whether a message has a place exactly where its queue keeps an order.
///
/// # Errors
/// `E_QUEUE_KIND` (class bug), when it does not.
pub fn check_kind(queue: &QueueName, message: &Outgoing) -> Result<(), Fault> {
    if queue.is_fifo() == message.fifo.is_some() {
        return Ok(());
    }
    let kind = if queue.is_fifo() {
        "needs a group"
    } else {
        "has no groups"
    };
    Err(wrong_kind(format!(
        "A message for the {queue}, which {kind}."
    )))
}

/// Whether messages of a queue may be sent anew.
///
/// # Errors
/// `E_QUEUE_KIND` (class bug): a FIFO message would lose its place.
pub fn check_anew(queue: &QueueName) -> Result<(), Fault> {
    if queue.is_fifo() {
        let text = format!("A message of the {queue} is never sent anew.");
        return Err(wrong_kind(text));
    }
    Ok(())
}

fn wrong_kind(text: String) -> Fault {
    Fault::new(Class::Bug, "E_QUEUE_KIND", text)
}
