//! The CRM writer: from packs to bulk calls, links and outcomes.
//!
//! A message is acknowledged only when every record in it has a durable verdict. One bad body, record or panic never takes
//! its neighbours along; an outage parks nothing; a crash anywhere leaves work that can be done again.

mod aside;
mod call;
mod commit;
mod context;
mod ending;
pub(crate) mod gone;
mod kills;
pub(crate) mod look;
mod mark;
mod message;
pub(crate) mod park;
mod plan;
mod refused;
mod repair;
mod settle;
mod showing;
mod shown;
mod stock;
mod tell;
mod verdict;
mod waiting;
mod work;
pub(crate) mod write_back;

use std::collections::BTreeMap;

use counterpart_config::{EntityConfig, Mapped};
use counterpart_domain::{Fault, Record, SageKey, TargetName};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::TargetFault;
use crate::backoff::Sent;
use crate::circuit::Breaker;
use crate::kills::Kills;
use crate::ports::prelude::*;

/// A message is begun only with this much time left: two CRM calls and a token refresh between them, each at its
/// slowest, and what has to be stored afterwards. A worker that is killed while it waits for a slow CRM would count as
/// killed by a record.
const MARGIN: SignedDuration = SignedDuration::from_secs(100);

/// One received message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The queue's id of it.
    pub message_id: String,
    /// The receipt of this receive.
    pub receipt: String,
    /// How often it has been received, this time included.
    pub receive_count: u32,
    /// The target whose queue it came from.
    pub target: TargetName,
    /// When it was sent.
    pub sent: Sent,
    /// The body.
    pub body: String,
}

impl Received {
    /// Whether its work was taken before, without a verdict.
    pub(crate) fn is_again(&self) -> bool {
        self.receive_count > 1 || self.sent.first < self.sent.at
    }
}

/// How a record becomes CRM fields. A port, so that a test can have it fail in every way that code can.
pub trait Mapper {
    /// Maps a record.
    ///
    /// # Errors
    /// Class data, when this record cannot be mapped.
    fn map(&self, entity: &EntityConfig, key: &SageKey, record: &Record) -> Result<Mapped, Fault>;
}

/// The mapping of `sync.toml`.
#[derive(Debug, Clone, Copy, Default)]
pub struct ConfiguredMapper;

impl Mapper for ConfiguredMapper {
    fn map(&self, entity: &EntityConfig, key: &SageKey, record: &Record) -> Result<Mapped, Fault> {
        entity.map(key, record)
    }
}

/// The handler.
pub struct CrmWriter<'a, P: Ports, M = ConfiguredMapper> {
    /// What all handlers share.
    pub context: Context<'a, P>,
    /// The CRM client of each target.
    pub crms: &'a BTreeMap<TargetName, P::Crm>,
    /// How a record becomes CRM fields.
    pub mapper: M,
}

in_context!(CrmWriter, M);

/// What a batch came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct BatchReport {
    /// Messages that are not done: they stay in the queue.
    pub failed: Vec<String>,
    /// Packs taken.
    pub packs: u64,
    /// Records in them.
    pub records: u64,
    /// Write-backs taken.
    pub write_backs: u64,
    /// Records parked.
    pub parked: u64,
    /// Bulk writes to the CRM.
    pub calls: u64,
    /// Rows in them.
    pub rows: u64,
    /// Calls that failed as a whole.
    pub faults: Vec<TargetFault>,
}

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Takes a batch of messages. `deadline` is when the function will be stopped: what cannot be begun before is handed
    /// back at once. Never fails as a whole: each message has its own fate.
    pub async fn handle(&self, batch: &[Received], deadline: Timestamp) -> BatchReport {
        let mut report = BatchReport::default();
        for message in batch {
            let done = self.take(message, deadline, &mut report).await;
            if !done {
                report.failed.push(message.message_id.clone());
            }
        }
        report
    }

    fn breaker(&self) -> Breaker<'_, P::Store, P::Clock> {
        Breaker {
            store: self.store,
            clock: self.clock,
        }
    }

    fn kills(&self) -> Kills<'_, P::Store, P::Clock> {
        Kills {
            store: self.store,
            clock: self.clock,
        }
    }

    /// Whether it is too late to begin a pack.
    fn is_late(&self, deadline: Timestamp) -> bool {
        self.clock
            .now()
            .saturating_add(MARGIN)
            .map_or(true, |soonest| soonest >= deadline)
    }
}
