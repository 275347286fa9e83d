//! Windows of Sage's change feed: begun, gone on with, read to their end.

mod opening;
#[cfg(test)]
mod tests;

use counterpart_config::CompanyConfig;
use counterpart_domain::{Class, Company, Entity, Fault};
use jiff::Timestamp;

pub(super) use self::opening::ReadBefore;
use super::lagging::Track;
use super::target_run::{TargetRun, nobody_left};
use super::{MARGIN, PollReport, Poller};
use crate::not_done::paused;
use crate::pause::Scope;
use crate::ports::prelude::*;
use crate::ports::{Cursor, OpenWindow, Page, Window};
use crate::{Kind, ManifestEntry, Run};

impl<P: Ports> Poller<'_, P> {
    /// Reads one track up to now. `false`: the time was over; the next poll goes on.
    pub(super) async fn read_up_to_now(
        &self,
        rules: &CompanyConfig,
        track: &mut Track<'_>,
        targets: &mut Vec<TargetRun<'_>>,
        deadline: Timestamp,
        report: &mut PollReport,
    ) -> Result<bool, Fault> {
        // A window that an earlier poll left open ends where that poll began: what was edited since is in the next one.
        while track.cursor().open.is_some() {
            if !self
                .read_window(rules, track, targets, deadline, report)
                .await?
            {
                return Ok(false);
            }
        }
        self.read_window(rules, track, targets, deadline, report)
            .await
    }

    /// Reads one window, a new one or the one that is open. `false`: the time was over; the next poll goes on.
    async fn read_window(
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
            if let Some(why) = self.stops(&company, entity, deadline, report).await? {
                self.flush(track, targets, &mut open, true, report).await?;
                // Whoever comes too late to have the lease says nothing about the run.
                self.save(track).await?;
                let stopped = Some(format!("{why}; the next poll goes on"));
                self.store.put_run(&Run { stopped, ..run }).await?;
                return Ok(false);
            }
            let page = match first.take() {
                Some(page) => page,
                None => self.next_page(rules, &company, entity, &mut open).await?,
            };
            self.take_page(rules, track, targets, &mut open, &page, report)
                .await?;
            if page.next.is_none() {
                break;
            }
        }
        self.close(rules, track, targets, &open, run).await?;
        Ok(true)
    }

    /// Why no further page is read now, if none is.
    async fn stops(
        &self,
        company: &Company,
        entity: Entity,
        deadline: Timestamp,
        report: &mut PollReport,
    ) -> Result<Option<&'static str>, Fault> {
        if self.is_late(deadline, MARGIN) {
            return Ok(Some("the function's time was over"));
        }
        let hold = self.held(&Scope::polls(company, entity)).await?;
        report.paused = hold.as_ref().map(paused);
        Ok(hold.map(|_| "it is paused"))
    }

    /// Takes in one page for all targets, and sends what makes full packs.
    async fn take_page(
        &self,
        rules: &CompanyConfig,
        track: &mut Track<'_>,
        targets: &mut Vec<TargetRun<'_>>,
        open: &mut OpenWindow,
        page: &Page,
        report: &mut PollReport,
    ) -> Result<(), Fault> {
        self.check_order(track.cursor_mut(), page)?;
        open.pages += 1;
        report.pages += 1;
        let now = self.clock.now();
        let cursor = track.cursor();
        let read_before = opening::read_before(cursor, rules, &page.server_time, now);
        if !cursor.entity.goes_to_crm() && track.is_of_all() {
            self.keep_salespersons(page, report).await?;
        }
        let company = &track.cursor().company;
        for target in targets.iter_mut() {
            let admitted = self
                .admit(target, company, open, page, read_before, report)
                .await;
            // Before any of it is sent: whoever goes on with the window finds it listed.
            let listed = match admitted {
                Ok(manifest) => self.list(target, open, &manifest).await,
                Err(fault) => Err(fault),
            };
            match listed {
                Ok(()) => target.buffer.page_ends(open.pages, page.next.clone()),
                Err(fault) => target.failed = Some(fault),
            }
        }
        open.after.clone_from(&page.next);
        // The next page is listed before this is stored again.
        let is_last = page.next.is_none();
        open.listed = open.listed.max(open.pages + u32::from(!is_last));
        self.flush(track, targets, open, is_last, report).await
    }

    /// Closes a window that was read to its end: the run, then the cursor.
    async fn close(
        &self,
        rules: &CompanyConfig,
        track: &mut Track<'_>,
        targets: &[TargetRun<'_>],
        open: &OpenWindow,
        run: Run,
    ) -> Result<(), Fault> {
        self.take_back_listed(targets, open).await?;
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
        opening::close(track.cursor_mut(), open, rules);
        self.save(track).await
    }

    /// Lists what a run saw of a page for one target.
    pub(in crate::poller) async fn list(
        &self,
        run: &TargetRun<'_>,
        open: &OpenWindow,
        manifest: &[ManifestEntry],
    ) -> Result<(), Fault> {
        let part = manifest_part(open.pages);
        self.store
            .put_manifest(&open.run, run.name, &part, manifest)
            .await
    }

    /// Takes back what an earlier poll listed and did not come to send, and what was edited since is no longer in this
    /// window: the next one has it.
    async fn take_back_listed(
        &self,
        targets: &[TargetRun<'_>],
        open: &OpenWindow,
    ) -> Result<(), Fault> {
        for page in open.pages + 1..=open.listed {
            for run in targets {
                self.store
                    .put_manifest(&open.run, run.name, &manifest_part(page), &[])
                    .await?;
            }
        }
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

    /// The next page of an open window. A position that the agent no longer knows starts the window anew.
    async fn next_page(
        &self,
        rules: &CompanyConfig,
        company: &Company,
        entity: Entity,
        open: &mut OpenWindow,
    ) -> Result<Page, Fault> {
        let ask = |after| Window {
            from: open.from,
            to: Some(open.to),
            after,
            limit: rules.page_size,
        };
        match self
            .sage
            .changes(company, entity, &ask(open.after.clone()))
            .await
        {
            Err(fault) if fault.code == "E_SAGE_POSITION_EXPIRED" && open.after.is_some() => {
                let page = self.sage.changes(company, entity, &ask(None)).await?;
                open.after = None;
                Ok(page)
            }
            other => other,
        }
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
}

/// The name of a page's part of a manifest.
fn manifest_part(page: u32) -> String {
    format!("p{page:06}")
}
