//! From a target's buffer to packs in its queue, and the cursor behind what is durable there.

use std::time::Duration;

use counterpart_domain::{Class, Company, Entity, Fault, SageKey};

use super::lagging::Track;
use super::left_out::contended;
use super::target_run::TargetRun;
use super::{PollReport, Poller};
use crate::pack::{Head, cut};
use crate::parking;
use crate::ports::prelude::*;
use crate::ports::{OpenWindow, QueueName};
use crate::send::send_all;
use crate::{Entry, PutLink, Reason};

impl<P: Ports> Poller<'_, P> {
    /// Sends what is full (or, at the end, everything), and moves the stored position up to the last page whose records
    /// are all in the queue. A target whose queue does not take them leaves the window.
    pub(super) async fn flush(
        &self,
        track: &mut Track<'_>,
        targets: &mut Vec<TargetRun<'_>>,
        open: &mut OpenWindow,
        all: bool,
        report: &mut PollReport,
    ) -> Result<(), Fault> {
        let (company, entity) = (track.cursor().company.clone(), track.cursor().entity);
        for run in targets.iter_mut().filter(|run| run.failed.is_none()) {
            match self.send_full(run, &company, entity, all, report).await {
                Ok(()) => {
                    if let Some(durable) = run.buffer.durable_until() {
                        run.durable = durable;
                    }
                }
                Err(fault) => run.failed = Some(fault),
            }
        }
        self.leave_behind(track, targets, open, report).await?;
        // The position in memory goes on; only the stored one waits for the queue.
        let reached = targets.iter().map(|run| &run.durable);
        let reached = reached.min_by_key(|(pages, _)| *pages).cloned();
        let (pages, position) = reached.unwrap_or((open.pages, open.after.clone()));
        if !all || position.is_some() {
            track.cursor_mut().open = Some(OpenWindow {
                after: position,
                pages,
                ..open.clone()
            });
            self.save(track).await?;
        }
        Ok(())
    }

    /// Sends the full packs of a target's buffer; with `all`, everything that is in it.
    pub(super) async fn send_full(
        &self,
        run: &mut TargetRun<'_>,
        company: &Company,
        entity: Entity,
        all: bool,
        report: &mut PollReport,
    ) -> Result<(), Fault> {
        let most = run.target.crm.profile().bulk_size;
        let entries = run.buffer.take_full(most, all);
        report.packs += self
            .send_entries(run, company, entity, Reason::Change, entries)
            .await?;
        Ok(())
    }

    pub(super) async fn send_entries(
        &self,
        run: &TargetRun<'_>,
        company: &Company,
        entity: Entity,
        reason: Reason,
        entries: Vec<Entry>,
    ) -> Result<u64, Fault> {
        if entries.is_empty() {
            return Ok(0);
        }
        let head = Head {
            target: run.name,
            company,
            entity,
            reason,
            config_version: self.config_version,
        };
        let (ready, too_large) = cut(
            head,
            entries,
            run.target.crm.profile().bulk_size,
            self.queue.longest_body(),
            Duration::ZERO,
            self.clock,
        )?;
        for entry in too_large {
            let fault = Fault::new(
                Class::Data,
                "E_RECORD_TOO_LARGE",
                format!(
                    "{company}:{} is too large for a queue message. Shorten its texts in Sage 100.",
                    entry.local_key
                ),
            );
            let key = SageKey {
                company: company.clone(),
                entity,
                local: entry.local_key.clone(),
            };
            let now = self.clock.now();
            let link = self.store.link(run.name, &key).await?;
            let mut commit = parking::bare(run.name, run.entity, &key, &entry, link, &fault, now);
            let version = &run.entity.version;
            let outcome = parking::outcome(run.name, &key, &entry, &fault, version, now);
            commit.outcome = Some(outcome);
            let answers = self.store.commit(&[commit], &[]).await?;
            if !matches!(answers.as_slice(), [PutLink::Stored(_)]) {
                return Err(contended(run.name));
            }
        }
        let packs = ready.len() as u64;
        send_all(self.queue, self.clock, &QueueName::writes(run.name), ready).await?;
        Ok(packs)
    }
}
