//! Queues as SQS has them, standard and FIFO: at least once, invisible while somebody works on it. A standard queue promises
//! no order; a FIFO queue keeps the order within a group, gives one batch of a group at a time, and counts a send that is
//! repeated within five minutes once.

use std::cell::{RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use counterpart_delivery::ports::{Clock as _, Outgoing, QueueName, check_anew, check_kind};
use counterpart_domain::{Class, Fault};
use jiff::{SignedDuration, Timestamp};

use super::lambda::{Chain, Lambda};
use super::rules::{LONGEST_DELAY, LONGEST_INVISIBLE, QueueRules};
use crate::clock::{VirtualClock, later};

/// The longest body, in bytes.
pub(super) const LONGEST_BODY: usize = 240 * 1024;
/// How long a deduplication id is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(5);

/// A message as a worker receives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The message.
    pub id: String,
    /// This receive of it.
    pub receipt: String,
    /// Its group, in a FIFO queue.
    pub group: Option<String>,
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
    group: Option<String>,
    sent_at: Timestamp,
    first_sent: Timestamp,
    /// From when its time as a dead letter counts.
    kept_from: Timestamp,
    visible_at: Timestamp,
    received_at: Option<Timestamp>,
    receives: u32,
    receipt: Option<String>,
    chain: Chain,
}

impl Message {
    fn seen(&self, name: &QueueName) -> Received {
        Received {
            id: format!("{}{}", prefix(name), self.id),
            receipt: self.receipt.clone().unwrap_or_default(),
            group: self.group.clone(),
            body: self.body.clone(),
            receive_count: self.receives,
            sent_at: self.sent_at,
            chain: self.chain,
            first_sent: self.first_sent,
        }
    }

    fn is_in_flight(&self, now: Timestamp) -> bool {
        self.receipt.is_some() && self.visible_at > now
    }
}

const fn prefix(name: &QueueName) -> char {
    if name.is_fifo() { 'j' } else { 'm' }
}

/// The messages of one queue.
#[derive(Debug, Default)]
pub(super) struct State {
    messages: Vec<Message>,
    dead: Vec<Message>,
    expired: Vec<String>,
    most_received: u32,
    count: u64,
    sent: u64,
    refuse: BTreeSet<u64>,
    down: Option<Fault>,
    /// Deduplication ids, and when they were seen.
    seen: BTreeMap<String, Timestamp>,
}

impl State {
    /// Takes away what is older than its queue keeps it. Nobody is told; only the simulation counts.
    fn expire(&mut self, rules: &QueueRules, now: Timestamp) {
        for (kept, retention) in [
            (&mut self.messages, rules.retention),
            (&mut self.dead, rules.dead_retention),
        ] {
            let old = |m: &mut Message| now.duration_since(m.kept_from) >= retention;
            let old = kept.extract_if(.., old);
            self.expired.extend(old.map(|message| message.body));
        }
    }

    /// The groups that have a message in flight.
    fn busy(&self, now: Timestamp) -> BTreeSet<String> {
        let in_flight = self.messages.iter().filter(|m| m.is_in_flight(now));
        in_flight.filter_map(|m| m.group.clone()).collect()
    }
}

/// One queue. Clones share its messages.
#[derive(Debug, Clone)]
pub struct MemoryQueue {
    pub(super) name: QueueName,
    pub(super) clock: VirtualClock,
    pub(super) visibility: Duration,
    pub(super) rules: QueueRules,
    pub(super) lambda: Lambda,
    pub(super) state: Rc<RefCell<State>>,
}

impl MemoryQueue {
    /// A queue whose received messages stay invisible for `visibility`, with the template's limits otherwise.
    #[must_use]
    pub fn new(name: QueueName, clock: &VirtualClock, visibility: Duration) -> Self {
        Self {
            rules: QueueRules::of_queue(&name).clone(),
            name,
            clock: clock.clone(),
            visibility,
            lambda: Lambda::default(),
            state: Rc::default(),
        }
    }

    /// With another number of receives, after which a message goes to the dead letters.
    #[must_use]
    pub fn with_most_receives(mut self, receives: u32) -> Self {
        self.rules.most_receives = receives;
        self
    }

    /// With another number of messages that may be in flight at once.
    #[must_use]
    pub fn with_most_in_flight(mut self, messages: usize) -> Self {
        self.rules.most_in_flight = messages;
        self
    }

    /// What is sent goes on with the chains of this Lambda.
    #[must_use]
    pub fn with_lambda(mut self, lambda: &Lambda) -> Self {
        self.lambda = lambda.clone();
        self
    }

    /// Receives up to `most` messages that are visible now: the longest visible first, or in order of sending where the queue
    /// keeps it. A group with a message in flight gives none; one receive may take several of a group. What was sent longer
    /// ago than the queue keeps it is gone, whoever has it.
    pub fn receive(&self, most: usize) -> Vec<Received> {
        let now = self.clock.now();
        let state = &mut *self.state.borrow_mut();
        state.expire(&self.rules, now);
        let busy = state.busy(now);
        let is_free = |m: &Message| {
            let group = m.group.as_ref();
            m.visible_at <= now && group.is_none_or(|group| !busy.contains(group))
        };
        let most_receives = self.rules.most_receives;
        let spent = |m: &mut Message| is_free(m) && m.receives >= most_receives;
        let spent = state.messages.extract_if(.., spent);
        state.dead.extend(spent.map(|mut message| {
            if self.name.is_fifo() {
                message.kept_from = now;
            }
            message
        }));
        let in_flight = state.messages.iter().filter(|m| m.is_in_flight(now));
        let most = most.min(self.rules.most_in_flight.saturating_sub(in_flight.count()));
        if !self.name.is_fifo() {
            state.messages.sort_by_key(|m| (m.visible_at, m.id));
        }
        let received = state.messages.iter_mut().filter(|m| is_free(m)).take(most);
        received
            .map(|message| {
                message.receives += 1;
                message.received_at = Some(now);
                state.most_received = state.most_received.max(message.receives);
                message.visible_at = later(now, self.visibility);
                let (prefix, id) = (prefix(&self.name), message.id);
                message.receipt = Some(format!("{prefix}{id}.{}", message.receives));
                message.seen(&self.name)
            })
            .collect()
    }

    /// Deletes a received message: it is done. `false`: the receipt is not the latest of a message that is still there, and,
    /// in a FIFO queue, in flight.
    pub fn delete(&self, receipt: &str) -> bool {
        let now = self.clock.now();
        let messages = &mut self.state.borrow_mut().messages;
        let before = messages.len();
        messages.retain(|m| {
            let is_ours = m.receipt.as_deref() == Some(receipt);
            !is_ours || (self.name.is_fifo() && !m.is_in_flight(now))
        });
        messages.len() < before
    }

    /// Has the message that is the `nth` of those in flight delivered once more while a worker has it: such queues deliver at
    /// least once. `false`: nothing is in flight.
    pub fn deliver_again(&self, nth: u64) -> bool {
        let now = self.clock.now();
        let message = self.nth(nth, |m| m.is_in_flight(now));
        message.is_some_and(|mut message| {
            message.visible_at = now;
            true
        })
    }

    /// Has the message that is the `nth` of those that wait delivered only after a while, so that others overtake it. `false`:
    /// nothing waits.
    pub fn put_off(&self, nth: u64, by: Duration) -> bool {
        let now = self.clock.now();
        let message = self.nth(nth, |m| m.visible_at <= now);
        message.is_some_and(|mut message| {
            message.visible_at = later(now, by);
            true
        })
    }

    fn nth(&self, nth: u64, of: impl Fn(&Message) -> bool) -> Option<RefMut<'_, Message>> {
        RefMut::filter_map(self.state.borrow_mut(), |state| {
            let messages = &mut state.messages;
            let count = u64::try_from(messages.iter().filter(|m| of(m)).count()).ok()?;
            let nth = usize::try_from(nth.checked_rem(count)?).ok()?;
            messages.iter_mut().filter(|m| of(m)).nth(nth)
        })
        .ok()
    }

    /// Makes everything visible at once, as if every visibility time-out had run out: the next receive of a group may
    /// overtake a worker that is still at it.
    pub fn time_out(&self) {
        let now = self.clock.now();
        for message in &mut self.state.borrow_mut().messages {
            message.visible_at = message.visible_at.min(now);
        }
    }

    /// Makes the entries at these positions fail, counted over all sends from now on, beginning with 0.
    pub fn refuse(&self, positions: impl IntoIterator<Item = u64>) {
        let state = &mut *self.state.borrow_mut();
        let sent = state.sent;
        state.refuse.extend(positions.into_iter().map(|p| sent + p));
    }

    /// Refuses everything that is sent, until [`MemoryQueue::mend`].
    pub fn break_down(&self, fault: Fault) {
        self.state.borrow_mut().down = Some(fault);
    }

    /// Ends [`MemoryQueue::break_down`].
    pub fn mend(&self) {
        self.state.borrow_mut().down = None;
    }

    /// How many messages it holds, visible or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state.borrow().messages.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state.borrow().messages.is_empty()
    }

    /// All bodies, visible or not, in order of sending.
    #[must_use]
    pub fn bodies(&self) -> Vec<String> {
        let state = self.state.borrow();
        let mut messages: Vec<_> = state.messages.iter().collect();
        messages.sort_by_key(|m| m.id);
        messages.iter().map(|m| m.body.clone()).collect()
    }

    /// Bodies of messages and dead letters that were older than the queue keeps them: nobody will ever read them.
    #[must_use]
    pub fn expired(&self) -> Vec<String> {
        self.expire();
        self.state.borrow().expired.clone()
    }

    /// The dead letters.
    #[must_use]
    pub fn dead(&self) -> Vec<Received> {
        self.expire();
        let state = self.state.borrow();
        state.dead.iter().map(|m| m.seen(&self.name)).collect()
    }

    fn expire(&self) {
        let now = self.clock.now();
        self.state.borrow_mut().expire(&self.rules, now);
    }

    /// The most receives that any message has had.
    #[must_use]
    pub fn most_received(&self) -> u32 {
        self.state.borrow().most_received
    }

    /// When a message can next be received (or could have been); none while it is empty.
    #[must_use]
    pub fn next_visible(&self) -> Option<Timestamp> {
        let state = self.state.borrow();
        let mut groups: BTreeMap<&str, Timestamp> = BTreeMap::new();
        let mut next: Vec<Timestamp> = Vec::new();
        for message in &state.messages {
            let Some(group) = &message.group else {
                next.push(message.visible_at);
                continue;
            };
            let free = groups.entry(group).or_insert(message.visible_at);
            *free = message.visible_at.max(*free);
        }
        next.into_iter().chain(groups.into_values()).min()
    }

    /// Sends messages. One answer per message, in order.
    ///
    /// # Errors
    /// While it is broken down.
    pub fn send(&self, messages: &[Outgoing]) -> Result<Vec<Result<(), Fault>>, Fault> {
        for message in messages {
            check_kind(&self.name, message)?;
        }
        let state = &mut *self.state.borrow_mut();
        if let Some(fault) = &state.down {
            return Err(fault.clone());
        }
        let now = self.clock.now();
        state.seen.retain(|_, at| *at + REMEMBERED > now);
        let take = |message| self.take(state, message, now, now);
        Ok(messages.iter().map(take).collect())
    }

    fn take(
        &self,
        state: &mut State,
        message: &Outgoing,
        now: Timestamp,
        first_sent: Timestamp,
    ) -> Result<(), Fault> {
        let position = state.sent;
        state.sent += 1;
        if state.refuse.remove(&position) {
            return Err(Fault::new(
                Class::Transient,
                "E_QUEUE_ENTRY",
                "The queue refused one entry of a batch.",
            ));
        }
        let size = message.body.len();
        if !(1..=LONGEST_BODY).contains(&size) {
            let text = format!("A body of {size} bytes does not fit.");
            return Err(Fault::new(Class::Bug, "E_QUEUE_BODY_SIZE", text));
        }
        if let Some(fifo) = &message.fifo {
            let printable = |text: &str| {
                (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
            };
            if !printable(&fifo.group) || !printable(&fifo.deduplication_id) {
                return Err(Fault::new(
                    Class::Bug,
                    "E_QUEUE_ENTRY",
                    "The queue refused a message: its group or deduplication id is not allowed.",
                ));
            }
            // A repeated send is answered as the first one, and adds nothing.
            let id = fifo.deduplication_id.clone();
            if state.seen.insert(id, now).is_some() {
                return Ok(());
            }
        }
        state.count += 1;
        state.messages.push(Message {
            id: state.count,
            body: message.body.clone(),
            group: message.fifo.as_ref().map(|fifo| fifo.group.clone()),
            sent_at: now,
            first_sent,
            kept_from: now,
            visible_at: later(now, message.delay.min(LONGEST_DELAY)),
            received_at: None,
            receives: 0,
            receipt: None,
            chain: self.lambda.chain(),
        });
        Ok(())
    }

    pub(super) fn send_anew(
        &self,
        body: &str,
        first_sent: Timestamp,
        delay: Duration,
    ) -> Result<(), Fault> {
        check_anew(&self.name)?;
        let state = &mut *self.state.borrow_mut();
        if let Some(fault) = &state.down {
            return Err(fault.clone());
        }
        let message = Outgoing::delayed(body.to_owned(), delay);
        self.take(state, &message, self.clock.now(), first_sent)
    }

    pub(super) fn hand_back(&self, receipt: &str, delay: Duration) -> Result<(), Fault> {
        let now = self.clock.now();
        let messages = &mut self.state.borrow_mut().messages;
        let is_ours =
            |m: &&mut Message| m.receipt.as_deref() == Some(receipt) && m.visible_at > now;
        let Some(message) = messages.iter_mut().find(is_ours) else {
            return Err(Fault::new(
                Class::Transient,
                "E_QUEUE_RECEIPT",
                "The message is no longer ours: its visibility ran out, or it is deleted.",
            ));
        };
        let until = later(now, delay.min(LONGEST_INVISIBLE));
        // Counted from the receive: SQS refuses to extend it beyond that.
        if until > later(message.received_at.unwrap_or(now), LONGEST_INVISIBLE) {
            return Err(too_long());
        }
        message.visible_at = until;
        Ok(())
    }
}

/// What SQS answers to an invisibility of more than twelve hours, as the product's client classes it.
fn too_long() -> Fault {
    Fault::new(
        Class::Transient,
        "E_QUEUE_RECEIPT",
        "The queue refuses to keep a message invisible for more than twelve hours after its receive.",
    )
}

#[cfg(test)]
mod fifo_tests;
#[cfg(test)]
mod tests;
