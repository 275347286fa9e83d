//! Lists of deletions, where a CRM keeps them apart from changes: page by page, in no order, so that a place in them is a page.
//! It is stored once the queue has the page: a list of any length comes to its end, over as many runs as it takes, and changes
//! do not wait for it.

use counterpart_domain::Fault;
use jiff::{SignedDuration, Timestamp};

use super::reading::{SETTLED, before, keep_newest};
use super::{MARGIN, Scene, Sweeper, TargetSweep, failed};
use crate::CrmEvent;
use crate::ports::prelude::*;
use crate::ports::{ChangedId, OpenDeleted, QueueName, Sweep};
use crate::send::{event_message, send_all};

/// The most pages of one module in one run: some 10,000 deletions.
const MOST_PAGES: u32 = 50;
/// How far back before what was read last. The CRM that keeps such a list stamps a deletion when it can be seen; clocks differ.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);

impl<P: Ports> Sweeper<'_, P> {
    /// Reads what was deleted in these modules since they were read last. A module of which nobody wants to know any more may
    /// still have its place stored; it may be gone from the CRM, too.
    pub(super) async fn deletions(
        &self,
        scene: &Scene<'_, P::Crm>,
        modules: &[String],
        deadline: Timestamp,
        report: &mut TargetSweep,
    ) -> Result<(), Fault> {
        if !scene.lists_deletions() {
            return Ok(());
        }
        for sweep in self.store.sweeps(scene.name).await? {
            if !modules.contains(&sweep.module) {
                continue;
            }
            let module = sweep.module.clone();
            if let Err(fault) = self.read_deleted(scene, sweep, deadline, report).await {
                failed(report, &module, fault);
            }
        }
        Ok(())
    }

    /// Reads what was deleted in a module since it was read last.
    async fn read_deleted(
        &self,
        scene: &Scene<'_, P::Crm>,
        mut sweep: Sweep,
        deadline: Timestamp,
        report: &mut TargetSweep,
    ) -> Result<(), Fault> {
        let until = sweep.deleted_until.unwrap_or(sweep.read_until);
        let mut open = sweep.open_deleted.take().unwrap_or_else(|| OpenDeleted {
            since: before(until, OVERLAP),
            begun_at: self.clock.now(),
            page: 0,
        });
        // What was taken out of the list meanwhile moved the rest up: the last page is read once more.
        let first = open.page.max(1);
        for page in first..first.saturating_add(MOST_PAGES) {
            if self.is_late(deadline, MARGIN) {
                break;
            }
            let settled = before(self.clock.now(), SETTLED);
            let deletions = scene.crm.deletions(&sweep.module, open.since, page).await?;
            report.read += deletions.rows.len() as u64;
            report.queued += self
                .queue_deleted(&sweep, open.since, &deletions.rows)
                .await?;
            let from = before(open.begun_at, OVERLAP);
            let again = |row: &&ChangedId| (from..=settled).contains(&row.modified);
            for row in deletions.rows.iter().filter(again) {
                sweep.queued.insert(row.id.clone(), row.modified);
            }
            keep_newest(&mut sweep.queued, from);
            open.page = page;
            let done = !deletions.more;
            if done {
                sweep.deleted_until = Some(open.begun_at);
            } else {
                sweep.open_deleted = Some(open.clone());
            }
            if !self.store.put_sweep(&sweep).await? {
                tracing::info!(target.name = %sweep.target, crm.module = %sweep.module,
                    "another run reads the same deletions");
                return Ok(());
            }
            sweep.rev += 1;
            if done {
                return self.clear(scene, &sweep).await;
            }
            sweep.open_deleted = None;
        }
        tracing::warn!(target.name = %sweep.target, crm.module = %sweep.module, page = open.page,
            "there are more deletions than one run reads; the next one goes on");
        if !report.behind.contains(&sweep.module) {
            report.behind.push(sweep.module);
        }
        Ok(())
    }

    /// Queues those that were not queued before. How many they are.
    async fn queue_deleted(
        &self,
        sweep: &Sweep,
        since: Timestamp,
        rows: &[ChangedId],
    ) -> Result<u64, Fault> {
        let is_new = |row: &&ChangedId| {
            row.modified >= since && sweep.queued.get(&row.id) != Some(&row.modified)
        };
        let events: Vec<CrmEvent> = rows
            .iter()
            .filter(is_new)
            .map(|row| self.event(sweep, row, None))
            .collect();
        let messages = events.iter().map(event_message);
        let messages = messages.collect::<Result<Vec<_>, _>>()?;
        send_all(self.queue, self.clock, &QueueName::CrmEvents, messages).await?;
        Ok(events.len() as u64)
    }
}
