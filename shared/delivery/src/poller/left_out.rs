//! Records of a page that go to nobody: those that the filters leave out, those that cannot be read, and children of what is left
//! out, which stay with their parent. What is to be known of them is written together, a page at a time.

use std::collections::{BTreeSet, HashMap};

use counterpart_domain::{AsOf, Class, Company, Digest, Fault, Record, SageKey, TargetName};

use super::Poller;
use super::target_run::TargetRun;
use crate::link::TRIES;
use crate::parking;
use crate::ports::prelude::*;
use crate::ports::{ChangedRecord, Commit, OpenWindow, Page, ParkedItem, WaitingEntry};
use crate::{Entry, Link, LinkWrite, PutLink, Stage};

impl<P: Ports> Poller<'_, P> {
    /// Notes that a record is left out, so that its children know, and an older state of it is not written any more. A
    /// record that the CRM holds already stays as it is.
    pub(super) fn excluded(
        &self,
        run: &TargetRun<'_>,
        page: &Page,
        changed: &ChangedRecord,
        record: &Record,
        link: Option<Link>,
        again: bool,
    ) -> Option<Commit> {
        let done = link.as_ref().is_some_and(|link| {
            let newest = link.parked.unwrap_or_default().max(link.as_of);
            let same =
                link.stage == Stage::Excluded && again && link.source_hash == record.content_hash();
            let kept = link.crm_id.is_some() || link.stage == Stage::Released;
            kept || newest > page.as_of || same
        });
        if done {
            return None;
        }
        let was_parked = link.as_ref().is_some_and(|link| link.parked.is_some());
        let mut write = parking::unwritten(
            run.name,
            &changed.key,
            Stage::Excluded,
            page.as_of,
            Some(record),
            run.entity,
            link,
            self.clock.now(),
        );
        // A writer may be about to create it in the CRM: then the CRM is told from here that it is left out.
        write.link.record = Some(record.clone());
        Some(Commit {
            write,
            parked: if was_parked {
                ParkedItem::Goes
            } else {
                ParkedItem::Stays
            },
            outcome: None,
        })
    }

    /// Parks a record that cannot be read, with a mark on its link: nothing older is applied meanwhile, and whatever gets
    /// through later takes the item away.
    pub(super) fn unreadable(
        &self,
        run: &TargetRun<'_>,
        open: &OpenWindow,
        page: &Page,
        changed: &ChangedRecord,
        link: Option<Link>,
        fault: &Fault,
    ) -> Commit {
        let now = self.clock.now();
        let write = match link {
            Some(link) if parking::stays_as_it_is(&link) => LinkWrite::in_place(Link {
                parked: Some(page.as_of.max(link.parked.unwrap_or_default())),
                updated_at: now,
                ..link
            }),
            link => parking::unwritten(
                run.name,
                &changed.key,
                Stage::Unwritten,
                page.as_of,
                None,
                run.entity,
                link,
                now,
            ),
        };
        let run_id = Some(open.run.clone());
        let raw = changed.raw.clone().unwrap_or_default();
        let item = parking::parked(run.name, &changed.key, fault, raw, run_id, now);
        Commit {
            write,
            parked: ParkedItem::Put(Box::new(item)),
            outcome: None,
        }
    }

    /// Stores them. Of a record that is left out, whatever the writer stored in between counts; one that cannot be read is
    /// marked once more.
    pub(super) async fn commit_left_out(
        &self,
        run: &TargetRun<'_>,
        page: &Page,
        mut commits: Vec<Commit>,
    ) -> Result<(), Fault> {
        if commits.is_empty() {
            return Ok(());
        }
        for _ in 0..TRIES {
            let answers = self.store.commit(&commits, &[]).await?;
            let again = commits.into_iter().zip(answers);
            commits = again
                .filter_map(|(commit, answer)| match (answer, &commit.parked) {
                    (PutLink::Lost(now_is), ParkedItem::Put(_)) => {
                        on_top(commit, *now_is, page.as_of)
                    }
                    // That it is left out has to be known; its content is for the rare case.
                    (PutLink::TooLarge(_), _) => without_record(commit),
                    _ => None,
                })
                .collect();
            if commits.is_empty() {
                return Ok(());
            }
        }
        // Somebody writes this record all the time: the next poll looks at it again.
        Err(contended(run.name))
    }

    /// The content that is parked of the records whose links say that something is.
    pub(super) async fn parked_content(
        &self,
        run: &TargetRun<'_>,
        links: &[Option<Link>],
    ) -> Result<HashMap<SageKey, Digest>, Fault> {
        let parked = links.iter().flatten().filter(|link| link.parked.is_some());
        let keys: Vec<&SageKey> = parked.map(|link| &link.key).collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<String> = keys.iter().map(|key| key.storage()).collect();
        let items = self.store.parked_among(run.name.as_str(), &ids).await?;
        let content = |payload: &str| serde_json::from_str::<Entry>(payload).ok();
        Ok(keys
            .into_iter()
            .zip(items)
            .filter_map(|(key, item)| Some((key.clone(), content(&item?.payload)?.hash)))
            .collect())
    }

    /// The keys (as in the entries) of those whose parent is left out. Each is kept waiting for it, durably, before it is
    /// named here: the parent's link releases it, should the parent come in after all.
    pub(super) async fn left_out_with_parent(
        &self,
        run: &TargetRun<'_>,
        company: &Company,
        entries: &[Entry],
    ) -> Result<BTreeSet<String>, Fault> {
        if run.entity.parent_field.is_none() {
            return Ok(BTreeSet::new());
        }
        let parent = |entry: &Entry| entry.record.parent(company);
        let out = self
            .left_out(run, entries.iter().filter_map(parent).collect())
            .await?;
        let children = || {
            entries
                .iter()
                .filter_map(|entry| Some((parent(entry)?, entry)))
                .filter(|(parent, _)| out.contains(parent))
        };
        let waits: Vec<WaitingEntry> = children()
            .map(|(parent, entry)| WaitingEntry {
                parent,
                child: SageKey {
                    company: company.clone(),
                    entity: run.kind,
                    local: entry.local_key.clone(),
                },
                entry: entry.clone(),
            })
            .collect();
        if waits.is_empty() {
            return Ok(BTreeSet::new());
        }
        self.store.wait(run.name, &waits).await?;
        // A parent that was linked in between has not seen the child wait: then it goes the usual way.
        let still = self.left_out(run, out.iter().cloned().collect()).await?;
        Ok(children()
            .filter(|(parent, _)| still.contains(parent))
            .map(|(_, entry)| entry.local_key.clone())
            .collect())
    }

    /// Those of the parents that are left out and not in the CRM.
    async fn left_out(
        &self,
        run: &TargetRun<'_>,
        parents: BTreeSet<SageKey>,
    ) -> Result<BTreeSet<SageKey>, Fault> {
        if parents.is_empty() {
            return Ok(parents);
        }
        let keys: Vec<SageKey> = parents.into_iter().collect();
        let links = self.store.links(run.name, &keys).await?;
        let out = |stage, id: bool| stage == Stage::Excluded && !id;
        Ok(keys
            .into_iter()
            .zip(links)
            .filter(|(_, link)| {
                link.as_ref()
                    .is_some_and(|link| out(link.stage, link.crm_id.is_some()))
            })
            .map(|(key, _)| key)
            .collect())
    }
}

fn without_record(mut commit: Commit) -> Option<Commit> {
    commit.write.link.record.take()?;
    Some(commit)
}

/// The same mark on a link as it is now. None: it knows something newer.
fn on_top(mut commit: Commit, now_is: Option<Link>, as_of: AsOf) -> Option<Commit> {
    match now_is {
        None => commit.write.link.rev = 0,
        Some(link) if link.parked.unwrap_or_default().max(link.as_of) > as_of => return None,
        Some(link) if parking::stays_as_it_is(&link) => {
            commit.write.link = Link {
                parked: Some(as_of),
                updated_at: commit.write.link.updated_at,
                ..link
            };
        }
        Some(link) => commit.write.link.rev = link.rev,
    }
    Some(commit)
}

/// Others write the same links all the time.
pub(super) fn contended(target: &TargetName) -> Fault {
    Fault::new(
        Class::Transient,
        "E_LINK_CONTENDED",
        format!("Several workers write the same links of {target} at once; it is tried again."),
    )
}
