//! What was set aside, with a code and a sentence. It outlives the dead-letter queue.

use counterpart_domain::{Fault, SageKey, TargetName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ports::QueueName;

/// The queue that something was taken from: a redrive sends it there again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// `crm-writes`: a record on its way to the CRM; the payload is its entry, or the raw body.
    #[default]
    CrmWrites,
    /// `crm-events`: a change in the CRM; the payload is the event.
    CrmEvents,
    /// `sage-writes.fifo`: a job for Sage; the payload is the event that it came from, so that a redrive reads the CRM anew.
    SageWrites,
    /// `salesforce-events`: an event of Salesforce as EventBridge handed it over; the payload is the raw body.
    PlatformEvents,
}

impl Route {
    /// By the queue that something was taken from.
    #[must_use]
    pub const fn of_queue(queue: &QueueName) -> Self {
        match queue {
            QueueName::CrmWrites(_) => Self::CrmWrites,
            QueueName::CrmEvents => Self::CrmEvents,
            QueueName::SageWrites => Self::SageWrites,
            QueueName::SalesforceEvents => Self::PlatformEvents,
        }
    }
}

/// Something set aside. There is one item per (target, id); parking the same record again replaces its payload and fault,
/// and keeps `first_at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// The target; `-` where a message did not name one that can be read.
    pub target: String,
    /// The record's storage key, `order#ROOT`, `customer#ID` or `contact#ID` for what was to go to Sage, or `body#DIGEST`
    /// for a message that could not be read.
    pub id: String,
    /// Where it came from.
    #[serde(default)]
    pub route: Route,
    /// The record, where there is one.
    pub key: Option<SageKey>,
    /// Why.
    pub fault: Fault,
    /// What was set aside: the entry as JSON, or the raw body (bounded).
    pub payload: String,
    /// The run it came with, where known.
    pub run: Option<String>,
    /// When it was first parked.
    pub first_at: Timestamp,
    /// When it was last parked.
    pub at: Timestamp,
    /// How often.
    pub times: u32,
}

impl Parked {
    /// Something that is set aside for the first time, at `now`; it names no record and no run.
    #[must_use]
    pub fn new(
        target: &str,
        id: String,
        route: Route,
        fault: Fault,
        payload: String,
        now: Timestamp,
    ) -> Self {
        Self {
            target: target.to_owned(),
            id,
            route,
            key: None,
            fault,
            payload,
            run: None,
            first_at: now,
            at: now,
            times: 1,
        }
    }
}

/// The parked.
pub trait Parking {
    /// Sets something aside. `first_at` and `times` of an item that is there already are carried on.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn park(&self, parked: &Parked) -> Result<(), Fault>;

    /// One of them.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn parked(&self, target: &str, id: &str) -> Result<Option<Parked>, Fault>;

    /// Several of them, one answer per id, in order.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn parked_among(
        &self,
        target: &str,
        ids: &[String],
    ) -> Result<Vec<Option<Parked>>, Fault>;

    /// Those of a target, a page at a time, in order of id.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn parked_of(
        &self,
        target: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Parked>, Fault>;

    /// Takes one away, because its record got through. Taking away what is not there is no fault.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn unpark(&self, target: &TargetName, id: &str) -> Result<(), Fault>;
}
