//! A standard queue: at least once, in no promised order, invisible while somebody works on it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use counterpart_delivery::ports::{Clock as _, Outgoing, Queue};
use counterpart_domain::{Class, Fault, TargetName};
use jiff::Timestamp;

use super::lambda::{Chain, Lambda};
use super::rules::{CRM_WRITES, LONGEST_DELAY, LONGEST_INVISIBLE, QueueRules};
use crate::clock::{VirtualClock, later};

/// A message as a worker receives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The message.
    pub id: String,
    /// This receive of it.
    pub receipt: String,
    /// Its body.
    pub body: String,
    /// How often it was received, this time included.
    pub receive_count: u32,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The invocations that led to it.
    pub chain: Chain,
    /// When its work was first sent.
    pub first_sent: Timestamp,
}

#[derive(Debug)]
struct Message {
    id: u64,
    body: String,
    sent_at: Timestamp,
    first_sent: Timestamp,
    visible_at: Timestamp,
    received_at: Option<Timestamp>,
    receives: u32,
    receipt: Option<String>,
    chain: Chain,
}

impl Message {
    fn seen(&self) -> Received {
        Received {
            id: format!("m{}", self.id),
            receipt: self.receipt.clone().unwrap_or_default(),
            body: self.body.clone(),
            receive_count: self.receives,
            sent_at: self.sent_at,
            chain: self.chain,
            first_sent: self.first_sent,
        }
    }
}

#[derive(Debug, Default)]
struct State {
    queues: BTreeMap<TargetName, Vec<Message>>,
    dead: BTreeMap<TargetName, Vec<Message>>,
    expired: BTreeMap<TargetName, Vec<String>>,
    most_received: u32,
    messages: u64,
    sent: u64,
    refuse: BTreeSet<u64>,
    down: BTreeMap<TargetName, Fault>,
}

impl State {
    /// Takes away what is older than its queue keeps it. Nobody is told; only the simulation counts.
    fn expire(&mut self, rules: &QueueRules, now: Timestamp) {
        for (kept, retention) in [
            (&mut self.queues, rules.retention),
            (&mut self.dead, rules.dead_retention),
        ] {
            for (target, messages) in kept {
                let old = |m: &mut Message| now.duration_since(m.sent_at) >= retention;
                let old = messages.extract_if(.., old).map(|m| m.body);
                let expired: Vec<String> = old.collect();
                if !expired.is_empty() {
                    let lost = self.expired.entry(target.clone()).or_default();
                    lost.extend(expired);
                }
            }
        }
    }
}

/// One queue per target, made at the first use. Clones share their messages.
#[derive(Debug, Clone)]
pub struct MemoryQueue {
    clock: VirtualClock,
    visibility: Duration,
    longest_body: usize,
    rules: Rc<QueueRules>,
    lambda: Lambda,
    state: Rc<RefCell<State>>,
}

impl MemoryQueue {
    /// Queues whose received messages stay invisible for `visibility`; bodies up to 240 KiB, and the template's limits.
    #[must_use]
    pub fn new(clock: &VirtualClock, visibility: Duration) -> Self {
        Self {
            clock: clock.clone(),
            visibility,
            longest_body: 240 * 1024,
            rules: Rc::new(CRM_WRITES.clone()),
            lambda: Lambda::default(),
            state: Rc::default(),
        }
    }

    /// With another limit for bodies, in bytes.
    #[must_use]
    pub fn with_longest_body(mut self, bytes: usize) -> Self {
        self.longest_body = bytes;
        self
    }

    /// With another number of receives, after which a message goes to the dead letters.
    #[must_use]
    pub fn with_most_receives(self, receives: u32) -> Self {
        let rules = QueueRules {
            most_receives: receives,
            ..(*self.rules).clone()
        };
        self.with_rules(rules)
    }

    /// With the visibility of the template.
    #[must_use]
    pub fn visible_as_deployed(mut self) -> Self {
        self.visibility = self.rules.visibility;
        self
    }

    /// With other limits.
    #[must_use]
    pub fn with_rules(mut self, rules: QueueRules) -> Self {
        self.rules = Rc::new(rules);
        self
    }

    /// What is sent goes on with the chains of this Lambda.
    #[must_use]
    pub fn with_lambda(mut self, lambda: &Lambda) -> Self {
        self.lambda = lambda.clone();
        self
    }

    /// Receives up to `most` messages that are visible at `now`, the longest visible first. What was sent longer ago than the
    /// queue keeps it is gone, whoever has it.
    pub fn receive(&self, target: &TargetName, most: usize, now: Timestamp) -> Vec<Received> {
        let state = &mut *self.state.borrow_mut();
        state.expire(&self.rules, now);
        let queue = state.queues.entry(target.clone()).or_default();
        let visible = |m: &Message| m.visible_at <= now;
        let most_receives = self.rules.most_receives;
        let spent = queue.extract_if(.., |m| visible(m) && m.receives >= most_receives);
        let dead = state.dead.entry(target.clone()).or_default();
        dead.extend(spent);
        let in_flight = |m: &&Message| m.receipt.is_some() && !visible(m);
        let in_flight = queue.iter().filter(in_flight).count();
        let most = most.min(self.rules.most_in_flight.saturating_sub(in_flight));
        queue.sort_by_key(|m| (m.visible_at, m.id));
        let received = queue.iter_mut().filter(|m| visible(m)).take(most);
        received
            .map(|message| {
                message.receives += 1;
                message.received_at = Some(now);
                state.most_received = state.most_received.max(message.receives);
                message.visible_at = later(now, self.visibility);
                message.receipt = Some(format!("m{}.{}", message.id, message.receives));
                message.seen()
            })
            .collect()
    }

    /// Deletes a received message: it is done. `false`: the receipt is not the latest of a message that is still there.
    pub fn delete(&self, target: &TargetName, receipt: &str) -> bool {
        let mut state = self.state.borrow_mut();
        let queue = state.queues.entry(target.clone()).or_default();
        let before = queue.len();
        queue.retain(|m| m.receipt.as_deref() != Some(receipt));
        queue.len() < before
    }

    /// Has the message that is the `nth` of those in flight delivered once more while a worker has it: such queues deliver at
    /// least once. `false`: nothing is in flight.
    pub fn deliver_again(&self, target: &TargetName, nth: u64) -> bool {
        let now = self.clock.now();
        self.nth(target, nth, |m| m.receipt.is_some() && m.visible_at > now)
            .is_some_and(|mut message| {
                message.visible_at = now;
                true
            })
    }

    /// Has the message that is the `nth` of those that wait delivered only after a while, so that others overtake it. `false`:
    /// nothing waits.
    pub fn put_off(&self, target: &TargetName, nth: u64, by: Duration) -> bool {
        let now = self.clock.now();
        self.nth(target, nth, |m| m.visible_at <= now)
            .is_some_and(|mut message| {
                message.visible_at = later(now, by);
                true
            })
    }

    fn nth(
        &self,
        target: &TargetName,
        nth: u64,
        of: impl Fn(&Message) -> bool,
    ) -> Option<std::cell::RefMut<'_, Message>> {
        std::cell::RefMut::filter_map(self.state.borrow_mut(), |state| {
            let queue = state.queues.get_mut(target)?;
            let count = u64::try_from(queue.iter().filter(|m| of(m)).count()).ok()?;
            let nth = usize::try_from(nth.checked_rem(count)?).ok()?;
            queue.iter_mut().filter(|m| of(m)).nth(nth)
        })
        .ok()
    }

    /// Makes the entries at these positions fail, counted over all sends from now on, beginning with 0.
    pub fn refuse(&self, positions: impl IntoIterator<Item = u64>) {
        let state = &mut *self.state.borrow_mut();
        let sent = state.sent;
        state.refuse.extend(positions.into_iter().map(|p| sent + p));
    }

    /// Refuses everything that is sent to a queue, until [`MemoryQueue::mend`].
    pub fn break_down(&self, target: &TargetName, fault: Fault) {
        self.state.borrow_mut().down.insert(target.clone(), fault);
    }

    /// Ends [`MemoryQueue::break_down`].
    pub fn mend(&self, target: &TargetName) {
        self.state.borrow_mut().down.remove(target);
    }

    /// How many messages a queue holds, visible or not.
    #[must_use]
    pub fn len(&self, target: &TargetName) -> usize {
        self.state.borrow().queues.get(target).map_or(0, Vec::len)
    }

    /// Whether no queue holds anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state.borrow().queues.values().all(Vec::is_empty)
    }

    /// All bodies of a queue, visible or not, in order of sending.
    #[must_use]
    pub fn bodies(&self, target: &TargetName) -> Vec<String> {
        let state = self.state.borrow();
        let mut messages: Vec<_> = state.queues.get(target).into_iter().flatten().collect();
        messages.sort_by_key(|m| m.id);
        messages.iter().map(|m| m.body.clone()).collect()
    }

    /// Bodies of messages and dead letters of a queue that were older than it keeps them: nobody will ever read them.
    #[must_use]
    pub fn expired(&self, target: &TargetName) -> Vec<String> {
        self.expire();
        let state = self.state.borrow();
        state.expired.get(target).cloned().unwrap_or_default()
    }

    /// The most receives that any message has had.
    #[must_use]
    pub fn most_received(&self) -> u32 {
        self.state.borrow().most_received
    }

    fn expire(&self) {
        let now = self.clock.now();
        self.state.borrow_mut().expire(&self.rules, now);
    }

    /// The dead letters of a queue.
    #[must_use]
    pub fn dead(&self, target: &TargetName) -> Vec<Received> {
        self.expire();
        let state = self.state.borrow();
        let dead = state.dead.get(target).into_iter().flatten();
        dead.map(Message::seen).collect()
    }

    /// When the next message of one queue becomes visible (or became so); none while it is empty.
    #[must_use]
    pub fn next_visible_of(&self, target: &TargetName) -> Option<Timestamp> {
        let state = self.state.borrow();
        let messages = state.queues.get(target).into_iter().flatten();
        messages.map(|m| m.visible_at).min()
    }

    /// When the next message of any queue becomes visible (or became so); none while all are empty.
    #[must_use]
    pub fn next_visible(&self) -> Option<Timestamp> {
        let state = self.state.borrow();
        let messages = state.queues.values().flatten();
        messages.map(|m| m.visible_at).min()
    }
}

impl Queue for MemoryQueue {
    fn longest_body(&self) -> usize {
        self.longest_body
    }

    async fn send(
        &self,
        target: &TargetName,
        messages: &[Outgoing],
    ) -> Result<Vec<Result<(), Fault>>, Fault> {
        let now = self.clock.now();
        let state = &mut *self.state.borrow_mut();
        if let Some(fault) = state.down.get(target) {
            return Err(fault.clone());
        }
        let queue = state.queues.entry(target.clone()).or_default();
        let mut answers = Vec::with_capacity(messages.len());
        for outgoing in messages {
            let position = state.sent;
            state.sent += 1;
            let answer = if state.refuse.remove(&position) {
                Err(Fault::new(
                    Class::Transient,
                    "E_QUEUE_ENTRY",
                    "The queue refused one entry of a batch.",
                ))
            } else if outgoing.body.is_empty() || outgoing.body.len() > self.longest_body {
                Err(Fault::new(
                    Class::Bug,
                    "E_QUEUE_BODY_SIZE",
                    format!("A body of {} bytes does not fit.", outgoing.body.len()),
                ))
            } else {
                state.messages += 1;
                queue.push(Message {
                    id: state.messages,
                    body: outgoing.body.clone(),
                    sent_at: now,
                    first_sent: now,
                    visible_at: later(now, outgoing.delay.min(LONGEST_DELAY)),
                    received_at: None,
                    receives: 0,
                    receipt: None,
                    chain: self.lambda.chain(),
                });
                Ok(())
            };
            answers.push(answer);
        }
        Ok(answers)
    }

    async fn hand_back(
        &self,
        target: &TargetName,
        receipt: &str,
        delay: Duration,
    ) -> Result<(), Fault> {
        let now = self.clock.now();
        let mut state = self.state.borrow_mut();
        let queue = state.queues.entry(target.clone()).or_default();
        let in_flight = queue
            .iter_mut()
            .find(|m| m.receipt.as_deref() == Some(receipt) && m.visible_at > now);
        match in_flight {
            Some(message) => {
                let until = later(now, delay.min(LONGEST_INVISIBLE));
                // Counted from the receive: SQS refuses to extend it beyond that.
                if until > later(message.received_at.unwrap_or(now), LONGEST_INVISIBLE) {
                    return Err(too_long());
                }
                message.visible_at = until;
                Ok(())
            }
            None => Err(Fault::new(
                Class::Transient,
                "E_QUEUE_RECEIPT",
                "The message is no longer ours: its visibility ran out, or it is deleted.",
            )),
        }
    }

    async fn send_anew(
        &self,
        target: &TargetName,
        body: &str,
        first_sent: Timestamp,
        delay: Duration,
    ) -> Result<(), Fault> {
        let message = Outgoing {
            body: body.to_owned(),
            delay,
        };
        let mut answers = self.send(target, &[message]).await?;
        answers.pop().unwrap_or(Ok(()))?;
        let mut state = self.state.borrow_mut();
        let queue = state.queues.entry(target.clone()).or_default();
        if let Some(sent) = queue.last_mut() {
            sent.first_sent = first_sent;
        }
        Ok(())
    }
}

/// What SQS answers to an invisibility of more than twelve hours, as the product's client classes it.
pub(super) fn too_long() -> Fault {
    Fault::new(
        Class::Transient,
        "E_QUEUE_RECEIPT",
        "The queue refuses to keep a message invisible for more than twelve hours after its receive.",
    )
}

#[cfg(test)]
mod tests;
