//! A standard queue: at least once, in no promised order, invisible while somebody works on it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use counterpart_delivery::ports::{Clock as _, Outgoing, Queue};
use counterpart_domain::{Class, Fault, TargetName};
use jiff::Timestamp;

use crate::clock::{VirtualClock, later};

/// How long a message is kept, from when it was sent.
const KEPT: Duration = Duration::from_secs(10 * 24 * 3600);

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
    receives: u32,
    receipt: Option<String>,
}

impl Message {
    fn seen(&self) -> Received {
        Received {
            id: format!("m{}", self.id),
            receipt: self.receipt.clone().unwrap_or_default(),
            body: self.body.clone(),
            receive_count: self.receives,
            sent_at: self.sent_at,
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

/// One queue per target, made at the first use. Clones share their messages.
#[derive(Debug, Clone)]
pub struct MemoryQueue {
    clock: VirtualClock,
    visibility: Duration,
    longest_body: usize,
    most_receives: u32,
    state: Rc<RefCell<State>>,
}

impl MemoryQueue {
    /// Queues whose received messages stay invisible for `visibility`; bodies up to 240 KiB, 1000 receives.
    #[must_use]
    pub fn new(clock: &VirtualClock, visibility: Duration) -> Self {
        Self {
            clock: clock.clone(),
            visibility,
            longest_body: 240 * 1024,
            most_receives: 1000,
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
    pub fn with_most_receives(mut self, receives: u32) -> Self {
        self.most_receives = receives;
        self
    }

    /// Receives up to `most` messages that are visible at `now`, the longest visible first. What was sent longer ago than the
    /// queue keeps it is gone, whoever has it.
    pub fn receive(&self, target: &TargetName, most: usize, now: Timestamp) -> Vec<Received> {
        let state = &mut *self.state.borrow_mut();
        let queue = state.queues.entry(target.clone()).or_default();
        let expired = queue.extract_if(.., |m| later(m.sent_at, KEPT) <= now);
        let gone = state.expired.entry(target.clone()).or_default();
        gone.extend(expired.map(|m| m.body));
        let visible = |m: &Message| m.visible_at <= now;
        let spent = queue.extract_if(.., |m| visible(m) && m.receives >= self.most_receives);
        let dead = state.dead.entry(target.clone()).or_default();
        dead.extend(spent);
        queue.sort_by_key(|m| (m.visible_at, m.id));
        let received = queue.iter_mut().filter(|m| visible(m)).take(most);
        received
            .map(|message| {
                message.receives += 1;
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

    /// The bodies of a queue's messages that nobody finished within the time that the queue keeps them.
    #[must_use]
    pub fn expired(&self, target: &TargetName) -> Vec<String> {
        let state = self.state.borrow();
        state.expired.get(target).cloned().unwrap_or_default()
    }

    /// The most receives that any message has had.
    #[must_use]
    pub fn most_received(&self) -> u32 {
        self.state.borrow().most_received
    }

    /// The dead letters of a queue.
    #[must_use]
    pub fn dead(&self, target: &TargetName) -> Vec<Received> {
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
                    visible_at: later(now, outgoing.delay.min(Duration::from_secs(900))),
                    receives: 0,
                    receipt: None,
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
                message.visible_at = later(now, delay.min(Duration::from_secs(12 * 3600)));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn zoho() -> TargetName {
        TargetName::new("zoho").unwrap()
    }

    fn message(body: &str) -> Outgoing {
        Outgoing {
            body: body.to_owned(),
            delay: Duration::ZERO,
        }
    }

    fn queue() -> (VirtualClock, MemoryQueue) {
        let clock = VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 1);
        let queue = MemoryQueue::new(&clock, Duration::from_secs(60));
        (clock, queue)
    }

    #[test]
    fn a_message_comes_back_after_its_visibility_and_counts_its_receives() {
        let (clock, queue) = queue();
        clock
            .block_on(queue.send(&zoho(), &[message("a")]))
            .unwrap();
        let first = queue.receive(&zoho(), 10, clock.now());
        assert_eq!((first.len(), first[0].receive_count), (1, 1));
        assert!(queue.receive(&zoho(), 10, clock.now()).is_empty());
        clock.advance(Duration::from_secs(60));
        let second = queue.receive(&zoho(), 10, clock.now());
        assert_eq!(second[0].receive_count, 2);
        assert!(!queue.delete(&zoho(), &first[0].receipt), "an old receipt");
        assert!(queue.delete(&zoho(), &second[0].receipt));
        assert!(queue.is_empty());
    }

    #[test]
    fn handing_back_sets_the_wait_and_needs_a_valid_receipt() {
        let (clock, queue) = queue();
        let delayed = Outgoing {
            delay: Duration::from_secs(30),
            ..message("a")
        };
        clock.block_on(queue.send(&zoho(), &[delayed])).unwrap();
        assert!(queue.receive(&zoho(), 10, clock.now()).is_empty());
        clock.advance(Duration::from_secs(30));
        let receipt = queue.receive(&zoho(), 10, clock.now())[0].receipt.clone();
        let back = |seconds| {
            clock.block_on(queue.hand_back(&zoho(), &receipt, Duration::from_secs(seconds)))
        };
        back(900).unwrap();
        clock.advance(Duration::from_secs(899));
        assert!(queue.receive(&zoho(), 10, clock.now()).is_empty());
        clock.advance(Duration::from_secs(1));
        assert_eq!(back(1).unwrap_err().code, "E_QUEUE_RECEIPT");
        assert_eq!(queue.receive(&zoho(), 10, clock.now()).len(), 1);
    }

    #[test]
    fn refused_entries_leave_their_neighbours_alone() {
        let (clock, queue) = queue();
        queue.refuse([1]);
        let batch = [message("a"), message("b"), message("c"), message("")];
        let answers = clock.block_on(queue.send(&zoho(), &batch)).unwrap();
        let went: Vec<_> = answers.iter().map(Result::is_ok).collect();
        assert_eq!(went, [true, false, true, false]);
        assert_eq!(queue.bodies(&zoho()), ["a", "c"]);
    }

    #[test]
    fn a_message_may_be_delivered_twice_at_once_or_after_others() {
        let (clock, queue) = queue();
        assert!(!queue.deliver_again(&zoho(), 3) && !queue.put_off(&zoho(), 3, Duration::ZERO));
        let batch = [message("a"), message("b")];
        clock.block_on(queue.send(&zoho(), &batch)).unwrap();
        assert!(queue.put_off(&zoho(), 2, Duration::from_secs(5)));
        let first = queue.receive(&zoho(), 10, clock.now());
        assert_eq!(first.len(), 1, "the other one comes later");
        assert!(queue.deliver_again(&zoho(), 0));
        let again = queue.receive(&zoho(), 10, clock.now());
        assert_eq!((again.len(), again[0].receive_count), (1, 2));
        assert!(!queue.delete(&zoho(), &first[0].receipt));
    }

    #[test]
    fn a_message_that_nobody_finishes_dies_after_its_receives() {
        let (clock, queue) = queue();
        let queue = queue.with_most_receives(2);
        clock
            .block_on(queue.send(&zoho(), &[message("a")]))
            .unwrap();
        for _ in 0..2 {
            assert_eq!(queue.receive(&zoho(), 1, clock.now()).len(), 1);
            clock.advance(Duration::from_secs(60));
        }
        assert!(queue.receive(&zoho(), 1, clock.now()).is_empty());
        assert_eq!(queue.dead(&zoho()).len(), 1);
    }
}
