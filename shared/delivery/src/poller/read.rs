//! Windows: begun, gone on with, read to their end.

use std::collections::BTreeMap;

use counterpart_config::CompanyConfig;
use counterpart_domain::{Class, Company, Entity, Fault};
use jiff::Timestamp;

use super::track::Track;
use super::{MARGIN, PollReport, Poller, TargetRun, nobody_left, part, window};
use crate::ports::prelude::*;
use crate::ports::{Cursor, OpenWindow, Page};
use crate::{Kind, Run};

impl<P: Ports> Poller<'_, P> {
    /// Reads one track up to now. `false`: the time was over; the next poll goes on.
    pub(super) async fn read(
        &self,
        rules: &CompanyConfig,
        track: &mut Track<'_>,
        targets: &mut Vec<TargetRun<'_>>,
        deadline: Timestamp,
        report: &mut PollReport,
    ) -> Result<bool, Fault> {
        // A window that an earlier poll left open ends where that poll began: what was edited since is in the next one.
        while track.cursor().open.is_some() {
            if !self.window(rules, track, targets, deadline, report).await? {
                return Ok(false);
            }
        }
        self.window(rules, track, targets, deadline, report).await
    }

    /// Reads one window, a new one or the one that is open. `false`: the time was over; the next poll goes on.
    async fn window(
        &self,
        rules: &CompanyConfig,
        track: &mut Track<'_>,
        targets: &mut Vec<TargetRun<'_>>,
        deadline: Timestamp,
        report: &mut PollReport,
    ) -> Result<bool, Fault> {
        let (company, entity) = (track.cursor().company.clone(), track.cursor().entity);
        nobody_left(targets)?;
        let (mut open, mut first) = self.open(rules, track, targets).await?;
        report.run.get_or_insert_with(|| open.run.clone());
        let run = self.begin(&company, entity, &open).await?;
        for target in targets.iter_mut() {
            target.durable = (open.pages, open.after.clone());
        }
        self.leave_behind(track, targets, &mut open, report).await?;
        loop {
            if self.is_late(deadline, MARGIN) {
                self.flush(track, targets, &mut open, true, report).await?;
                // Whoever comes too late to have the lease says nothing about the run.
                self.save(track).await?;
                let stopped =
                    Some("the function's time was over; the next poll goes on".to_owned());
                self.store.put_run(&Run { stopped, ..run }).await?;
                return Ok(false);
            }
            let page = match first.take() {
                Some(page) => page,
                None => self.next_page(rules, &company, entity, &mut open).await?,
            };
            self.check_order(track.cursor_mut(), &page)?;
            let next = page.next.clone();
            open.pages += 1;
            report.pages += 1;
            let now = self.clock.now();
            let read_before = window::read_before(track.cursor(), rules, &page.server_time, now);
            if !entity.goes_to_crm() && track.is_common() {
                self.keep_salespersons(&page, report).await?;
            }
            for target in targets.iter_mut() {
                let admitted = self
                    .admit(target, &company, &open, &page, read_before, report)
                    .await;
                // Before any of it is sent: whoever goes on with the window finds it listed.
                let listed = match admitted {
                    Ok(manifest) => self.list(target, &open, &manifest).await,
                    Err(fault) => Err(fault),
                };
                match listed {
                    Ok(()) => target.buffer.page_ends(open.pages, next.clone()),
                    Err(fault) => target.failed = Some(fault),
                }
            }
            open.after.clone_from(&next);
            // The next page is listed before this is stored again.
            open.listed = open.listed.max(open.pages + u32::from(next.is_some()));
            self.flush(track, targets, &mut open, next.is_none(), report)
                .await?;
            if next.is_none() {
                break;
            }
        }
        self.unlist(targets, &open).await?;
        // The run first: should this be the end, the next poll reads the last page again, and says it again. A target
        // that was left behind still has its part of the run to end.
        let over = !track.shares(&open.run);
        self.store
            .put_run(&Run {
                finished_at: over.then(|| self.clock.now()),
                stopped: (!over).then(|| "a target is behind; it goes on by itself".to_owned()),
                ..run
            })
            .await?;
        window::close(track.cursor_mut(), &open, rules);
        self.save(track).await?;
        Ok(true)
    }

    /// Takes back what an earlier poll listed and did not come to send, and what was edited since is no longer in this
    /// window: the next one has it.
    async fn unlist(&self, targets: &[TargetRun<'_>], open: &OpenWindow) -> Result<(), Fault> {
        for page in open.pages + 1..=open.listed {
            for run in targets {
                self.store
                    .put_manifest(&open.run, run.name, &part(page), &[])
                    .await?;
            }
        }
        Ok(())
    }

    /// The window that is open, or a new one with its first page.
    async fn open(
        &self,
        rules: &CompanyConfig,
        track: &mut Track<'_>,
        targets: &[TargetRun<'_>],
    ) -> Result<(OpenWindow, Option<Page>), Fault> {
        let mappings: BTreeMap<_, _> = targets
            .iter()
            .map(|run| (run.name.clone(), run.entity.version.clone()))
            .collect();
        let mut left = track.cursor_mut().open.take();
        if let Some(open) = &mut left {
            // Who is no longer there, or goes its own way, has no part in it.
            open.mappings.retain(|name, _| mappings.contains_key(name));
            if open.mappings == mappings {
                let open = open.clone();
                track.cursor_mut().open = Some(open.clone());
                // Whoever stalled and lost the lease stops here, and does not open a run again that others have ended.
                self.save(track).await?;
                return Ok((open, None));
            }
        }
        // A new target, or another mapping than the last window or the one under way had: everything is read again.
        let known = &track.cursor().mappings;
        let everything = left.is_some()
            || mappings
                .iter()
                .any(|(name, version)| known.get(name) != Some(version));
        let (from, wide) = window::lower_bound(track.cursor(), rules, everything, self.clock.now());
        let (page, mut open) = self.first_page(rules, track.cursor(), from, wide).await?;
        if let Some(left) = left {
            // The run goes on with the new mapping: what it had listed and not yet sent is listed again.
            (open.run, open.pages, open.listed) = (left.run, left.pages, left.listed);
        }
        let open = OpenWindow {
            mappings,
            everything,
            ..open
        };
        // Stored before anything is listed under its run: whoever comes after a crash goes on with the run.
        track.cursor_mut().open = Some(open.clone());
        self.save(track).await?;
        Ok((open, Some(page)))
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

    /// Ends a run that nobody goes on with, and says why.
    pub(super) async fn end_early(&self, run: Run, why: &Fault) {
        let ended = Run {
            finished_at: Some(self.clock.now()),
            stopped: Some(format!("{}: {}", why.code, why.message)),
            ..run
        };
        if let Err(fault) = self.store.put_run(&ended).await {
            tracing::warn!(run = ended.id, fault = %fault, "a run stays open");
        }
    }

    /// Ends the run of a window that nobody is left to read.
    pub(super) async fn give_up(
        &self,
        company: &Company,
        entity: Entity,
        open: &OpenWindow,
    ) -> Result<(), Fault> {
        let run = self.begin(company, entity, open).await?;
        let stopped = Some("given up: its target is no longer there".to_owned());
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
