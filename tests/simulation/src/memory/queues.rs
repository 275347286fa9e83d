//! The queues of a deployment: each of them is made at its first use.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use counterpart_delivery::ports::{Outgoing, Queue, QueueName};
use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;

use super::Lambda;
use super::queue::{LONGEST_BODY, MemoryQueue, State};
use crate::clock::VirtualClock;

/// All queues. Clones share their messages.
#[derive(Debug, Clone)]
pub struct MemoryQueues {
    clock: VirtualClock,
    /// How long a received message stays invisible; none: as long as the template says.
    visibility: Option<Duration>,
    lambda: Lambda,
    states: Rc<RefCell<BTreeMap<QueueName, Rc<RefCell<State>>>>>,
}

impl MemoryQueues {
    /// Queues whose received messages stay invisible for `visibility`, with the template's limits otherwise.
    #[must_use]
    pub fn new(clock: &VirtualClock, visibility: Duration) -> Self {
        Self {
            clock: clock.clone(),
            visibility: Some(visibility),
            lambda: Lambda::default(),
            states: Rc::default(),
        }
    }

    /// With the visibility of the template.
    #[must_use]
    pub fn visible_as_deployed(mut self) -> Self {
        self.visibility = None;
        self
    }

    /// What is sent goes on with the chains of this Lambda.
    #[must_use]
    pub fn with_lambda(mut self, lambda: &Lambda) -> Self {
        self.lambda = lambda.clone();
        self
    }

    /// One of them.
    #[must_use]
    pub fn of(&self, name: &QueueName) -> MemoryQueue {
        let state = self
            .states
            .borrow_mut()
            .entry(name.clone())
            .or_default()
            .clone();
        let mut queue = MemoryQueue::new(name.clone(), &self.clock, Duration::ZERO);
        queue.visibility = self.visibility.unwrap_or(queue.rules.visibility);
        queue.state = state;
        queue.with_lambda(&self.lambda)
    }

    /// `crm-writes` of a target.
    #[must_use]
    pub fn writes(&self, target: &TargetName) -> MemoryQueue {
        self.of(&QueueName::writes(target))
    }

    /// `crm-events`.
    #[must_use]
    pub fn events(&self) -> MemoryQueue {
        self.of(&QueueName::CrmEvents)
    }

    /// `sage-writes.fifo`.
    #[must_use]
    pub fn jobs(&self) -> MemoryQueue {
        self.of(&QueueName::SageWrites)
    }

    /// `crm-writes` of every target that something was ever sent to, or asked of.
    #[must_use]
    pub fn all_writes(&self) -> Vec<MemoryQueue> {
        let names: Vec<_> = self.states.borrow().keys().cloned().collect();
        let writes = names
            .iter()
            .filter(|name| matches!(name, QueueName::CrmWrites(_)));
        writes.map(|name| self.of(name)).collect()
    }

    /// Whether nothing waits for any CRM.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.all_writes().iter().all(MemoryQueue::is_empty)
    }

    /// When the next message to any CRM becomes visible (or became so); none while there is none.
    #[must_use]
    pub fn next_write(&self) -> Option<Timestamp> {
        let writes = self.all_writes();
        writes.iter().filter_map(MemoryQueue::next_visible).min()
    }
}

impl Queue for MemoryQueues {
    fn longest_body(&self) -> usize {
        LONGEST_BODY
    }

    async fn send(
        &self,
        queue: &QueueName,
        messages: &[Outgoing],
    ) -> Result<Vec<Result<(), Fault>>, Fault> {
        self.of(queue).send(messages)
    }

    async fn hand_back(
        &self,
        queue: &QueueName,
        receipt: &str,
        delay: Duration,
    ) -> Result<(), Fault> {
        self.of(queue).hand_back(receipt, delay)
    }

    async fn send_anew(
        &self,
        queue: &QueueName,
        body: &str,
        first_sent: Timestamp,
        delay: Duration,
    ) -> Result<(), Fault> {
        self.of(queue).send_anew(body, first_sent, delay)
    }
}
