//! What of a page goes to a target.

use std::collections::{BTreeSet, HashMap};

use counterpart_config::Verdict;
use counterpart_domain::{Company, Digest, Fault, Record, SageKey};

use super::target_run::TargetRun;
use super::window::ReadBefore;
use super::{PollReport, Poller};
use crate::parking;
use crate::ports::prelude::*;
use crate::ports::{ChangedRecord, OpenWindow, Page};
use crate::writer::is_told_of_leaving;
use crate::{Entry, Link, ManifestEntry, ManifestVerdict, Stage};

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
            let known = Known {
                link: link.as_ref(),
                parked: &parked,
                again,
                everything: open.everything,
            };
            let verdict = match admission(run, company, changed, &known) {
                Admission::Unreadable(fault) => {
                    commits.push(self.unreadable(run, open, page, changed, link, fault));
                    report.parked += 1;
                    ManifestVerdict::Parked
                }
                Admission::Excluded(record) => {
                    commits.extend(self.excluded(run, page, changed, record, link, again));
                    report.excluded += 1;
                    ManifestVerdict::Excluded
                }
                Admission::Unchanged => {
                    report.unchanged += 1;
                    ManifestVerdict::Unchanged
                }
                Admission::StillParked => ManifestVerdict::Parked,
                Admission::Send(record) => {
                    report.sent += 1;
                    admitted.push(self.entry(open, page, changed, record));
                    ManifestVerdict::Sent
                }
            };
            report.seen += 1;
            manifest.push(ManifestEntry {
                local_key: changed.key.local.clone(),
                hash: changed.record.as_ref().ok().map(Record::content_hash),
                verdict,
            });
        }
        self.commit_left_out(run, page, commits).await?;
        self.park_keyless(run, company, open, page).await?;
        let left_out = self.left_out_with_parent(run, company, &admitted).await?;
        admitted.retain(|entry| !left_out.contains(&entry.local_key));
        note_left_out(&mut manifest, &left_out, report);
        for entry in admitted {
            run.buffer.push(open.pages, entry);
        }
        Ok(manifest)
    }

    /// Sets aside what Sage sent without a key that can be read.
    async fn park_keyless(
        &self,
        run: &TargetRun<'_>,
        company: &Company,
        open: &OpenWindow,
        page: &Page,
    ) -> Result<(), Fault> {
        for keyless in &page.unreadable {
            let code = &keyless.fault.code;
            tracing::error!(company = %company, fault.code = %code, "Sage 100 sent a record whose key cannot be read");
            self.store
                .park(&parking::keyless(
                    run.name,
                    keyless,
                    &open.run,
                    self.clock.now(),
                ))
                .await?;
        }
        Ok(())
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
            answers: Vec::new(),
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
                    || is_excluded(run, changed)
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
}

/// Notes the children that stay with their parents.
fn note_left_out(
    manifest: &mut [ManifestEntry],
    left_out: &BTreeSet<String>,
    report: &mut PollReport,
) {
    for line in manifest {
        if line.verdict == ManifestVerdict::Sent && left_out.contains(&line.local_key) {
            line.verdict = ManifestVerdict::Excluded;
            report.sent -= 1;
            report.excluded += 1;
        }
    }
}

/// What becomes of one record of a page.
#[derive(Debug, PartialEq)]
enum Admission<'a> {
    Unreadable(&'a Fault),
    Excluded(&'a Record),
    Unchanged,
    /// What is parked of it is what it still holds.
    StillParked,
    Send(&'a Record),
}

/// What is known of a record that Sage names.
struct Known<'a> {
    link: Option<&'a Link>,
    /// The content that is parked, by key.
    parked: &'a HashMap<SageKey, Digest>,
    /// An earlier window has read its stamp.
    again: bool,
    /// Everything is read anew, whatever is parked.
    everything: bool,
}

/// Decides on one record of a page for one target.
fn admission<'a>(
    run: &TargetRun<'_>,
    company: &Company,
    changed: &'a ChangedRecord,
    known: &Known<'_>,
) -> Admission<'a> {
    let record = match &changed.record {
        Ok(record) => record,
        Err(fault) => return Admission::Unreadable(fault),
    };
    // Whom the CRM holds, it is told of it.
    if is_excluded(run, changed) && !known.link.is_some_and(is_told_of_leaving) {
        return Admission::Excluded(record);
    }
    let Some(link) = known.link.filter(|_| known.again) else {
        return Admission::Send(record);
    };
    let applied = link.source_hash == record.content_hash()
        && link.mapping_version == run.entity.version
        && link.rep_version == run.reps.version(run.entity.owner.as_ref(), company, record)
        && link.stage == Stage::Linked
        && link.parked.is_none()
        && !link.dirty;
    if applied {
        return Admission::Unchanged;
    }
    let is_parked =
        link.parked.is_some() && known.parked.get(&link.key) == Some(&record.content_hash());
    if is_parked && !known.everything {
        return Admission::StillParked;
    }
    Admission::Send(record)
}

fn is_excluded(run: &TargetRun<'_>, changed: &ChangedRecord) -> bool {
    let Ok(record) = &changed.record else {
        return false;
    };
    // Where the filter has no answer, the writer sets the record aside.
    matches!(
        run.entity.include(&changed.key, record),
        Ok(Verdict::Exclude { .. })
    )
}

#[cfg(test)]
mod tests;
