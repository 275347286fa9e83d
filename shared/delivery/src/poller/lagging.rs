//! Targets read together, and targets that are behind the others.
//!
//! One window of Sage's feed serves all targets of a company. A target that cannot be served (its queue refuses, its rows
//! cannot be stored) leaves the window with a cursor of its own, and the others go on without it. So does a target that is
//! new or whose mapping changed: it alone is read for from the beginning. Once it has caught up it is read for together
//! with the others again.

use counterpart_config::CompanyConfig;
use counterpart_domain::{Entity, Fault, TargetName};
use jiff::Timestamp;

use super::target_run::{TargetRun, nobody_left, note_failed, report_failed};
use super::{MARGIN, PollReport, Poller, TargetFault};
use crate::ports::prelude::*;
use crate::ports::{Cursor, OpenWindow};

/// One way through the feed: the common one, or a target's own.
pub(super) struct Track<'a> {
    root: &'a mut Cursor,
    own: Option<(TargetName, Cursor)>,
    /// Who has the lease.
    pub(super) owner: &'a str,
}

impl<'a> Track<'a> {
    pub(super) const fn of_all(root: &'a mut Cursor, owner: &'a str) -> Self {
        Self {
            root,
            own: None,
            owner,
        }
    }

    pub(super) fn of_target(root: &'a mut Cursor, name: &TargetName, owner: &'a str) -> Self {
        let cursor = root.apart.get(name).cloned();
        let cursor = cursor.unwrap_or_else(|| cursor_of(root, name));
        Self {
            root,
            own: Some((name.clone(), cursor)),
            owner,
        }
    }

    pub(super) const fn is_of_all(&self) -> bool {
        self.own.is_none()
    }

    pub(super) fn cursor(&self) -> &Cursor {
        self.own.as_ref().map_or(&*self.root, |(_, cursor)| cursor)
    }

    pub(super) fn cursor_mut(&mut self) -> &mut Cursor {
        match &mut self.own {
            Some((_, cursor)) => cursor,
            None => self.root,
        }
    }

    /// Whether another track still has this run to end.
    pub(super) fn shares(&self, run: &str) -> bool {
        let at = |cursor: &Cursor| cursor.open.as_ref().is_some_and(|open| open.run == run);
        let own = self.own.as_ref().map(|(name, _)| name);
        let others = self.root.apart.iter();
        (own.is_some() && at(self.root))
            || others
                .filter(|(name, _)| Some(*name) != own)
                .any(|(_, cursor)| at(cursor))
    }
}

/// A target's cursor at the moment at which it leaves the others.
fn cursor_of(root: &Cursor, name: &TargetName) -> Cursor {
    let mut mappings = root.mappings.clone();
    mappings.retain(|of, _| of == name);
    Cursor {
        mappings,
        open: None,
        apart: Default::default(),
        ..root.clone()
    }
}

/// Parts the targets into those that are read for together and those that are not.
fn split_targets<'b>(
    cursor: &mut Cursor,
    runs: Vec<TargetRun<'b>>,
) -> (Vec<TargetRun<'b>>, Vec<TargetRun<'b>>) {
    let (mut lagging, rest): (Vec<_>, Vec<_>) = runs
        .into_iter()
        .partition(|run| cursor.apart.contains_key(run.name));
    let known = cursor
        .open
        .as_ref()
        .map_or(&cursor.mappings, |open| &open.mappings);
    let (mut together, changed): (Vec<_>, Vec<_>) = rest
        .into_iter()
        .partition(|run| known.get(run.name) == Some(&run.entity.version));
    if together.is_empty() {
        // Nobody would be disturbed: one reading of everything serves all of them.
        together = changed;
    } else {
        for run in changed {
            let mut own = cursor_of(cursor, run.name);
            if let Some(open) = &mut cursor.open
                && let Some(version) = open.mappings.remove(run.name)
            {
                // Its part of the run under way goes along.
                own.open = Some(OpenWindow {
                    mappings: [(run.name.clone(), version)].into(),
                    ..open.clone()
                });
            }
            cursor.apart.insert(run.name.clone(), own);
            // Should it be taken out before it is back, nothing is left that takes it for read.
            cursor.mappings.remove(run.name);
            lagging.push(run);
        }
    }
    (together, lagging)
}

/// Has a target that has caught up read for together with the others again. Whether it has.
fn rejoin(root: &mut Cursor, name: &TargetName, others: bool) -> bool {
    let up_to = |cursor: &Cursor| (cursor.watermark, cursor.high_water);
    let caught_up = root.apart.get(name).is_some_and(|own| {
        let ((mark, high), (of_all, high_of_all)) = (up_to(own), up_to(root));
        own.open.is_none()
            && (!others || (root.open.is_none() && mark >= of_all && high >= high_of_all))
    });
    let own = if caught_up {
        root.apart.remove(name)
    } else {
        None
    };
    let Some(own) = own else { return false };
    if others {
        root.mappings.extend(own.mappings);
        root.last_wide_at = root.last_wide_at.min(own.last_wide_at);
        root.as_of = root.as_of.max(own.as_of);
    } else {
        let lagging = std::mem::take(&mut root.apart);
        *root = Cursor {
            apart: lagging,
            ..own
        };
    }
    true
}

impl<P: Ports> Poller<'_, P> {
    /// Reads for all targets of an entity, those that are behind after the others.
    pub(super) async fn read_targets(
        &self,
        rules: &CompanyConfig,
        cursor: &mut Cursor,
        owner: &str,
        deadline: Timestamp,
    ) -> Result<PollReport, Fault> {
        let (company, entity) = (cursor.company.clone(), cursor.entity);
        let mut report = PollReport::default();
        if entity == Entity::CUSTOMER {
            self.remap(&company, deadline, &mut report).await;
        }
        let targets = self.targets(&company, entity).await;
        let all = targets.len();
        let (mut together, lagging) = self.split(cursor, targets).await?;
        let mut others = !together.is_empty();
        let mut complete = true;
        if others || !entity.goes_to_crm() {
            let mut track = Track::of_all(cursor, owner);
            let read = self.read_up_to_now(rules, &mut track, &mut together, deadline, &mut report);
            match read.await {
                Ok(done) => complete = done,
                Err(fault) => note_failed(&company, entity, &mut together, fault, &mut report)?,
            }
        }
        let mut stopped = None;
        // Last: whoever is behind takes nothing of the others' time.
        for run in lagging {
            if self.is_late(deadline, MARGIN) {
                complete = false;
                break;
            }
            let name = run.name;
            let track = Track::of_target(cursor, name, owner);
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
        report.complete = complete && report.failed.is_empty();
        match (stopped, report.failed.first()) {
            (Some(fault), _) => Err(fault),
            (None, Some(first)) if report.failed.len() == all => Err(first.fault.clone()),
            (None, _) => Ok(report),
        }
    }

    /// Parts the targets, and ends the runs of those that are no longer there.
    async fn split<'b>(
        &self,
        cursor: &mut Cursor,
        runs: Vec<TargetRun<'b>>,
    ) -> Result<(Vec<TargetRun<'b>>, Vec<TargetRun<'b>>), Fault> {
        let gone: Vec<TargetName> = cursor
            .apart
            .keys()
            .filter(|name| !runs.iter().any(|run| run.name == *name))
            .cloned()
            .collect();
        for name in gone {
            let left = cursor.apart.remove(&name).and_then(|own| own.open);
            if let Some(open) = left
                && !Track::of_all(cursor, "").shares(&open.run)
                && cursor.open.as_ref().is_none_or(|at| at.run != open.run)
            {
                let (company, entity) = (cursor.company.clone(), cursor.entity);
                self.give_up(&company, entity, &open).await?;
            }
        }
        let (together, lagging) = split_targets(cursor, runs);
        if together.is_empty()
            && !lagging.is_empty()
            && let Some(open) = cursor.open.take()
        {
            // Whoever was read for together is gone. Should they come back, they begin anew.
            cursor.mappings.clear();
            if !Track::of_all(cursor, "").shares(&open.run) {
                let (company, entity) = (cursor.company.clone(), cursor.entity);
                self.give_up(&company, entity, &open).await?;
            }
        }
        Ok((together, lagging))
    }

    /// Reads for a target that is behind, up to now, and has it join the others when it is there. `false`: the time was
    /// over.
    async fn catch_up(
        &self,
        rules: &CompanyConfig,
        mut track: Track<'_>,
        run: &mut Vec<TargetRun<'_>>,
        others: bool,
        deadline: Timestamp,
        report: &mut PollReport,
    ) -> Result<bool, Fault> {
        let done = self
            .read_up_to_now(rules, &mut track, run, deadline, report)
            .await?;
        let (root, owner) = (track.root, track.owner);
        if let Some((name, _)) = track.own.filter(|_| done)
            && rejoin(root, &name, others)
        {
            tracing::info!(company = %root.company, entity = %root.entity, target.name = %name, "a target has caught up");
            self.store.save_cursor(root, owner).await?;
        }
        Ok(done)
    }

    pub(super) async fn save(&self, track: &mut Track<'_>) -> Result<(), Fault> {
        if let Some((name, cursor)) = &track.own {
            track.root.apart.insert(name.clone(), cursor.clone());
        }
        self.store.save_cursor(track.root, track.owner).await
    }

    /// Lets the targets that failed go their own way, from the last page that is durable for them. Where nobody is left,
    /// the window ends with the fault.
    pub(super) async fn leave_behind(
        &self,
        track: &mut Track<'_>,
        targets: &mut Vec<TargetRun<'_>>,
        open: &mut OpenWindow,
        report: &mut PollReport,
    ) -> Result<(), Fault> {
        nobody_left(targets)?;
        let failed: Vec<_> = targets.extract_if(.., |run| run.failed.is_some()).collect();
        let any = !failed.is_empty();
        for run in failed {
            let Some(fault) = run.failed else { continue };
            let (company, entity) = (&track.root.company, track.root.entity);
            report_failed(company, entity, run.name, &fault);
            let (pages, after) = run.durable;
            let version = open.mappings.remove(run.name);
            let own = Cursor {
                open: Some(OpenWindow {
                    after,
                    pages,
                    mappings: version.map(|v| (run.name.clone(), v)).into_iter().collect(),
                    ..open.clone()
                }),
                ..cursor_of(track.root, run.name)
            };
            if let Some(open) = &mut track.root.open {
                open.mappings.remove(run.name);
            }
            track.root.mappings.remove(run.name);
            track.root.apart.insert(run.name.clone(), own);
            report.failed.push(TargetFault {
                target: run.name.clone(),
                fault,
            });
        }
        // Durable before the others go on: whatever ends this poll, it is known where the failed ones stand.
        if any { self.save(track).await } else { Ok(()) }
    }
}
