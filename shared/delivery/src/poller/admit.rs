//! What of a page goes to a target.

use std::time::Duration;

use counterpart_config::Verdict;
use counterpart_domain::{Class, Company, Entity, Fault, Record};

use super::aside::contended;
use super::window::ReadBefore;
use super::{PollReport, Poller, TargetRun, part};
use crate::parking;
use crate::ports::prelude::*;
use crate::ports::{ChangedRecord, OpenWindow, Page, QueueName};
use crate::send::{Head, cut, send_all};
use crate::{Entry, Link, ManifestEntry, ManifestVerdict, PutLink, Reason, Stage};

impl<P: Ports> Poller<'_, P> {
    /// Decides on every record of a page for one target, and puts what is to be sent into the target's buffer. `read_before`:
    /// what an earlier window has read. The answer is what the run is to list, for [`Poller::list`].
    pub(super) async fn admit(
        &self,
        run: &mut TargetRun<'_>,
        company: &Company,
        open: &OpenWindow,
        page: &Page,
        read_before: ReadBefore,
        report: &mut PollReport,
    ) -> Result<Vec<ManifestEntry>, Fault> {
        let links = self.links_where_needed(run, page, read_before).await?;
        let parked = self.parked_content(run, &links).await?;
        let mut manifest = Vec::with_capacity(page.records.len());
        let (mut admitted, mut commits) = (Vec::new(), Vec::new());
        for (changed, link) in page.records.iter().zip(links) {
            let again = read_before.has(changed.stamp);
            let verdict = match &changed.record {
                Err(fault) => {
                    commits.push(self.unreadable(run, open, page, changed, link, fault));
                    report.parked += 1;
                    ManifestVerdict::Parked
                }
                Ok(record) if excluded(run, changed).is_some() => {
                    commits.extend(self.excluded(run, page, changed, record, link, again));
                    report.excluded += 1;
                    ManifestVerdict::Excluded
                }
                Ok(record) => {
                    let rep_version = run.reps.version(run.entity.owner.as_ref(), company, record);
                    let applied = |link: &Link| {
                        link.source_hash == record.content_hash()
                            && link.mapping_version == run.entity.version
                            && link.rep_version == rep_version
                            && link.stage == Stage::Linked
                            && link.parked.is_none()
                            && !link.dirty
                    };
                    let known = link.as_ref().filter(|_| again);
                    if known.is_some_and(applied) {
                        report.unchanged += 1;
                        ManifestVerdict::Unchanged
                    } else if let Some(link) = known.filter(|_| !open.everything)
                        && link.parked.is_some()
                        && parked.get(&link.key) == Some(&record.content_hash())
                    {
                        ManifestVerdict::Parked
                    } else {
                        report.sent += 1;
                        admitted.push(self.entry(open, page, changed, record));
                        ManifestVerdict::Sent
                    }
                }
            };
            report.seen += 1;
            manifest.push(ManifestEntry {
                local_key: changed.key.local.clone(),
                hash: changed.record.as_ref().ok().map(Record::content_hash),
                verdict,
            });
        }
        self.set_aside(run, page, commits).await?;
        for fault in &page.unreadable {
            tracing::error!(company = %company, fault.code = %fault.code, "Sage 100 sent a record whose key cannot be read");
            self.store
                .park(&parking::keyless(
                    run.name,
                    fault,
                    &open.run,
                    self.clock.now(),
                ))
                .await?;
        }
        let at_home = self.left_out_with_parent(run, company, &admitted).await?;
        admitted.retain(|entry| !at_home.contains(&entry.local_key));
        for line in &mut manifest {
            if line.verdict == ManifestVerdict::Sent && at_home.contains(&line.local_key) {
                line.verdict = ManifestVerdict::Excluded;
                report.sent -= 1;
                report.excluded += 1;
            }
        }
        for entry in admitted {
            run.buffer.push(open.pages, entry);
        }
        Ok(manifest)
    }

    /// Lists what a run saw of a page for one target.
    pub(super) async fn list(
        &self,
        run: &TargetRun<'_>,
        open: &OpenWindow,
        manifest: &[ManifestEntry],
    ) -> Result<(), Fault> {
        let part = part(open.pages);
        self.store
            .put_manifest(&open.run, run.name, &part, manifest)
            .await
    }

    fn entry(
        &self,
        open: &OpenWindow,
        page: &Page,
        changed: &ChangedRecord,
        record: &Record,
    ) -> Entry {
        Entry {
            local_key: changed.key.local.clone(),
            as_of: page.as_of,
            hash: record.content_hash(),
            record: record.clone(),
            run: open.run.clone(),
            first_sent: self.clock.now(),
            attempts: 0,
        }
    }

    /// Links are read only where they can change the verdict: for records that were read before, and for excluded ones.
    async fn links_where_needed(
        &self,
        run: &TargetRun<'_>,
        page: &Page,
        read_before: ReadBefore,
    ) -> Result<Vec<Option<Link>>, Fault> {
        let needed: Vec<bool> = page
            .records
            .iter()
            .map(|changed| {
                read_before.has(changed.stamp)
                    || changed.record.is_err()
                    || excluded(run, changed).is_some()
            })
            .collect();
        let keys: Vec<_> = page
            .records
            .iter()
            .zip(&needed)
            .filter(|(_, needed)| **needed)
            .map(|(changed, _)| changed.key.clone())
            .collect();
        let mut read = self.store.links(run.name, &keys).await?.into_iter();
        Ok(needed
            .into_iter()
            .map(|needed| if needed { read.next().flatten() } else { None })
            .collect())
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
            let key = counterpart_domain::SageKey {
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

fn excluded(run: &TargetRun<'_>, changed: &ChangedRecord) -> Option<&'static str> {
    let record = changed.record.as_ref().ok()?;
    match run.entity.include(&changed.key, record) {
        Ok(Verdict::Exclude { code, .. }) => Some(code),
        // Where the filter has no answer, the writer sets the record aside.
        Ok(Verdict::Include) | Err(_) => None,
    }
}
