//! Links that several workers write: marks that hold whoever comes first, and what to do when somebody else was faster between
//! our read of a link and our write.

use counterpart_domain::{Class, Fault, SageKey};
use jiff::Timestamp;

use super::compare::Decided;
use super::results::{PackResults, Resolution, RowResult};
use super::row_commit::{Origin, RowCommit};
use super::snapshot::PackWork;
use super::{BatchReport, CrmWriter, Mapper};
use crate::link::TRIES;
use crate::parking;
use crate::ports::prelude::*;
use crate::ports::{Commit, ParkedItem};
use crate::{Entry, Link, LinkWrite, Outcome, Pack, PutLink, Reason, Stage};

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Ends a record that was not stored: somebody else wrote its link first, or its CRM id is linked to another key.
    pub(super) async fn not_stored(
        &self,
        work: &PackWork<'_, P::Crm>,
        row_commit: RowCommit,
        answer: PutLink,
    ) -> Result<Resolution, Fault> {
        let RowCommit {
            write,
            result,
            origin,
            ..
        } = row_commit;
        if let PutLink::TooLarge(fault) = answer {
            return self.park_bare(work, result, &fault).await;
        }
        let RowResult { key, entry, .. } = &result;
        match origin {
            // Whoever was faster has decided more.
            Origin::LeftOut => Ok(Resolution::Ended(result)),
            Origin::Overtaken => {
                let repair = self.mark_dirty(&work.pack, key).await?;
                Ok(Resolution::Overtaken(result, repair))
            }
            Origin::Parked(fault) => {
                let mut report = BatchReport::default();
                let (key, entry) = (key.clone(), entry.clone());
                let parked =
                    self.park_entry(&work.pack, work.entity, key, entry, &fault, &mut report);
                let result = parked.await?;
                Ok(if report.parked > 0 {
                    Resolution::Parked(result)
                } else {
                    Resolution::Ended(result)
                })
            }
            Origin::Row(row) => match answer {
                PutLink::IdTaken(other) => {
                    let id = write.link.crm_id.map(|id| id.0).unwrap_or_default();
                    self.id_taken(work, *row, &other, &id).await
                }
                PutLink::Lost(current) => match *current {
                    // Meanwhile a person took it away: what to do is decided from what is stored now.
                    Some(current) if current.stage == Stage::Released => {
                        Err(contended(&result.key))
                    }
                    // Meanwhile it was left out, or something newer was parked: the CRM's record must not be forgotten.
                    Some(current) if current.crm_id.is_none() && write.link.crm_id.is_some() => {
                        self.join(work, write, current, result).await
                    }
                    current => self.lost(work, *row, current, result.outcome).await,
                },
                PutLink::Stored(_) | PutLink::TooLarge(_) => Ok(Resolution::Ended(result)),
            },
        }
    }

    /// Adds the CRM's record to a link that somebody made meanwhile without one.
    async fn join(
        &self,
        work: &PackWork<'_, P::Crm>,
        write: LinkWrite,
        current: Link,
        result: RowResult,
    ) -> Result<Resolution, Fault> {
        let RowResult {
            key,
            entry,
            outcome,
            ..
        } = result;
        let result = RowResult::new(key, entry, outcome);
        let mut link = Link {
            parked: current.parked,
            rep: current.rep.clone().or(write.link.rep),
            rev: current.rev,
            ..write.link
        };
        let told = leaves(&mut link, current);
        let repair = if told {
            repair_entry(&link, self.clock.now())
        } else {
            None
        };
        let commit = Commit {
            write: LinkWrite { link, ..write },
            parked: ParkedItem::Stays,
            outcome: Some(self.outcome(work, &result, &PackResults::default())),
        };
        if self.stores(commit).await? {
            return Ok(Resolution::Repair(result, repair));
        }
        // Handed back, and done again from what is stored then.
        Err(contended(&result.key))
    }

    /// Somebody else wrote the link between our read and our write: our call may have overwritten something newer, or was
    /// made against a base that no longer held. The record is marked and written again in full.
    async fn lost(
        &self,
        work: &PackWork<'_, P::Crm>,
        row: Decided,
        current: Option<Link>,
        outcome: Outcome,
    ) -> Result<Resolution, Fault> {
        let Decided { prepared, .. } = row;
        let ours = prepared.entry.as_of;
        let same = current.as_ref().is_some_and(|link| {
            link.as_of == ours
                && link.source_hash == prepared.entry.hash
                && link.mapping_version == work.entity.version
                && link.rep_version == prepared.rep_version
                && link.stage == Stage::Linked
                && !link.dirty
        });
        if same {
            // The same observation on two workers; the first one's word counts.
            let said = current
                .and_then(|link| link.last)
                .filter(|last| last.run == prepared.entry.run);
            let outcome = said.map_or(outcome, |last| last.outcome);
            return Ok(Resolution::Ended(RowResult::new(
                prepared.key,
                prepared.entry,
                outcome,
            )));
        }
        let newer = current.as_ref().is_some_and(|link| link.as_of > ours);
        let repair = self.mark_dirty(&work.pack, &prepared.key).await?;
        Ok(if newer {
            Resolution::Repair(
                RowResult::new(prepared.key, prepared.entry, Outcome::Superseded),
                repair,
            )
        } else {
            Resolution::Redo(Some(Entry {
                attempts: prepared.entry.attempts + 1,
                ..prepared.entry
            }))
        })
    }

    pub(super) async fn id_taken(
        &self,
        work: &PackWork<'_, P::Crm>,
        row: Decided,
        other: &SageKey,
        id: &str,
    ) -> Result<Resolution, Fault> {
        let key = row.prepared.key;
        let fault = Fault::new(
            Class::Data,
            "E_CRM_ID_TAKEN",
            format!(
                "The CRM answered for {key} with record {id}, which is linked to {other}. Its key field was typed over, or two records have one key: `counterpart link show {} {id}` shows it. Correct the key there, then redrive.",
                work.pack.target
            ),
        );
        // Its CRM record was just written with ours: it is written again with its own values.
        if let Some(repair) = self.mark_dirty(&work.pack, other).await? {
            let now = std::time::Duration::ZERO;
            self.send(&work.pack, work.target, Reason::Repair, vec![repair], now)
                .await?;
        }
        self.mark_conflict(&work.pack, work, &key, &row.prepared.entry)
            .await?;
        let mut unused = BatchReport::default();
        let result = self
            .park_entry(
                &work.pack,
                work.entity,
                key,
                row.prepared.entry,
                &fault,
                &mut unused,
            )
            .await?;
        Ok(Resolution::Parked(result))
    }

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
        work: &PackWork<'_, P::Crm>,
        key: &SageKey,
        entry: &Entry,
    ) -> Result<(), Fault> {
        self.commit_link(pack, key, |link| {
            let now = self.clock.now();
            let write = match link {
                // What a person took away stays so.
                Some(link) if link.stage == Stage::Released => return Ok(((), None)),
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
    ) -> Result<RowResult, Fault> {
        let is_parked = self
            .commit_link(pack, &key, |link| {
                let now = self.clock.now();
                let aside = parking::aside(&pack.target, entity, &key, &entry, link, fault, now)?;
                Ok((aside.is_some(), aside))
            })
            .await?;
        if !is_parked {
            return Ok(RowResult::new(key, entry, Outcome::Superseded));
        }
        tracing::error!(record.key = %key, target.name = %pack.target, fault.code = %fault.code, "a record is parked");
        report.parked += 1;
        let code = fault.code.clone().into_owned();
        Ok(RowResult::new(key, entry, Outcome::Parked).with_code(code))
    }

    /// Sets aside a record that no item can hold, without its content: Sage has it.
    pub(super) async fn park_bare(
        &self,
        work: &PackWork<'_, P::Crm>,
        result: RowResult,
        fault: &Fault,
    ) -> Result<Resolution, Fault> {
        let RowResult { key, entry, .. } = result;
        let link = self.store.link(&work.pack.target, &key).await?;
        let now = self.clock.now();
        let target = &work.pack.target;
        let commit = parking::bare(target, work.entity, &key, &entry, link, fault, now);
        let code = fault.code.clone().into_owned();
        let result = RowResult::new(key, entry, Outcome::Parked).with_code(code);
        if self.stores(commit).await? {
            tracing::error!(record.key = %result.key, target.name = %target, fault.code = %fault.code, "a record is parked");
            return Ok(Resolution::Parked(result));
        }
        Err(contended(&result.key))
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

/// What the filters left out while it was on its way to the CRM: the link takes it over, marked, so that it is written once
/// more from there, whoever does it.
fn leaves(link: &mut Link, left_out: Link) -> bool {
    let Some(record) = left_out.record else {
        return false;
    };
    if left_out.stage != Stage::Excluded || left_out.as_of <= link.as_of {
        return false;
    }
    link.as_of = left_out.as_of;
    link.source_hash = left_out.source_hash;
    link.record = Some(record);
    link.dirty = true;
    true
}

/// The stored record as an entry to send, unless there is none or something newer is parked.
pub(crate) fn repair_entry(link: &Link, now: Timestamp) -> Option<Entry> {
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
        answers: Vec::new(),
    })
}

pub(super) fn contended(key: &SageKey) -> Fault {
    Fault::new(
        Class::Transient,
        "E_LINK_CONTENDED",
        format!("Several workers write the link of {key} at once; it is tried again."),
    )
}
