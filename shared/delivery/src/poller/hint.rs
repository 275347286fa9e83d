//! Named keys, polled at once.

use counterpart_domain::{Company, Fault, SageKey};
use jiff::Timestamp;

use super::target_run::{TargetRun, report_failed};
use super::window::ReadBefore;
use super::{MARGIN, PollReport, Poller, TargetFault};
use crate::hint::Hint;
use crate::not_done::paused;
use crate::pause::Scope;
use crate::ports::prelude::*;
use crate::ports::{OpenWindow, Page, RecordsAnswer};
use crate::{Kind, Run};

impl<P: Ports> Poller<'_, P> {
    /// Reads the keys of a hint and queues them. It takes no lease and moves no cursor: the schedule's poll reads the
    /// same records again, and finds them unchanged.
    ///
    /// # Errors
    /// When Sage or the store failed, or no target could be served: nothing is then promised, and the sender may try again.
    /// A target that could not be served while another was is named in the report; the schedule's poll brings it up to date.
    pub async fn hint(&self, company: &Company, hint: &Hint) -> Result<PollReport, Fault> {
        self.company(company)?;
        let mut report = PollReport::default();
        let Some(entity) = hint.keys.first().map(|key| key.entity) else {
            return Ok(report);
        };
        if let Some(hold) = self.held(&Scope::polls(company, entity)).await? {
            return Err(paused(&hold));
        }
        let mut targets = self.targets(company, entity).await;
        let opened_at = self.clock.now();
        let answer = self.sage.records(&hint.keys).await?;
        report.missing = answer.missing.iter().map(SageKey::text).collect();
        let (page, open) = as_window(answer, opened_at, self.clock.new_id());
        let run = Run {
            id: open.run.clone(),
            company: company.clone(),
            entity,
            kind: Kind::Hint,
            started_at: opened_at,
            finished_at: None,
            stopped: None,
        };
        self.store.put_run(&run).await?;
        report.run = Some(open.run.clone());
        for target in &mut targets {
            let served = self.serve(target, company, &open, &page, &mut report).await;
            if let Err(fault) = served {
                report_failed(company, entity, target.name, &fault);
                report.failed.push(TargetFault {
                    target: target.name.clone(),
                    fault,
                });
            }
        }
        if let Some(failed) = report.failed.first()
            && report.failed.len() == targets.len()
        {
            self.end_early(run, &failed.fault).await;
            return Err(failed.fault.clone());
        }
        if !entity.goes_to_crm() {
            self.keep_salespersons(&page, &mut report).await?;
        }
        self.store
            .put_run(&Run {
                finished_at: Some(self.clock.now()),
                ..run
            })
            .await?;
        report.complete = report.failed.is_empty();
        Ok(report)
    }

    async fn serve(
        &self,
        run: &mut TargetRun<'_>,
        company: &Company,
        open: &OpenWindow,
        page: &Page,
        report: &mut PollReport,
    ) -> Result<(), Fault> {
        if let Some(fault) = run.failed.take() {
            return Err(fault);
        }
        // Nothing is taken for unchanged: the sender knows better, and an older state may still be on its way.
        let manifest = self
            .admit(run, company, open, page, ReadBefore::default(), report)
            .await?;
        self.send_full(run, company, run.kind, true, report).await?;
        // Listed once it is sent: nobody goes on with this run should it end in between, and what was not sent is read by the
        // schedule's poll.
        self.list(run, open, &manifest).await
    }

    /// How far from its deadline a hint should still be to be begun.
    #[must_use]
    pub fn has_time(&self, deadline: Timestamp) -> bool {
        !self.is_late(deadline, MARGIN)
    }
}

/// The answer as a page of a window of its own.
fn as_window(answer: RecordsAnswer, opened_at: Timestamp, run: String) -> (Page, OpenWindow) {
    let page = Page {
        as_of: answer.as_of,
        server_time: answer.server_time,
        records: answer.records,
        unreadable: Vec::new(),
        next: None,
    };
    let open = OpenWindow {
        from: answer.server_time.wall,
        to: answer.server_time.wall,
        after: None,
        opened: answer.server_time,
        opened_at,
        wide: false,
        everything: false,
        mappings: Default::default(),
        run,
        pages: 1,
        listed: 1,
    };
    (page, open)
}
