//! Reading pages, and keeping the cursor behind what is durable.

use counterpart_config::CompanyConfig;
use counterpart_domain::{Company, Entity, Fault, Stamp};

use super::track::Track;
use super::{PollReport, Poller, TargetRun, window};
use crate::ports::prelude::*;
use crate::ports::{Cursor, OpenWindow, Page, Window};

impl<P: Ports> Poller<'_, P> {
    /// Opens a window with its first page. Only then is the ERP's clock known, and with it whether the lower bound was
    /// low enough.
    pub(super) async fn first_page(
        &self,
        rules: &CompanyConfig,
        cursor: &Cursor,
        from: Stamp,
        wide: bool,
    ) -> Result<(Page, OpenWindow), Fault> {
        let opened_at = self.clock.now();
        let ask = |from| Window {
            from,
            to: None,
            after: None,
            limit: rules.page_size,
        };
        let (company, entity) = (&cursor.company, cursor.entity);
        let mut page = self.sage.changes(company, entity, &ask(from)).await?;
        let opened = page.server_time;
        let mut lower = from;
        if let Some(lowest) =
            window::widened(cursor, rules, &opened, opened_at).filter(|lowest| *lowest < from)
        {
            tracing::info!(company = %company, entity = %entity, cursor.from = %lowest, "the ERP's clock was changed; the window is widened");
            lower = lowest;
            page = self.sage.changes(company, entity, &ask(lower)).await?;
        }
        let open = OpenWindow {
            from: lower,
            to: window::upper_bound(cursor, &opened, opened_at),
            after: None,
            opened,
            opened_at,
            wide: wide || lower < from,
            everything: false,
            mappings: Default::default(),
            run: self.clock.new_id(),
            pages: 0,
            listed: 1,
        };
        Ok((page, open))
    }

    /// The next page of an open window. A position that the agent no longer knows starts the window anew.
    pub(super) async fn next_page(
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
}
