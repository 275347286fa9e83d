//! The Sage writer: from jobs to orders, customers and contacts in an ERP that knows no idempotency.
//!
//! One sale is one order, whatever crashes, times out, repeats or is sent again: an intent under a lease, a number that is
//! reserved and stored before anything is sent under it, and a look (history included) before anything is sent twice.
//! Work is acknowledged only when what became of it is durable. An outage parks nothing.

mod adopt;
mod agree;
mod amend;
mod arrived;
mod base;
mod call;
mod cancel;
mod change_record;
mod check;
mod context;
mod create_once;
mod create_record;
mod earlier_write;
mod fan_out;
mod find;
mod finish;
mod follow;
mod later;
mod leases;
mod lines;
mod link_customer;
mod message;
mod new_record;
mod people;
mod place_order;
mod renew;
mod stop;
mod texts;

use std::collections::BTreeMap;

use counterpart_domain::{Company, Fault};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::Message;
use crate::ports::prelude::*;

/// The longest that one request to Sage may take. It is counted into leases, and nothing is sent with less time left.
const LONGEST_REQUEST: SignedDuration = SignedDuration::from_secs(60);
/// A job is begun only with this much time left: a request at its slowest, and what is asked and stored around it.
const MARGIN: SignedDuration = SignedDuration::from_secs(100);
/// How far clocks may be apart. A lease outlasts the worker, its last request and this.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// The pause before a job is looked at again when nothing better is known.
const PAUSE: SignedDuration = SignedDuration::from_secs(15);

/// The handler.
pub struct SageWriter<'a, P: Ports> {
    /// What all handlers share.
    pub context: Context<'a, P>,
    /// The agent of each company that is written, or why it cannot be called for now: a secret that cannot be read.
    pub agents: &'a BTreeMap<Company, Result<P::Agent, Fault>>,
    /// The way to write of each company that is written.
    pub writes: &'a BTreeMap<Company, P::Write>,
}

in_context!(SageWriter);

/// What a batch of jobs came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct JobsReport {
    /// Jobs that are not done: they stay in the queue.
    pub failed: Vec<String>,
    /// Of these, those that wait for a pause to be over.
    pub paused: u64,
    /// Jobs taken.
    pub jobs: u64,
    /// Orders, customers and contacts created.
    pub created: u64,
    /// Orders and records changed, and orders cancelled.
    pub changed: u64,
    /// Parked.
    pub parked: u64,
    /// Creations that wait because as many as may be were done within the hour.
    pub held: u64,
}

impl<P: Ports> SageWriter<'_, P> {
    /// Takes a batch of jobs, in order. `deadline` is when the function will be stopped. What follows a failed job in its
    /// group stays in the queue with it, so that the group keeps its order; other groups go on.
    pub async fn handle(&self, batch: &[Message], deadline: Timestamp) -> JobsReport {
        let mut report = JobsReport::default();
        report.failed = self.run(self, batch, deadline, &mut report).await;
        report
    }
}
