//! One module, page by page. The place is stored after each page, once the queue has it: whoever goes on begins there.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_domain::{CrmId, Fault, digest_of};
use jiff::{SignedDuration, Timestamp};

use super::super::modules::source_of_lines;
use super::{MARGIN, OVERLAP, Scene, Sweeper, TargetSweep};
use crate::CrmEvent;
use crate::ports::prelude::*;
use crate::ports::{ChangedId, ChangesAfter, OpenSweep, QueueName, Sweep};
use crate::send::{event_message, send_all};

/// The rows of the first page: few changes cost as little as may be (of Zoho's credits, one for up to 200 rows).
const FIRST_PAGE: u32 = 200;
/// The rows of the others: the most that both CRMs give for one call.
const PAGE: u32 = 2_000;
/// The most pages of one module in one run: some 10,000 changes.
const MOST_PAGES: usize = 6;
/// How old a stamp has to be before nothing else can have it any more: stamps are whole seconds, and clocks differ.
pub(super) const SETTLED: SignedDuration = SignedDuration::from_mins(2);
/// The most that is remembered of what was queued, so that the item stays small; what is forgotten is queued once more.
const MOST_REMEMBERED: usize = 500;

impl<K> Scene<'_, K> {
    /// A reading came to its end.
    fn close(&self, sweep: &mut Sweep, begun_at: Timestamp) {
        if self.lists_deletions() {
            // Where deletions were never read by themselves, they begin where this began.
            sweep.deleted_until.get_or_insert(sweep.read_until);
        } else {
            // They came with the changes.
            sweep.deleted_until = None;
            sweep.open_deleted = None;
        }
        sweep.read_until = begun_at;
    }
}

impl<P: Ports> Sweeper<'_, P> {
    /// Reads what was changed in a module since it was read last.
    pub(super) async fn read(
        &self,
        scene: &Scene<'_, P::Crm>,
        mut sweep: Sweep,
        deadline: Timestamp,
        report: &mut TargetSweep,
    ) -> Result<(), Fault> {
        let mut open = sweep.open.take().unwrap_or_else(|| OpenSweep {
            since: before(sweep.read_until, OVERLAP),
            begun_at: self.clock.now(),
            after: None,
        });
        for page in 0..MOST_PAGES {
            if self.is_late(deadline, MARGIN) {
                break;
            }
            let limit = if page == 0 { FIRST_PAGE } else { PAGE };
            let settled = before(self.clock.now(), SETTLED);
            let module = sweep.module.as_str();
            let changes = scene
                .crm
                .changed_since(module, open.since, open.after.as_ref(), limit)
                .await?;
            report.read += changes.len() as u64;
            report.untold += scene.untold(module, &changes, open.begun_at);
            self.queue_changed(scene, &sweep, &changes, report).await?;
            let last = changes.last();
            // Whatever was changed since the reading began is the next one's.
            let is_past = |change: &ChangedId| change.modified > after(open.begun_at, SETTLED);
            let is_last = changes.len() < limit as usize || last.is_some_and(is_past);
            open.after = last.map(|last| ChangesAfter {
                modified: last.modified,
                id: last.id.clone(),
            });
            remember(&mut sweep, &open, &changes, settled);
            if is_last {
                scene.close(&mut sweep, open.begun_at);
            } else {
                sweep.open = Some(open.clone());
            }
            if !self.store.put_sweep(&sweep).await? {
                tracing::info!(target.name = %sweep.target, crm.module = %sweep.module,
                    "another run reads the same changes");
                return Ok(());
            }
            sweep.rev += 1;
            if is_last && scene.lists_deletions() {
                return Ok(());
            }
            if is_last {
                return self.clear(scene, &sweep).await;
            }
            sweep.open = None;
        }
        tracing::warn!(target.name = %sweep.target, crm.module = %sweep.module,
            "there are more changes than one run reads; the next one goes on");
        report.behind.push(sweep.module);
        Ok(())
    }

    /// Queues those that were not queued before, and are not our own.
    async fn queue_changed(
        &self,
        scene: &Scene<'_, P::Crm>,
        sweep: &Sweep,
        changes: &[ChangedId],
        report: &mut TargetSweep,
    ) -> Result<(), Fault> {
        let module = sweep.module.as_str();
        let news: Vec<&ChangedId> = changes
            .iter()
            .filter(|change| sweep.queued.get(&change.id) != Some(&change.modified))
            .collect();
        let foreign = self.but_own(scene, module, news).await?;
        report.own += foreign.own;
        let lines_of = source_of_lines(scene.target, module);
        let lines_of = lines_of.map(|(_, source)| source.module.as_str());
        let mut named = BTreeSet::new();
        let events: Vec<CrmEvent> = foreign
            .changes
            .into_iter()
            .filter(|change| change.line_of.as_ref().is_none_or(|of| named.insert(of)))
            .map(|change| self.event(sweep, change, lines_of))
            .collect();
        let messages = events
            .iter()
            .map(event_message)
            .collect::<Result<Vec<_>, _>>()?;
        send_all(self.queue, self.clock, &QueueName::CrmEvents, messages).await?;
        report.queued += events.len() as u64;
        Ok(())
    }

    /// Takes the notes away that events of the module were lost, where all of them have been read.
    pub(super) async fn clear(
        &self,
        scene: &Scene<'_, P::Crm>,
        sweep: &Sweep,
    ) -> Result<(), Fault> {
        let lost = scene.resyncs.iter().filter(|lost| {
            lost.module == sweep.module && after(lost.since, SETTLED) <= sweep.all_until()
        });
        for lost in lost {
            self.store.clear_resync(lost).await?;
            tracing::info!(target.name = %lost.target, crm.module = %lost.module, reason = %lost.reason, since = %lost.since,
                "what was changed when events were lost has been read");
        }
        Ok(())
    }

    /// `lines_of`: the module of the records that these are lines of; it is they that changed.
    pub(super) fn event(
        &self,
        sweep: &Sweep,
        change: &ChangedId,
        lines_of: Option<&str>,
    ) -> CrmEvent {
        let modified = change.modified.to_string();
        let parts = [
            sweep.module.as_str(),
            change.id.0.as_str(),
            modified.as_str(),
        ];
        let id = format!("cu-{}", digest_of(parts));
        let now = self.clock.now();
        if let (Some(module), Some(record)) = (lines_of, &change.line_of) {
            let changed = ChangedId {
                id: record.clone(),
                deleted: false,
                ..change.clone()
            };
            return CrmEvent::caught_up(id, &sweep.target, module, &changed, now);
        }
        CrmEvent::caught_up(id, &sweep.target, &sweep.module, change, now)
    }
}

/// Remembers what needs not be queued again: of the time that the next reading looks at as well, what has a stamp that
/// nothing else can get any more.
fn remember(sweep: &mut Sweep, open: &OpenSweep, changes: &[ChangedId], settled: Timestamp) {
    let from = before(open.begun_at, OVERLAP);
    for change in changes.iter().filter(|change| change.modified <= settled) {
        sweep.queued.insert(change.id.clone(), change.modified);
    }
    sweep.queued.retain(|_, modified| *modified >= from);
    keep_newest(&mut sweep.queued, from);
}

/// Keeps what is remembered small.
pub(super) fn keep_newest(queued: &mut BTreeMap<CrmId, Timestamp>, from: Timestamp) {
    if queued.len() > MOST_REMEMBERED {
        let mut stamps: Vec<Timestamp> = queued.values().copied().collect();
        stamps.sort_unstable_by(|one, other| other.cmp(one));
        let oldest = stamps.get(MOST_REMEMBERED).copied().unwrap_or(from);
        queued.retain(|_, modified| *modified > oldest);
    }
}

pub(super) fn before(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_sub(by).unwrap_or(at)
}

pub(super) fn after(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}
