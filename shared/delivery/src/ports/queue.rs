//! The queue of packs, one per target.

use std::time::Duration;

use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;

/// One message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its body.
    pub body: String,
    /// How long it stays invisible at first; at most 15 minutes.
    pub delay: Duration,
}

/// Sending, and handing back what was received.
pub trait Queue {
    /// The longest body in bytes.
    fn longest_body(&self) -> usize;

    /// Sends messages to a target's `crm-writes` queue. The answer has one entry per message, in order: a message counts
    /// as durable only when its own entry is `Ok` (a batch may fail in part).
    ///
    /// # Errors
    /// When nothing was sent, or nobody knows.
    async fn send(
        &self,
        target: &TargetName,
        messages: &[Outgoing],
    ) -> Result<Vec<Result<(), Fault>>, Fault>;

    /// Keeps a received message invisible for `delay` (at most 12 hours), after which it is received again.
    ///
    /// # Errors
    /// When the receipt is no longer valid, or the queue cannot be reached; the message then comes back by itself.
    async fn hand_back(
        &self,
        target: &TargetName,
        receipt: &str,
        delay: Duration,
    ) -> Result<(), Fault>;

    /// Sends the body of a received message once more, before its queue forgets it, with the time at which its work was first
    /// sent. It stays invisible for `delay`, or for as long as the queue allows (15 minutes).
    ///
    /// # Errors
    /// When it was not sent, or nobody knows.
    async fn send_anew(
        &self,
        target: &TargetName,
        body: &str,
        first_sent: Timestamp,
        delay: Duration,
    ) -> Result<(), Fault>;
}
