//! Marks on links: to be written again in full, in conflict, parked.

use counterpart_domain::{Class, Fault, SageKey};
use jiff::Timestamp;

use super::verdict::Verdict;
use super::work::{End, Work};
use super::{BatchReport, CrmWriter, Mapper};
use crate::link::TRIES;
use crate::parking;
use crate::ports::Commit;
use crate::ports::prelude::*;
use crate::{Entry, Link, LinkWrite, Outcome, Pack, PutLink, Stage};

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Marks a link so that its next write sends every field. One that is marked is marked again: whoever works on the
    /// mark of before loses the link, and cannot take it for clean. The stored record comes back as an entry to send,
    /// unless there is none or something newer is parked.
    pub(super) async fn mark_dirty(
        &self,
        pack: &Pack,
        key: &SageKey,
    ) -> Result<Option<Entry>, Fault> {
        self.commit_link(pack, key, |link| {
            let Some(link) = link else {
                return Ok((None, None));
            };
            let now = self.clock.now();
            let entry = repair_entry(&link, now);
            let known = link.crm_id.is_some();
            let commit = known.then(|| Commit::link(LinkWrite::dirty(link, now)));
            Ok((entry, commit))
        })
        .await
    }

    pub(super) async fn mark_conflict(
        &self,
        pack: &Pack,
        work: &Work<'_, P::Crm>,
        key: &SageKey,
        entry: &Entry,
    ) -> Result<(), Fault> {
        self.commit_link(pack, key, |link| {
            let now = self.clock.now();
            let write = match link {
                Some(link) if link.crm_id.is_some() => LinkWrite::in_place(Link {
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
            Ok(((), Some(Commit::link(write))))
        })
        .await
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
        let is_parked = self
            .commit_link(pack, &key, |link| {
                let now = self.clock.now();
                let aside = parking::aside(&pack.target, entity, &key, &entry, link, fault, now)?;
                Ok((aside.is_some(), aside))
            })
            .await?;
        if !is_parked {
            return Ok(Verdict::new(key, entry, Outcome::Superseded));
        }
        tracing::error!(record.key = %key, target.name = %pack.target, fault.code = %fault.code, "a record is parked");
        report.parked += 1;
        let code = fault.code.clone().into_owned();
        Ok(Verdict::new(key, entry, Outcome::Parked).with_code(code))
    }

    /// Sets aside a record that no item can hold, without its content: Sage has it.
    pub(super) async fn park_bare(
        &self,
        work: &Work<'_, P::Crm>,
        verdict: Verdict,
        fault: &Fault,
    ) -> Result<End, Fault> {
        let Verdict { key, entry, .. } = verdict;
        let link = self.store.link(&work.pack.target, &key).await?;
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

    /// Reads a link, and commits what `change` makes of it, again and again until nobody else wrote it in between. The
    /// answer is what `change` said besides; where it makes nothing of the link, nothing is written.
    async fn commit_link<T>(
        &self,
        pack: &Pack,
        key: &SageKey,
        mut change: impl FnMut(Option<Link>) -> Result<(T, Option<Commit>), Fault>,
    ) -> Result<T, Fault> {
        for _ in 0..TRIES {
            let link = self.store.link(&pack.target, key).await?;
            let (answer, commit) = change(link)?;
            let Some(commit) = commit else {
                return Ok(answer);
            };
            if self.stores(commit).await? {
                return Ok(answer);
            }
        }
        Err(contended(key))
    }

    /// Whether a record's commit was stored; it was not when somebody else wrote its link in between.
    pub(super) async fn stores(&self, commit: Commit) -> Result<bool, Fault> {
        let answers = self.store.commit(&[commit], &[]).await?;
        Ok(matches!(answers.as_slice(), [PutLink::Stored(_)]))
    }
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
