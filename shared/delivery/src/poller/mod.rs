//! The poller: from Sage's change feed to packs in the queue, one schedule per company and entity.
//!
//! The order of things is what makes it safe: lease, page, manifest, packs, cursor. A crash anywhere leaves the cursor
//! behind what was sent, never ahead of it.

mod admit;
mod hint;
mod lagging;
mod left_out;
mod remap;
mod salespersons;
mod send;
mod target_run;
mod window;

use counterpart_config::CompanyConfig;
use counterpart_domain::{Class, Company, Entity, Fault, TargetName};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::not_done::paused;
use crate::pause::Scope;
use crate::ports::Leased;
use crate::ports::prelude::*;

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
    /// Why nothing was read, or not to the end: it is paused.
    pub paused: Option<Fault>,
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
        if let Some(hold) = self.held(&Scope::polls(company, entity)).await? {
            tracing::info!(company = %company, entity = %entity, "the poll is paused; what changes meanwhile is read afterwards");
            return Ok(PollReport {
                paused: Some(paused(&hold)),
                ..PollReport::default()
            });
        }
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
        let result = self
            .read_targets(rules, &mut cursor, &owner, deadline)
            .await;
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
}
