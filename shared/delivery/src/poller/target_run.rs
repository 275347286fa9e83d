//! One target's part in a poll: the records that wait for a full pack, and the pages they came from.

use std::collections::VecDeque;

use counterpart_config::{EntityConfig, TargetConfig};
use counterpart_domain::{Company, Entity, Fault, TargetName};

use super::{PollReport, Poller, TargetFault};
use crate::Entry;
use crate::owner::RepTable;
use crate::ports::prelude::*;

/// One target's part in a poll.
pub(super) struct TargetRun<'a> {
    pub(super) name: &'a TargetName,
    pub(super) target: &'a TargetConfig,
    pub(super) kind: Entity,
    pub(super) entity: &'a EntityConfig,
    pub(super) reps: RepTable,
    pub(super) buffer: Buffer,
    /// The last page that is in the queue as a whole, with the position after it.
    pub(super) durable: (u32, Option<String>),
    /// Why this target can no longer be served by this poll.
    pub(super) failed: Option<Fault>,
}

impl<P: Ports> Poller<'_, P> {
    /// The targets that want an entity of a company. One whose rep mapping cannot be read is marked, and holds up nobody.
    pub(super) async fn targets<'b>(
        &'b self,
        company: &'b Company,
        entity: Entity,
    ) -> Vec<TargetRun<'b>> {
        let mut runs = Vec::new();
        for (name, target, config) in self.config.targets_of(company, entity) {
            let reps = match &config.owner {
                Some(_) => RepTable::load(self.store, name, company).await,
                None => Ok(RepTable::default()),
            };
            let (reps, failed) = match reps {
                Ok(reps) => (reps, None),
                Err(fault) => (RepTable::default(), Some(fault)),
            };
            runs.push(TargetRun {
                name,
                target,
                kind: entity,
                entity: config,
                reps,
                buffer: Buffer::default(),
                durable: (0, None),
                failed,
            });
        }
        runs
    }
}

/// The first target's fault, where no target can be served any more.
pub(super) fn nobody_left(targets: &[TargetRun<'_>]) -> Result<(), Fault> {
    match targets.first().and_then(|run| run.failed.clone()) {
        Some(fault) if targets.iter().all(|run| run.failed.is_some()) => Err(fault),
        _ => Ok(()),
    }
}

/// Notes what ended a track for its targets. A fault that is not theirs ends the poll.
pub(super) fn note_failed(
    company: &Company,
    entity: Entity,
    targets: &mut Vec<TargetRun<'_>>,
    fault: Fault,
    report: &mut PollReport,
) -> Result<(), Fault> {
    if targets.is_empty() || targets.iter().any(|run| run.failed.is_none()) {
        return Err(fault);
    }
    for run in targets.drain(..) {
        let fault = run.failed.unwrap_or_else(|| fault.clone());
        report_failed(company, entity, run.name, &fault);
        report.failed.push(TargetFault {
            target: run.name.clone(),
            fault,
        });
    }
    Ok(())
}

/// Says that a target cannot be served.
pub(super) fn report_failed(company: &Company, entity: Entity, target: &TargetName, fault: &Fault) {
    tracing::error!(company = %company, entity = %entity, target.name = %target, fault.code = %fault.code, fault = %fault,
        "a target cannot be served; the others go on, and it catches up by itself");
}

/// The buffer of one target. Packs are filled over page borders; the cursor may only pass a page once every record of it
/// has left the buffer.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    entries: VecDeque<(u32, Entry)>,
    /// Pages that ended, with the position after each; those that are durable but for the last one are dropped.
    ended: VecDeque<(u32, Option<String>)>,
}

impl Buffer {
    /// Takes a record of `page`. A record that is there already (it was edited while paging) is replaced.
    pub(super) fn push(&mut self, page: u32, entry: Entry) {
        self.entries
            .retain(|(_, there)| there.local_key != entry.local_key);
        self.entries.push_back((page, entry));
    }

    /// Notes that a page was taken in as a whole.
    pub(super) fn page_ends(&mut self, page: u32, position: Option<String>) {
        self.ended.push_back((page, position));
    }

    /// Takes out as many records as fill packs of `most`; with `all`, the rest too.
    pub(super) fn take_full(&mut self, most: usize, all: bool) -> Vec<Entry> {
        let most = most.max(1);
        let full = if all {
            self.entries.len()
        } else {
            self.entries.len() / most * most
        };
        self.entries.drain(..full).map(|(_, entry)| entry).collect()
    }

    /// The last page of which no record is left in here, with the position after it; `None` before the first.
    pub(super) fn durable_until(&mut self) -> Option<(u32, Option<String>)> {
        let held = self
            .entries
            .iter()
            .map(|(page, _)| *page)
            .min()
            .unwrap_or(u32::MAX);
        let mut durable = None;
        while self.ended.front().is_some_and(|(page, _)| *page < held) {
            durable = self.ended.pop_front();
        }
        // Kept at the front, so that asking again gives the same answer.
        if let Some(last) = &durable {
            self.ended.push_front(last.clone());
        }
        durable
    }
}

#[cfg(test)]
mod tests {
    use counterpart_domain::{AsOf, Record, digest_of};
    use jiff::Timestamp;

    use super::*;

    fn entry(key: &str) -> Entry {
        Entry {
            local_key: key.to_owned(),
            as_of: AsOf::default(),
            hash: digest_of([key]),
            record: serde_json::from_str::<Record>(r#"{"salesperson":{}}"#).unwrap(),
            run: "r".to_owned(),
            first_sent: Timestamp::UNIX_EPOCH,
            attempts: 0,
            answers: Vec::new(),
        }
    }

    #[test]
    fn the_position_waits_for_the_last_record_of_a_page() {
        let mut buffer = Buffer::default();
        for key in ["01-A", "01-B", "01-C"] {
            buffer.push(1, entry(key));
        }
        buffer.page_ends(1, Some("one".to_owned()));
        assert_eq!(buffer.durable_until(), None);
        buffer.push(2, entry("01-D"));
        buffer.page_ends(2, Some("two".to_owned()));
        assert_eq!(buffer.take_full(3, false).len(), 3);
        assert_eq!(buffer.durable_until(), Some((1, Some("one".to_owned()))));
        assert_eq!(buffer.durable_until(), Some((1, Some("one".to_owned()))));
        assert_eq!(buffer.take_full(3, true).len(), 1);
        assert_eq!(buffer.durable_until(), Some((2, Some("two".to_owned()))));
    }

    #[test]
    fn a_record_seen_again_replaces_the_older_one() {
        let mut buffer = Buffer::default();
        buffer.push(1, entry("01-A"));
        buffer.push(
            2,
            Entry {
                attempts: 7,
                ..entry("01-A")
            },
        );
        let taken = buffer.take_full(100, true);
        assert_eq!((taken.len(), taken[0].attempts), (1, 7));
    }
}
