//! `crm-events`: one standard queue for all targets.

use std::time::Duration;

use counterpart_delivery::ports::{EventQueue, Outgoing, Queue as _};
use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;

use super::rules::CRM_EVENTS;
use super::{Lambda, MemoryQueue, Received};
use crate::VirtualClock;

/// The queue of CRM changes. Clones share their messages.
#[derive(Debug, Clone)]
pub struct MemoryEvents {
    queue: MemoryQueue,
    name: TargetName,
}

impl MemoryEvents {
    /// A queue whose received messages stay invisible for `visibility`.
    ///
    /// # Panics
    /// Never: the name is one.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the name is written here")]
    pub fn new(clock: &VirtualClock, visibility: Duration) -> Self {
        Self {
            queue: MemoryQueue::new(clock, visibility).with_rules(CRM_EVENTS.clone()),
            name: TargetName::new("crm-events").expect("a name"),
        }
    }

    /// With the visibility of the template.
    #[must_use]
    pub fn visible_as_deployed(mut self) -> Self {
        self.queue = self.queue.visible_as_deployed();
        self
    }

    /// What is sent goes on with the chains of this Lambda.
    #[must_use]
    pub fn with_lambda(mut self, lambda: &Lambda) -> Self {
        self.queue = self.queue.with_lambda(lambda);
        self
    }

    /// Receives up to `most` events that are visible at `now`.
    pub fn receive(&self, most: usize, now: Timestamp) -> Vec<Received> {
        self.queue.receive(&self.name, most, now)
    }

    /// Deletes a received event.
    pub fn delete(&self, receipt: &str) -> bool {
        self.queue.delete(&self.name, receipt)
    }

    /// As [`MemoryQueue::deliver_again`].
    pub fn deliver_again(&self, nth: u64) -> bool {
        self.queue.deliver_again(&self.name, nth)
    }

    /// As [`MemoryQueue::put_off`].
    pub fn put_off(&self, nth: u64, by: Duration) -> bool {
        self.queue.put_off(&self.name, nth, by)
    }

    /// Makes the entries at these positions fail, counted over all sends from now on.
    pub fn refuse(&self, positions: impl IntoIterator<Item = u64>) {
        self.queue.refuse(positions);
    }

    /// Refuses everything that is sent, until [`MemoryEvents::mend`].
    pub fn break_down(&self, fault: Fault) {
        self.queue.break_down(&self.name, fault);
    }

    /// Ends [`MemoryEvents::break_down`].
    pub fn mend(&self) {
        self.queue.mend(&self.name);
    }

    /// How many events it holds, visible or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len(&self.name)
    }

    /// How many events came too often and lie with the dead letters.
    #[must_use]
    pub fn dead(&self) -> usize {
        self.queue.dead(&self.name).len()
    }

    /// As [`MemoryQueue::expired`].
    #[must_use]
    pub fn expired(&self) -> usize {
        self.queue.expired(&self.name).len()
    }

    /// The most receives that any event has had.
    #[must_use]
    pub fn most_received(&self) -> u32 {
        self.queue.most_received()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All bodies, visible or not, in order of sending.
    #[must_use]
    pub fn bodies(&self) -> Vec<String> {
        self.queue.bodies(&self.name)
    }

    /// When the next event becomes visible; none while it is empty.
    #[must_use]
    pub fn next_visible(&self) -> Option<Timestamp> {
        self.queue.next_visible()
    }
}

impl EventQueue for MemoryEvents {
    fn longest_event(&self) -> usize {
        self.queue.longest_body()
    }

    async fn send_events(&self, messages: &[Outgoing]) -> Result<Vec<Result<(), Fault>>, Fault> {
        self.queue.send(&self.name, messages).await
    }

    async fn hand_back_event(&self, receipt: &str, delay: Duration) -> Result<(), Fault> {
        self.queue.hand_back(&self.name, receipt, delay).await
    }

    async fn send_event_anew(
        &self,
        body: &str,
        first_sent: Timestamp,
        delay: Duration,
    ) -> Result<(), Fault> {
        self.queue
            .send_anew(&self.name, body, first_sent, delay)
            .await
    }
}
