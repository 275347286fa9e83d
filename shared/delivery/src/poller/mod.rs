//! The poller: from Sage's change feed to packs in the queue, one schedule per company and entity.
//!
//! The order of things is what makes it safe: lease, page, manifest, packs, cursor. A crash anywhere leaves the cursor
//! behind what was sent, never ahead of it.

mod admit;
mod aside;
mod buffer;
mod family;
mod hinted;
mod page;
mod read;
mod remap;
mod salespersons;
#[cfg(test)]
mod tests;
mod track;
mod window;

use counterpart_config::{CompanyConfig, EntityConfig, TargetConfig};
use counterpart_domain::{Class, Company, Entity, Fault, TargetName};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::owner::RepTable;
use crate::ports::prelude::*;
use crate::ports::{Cursor, Leased};
use buffer::Buffer;
use track::Track;

/// The longest that one request may take.
const LONGEST_REQUEST: SignedDuration = SignedDuration::from_secs(60);
/// How far two machines' clocks may be apart.
pub(crate) const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Work that would begin later than this before the deadline is left for the next poll.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// The handler. Generic over its ports: the same code runs in Lambda, in the local stack and in the simulation.
pub struct Poller<'a, P: Ports> {
    /// What all handlers share.
    pub context: Context<'a, P>,
    /// The company's Sage 100.
    pub sage: &'a P::Agent,
}

in_context!(Poller);

/// What a poll did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PollReport {
    /// The run in the ledger.
    pub run: Option<String>,
    /// Pages read.
    pub pages: u32,
    /// Records seen, once per target that wants them.
    pub seen: u64,
    /// Of these, sent to the writer.
    pub sent: u64,
    /// Of these, unchanged since they were applied.
    pub unchanged: u64,
    /// Of these, left out by the filters.
    pub excluded: u64,
    /// Of these, unreadable and parked.
    pub parked: u64,
    /// Packs sent, over all targets.
    pub packs: u64,
    /// Records queued again because the rep mapping changed.
    pub remapped: u64,
    /// Keys of a hint that Sage does not have.
    pub missing: Vec<String>,
    /// The window was read to its end.
    pub complete: bool,
    /// Another poller is at work until (at the latest) then: nothing was done.
    pub busy_until: Option<Timestamp>,
    /// Targets that could not be served. The others went on without them; they catch up by themselves.
    pub failed: Vec<TargetFault>,
}

/// Why a target could not be served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetFault {
    /// The target.
    pub target: TargetName,
    /// What is wrong.
    pub fault: Fault,
}

/// One target's part in a poll.
pub(crate) struct TargetRun<'a> {
    name: &'a TargetName,
    target: &'a TargetConfig,
    kind: Entity,
    entity: &'a EntityConfig,
    reps: RepTable,
    buffer: Buffer,
    /// The last page that is in the queue as a whole, with the position after it.
    durable: (u32, Option<String>),
    /// Why this target can no longer be served by this poll.
    failed: Option<Fault>,
}

impl<P: Ports> Poller<'_, P> {
    /// Reads what changed since the last poll and queues it. `deadline` is when the function will be stopped.
    ///
    /// # Errors
    /// When Sage, the store or the queue failed. Whatever was not queued durably is read again by the next poll.
    pub async fn poll(
        &self,
        company: &Company,
        entity: Entity,
        deadline: Timestamp,
    ) -> Result<PollReport, Fault> {
        let rules = self.company(company)?;
        let owner = self.clock.new_id();
        let until = deadline
            .saturating_add(LONGEST_REQUEST + CLOCK_SKEW)
            .unwrap_or(Timestamp::MAX);
        let mut cursor = match self
            .store
            .lease_cursor(company, entity, &owner, self.clock.now(), until)
            .await?
        {
            Leased::Ours(cursor) => *cursor,
            Leased::Busy(until) => {
                return Ok(PollReport {
                    busy_until: Some(until),
                    ..PollReport::default()
                });
            }
        };
        let result = self.poll_leased(rules, &mut cursor, &owner, deadline).await;
        if let Err(fault) = self.store.release_cursor(company, entity, &owner).await {
            // The lease runs out by itself; the poll's own result counts.
            tracing::warn!(company = %company, entity = %entity, fault = %fault, "the cursor's lease was not given back");
        }
        result
    }

    pub(crate) fn company(&self, company: &Company) -> Result<&CompanyConfig, Fault> {
        self.config.companies.get(company).ok_or_else(|| {
            Fault::new(
                Class::Configuration,
                "E_COMPANY_UNKNOWN",
                format!("Company {company} is not in sync.toml."),
            )
        })
    }

    /// The targets that want an entity of a company. One whose rep mapping cannot be read is marked, and holds up nobody.
    pub(crate) async fn targets<'b>(
        &'b self,
        company: &'b Company,
        entity: Entity,
    ) -> Vec<TargetRun<'b>> {
        let mut runs = Vec::new();
        for (name, target, config) in self.config.targets_of(company, entity) {
            let reps = match &config.owner {
                Some(_) => RepTable::load(self.store, name, company).await,
                None => Ok(RepTable::default()),
            };
            let (reps, failed) = match reps {
                Ok(reps) => (reps, None),
                Err(fault) => (RepTable::default(), Some(fault)),
            };
            runs.push(TargetRun {
                name,
                target,
                kind: entity,
                entity: config,
                reps,
                buffer: Buffer::default(),
                durable: (0, None),
                failed,
            });
        }
        runs
    }

    async fn poll_leased(
        &self,
        rules: &CompanyConfig,
        cursor: &mut Cursor,
        owner: &str,
        deadline: Timestamp,
    ) -> Result<PollReport, Fault> {
        let (company, entity) = (cursor.company.clone(), cursor.entity);
        let mut report = PollReport::default();
        if entity == Entity::CUSTOMER
            && let Err(fault) = self.remap(&company, deadline, &mut report).await
        {
            // What is left is tried again by the next poll; the feed is not held up by it.
            tracing::error!(company = %company, fault = %fault, "a changed rep mapping could not be carried out");
        }
        let targets = self.targets(&company, entity).await;
        let all = targets.len();
        let (mut together, apart) = self.part(cursor, targets).await?;
        let mut others = !together.is_empty();
        let mut complete = true;
        if others || !entity.goes_to_crm() {
            let mut track = Track::common(cursor, owner);
            let read = self.read(rules, &mut track, &mut together, deadline, &mut report);
            match read.await {
                Ok(done) => complete = done,
                Err(fault) => note_failed(&company, entity, &mut together, fault, &mut report)?,
            }
        }
        let mut stopped = None;
        // Last: whoever is behind takes nothing of the others' time.
        for run in apart {
            if self.is_late(deadline, MARGIN) {
                complete = false;
                break;
            }
            let name = run.name;
            let track = Track::own(cursor, name, owner);
            let mut run = vec![run];
            let caught_up = self.catch_up(rules, track, &mut run, others, deadline, &mut report);
            match caught_up.await {
                Ok(done) => complete &= done,
                Err(fault) => {
                    match note_failed(&company, entity, &mut run, fault, &mut report) {
                        // Sage may well have a page for the next one; without the lease nobody goes on.
                        Err(fault) if fault.code != "E_LEASE_LOST" => {
                            stopped.get_or_insert(fault);
                        }
                        noted => noted?,
                    }
                }
            }
            // Where nobody was left, the first to have caught up is whom the next ones join.
            others |= !cursor.apart.contains_key(name);
        }
        if let Some(fault) = stopped {
            return Err(fault);
        }
        report.complete = complete && report.failed.is_empty();
        if all > 0
            && report.failed.len() == all
            && let Some(failed) = report.failed.first()
        {
            return Err(failed.fault.clone());
        }
        Ok(report)
    }
}

/// The name of a page's part of a manifest.
fn part(page: u32) -> String {
    format!("p{page:06}")
}

/// The first target's fault, where no target can be served any more.
fn nobody_left(targets: &[TargetRun<'_>]) -> Result<(), Fault> {
    match targets.first().and_then(|run| run.failed.clone()) {
        Some(fault) if targets.iter().all(|run| run.failed.is_some()) => Err(fault),
        _ => Ok(()),
    }
}

/// Notes what ended a track for its targets. A fault that is not theirs ends the poll.
fn note_failed(
    company: &Company,
    entity: Entity,
    targets: &mut Vec<TargetRun<'_>>,
    fault: Fault,
    report: &mut PollReport,
) -> Result<(), Fault> {
    if targets.is_empty() || targets.iter().any(|run| run.failed.is_none()) {
        return Err(fault);
    }
    for run in targets.drain(..) {
        let fault = run.failed.unwrap_or_else(|| fault.clone());
        track::say(company, entity, run.name, &fault);
        report.failed.push(TargetFault {
            target: run.name.clone(),
            fault,
        });
    }
    Ok(())
}
