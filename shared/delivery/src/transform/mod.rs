//! The transform: from a change in the CRM to a job for Sage.
//!
//! An event says that a record changed; what it says now is read here. A sale that is won becomes a canonical order, an edit
//! of a customer or contact a change, a new account a customer. Sage is never called: with Sage out of reach everything lies
//! in order in `sage-writes.fifo`. What cannot become a job is set aside with a sentence that a sales person can act on, and
//! that sentence is shown on the CRM's record.

mod ask;
mod buyer;
mod cancel;
mod create;
mod day;
mod former;
mod hidden;
mod intent;
mod key;
mod merged;
mod message;
mod named;
mod order;
mod orphan;
mod read;
mod record;
mod refuse;
mod second;
mod since;
mod since_words;
mod whose;
mod work;

use std::collections::BTreeMap;

use counterpart_domain::TargetName;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::ports::prelude::*;
use crate::{Message, TargetFault};

/// Within this, every function has read a configuration that was pushed: it is kept for a minute.
pub(crate) const CONFIG_SPREADS: SignedDuration = SignedDuration::from_mins(5);

/// An event is begun only with this much time left: a few calls to the CRM at their slowest.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// The handler.
pub struct OrderTransform<'a, P: Ports> {
    /// What all handlers share.
    pub context: Context<'a, P>,
    /// The CRM client of each target.
    pub crms: &'a BTreeMap<TargetName, P::Crm>,
}

in_context!(OrderTransform);

/// What a batch came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct TransformReport {
    /// Messages that are not done: they stay in the queue.
    pub failed: Vec<String>,
    /// Of these, those that wait for a pause to be over.
    pub paused: u64,
    /// Events taken.
    pub events: u64,
    /// Events of which nothing had to be done.
    pub quiet: u64,
    /// Jobs sent to Sage.
    pub jobs: u64,
    /// Records sent to the CRM writer to be compared again.
    pub compared: u64,
    /// Events set aside.
    pub parked: u64,
    /// Calls that failed as a whole.
    pub faults: Vec<TargetFault>,
}

impl<P: Ports> OrderTransform<'_, P> {
    /// Takes a batch of events. `deadline` is when the function will be stopped: what cannot be begun before is handed back
    /// at once. Never fails as a whole: each message has its own fate.
    pub async fn handle(&self, batch: &[Message], deadline: Timestamp) -> TransformReport {
        let mut report = TransformReport::default();
        report.failed = self.run(self, batch, deadline, &mut report).await;
        report
    }
}
