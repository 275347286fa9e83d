//! Event sources: what a queue has goes to a function in a batch, unless Lambda stops the chain of invocations.

use std::collections::BTreeMap;

use counterpart_delivery::{Received, ReceivedEvent, ReceivedJob, Sent};
use counterpart_domain::{Company, Fault, TargetName};

use super::troubles::{Trouble, unreadable_secret};
use super::{MemorySage, World};
use crate::memory::{self, Chain, Function};

/// A batch, and the chain that its invocation goes on with. Empty: the queue had nothing, or Lambda stopped the chain.
pub(crate) type Invoked<T> = (Vec<T>, Chain);

impl World {
    /// Up to `most` events for the transform.
    pub(crate) fn invoke_transform(&self, most: usize) -> Invoked<ReceivedEvent> {
        let received = self.events().receive(most);
        let first = received.first().map(|message| message.chain);
        self.invoked(Function::OrderTransform, first, received, event)
    }

    /// Up to `most` jobs for the Sage writer.
    pub(crate) fn invoke_sage_writer(&self, most: usize) -> Invoked<ReceivedJob> {
        let received = self.jobs().receive(most);
        let first = received.first().map(|message| message.chain);
        self.invoked(Function::SageWriter, first, received, job)
    }

    /// Up to ten messages for a CRM writer.
    pub(crate) fn invoke_crm_writer(&self, target: &TargetName) -> Invoked<Received> {
        let received = self.writes(target).receive(10);
        let first = received.first().map(|message| message.chain);
        let message = |message| pack(target, message);
        self.invoked(Function::CrmWriter, first, received, message)
    }

    fn invoked<M, T>(
        &self,
        function: Function,
        first: Option<Chain>,
        received: Vec<M>,
        message: impl Fn(M) -> T,
    ) -> Invoked<T> {
        if self.is_stuck() {
            return (Vec::new(), Chain::default());
        }
        match first.and_then(|first| self.lambda.invoke(function, first)) {
            Some(chain) => (received.into_iter().map(message).collect(), chain),
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
    pub fn receive_some_events(&self, most: usize) -> Vec<ReceivedEvent> {
        let received = self.events().receive(most);
        received.into_iter().map(event).collect()
    }

    /// Receives up to `most` jobs, whoever sent them.
    #[must_use]
    pub fn receive_some_jobs(&self, most: usize) -> Vec<ReceivedJob> {
        let received = self.jobs().receive(most);
        received.into_iter().map(job).collect()
    }

    /// Receives up to ten messages, whoever sent them.
    #[must_use]
    pub fn receive(&self, target: &TargetName) -> Vec<Received> {
        let received = self.writes(target).receive(10);
        let messages = received.into_iter().map(|message| pack(target, message));
        messages.collect()
    }
}

fn event(message: memory::Received) -> ReceivedEvent {
    ReceivedEvent {
        message_id: message.id,
        receipt: message.receipt,
        receive_count: message.receive_count,
        sent: Sent {
            at: message.sent_at,
            first: message.first_sent,
        },
        body: message.body,
    }
}

fn job(message: memory::Received) -> ReceivedJob {
    ReceivedJob {
        message_id: message.id,
        receipt: message.receipt,
        group: message.group.unwrap_or_default(),
        receive_count: message.receive_count,
        sent: Sent::once(message.sent_at),
        body: message.body,
    }
}

fn pack(target: &TargetName, message: memory::Received) -> Received {
    Received {
        message_id: message.id,
        receipt: message.receipt,
        receive_count: message.receive_count,
        sent: Sent {
            at: message.sent_at,
            first: message.first_sent,
        },
        target: target.clone(),
        body: message.body,
    }
}
