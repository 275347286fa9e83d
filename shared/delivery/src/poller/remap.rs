//! A changed rep mapping reaches the records concerned by itself, without an edit in Sage.

use counterpart_domain::{Company, Entity, Fault, SageKey};
use jiff::{SignedDuration, Timestamp};

use super::target_run::TargetRun;
use super::{MARGIN, PollReport, Poller};
use crate::owner::remapped_at;
use crate::ports::Remap;
use crate::ports::prelude::*;
use crate::{Entry, Kind, Link, ManifestEntry, ManifestVerdict, Reason, Run, Stage};

/// A walk that began sooner than this after the change may have missed a record: the index lags, and a writer that was
/// under way still used the old mapping. The walk is then done again at the next poll.
const SETTLED: SignedDuration = SignedDuration::from_mins(10);
/// Records per step of a walk.
const STEP: usize = 100;

impl<P: Ports> Poller<'_, P> {
    /// Queues the customers of every rep whose mapping changed. What is left is tried again by the next poll; the feed is not
    /// held up by it.
    pub(super) async fn remap(
        &self,
        company: &Company,
        deadline: Timestamp,
        report: &mut PollReport,
    ) {
        if let Err(fault) = self.remap_all(company, deadline, report).await {
            tracing::error!(company = %company, fault = %fault, "a changed rep mapping could not be carried out");
        }
    }

    async fn remap_all(
        &self,
        company: &Company,
        deadline: Timestamp,
        report: &mut PollReport,
    ) -> Result<(), Fault> {
        let remaps = self.store.remaps(company).await?;
        if remaps.is_empty() {
            return Ok(());
        }
        // Not only customers: contacts may have an owner of their own, by a UDF.
        let mut targets = Vec::new();
        for entity in Entity::ALL {
            targets.extend(self.targets(company, entity).await);
        }
        for remap in remaps {
            let of: Vec<_> = targets
                .iter()
                .filter(|run| *run.name == remap.target && run.entity.owner.is_some())
                .collect();
            if of.is_empty() {
                // The target is gone, or no longer has owners.
                self.store.finish_remap(&remap).await?;
                continue;
            }
            let (target, rep) = (remap.target.clone(), remap.rep.rep.clone());
            let unread = of.iter().find_map(|run| run.failed.clone());
            let walked = match unread {
                Some(fault) => Err(fault),
                None => self.walk(&of, remap, deadline, report).await,
            };
            match walked {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                // What is left is tried again by the next poll; neither the feed nor another target is held up by it.
                Err(fault) => {
                    tracing::error!(company = %company, target.name = %target, rep, fault = %fault, "a changed rep mapping could not be carried out");
                }
            }
        }
        Ok(())
    }

    /// Walks the records of one rep. `false`: the time is over, the walk goes on at the next poll.
    async fn walk(
        &self,
        runs: &[&TargetRun<'_>],
        mut remap: Remap,
        deadline: Timestamp,
        report: &mut PollReport,
    ) -> Result<bool, Fault> {
        let began = self.clock.now();
        let from_start = remap.after.is_none();
        let head = Run {
            id: self.clock.new_id(),
            company: remap.rep.company.clone(),
            entity: Entity::CUSTOMER,
            kind: Kind::Remap,
            started_at: began,
            finished_at: None,
            stopped: None,
        };
        let mut part = 0;
        loop {
            if self.is_late(deadline, MARGIN) {
                self.store.keep_remap(&remap).await?;
                return Ok(false);
            }
            let (keys, next) = self
                .store
                .keys_of_rep(&remap.target, &remap.rep, remap.after.as_deref(), STEP)
                .await?;
            for run in runs {
                self.requeue(run, &head, &keys, &mut part, report).await?;
            }
            remap.after = next;
            if remap.after.is_none() {
                break;
            }
            self.store.keep_remap(&remap).await?;
        }
        if part > 0 {
            self.store
                .put_run(&Run {
                    finished_at: Some(self.clock.now()),
                    ..head
                })
                .await?;
        }
        if from_start && began.duration_since(remapped_at(&remap.token)) >= SETTLED {
            self.store.finish_remap(&remap).await?;
        } else {
            // From the start again, later.
            self.store.keep_remap(&remap).await?;
        }
        Ok(true)
    }

    /// Queues those of the keys that were applied with another mapping. `part`: how many parts of the manifest there are.
    async fn requeue(
        &self,
        run: &TargetRun<'_>,
        head: &Run,
        keys: &[SageKey],
        part: &mut u32,
        report: &mut PollReport,
    ) -> Result<(), Fault> {
        let entity = run.kind;
        let keys: Vec<SageKey> = keys
            .iter()
            .filter(|key| key.entity == entity)
            .cloned()
            .collect();
        let entries = self.concerned(run, &keys, &head.id).await?;
        if entries.is_empty() {
            return Ok(());
        }
        if *part == 0 {
            self.store.put_run(head).await?;
        }
        *part += 1;
        let manifest: Vec<_> = entries.iter().map(listed).collect();
        let count = entries.len() as u64;
        let sent = self
            .send_entries(run, &head.company, entity, Reason::Remap, entries)
            .await;
        match sent {
            Ok(packs) => report.packs += packs,
            Err(fault) => {
                // The next poll walks again, under a run of its own.
                self.end_early(head.clone(), &fault).await;
                return Err(fault);
            }
        }
        // Listed once it is sent: nobody goes on with this run should the poller end in between, and what was not sent
        // is found by the next walk.
        self.store
            .put_manifest(&head.id, run.name, &format!("m{part:06}"), &manifest)
            .await?;
        report.remapped += count;
        Ok(())
    }

    /// The records among these keys that were applied, or parked, with another mapping than today's.
    async fn concerned(
        &self,
        run: &TargetRun<'_>,
        keys: &[SageKey],
        id: &str,
    ) -> Result<Vec<Entry>, Fault> {
        let mut entries = Vec::new();
        for (key, link) in keys.iter().zip(self.store.links(run.name, keys).await?) {
            let Some(link) = link else { continue };
            let entry = match link.parked {
                Some(_) => self.parked_entry(run, key).await?,
                None => from_link(link),
            };
            let Some((entry, applied_with)) = entry else {
                continue;
            };
            let today = run
                .reps
                .version(run.entity.owner.as_ref(), &key.company, &entry.record);
            if applied_with.is_none_or(|version| version != today) {
                entries.push(Entry {
                    run: id.to_owned(),
                    first_sent: self.clock.now(),
                    attempts: 0,
                    ..entry
                });
            }
        }
        Ok(entries)
    }

    async fn parked_entry(
        &self,
        run: &TargetRun<'_>,
        key: &SageKey,
    ) -> Result<Option<Applied>, Fault> {
        let parked = self.store.parked(run.name.as_str(), &key.storage()).await?;
        // Only what waits for its rep, or for another user than one the CRM refuses, is sent again; another fault is not
        // mended by a mapping.
        Ok(parked
            .filter(|parked| {
                matches!(
                    parked.fault.code.as_ref(),
                    "E_REP_UNMAPPED" | "E_CRM_OWNER_INVALID"
                )
            })
            .and_then(|parked| serde_json::from_str::<Entry>(&parked.payload).ok())
            .filter(|entry| {
                let column = run.entity.owner.as_ref().map(|owner| owner.column.as_str());
                let rep = column.and_then(|column| entry.record.rep(&key.company, column));
                rep.is_some_and(|rep| run.reps.user(&rep).is_some())
            })
            .map(|entry| (entry, None)))
    }
}

fn listed(entry: &Entry) -> ManifestEntry {
    ManifestEntry {
        local_key: entry.local_key.clone(),
        hash: Some(entry.hash.clone()),
        verdict: ManifestVerdict::Sent,
    }
}

type Applied = (Entry, Option<counterpart_domain::Digest>);

fn from_link(link: Link) -> Option<Applied> {
    let kept = link.stage == Stage::Linked && !link.rests();
    let record = link.record.filter(|_| kept)?;
    let entry = Entry {
        local_key: link.key.local,
        as_of: link.as_of,
        hash: link.source_hash,
        record,
        run: String::new(),
        first_sent: link.updated_at,
        attempts: 0,
        answers: Vec::new(),
    };
    Some((entry, Some(link.rep_version)))
}
