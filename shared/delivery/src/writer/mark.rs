//! Marks on links: to be written again in full, in conflict, parked.

use counterpart_domain::{Class, Fault, SageKey};
use jiff::Timestamp;

use super::repair::End;
use super::settle::Work;
use super::verdict::Verdict;
use super::{BatchReport, CrmWriter, Mapper};
use crate::parking;
use crate::ports::Commit;
use crate::ports::prelude::*;
use crate::{Entry, Link, LinkWrite, Outcome, Pack, PutLink, Stage};

/// How often a mark on a link is tried against other writers.
const TRIES: u32 = 5;

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Marks a link so that its next write sends every field. One that is marked is marked again: whoever works on the
    /// mark of before loses the link, and cannot take it for clean. The stored record comes back as an entry to send,
    /// unless there is none or something newer is parked.
    pub(super) async fn mark_dirty(
        &self,
        pack: &Pack,
        key: &SageKey,
    ) -> Result<Option<Entry>, Fault> {
        for _ in 0..TRIES {
            let Some(link) = self.link(pack, key).await? else {
                return Ok(None);
            };
            let now = self.clock.now();
            let entry = repair_entry(&link, now);
            if link.crm_id.is_none() {
                return Ok(entry);
            }
            if self.stores(Commit::link(dirty(link, now))).await? {
                return Ok(entry);
            }
        }
        Err(contended(key))
    }

    pub(super) async fn mark_conflict(
        &self,
        pack: &Pack,
        work: &Work<'_, P::Crm>,
        key: &SageKey,
        entry: &Entry,
    ) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let link = self.link(pack, key).await?;
            let now = self.clock.now();
            let write = match link {
                Some(link) if link.crm_id.is_some() => parking::marked(Link {
                    stage: Stage::Conflict,
                    updated_at: now,
                    ..link
                }),
                link => parking::unwritten(
                    &pack.target,
                    key,
                    Stage::Conflict,
                    entry.as_of,
                    Some(&entry.record),
                    work.entity,
                    link,
                    now,
                ),
            };
            if self.stores(Commit::link(write)).await? {
                return Ok(());
            }
        }
        Err(contended(key))
    }

    /// Sets a record aside whose link others write, too. What was stored first counts.
    pub(super) async fn park_entry(
        &self,
        pack: &Pack,
        entity: &counterpart_config::EntityConfig,
        key: SageKey,
        entry: Entry,
        fault: &Fault,
        report: &mut BatchReport,
    ) -> Result<Verdict, Fault> {
        for _ in 0..TRIES {
            let link = self.link(pack, &key).await?;
            let now = self.clock.now();
            let aside = parking::aside(&pack.target, entity, &key, &entry, link, fault, now)?;
            let Some(commit) = aside else {
                return Ok(Verdict::new(key, entry, Outcome::Superseded));
            };
            if self.stores(commit).await? {
                tracing::error!(record.key = %key, target.name = %pack.target, fault.code = %fault.code, "a record is parked");
                report.parked += 1;
                let code = fault.code.clone().into_owned();
                return Ok(Verdict::new(key, entry, Outcome::Parked).with_code(code));
            }
        }
        Err(contended(&key))
    }

    /// Sets aside a record that no item can hold, without its content: Sage has it.
    pub(super) async fn park_bare(
        &self,
        work: &Work<'_, P::Crm>,
        verdict: Verdict,
        fault: &Fault,
    ) -> Result<End, Fault> {
        let Verdict { key, entry, .. } = verdict;
        let link = self.link(&work.pack, &key).await?;
        let now = self.clock.now();
        let target = &work.pack.target;
        let commit = parking::bare(target, work.entity, &key, &entry, link, fault, now);
        let code = fault.code.clone().into_owned();
        let verdict = Verdict::new(key, entry, Outcome::Parked).with_code(code);
        if self.stores(commit).await? {
            tracing::error!(record.key = %verdict.key, target.name = %target, fault.code = %fault.code, "a record is parked");
            return Ok(End::Parked(verdict));
        }
        Err(contended(&verdict.key))
    }

    /// The link of one record.
    async fn link(&self, pack: &Pack, key: &SageKey) -> Result<Option<Link>, Fault> {
        let links = self.store.links(&pack.target, std::slice::from_ref(key));
        Ok(links.await?.pop().flatten())
    }

    /// Whether a record's commit was stored; it was not when somebody else wrote its link in between.
    pub(super) async fn stores(&self, commit: Commit) -> Result<bool, Fault> {
        let answers = self.store.commit(&[commit], &[]).await?;
        Ok(matches!(answers.as_slice(), [PutLink::Stored(_)]))
    }
}

/// A link whose next write sends every field.
pub(super) fn dirty(link: Link, now: Timestamp) -> LinkWrite {
    parking::marked(Link {
        dirty: true,
        updated_at: now,
        ..link
    })
}

/// The stored record as an entry to send, unless there is none or something newer is parked.
pub(super) fn repair_entry(link: &Link, now: Timestamp) -> Option<Entry> {
    let overtaken = link.parked.is_some_and(|parked| parked > link.as_of);
    let record = link
        .record
        .clone()
        .filter(|_| !overtaken && link.stage == Stage::Linked)?;
    Some(Entry {
        local_key: link.key.local.clone(),
        as_of: link.as_of,
        hash: link.source_hash.clone(),
        record,
        run: link
            .last
            .as_ref()
            .map(|last| last.run.clone())
            .unwrap_or_default(),
        first_sent: now,
        attempts: 0,
    })
}

pub(super) fn contended(key: &SageKey) -> Fault {
    Fault::new(
        Class::Transient,
        "E_LINK_CONTENDED",
        format!("Several workers write the link of {key} at once; it is tried again."),
    )
}
