//! The CRM writer: from packs to bulk calls, links and outcomes.
//!
//! A message is acknowledged only when every record in it has a durable verdict. One bad body, record or panic never takes
//! its neighbours along; an outage parks nothing; a crash anywhere leaves work that can be done again.

mod alike;
mod blame;
mod commit;
mod compare;
mod contended;
mod handler;
mod pipeline;
mod prepare;
mod refused;
mod results;
mod row_commit;
mod row_end;
mod send;
mod skipped;
mod snapshot;
mod waiting;
mod write;
mod write_back;

pub(crate) use contended::repair_entry;
pub(crate) use prepare::is_told_of_leaving;

use std::collections::BTreeMap;

use counterpart_config::{EntityConfig, Mapped};
use counterpart_domain::{Fault, Record, SageKey, TargetName};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::circuit::{Gate, Probe};
use crate::not_done::NotDone;
use crate::pause::Scope;
use crate::ports::Circuit;
use crate::ports::prelude::*;
use crate::{IntentKind, Message, Pack, TargetFault};

/// A message is begun only with this much time left: two CRM calls and a token refresh between them, each at its
/// slowest, and what has to be stored afterwards. A worker that is killed while it waits for a slow CRM would count as
/// killed by a record.
const MARGIN: SignedDuration = SignedDuration::from_secs(100);

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

/// The handler of `crm-writes`.
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
    /// Of these, those that wait for a pause to be over.
    pub paused: u64,
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
    pub async fn handle(&self, batch: &[Message], deadline: Timestamp) -> BatchReport {
        let mut report = BatchReport::default();
        report.failed = self.run(self, batch, deadline, &mut report).await;
        report
    }

    /// Asks whether the CRM may be called at all for this work.
    async fn check_circuit(&self, target: &TargetName, work: &Scope) -> Result<Circuit, NotDone> {
        match self
            .breaker()
            .gate(target, std::slice::from_ref(work))
            .await?
        {
            Gate::Open(circuit) => Ok(circuit),
            Gate::Shut(until) => Err(NotDone::shut(until)),
            Gate::Paused(hold) => Err(NotDone::paused(&hold)),
        }
    }

    /// The same for a pack.
    async fn check_pack(&self, pack: &Pack) -> Result<Circuit, NotDone> {
        let kind = IntentKind::Record(pack.entity);
        let work = Scope::between(&pack.company, &pack.target, kind);
        self.check_circuit(&pack.target, &work).await
    }

    /// Asked for right before the first call of a pack, and only where there is one.
    async fn claim_probe(
        &self,
        target: &TargetName,
        circuit: &Circuit,
    ) -> Result<Circuit, NotDone> {
        match self.breaker().claim(target, circuit.clone()).await? {
            Probe::Ours(circuit) => Ok(circuit),
            Probe::Others(until) => Err(NotDone::shut(until)),
        }
    }

    /// Opens the circuit after a call that failed as a whole. `rows`: of the write that failed, where it was one; `met_by`: the
    /// first of its records.
    async fn open_circuit(
        &self,
        target: &TargetName,
        circuit: &Circuit,
        fault: Fault,
        rows: Option<usize>,
        met_by: &str,
        report: &mut BatchReport,
    ) -> NotDone {
        report.faults.push(TargetFault {
            target: target.clone(),
            fault: fault.clone(),
        });
        let breaker = self.breaker();
        let until = breaker.open(target, circuit, &fault, rows, met_by).await;
        NotDone::trouble(fault, Some(until))
    }
}
