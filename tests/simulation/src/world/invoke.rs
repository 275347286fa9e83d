//! Event sources: what a queue has goes to a function in a batch, unless Lambda stops the chain of invocations.

use std::collections::BTreeMap;

use counterpart_delivery::ports::QueueName;
use counterpart_delivery::{Message, Sent};
use counterpart_domain::{Company, Fault, TargetName};

use super::troubles::{Trouble, unreadable_secret};
use super::{MemorySage, World};
use crate::memory::{self, Chain, Function};

/// A batch, and the chain that its invocation goes on with. Empty: the queue had nothing, or Lambda stopped the chain.
pub(crate) type Invoked = (Vec<Message>, Chain);

impl World {
    /// Up to `most` events for the transform.
    pub(crate) fn invoke_transform(&self, most: usize) -> Invoked {
        self.invoke(Function::OrderTransform, QueueName::CrmEvents, most)
    }

    /// Up to `most` jobs for the Sage writer.
    pub(crate) fn invoke_sage_writer(&self, most: usize) -> Invoked {
        self.invoke(Function::SageWriter, QueueName::SageWrites, most)
    }

    /// Up to ten messages for a CRM writer.
    pub(crate) fn invoke_crm_writer(&self, target: &TargetName) -> Invoked {
        self.invoke(Function::CrmWriter, QueueName::writes(target), 10)
    }

    fn invoke(&self, function: Function, queue: QueueName, most: usize) -> Invoked {
        let received = self.queue.inner.of(&queue).receive(most);
        let first = received.first().map(|message| message.chain);
        if self.is_stuck() {
            return (Vec::new(), Chain::default());
        }
        match first.and_then(|first| self.lambda.invoke(function, first)) {
            Some(chain) => (messages(&queue, received), chain),
            None => (Vec::new(), Chain::default()),
        }
    }

    /// What is received stays invisible for as long as the template says. Worlds are more hurried than that otherwise, so that
    /// more happens in a day.
    pub(crate) fn visible_as_deployed(&mut self) {
        self.queue.inner = self.queue.inner.clone().visible_as_deployed();
    }

    /// Whether no function takes anything now. What a queue handed out comes back by itself, and nobody notes why.
    pub(crate) fn is_stuck(&self) -> bool {
        self.troubles.are(Trouble::LambdaThrottles) || self.troubles.are(Trouble::ConfigUnreadable)
    }

    /// The agents as the Sage writer finds them now: without its secret none can be called.
    pub(crate) fn agents_now(&self) -> BTreeMap<Company, Result<MemorySage, Fault>> {
        let mut agents = self.agents.clone();
        if self.troubles.are(Trouble::SageSecretsUnreadable) {
            for agent in agents.values_mut() {
                *agent = Err(unreadable_secret());
            }
        }
        agents
    }

    /// Receives up to `most` events, whoever sent them.
    #[must_use]
    pub fn receive_some_events(&self, most: usize) -> Vec<Message> {
        messages(&QueueName::CrmEvents, self.events().receive(most))
    }

    /// Receives up to `most` jobs, whoever sent them.
    #[must_use]
    pub fn receive_some_jobs(&self, most: usize) -> Vec<Message> {
        messages(&QueueName::SageWrites, self.jobs().receive(most))
    }

    /// Receives up to ten messages, whoever sent them.
    #[must_use]
    pub fn receive(&self, target: &TargetName) -> Vec<Message> {
        messages(&QueueName::writes(target), self.writes(target).receive(10))
    }
}

fn messages(queue: &QueueName, received: Vec<memory::Received>) -> Vec<Message> {
    let message = |one| message(queue.clone(), one);
    received.into_iter().map(message).collect()
}

fn message(queue: QueueName, message: memory::Received) -> Message {
    Message {
        id: message.id,
        receipt: message.receipt,
        group: message.group,
        receive_count: message.receive_count,
        queue,
        sent: Sent {
            at: message.sent_at,
            first: message.first_sent,
        },
        body: message.body,
    }
}
