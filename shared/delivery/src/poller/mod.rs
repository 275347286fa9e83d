//! The poller: from Sage's change feed to packs in the queue, one schedule per company and entity.
//!
//! The order of things is what makes it safe: lease, page, manifest, packs, cursor. A crash anywhere leaves the cursor
//! behind what was sent, never ahead of it.

mod admit;
mod buffer;
mod hinted;
mod page;
mod remap;
mod salespersons;
#[cfg(test)]
mod tests;
mod window;

use counterpart_config::{CompanyConfig, EntityConfig, SyncConfig, TargetConfig};
use counterpart_domain::{Class, Company, Entity, Fault, TargetName};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::owner::RepTable;
use crate::ports::{Clock, Cursor, Ids, Leased, OpenWindow, Page, Queue, Sage, Store};
use crate::{Kind, Run};
use buffer::Buffer;

/// The longest that one request may take.
const LONGEST_REQUEST: SignedDuration = SignedDuration::from_secs(60);
/// How far two machines' clocks may be apart.
pub(crate) const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Work that would begin later than this before the deadline is left for the next poll.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// The handler. Generic over its ports: the same code runs in Lambda, in the local stack and in the simulation.
#[derive(Debug)]
pub struct Poller<'a, G, S, Q, C> {
    /// The company's Sage 100.
    pub sage: &'a G,
    /// Durable state.
    pub store: &'a S,
    /// Where packs go.
    pub queue: &'a Q,
    /// Time, chance and ids.
    pub clock: &'a C,
    /// The configuration in force.
    pub config: &'a SyncConfig,
    /// Its version: packs carry it.
    pub config_version: u64,
}

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
}

/// One target's part in a poll.
pub(crate) struct TargetRun<'a> {
    name: &'a TargetName,
    target: &'a TargetConfig,
    kind: Entity,
    entity: &'a EntityConfig,
    reps: RepTable,
    buffer: Buffer,
}

impl<G: Sage, S: Store, Q: Queue, C: Clock + Ids> Poller<'_, G, S, Q, C> {
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

    pub(crate) async fn targets<'b>(
        &'b self,
        company: &'b Company,
        entity: Entity,
    ) -> Result<Vec<TargetRun<'b>>, Fault> {
        let mut runs = Vec::new();
        for (name, target, config) in self.config.targets_of(company, entity) {
            let reps = match &config.owner {
                Some(_) => RepTable::load(self.store, name, company).await?,
                None => RepTable::default(),
            };
            runs.push(TargetRun {
                name,
                target,
                kind: entity,
                entity: config,
                reps,
                buffer: Buffer::default(),
            });
        }
        Ok(runs)
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
        if entity == Entity::Customer
            && let Err(fault) = self.remap(&company, deadline, &mut report).await
        {
            // What is left is tried again by the next poll; the feed is not held up by it.
            tracing::error!(company = %company, fault = %fault, "a changed rep mapping could not be carried out");
        }
        let mut targets = self.targets(&company, entity).await?;
        if targets.is_empty() && entity.goes_to_crm() {
            report.complete = true;
            return Ok(report);
        }
        // A window that an earlier poll left open ends where that poll began: what was edited since is in the next one.
        while cursor.open.is_some() {
            if !self
                .window(rules, cursor, &mut targets, owner, deadline, &mut report)
                .await?
            {
                return Ok(report);
            }
        }
        report.complete = self
            .window(rules, cursor, &mut targets, owner, deadline, &mut report)
            .await?;
        Ok(report)
    }

    /// Reads one window, a new one or the one that is open. `false`: the time was over; the next poll goes on.
    async fn window(
        &self,
        rules: &CompanyConfig,
        cursor: &mut Cursor,
        targets: &mut [TargetRun<'_>],
        owner: &str,
        deadline: Timestamp,
        report: &mut PollReport,
    ) -> Result<bool, Fault> {
        let (company, entity) = (cursor.company.clone(), cursor.entity);
        let mappings = targets
            .iter()
            .map(|run| (run.name.clone(), run.entity.version.clone()))
            .collect();
        // A new target, or another mapping: everything is read again, and what it does not concern is left alone.
        let everything = cursor.mappings != mappings && !targets.is_empty();
        let read_before = window::read_before(cursor, rules);
        let mut first = None;
        let mut open = match cursor.open.take() {
            Some(open) if open.mappings == mappings => open,
            dropped => {
                if let Some(open) = dropped {
                    self.give_up(&company, entity, &open).await?;
                }
                let (from, wide) = window::lower_bound(cursor, rules, everything, self.clock.now());
                let (page, open) = self.first_page(rules, cursor, from, wide).await?;
                first = Some(page);
                let open = OpenWindow {
                    mappings,
                    everything,
                    ..open
                };
                // Stored before anything is listed under its run: whoever comes after a crash goes on with the run.
                cursor.open = Some(open.clone());
                self.store.save_cursor(cursor, owner).await?;
                open
            }
        };
        report.run = Some(open.run.clone());
        let run = self.begin(&company, entity, &open).await?;
        loop {
            if self.is_late(deadline) {
                self.flush(targets, cursor, &mut open, owner, true, report)
                    .await?;
                let stopped =
                    Some("the function's time was over; the next poll goes on".to_owned());
                self.store.put_run(&Run { stopped, ..run }).await?;
                return Ok(false);
            }
            let page = match first.take() {
                Some(page) => page,
                None => self.next_page(rules, &company, entity, &mut open).await?,
            };
            self.check_order(cursor, &page)?;
            let next = page.next.clone();
            open.pages += 1;
            report.pages += 1;
            if entity == Entity::Salesperson {
                self.keep_salespersons(&page, report).await?;
            }
            for target in targets.iter_mut() {
                self.admit(target, &company, &open, &page, read_before, report)
                    .await?;
                target.buffer.page_ends(open.pages, next.clone());
            }
            open.after.clone_from(&next);
            self.flush(targets, cursor, &mut open, owner, next.is_none(), report)
                .await?;
            if next.is_none() {
                break;
            }
        }
        window::close(cursor, &open, rules);
        self.store.save_cursor(cursor, owner).await?;
        self.store
            .put_run(&Run {
                finished_at: Some(self.clock.now()),
                ..run
            })
            .await?;
        Ok(true)
    }

    /// Observations are ordered by the agent's counter; one that falls would have every edit taken for an old one.
    fn check_order(&self, cursor: &mut Cursor, page: &Page) -> Result<(), Fault> {
        if page.as_of < cursor.as_of {
            return Err(Fault::new(
                Class::Configuration,
                "E_SAGE_AS_OF_BACKWARDS",
                "The Sage agent's counter of observations went back, as after a restored or new installation. Raise its epoch; until then nothing is read.",
            )
            .with_detail(format_args!("{:?} after {:?}", page.as_of, cursor.as_of)));
        }
        cursor.as_of = page.as_of;
        Ok(())
    }

    /// Whether it is too late to begin anything.
    pub(super) fn is_late(&self, deadline: Timestamp) -> bool {
        self.clock
            .now()
            .saturating_add(MARGIN)
            .map_or(true, |soonest| soonest >= deadline)
    }

    /// Ends the run of a window that another mapping made pointless: a new one reads everything again.
    async fn give_up(
        &self,
        company: &Company,
        entity: Entity,
        open: &OpenWindow,
    ) -> Result<(), Fault> {
        let run = self.begin(company, entity, open).await?;
        let stopped =
            Some("given up: the mapping changed, and everything is read again".to_owned());
        let finished_at = Some(self.clock.now());
        self.store
            .put_run(&Run {
                stopped,
                finished_at,
                ..run
            })
            .await
    }

    async fn begin(
        &self,
        company: &Company,
        entity: Entity,
        open: &OpenWindow,
    ) -> Result<Run, Fault> {
        let run = Run {
            id: open.run.clone(),
            company: company.clone(),
            entity,
            kind: Kind::Poll,
            started_at: open.opened_at,
            finished_at: None,
            stopped: None,
        };
        self.store.put_run(&run).await?;
        Ok(run)
    }
}
