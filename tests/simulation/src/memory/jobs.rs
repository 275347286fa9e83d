//! A FIFO queue: in order within a group, one batch of a group at a time, a send repeated within five minutes counts once.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use counterpart_delivery::ports::{Clock as _, JobQueue, OutgoingJob};
use counterpart_domain::{Class, Fault};
use jiff::{SignedDuration, Timestamp};

use super::lambda::{Chain, Lambda};
use super::queue::too_long;
use super::rules::{LONGEST_INVISIBLE, QueueRules, SAGE_WRITES};
use crate::clock::{VirtualClock, later};

/// How long a deduplication id is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(5);

/// A job as a worker receives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// The message.
    pub id: String,
    /// This receive of it.
    pub receipt: String,
    /// Its group.
    pub group: String,
    /// Its body.
    pub body: String,
    /// How often it was received, this time included.
    pub receive_count: u32,
    /// The invocations that led to it.
    pub chain: Chain,
    /// When it was sent.
    pub sent_at: Timestamp,
}

#[derive(Debug)]
struct Message {
    id: u64,
    sent_at: Timestamp,
    received_at: Option<Timestamp>,
    chain: Chain,
    group: String,
    body: String,
    /// While it is in flight: until when.
    invisible_until: Option<Timestamp>,
    receives: u32,
    receipt: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    messages: Vec<Message>,
    /// Dead letters, and when they became so: a FIFO queue counts their time anew.
    dead: Vec<(String, Timestamp)>,
    expired: Vec<String>,
    most_received: u32,
    seen: BTreeMap<String, Timestamp>,
    count: u64,
}

impl State {
    /// Takes away what is older than its queue keeps it. Nobody is told; only the simulation counts.
    fn expire(&mut self, rules: &QueueRules, now: Timestamp) {
        let old = |m: &mut Message| now.duration_since(m.sent_at) >= rules.retention;
        let old = self.messages.extract_if(.., old);
        self.expired.extend(old.map(|message| message.body));
        let old =
            |(_, at): &mut (String, Timestamp)| now.duration_since(*at) >= rules.dead_retention;
        let old = self.dead.extract_if(.., old);
        self.expired.extend(old.map(|(body, _)| body));
    }
}

/// The queue. Clones share their messages.
#[derive(Debug, Clone)]
pub struct MemoryJobs {
    clock: VirtualClock,
    visibility: Duration,
    rules: QueueRules,
    lambda: Lambda,
    state: Rc<RefCell<State>>,
}

impl MemoryJobs {
    /// A queue whose received messages stay invisible for `visibility`, with the template's limits.
    #[must_use]
    pub fn new(clock: &VirtualClock, visibility: Duration) -> Self {
        Self {
            clock: clock.clone(),
            visibility,
            rules: SAGE_WRITES.clone(),
            lambda: Lambda::default(),
            state: Rc::default(),
        }
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
        self.rules = rules;
        self
    }

    /// What is sent goes on with the chains of this Lambda.
    #[must_use]
    pub fn with_lambda(mut self, lambda: &Lambda) -> Self {
        self.lambda = lambda.clone();
        self
    }

    /// Receives up to `most` messages in order. A group with a message in flight gives none; one receive may take several
    /// of a group.
    pub fn receive(&self, most: usize) -> Vec<ReceivedMessage> {
        let now = self.clock.now();
        let state = &mut *self.state.borrow_mut();
        state.expire(&self.rules, now);
        for message in &mut state.messages {
            message.invisible_until = message.invisible_until.filter(|until| *until > now);
        }
        let busy: BTreeSet<String> = state
            .messages
            .iter()
            .filter(|message| message.invisible_until.is_some())
            .map(|message| message.group.clone())
            .collect();
        let spent = |message: &mut Message| {
            message.receives >= self.rules.most_receives && !busy.contains(&message.group)
        };
        let dead = state.messages.extract_if(.., spent);
        state.dead.extend(dead.map(|message| (message.body, now)));
        let in_flight = |message: &&Message| message.invisible_until.is_some();
        let in_flight = state.messages.iter().filter(in_flight).count();
        let most = most.min(self.rules.most_in_flight.saturating_sub(in_flight));
        let free = state
            .messages
            .iter_mut()
            .filter(|message| !busy.contains(&message.group));
        free.take(most)
            .map(|message| {
                message.receives += 1;
                message.received_at = Some(now);
                state.most_received = state.most_received.max(message.receives);
                message.invisible_until = Some(later(now, self.visibility));
                let receipt = format!("j{}.{}", message.id, message.receives);
                message.receipt = Some(receipt.clone());
                ReceivedMessage {
                    id: format!("j{}", message.id),
                    receipt,
                    group: message.group.clone(),
                    body: message.body.clone(),
                    receive_count: message.receives,
                    chain: message.chain,
                    sent_at: message.sent_at,
                }
            })
            .collect()
    }

    /// Deletes a received message. `false`: the receipt is not the latest of a message that is still in flight.
    pub fn delete(&self, receipt: &str) -> bool {
        let now = self.clock.now();
        let messages = &mut self.state.borrow_mut().messages;
        let before = messages.len();
        messages.retain(|message| {
            let in_flight = message.invisible_until.is_some_and(|until| until > now);
            !(in_flight && message.receipt.as_deref() == Some(receipt))
        });
        messages.len() < before
    }

    /// Makes everything visible at once, as if every visibility time-out had run out: the next receive of a group may
    /// overtake a worker that is still at it.
    pub fn time_out(&self) {
        for message in &mut self.state.borrow_mut().messages {
            message.invisible_until = None;
        }
    }

    /// How many messages it holds, in flight or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state.borrow().messages.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state.borrow().messages.is_empty()
    }

    /// All bodies, in flight or not, in order of sending.
    #[must_use]
    pub fn bodies(&self) -> Vec<String> {
        let state = self.state.borrow();
        let messages = state.messages.iter();
        messages.map(|message| message.body.clone()).collect()
    }

    /// The bodies of the dead letters.
    #[must_use]
    pub fn dead(&self) -> Vec<String> {
        let state = &mut *self.state.borrow_mut();
        state.expire(&self.rules, self.clock.now());
        state.dead.iter().map(|(body, _)| body.clone()).collect()
    }

    /// Bodies of messages and dead letters that were older than the queues keep them: nobody will ever read them.
    #[must_use]
    pub fn expired(&self) -> Vec<String> {
        let state = &mut *self.state.borrow_mut();
        state.expire(&self.rules, self.clock.now());
        state.expired.clone()
    }

    /// The most receives that any job has had.
    #[must_use]
    pub fn most_received(&self) -> u32 {
        self.state.borrow().most_received
    }

    /// When a message can next be received (in the past: now); none while it is empty.
    #[must_use]
    pub fn next_visible(&self) -> Option<Timestamp> {
        let state = self.state.borrow();
        let mut groups: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for message in &state.messages {
            let until = message.invisible_until.unwrap_or(Timestamp::MIN);
            let free = groups.entry(&message.group).or_insert(until);
            *free = until.max(*free);
        }
        groups.into_values().min()
    }
}

impl JobQueue for MemoryJobs {
    fn longest_job(&self) -> usize {
        240 * 1024
    }

    async fn send_jobs(&self, jobs: &[OutgoingJob]) -> Result<Vec<Result<(), Fault>>, Fault> {
        let now = self.clock.now();
        let state = &mut *self.state.borrow_mut();
        state.seen.retain(|_, at| *at + REMEMBERED > now);
        let mut answers = Vec::with_capacity(jobs.len());
        for job in jobs {
            let printable = |text: &str| {
                (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
            };
            if !printable(&job.group) || !printable(&job.deduplication_id) || job.body.is_empty() {
                answers.push(Err(Fault::new(
                    Class::Bug,
                    "E_QUEUE_ENTRY",
                    "The queue refused a job: group, deduplication id or body is not allowed.",
                )));
                continue;
            }
            // A repeated send is answered as the first one, and adds nothing.
            if !state.seen.contains_key(&job.deduplication_id) {
                state.seen.insert(job.deduplication_id.clone(), now);
                state.count += 1;
                state.messages.push(Message {
                    id: state.count,
                    sent_at: now,
                    received_at: None,
                    chain: self.lambda.chain(),
                    group: job.group.clone(),
                    body: job.body.clone(),
                    invisible_until: None,
                    receives: 0,
                    receipt: None,
                });
            }
            answers.push(Ok(()));
        }
        Ok(answers)
    }

    async fn hand_back_job(&self, receipt: &str, delay: Duration) -> Result<(), Fault> {
        let now = self.clock.now();
        let messages = &mut self.state.borrow_mut().messages;
        let ours = messages.iter_mut().find(|message| {
            message.receipt.as_deref() == Some(receipt)
                && message.invisible_until.is_some_and(|until| until > now)
        });
        match ours {
            Some(message) => {
                let until = later(now, delay.min(LONGEST_INVISIBLE));
                if until > later(message.received_at.unwrap_or(now), LONGEST_INVISIBLE) {
                    return Err(too_long());
                }
                message.invisible_until = Some(until);
                Ok(())
            }
            None => Err(Fault::new(
                Class::Transient,
                "E_QUEUE_RECEIPT",
                "The job is no longer ours: its visibility ran out, or it is deleted.",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue() -> (VirtualClock, MemoryJobs) {
        let clock = VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 1);
        let queue = MemoryJobs::new(&clock, Duration::from_secs(60));
        (clock, queue)
    }

    fn send(clock: &VirtualClock, queue: &MemoryJobs, group: &str, bodies: &[&str]) {
        let jobs: Vec<_> = bodies
            .iter()
            .map(|body| OutgoingJob {
                group: group.to_owned(),
                deduplication_id: format!("{group}-{body}"),
                body: (*body).to_owned(),
            })
            .collect();
        let answers = clock.block_on(queue.send_jobs(&jobs)).unwrap();
        assert!(answers.iter().all(Result::is_ok));
    }

    fn bodies(received: &[ReceivedMessage]) -> Vec<&str> {
        received
            .iter()
            .map(|message| message.body.as_str())
            .collect()
    }

    #[test]
    fn a_group_waits_for_what_is_in_flight_and_others_go_on() {
        let (clock, queue) = queue();
        send(&clock, &queue, "a", &["a1", "a2", "a3"]);
        send(&clock, &queue, "b", &["b1"]);
        let first = queue.receive(2);
        assert_eq!(bodies(&first), ["a1", "a2"]);
        assert_eq!(bodies(&queue.receive(9)), ["b1"], "a3 waits for a1 and a2");
        let wait = queue.hand_back_job(&first[0].receipt, Duration::from_secs(300));
        clock.block_on(wait).unwrap();
        clock.advance(Duration::from_secs(60));
        assert_eq!(bodies(&queue.receive(9)), ["b1"], "a1 is still put off");
        clock.advance(Duration::from_secs(240));
        let again = queue.receive(9);
        assert_eq!(bodies(&again), ["a1", "a2", "a3", "b1"]);
        assert_eq!(again[0].receive_count, 2);
        assert!(!queue.delete(&first[0].receipt), "an old receipt");
        assert!(queue.delete(&again[0].receipt));
    }

    #[test]
    fn a_send_repeated_within_five_minutes_counts_once() {
        let (clock, queue) = queue();
        send(&clock, &queue, "a", &["a1"]);
        send(&clock, &queue, "a", &["a1"]);
        assert_eq!(queue.len(), 1);
        clock.advance(Duration::from_secs(301));
        send(&clock, &queue, "a", &["a1"]);
        assert_eq!(queue.len(), 2);
    }

    #[test]
    fn a_dead_letter_is_kept_anew_and_an_old_message_is_not() {
        let (clock, queue) = queue();
        let queue = queue.with_rules(QueueRules {
            most_receives: 1,
            ..SAGE_WRITES.clone()
        });
        let day = Duration::from_secs(24 * 3600);
        send(&clock, &queue, "a", &["a1"]);
        clock.advance(day * 13);
        for _ in 0..2 {
            queue.receive(1);
            clock.advance(Duration::from_secs(60));
        }
        send(&clock, &queue, "b", &["b1"]);
        clock.advance(day * 13);
        assert_eq!(queue.dead(), ["a1"], "its time counts anew");
        assert!(queue.expired().is_empty());
        clock.advance(day);
        assert!(queue.receive(9).is_empty());
        assert_eq!(queue.expired(), ["b1", "a1"]);
    }

    #[test]
    fn nothing_is_received_while_too_many_are_in_flight() {
        let (clock, queue) = queue();
        let queue = queue.with_rules(QueueRules {
            most_in_flight: 1,
            ..SAGE_WRITES.clone()
        });
        send(&clock, &queue, "a", &["a1"]);
        send(&clock, &queue, "b", &["b1"]);
        let first = queue.receive(9);
        assert_eq!(bodies(&first), ["a1"]);
        assert!(queue.receive(9).is_empty());
        assert!(queue.delete(&first[0].receipt));
        assert_eq!(bodies(&queue.receive(9)), ["b1"]);
    }
}
