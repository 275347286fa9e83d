//! The two queues that lead to Sage: `crm-events`, and `sage-writes.fifo`.

use std::time::Duration;

use counterpart_domain::Fault;
use jiff::Timestamp;

use super::Outgoing;

/// The standard queue of CRM changes.
pub trait EventQueue {
    /// The longest body in bytes.
    fn longest_event(&self) -> usize;

    /// Sends events. One answer per message, in order: each counts as durable only when its own entry is `Ok`.
    ///
    /// # Errors
    /// When nothing was sent, or nobody knows.
    async fn send_events(&self, messages: &[Outgoing]) -> Result<Vec<Result<(), Fault>>, Fault>;

    /// Keeps a received event invisible for `delay` (at most 12 hours).
    ///
    /// # Errors
    /// When the receipt is no longer valid, or the queue cannot be reached; the message then comes back by itself.
    async fn hand_back_event(&self, receipt: &str, delay: Duration) -> Result<(), Fault>;

    /// As [`super::Queue::send_anew`].
    ///
    /// # Errors
    /// When it was not sent, or nobody knows.
    async fn send_event_anew(
        &self,
        body: &str,
        first_sent: Timestamp,
        delay: Duration,
    ) -> Result<(), Fault>;
}

/// One job to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingJob {
    /// `MessageGroupId`: target and CRM account. At most 128 characters of letters, digits and punctuation.
    pub group: String,
    /// `MessageDeduplicationId`, fresh for each send: event and attempt. At most 128 characters.
    pub deduplication_id: String,
    /// Its body.
    pub body: String,
}

/// The FIFO queue of jobs for Sage.
pub trait JobQueue {
    /// The longest body in bytes.
    fn longest_job(&self) -> usize;

    /// Sends jobs, in order. One answer per message.
    ///
    /// # Errors
    /// When nothing was sent, or nobody knows.
    async fn send_jobs(&self, jobs: &[OutgoingJob]) -> Result<Vec<Result<(), Fault>>, Fault>;

    /// Keeps a received job, and with it its group, invisible for `delay` (at most 12 hours).
    ///
    /// # Errors
    /// As with events.
    async fn hand_back_job(&self, receipt: &str, delay: Duration) -> Result<(), Fault>;
}
