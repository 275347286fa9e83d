//! Pages: of a window that is begun or gone on with, the first and the next.

use std::collections::BTreeMap;

use counterpart_config::CompanyConfig;
use counterpart_domain::{Class, Company, Entity, Fault, Stamp};

use super::bounds;
use crate::poller::Poller;
use crate::poller::lagging::Track;
use crate::poller::target_run::TargetRun;
use crate::ports::prelude::*;
use crate::ports::{Cursor, OpenWindow, Page, Window};

impl<P: Ports> Poller<'_, P> {
    /// The window that is open, or a new one with its first page.
    pub(super) async fn open(
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
        let (from, wide) = bounds::lower_bound(track.cursor(), rules, everything, self.clock.now());
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

    /// Opens a window with its first page. Only then is the ERP's clock known, and with it whether the lower bound was
    /// low enough.
    async fn first_page(
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
            bounds::widened(cursor, rules, &opened, opened_at).filter(|lowest| *lowest < from)
        {
            tracing::info!(company = %company, entity = %entity, cursor.from = %lowest, "the ERP's clock was changed; the window is widened");
            lower = lowest;
            page = self.sage.changes(company, entity, &ask(lower)).await?;
        }
        let open = OpenWindow {
            from: lower,
            to: bounds::upper_bound(cursor, &opened, opened_at),
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

    /// Observations are ordered by the agent's counter; one that falls would have every edit taken for an old one.
    pub(super) fn check_order(&self, cursor: &mut Cursor, page: &Page) -> Result<(), Fault> {
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
