//! A message as a worker has received it, from whichever queue.

use counterpart_domain::TargetName;

use crate::backoff::Sent;
use crate::ports::QueueName;

/// One received message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The queue's id of it: the same at each receive.
    pub id: String,
    /// The receipt of this receive.
    pub receipt: String,
    /// `MessageGroupId`, in a FIFO queue.
    pub group: Option<String>,
    /// How often it has been received, this time included.
    pub receive_count: u32,
    /// The queue that it came from.
    pub queue: QueueName,
    /// When it was sent.
    pub sent: Sent,
    /// The body.
    pub body: String,
}

impl Message {
    /// Whether its work was taken before, without a verdict.
    pub(crate) fn is_again(&self) -> bool {
        self.receive_count > 1 || self.sent.first < self.sent.at
    }

    /// The target whose `crm-writes` it came from; `-`: it came from a queue of all targets.
    pub(crate) fn target(&self) -> &str {
        self.queue.target().map_or("-", TargetName::as_str)
    }
}
