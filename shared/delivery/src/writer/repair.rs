//! After the CRM has spoken: the link, conditionally; and what to do when somebody else was faster.

use counterpart_domain::reconcile::NoteKind;
use counterpart_domain::{Class, Fault, SageKey, bounded};

use super::settle::{Ends, Work};
use super::verdict::{Decided, Prepared, Verdict};
use super::{BatchReport, CrmWriter, Mapper, park};
use crate::ports::{Clock, Crm, Ids, Queue, RowOutcome, Store, Written};
use crate::{
    Entry, FieldChange, LastOutcome, Link, LinkWrite, Outcome, Pack, PutLink, Reason, Stage,
};

/// The most field changes that an outcome lists.
const MOST_CHANGES: usize = 30;
/// The longest before and after that an outcome shows, in characters.
const LONGEST_SHOWN: usize = 100;
/// How often a row is tried whose fault should pass by itself: about a day of a quarter of an hour each, not counting
/// the time in which the CRM could not be called at all.
const TRIES_FOR_LOCK: u32 = 100;
/// How often a child is tried whose parent the CRM does not find.
const TRIES_FOR_PARENT: u32 = 5;
/// How often a mark on a link is tried against other writers.
const TRIES: u32 = 5;

/// What one row came to.
pub(super) enum End {
    Said(Verdict),
    /// Said, and linked for the first time.
    Linked(Verdict),
    /// Said, and to be written again in full.
    Repair(Verdict, Option<Entry>),
    Retry(Entry),
    Parked(Verdict),
    /// Neither said nor lost: written again in full under its own as-of.
    Redo(Option<Entry>),
}

impl End {
    pub(super) fn join(self, ends: &mut Ends, report: &mut BatchReport) {
        match self {
            Self::Said(verdict) => ends.verdicts.push(verdict),
            Self::Linked(verdict) => {
                ends.linked.push(verdict.key.clone());
                ends.verdicts.push(verdict);
            }
            Self::Repair(verdict, repair) => {
                ends.linked.push(verdict.key.clone());
                ends.verdicts.push(verdict);
                ends.repairs.extend(repair);
            }
            Self::Retry(entry) => ends.retries.push(entry),
            Self::Parked(verdict) => {
                report.parked += 1;
                ends.verdicts.push(verdict);
            }
            Self::Redo(entry) => ends.repairs.extend(entry),
        }
    }
}

impl<K: Crm, S: Store, Q: Queue, C: Clock + Ids, M: Mapper> CrmWriter<'_, K, S, Q, C, M> {
    /// Ends one record's part. `outcome` none: nothing was to be written.
    pub(super) async fn settle(
        &self,
        work: &Work<'_, K>,
        row: Decided,
        outcome: Option<RowOutcome>,
    ) -> Result<End, Fault> {
        match outcome {
            None if row.decision.left_out => {
                // Its children are to know.
                let Prepared {
                    key, entry, link, ..
                } = &row.prepared;
                if link
                    .as_ref()
                    .is_none_or(|link| link.stage == Stage::Unwritten)
                {
                    let write = park::unwritten(
                        &work.pack.target,
                        key,
                        Stage::Excluded,
                        entry.as_of,
                        Some(&entry.record),
                        work.entity,
                        link.clone(),
                        self.clock.now(),
                    );
                    self.store.put_link(&write).await?;
                }
                let verdict = Verdict::new(row.prepared.key, row.prepared.entry, Outcome::Excluded);
                Ok(End::Said(verdict.with_code("EXCLUDED_BY_CREATION_POLICY")))
            }
            None => self.link(work, row, None).await,
            Some(Ok(written)) => self.link(work, row, Some(written)).await,
            Some(Err(fault)) => self.refused(work, row, fault).await,
        }
    }

    async fn link(
        &self,
        work: &Work<'_, K>,
        row: Decided,
        written: Option<Written>,
    ) -> Result<End, Fault> {
        let outcome = match &written {
            None => Outcome::Unchanged,
            Some(written) if written.created => Outcome::Created,
            Some(_) => Outcome::Updated,
        };
        let was = row.prepared.link.as_ref();
        let known = was.and_then(|link| link.crm_id.clone());
        let crm_id = written
            .as_ref()
            .map(|written| written.id.clone())
            .or_else(|| known.clone())
            .or_else(|| row.found.clone());
        // An update that created: the record had been deleted in the CRM, and only some of its fields were sent.
        let in_part = !row.decision.create
            && written.as_ref().is_some_and(|written| written.created)
            && !was.is_some_and(|link| link.dirty);
        // A creation that met a record: what is blank in Sage was not sent, and may not be blank there.
        let adopted = row.decision.create
            && written.as_ref().is_some_and(|written| !written.created)
            && row
                .prepared
                .fields
                .values()
                .any(counterpart_domain::Value::is_blank);
        let in_part = in_part || adopted;
        let link = Link {
            target: work.pack.target.clone(),
            key: row.prepared.key.clone(),
            stage: if crm_id.is_some() {
                Stage::Linked
            } else {
                Stage::Excluded
            },
            crm_id: crm_id.clone(),
            as_of: row.prepared.entry.as_of,
            source_hash: row.prepared.entry.hash.clone(),
            mapping_version: work.entity.version.clone(),
            rep_version: row.prepared.rep_version.clone(),
            shadow: row.decision.shadow.clone(),
            record: Some(row.prepared.entry.record.clone()),
            rep: row.prepared.rep.clone(),
            parked: None,
            dirty: in_part,
            last: Some(LastOutcome {
                run: row.prepared.entry.run.clone(),
                outcome,
            }),
            rev: was.map_or(0, |link| link.rev),
            updated_at: self.clock.now(),
        };
        let changed = crm_id != known;
        let write = LinkWrite {
            link,
            previous_crm_id: known.filter(|_| changed),
            write_reverse: changed,
        };
        match self.store.put_link(&write).await? {
            PutLink::Stored(_) => {
                if was.is_some_and(|link| link.parked.is_some()) {
                    self.store
                        .unpark(&work.pack.target, &row.prepared.key.storage())
                        .await?;
                }
                let newly = changed;
                let changes = if outcome == Outcome::Updated {
                    changes(&row)
                } else {
                    Vec::new()
                };
                let repair = in_part.then(|| row.prepared.entry.clone());
                let code = told(&work.pack, &row);
                let verdict = Verdict {
                    changes,
                    code,
                    ..Verdict::new(row.prepared.key, row.prepared.entry, outcome)
                };
                Ok(match repair {
                    Some(entry) => End::Repair(verdict, Some(entry)),
                    None if newly => End::Linked(verdict),
                    None => End::Said(verdict),
                })
            }
            PutLink::IdTaken(other) => {
                self.taken(work, row, &other, crm_id.as_ref().map_or("", |id| &id.0))
                    .await
            }
            PutLink::Lost(current) => match *current {
                // Meanwhile it was left out, or something newer was parked: the CRM's record must not be forgotten.
                Some(current) if current.crm_id.is_none() && crm_id.is_some() => {
                    let merged = Link {
                        parked: current.parked,
                        rep: current.rep.or(write.link.rep),
                        rev: current.rev,
                        ..write.link
                    };
                    let write = LinkWrite {
                        link: merged,
                        ..write
                    };
                    match self.store.put_link(&write).await? {
                        PutLink::Stored(_) => Ok(End::Linked(Verdict::new(
                            row.prepared.key,
                            row.prepared.entry,
                            outcome,
                        ))),
                        // Handed back, and done again from what is stored then.
                        PutLink::Lost(_) | PutLink::IdTaken(_) => Err(contended(&row.prepared.key)),
                    }
                }
                current => self.lost(work, row, current, outcome).await,
            },
        }
    }

    /// Somebody else wrote the link between our read and our write: our call may have overwritten something newer, or was
    /// made against a base that no longer held. The record is marked and written again in full.
    async fn lost(
        &self,
        work: &Work<'_, K>,
        row: Decided,
        current: Option<Link>,
        outcome: Outcome,
    ) -> Result<End, Fault> {
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
            return Ok(End::Said(Verdict::new(
                prepared.key,
                prepared.entry,
                outcome,
            )));
        }
        let newer = current.as_ref().is_some_and(|link| link.as_of > ours);
        let repair = self.mark_dirty(&work.pack, &prepared.key).await?;
        Ok(if newer {
            End::Repair(
                Verdict::new(prepared.key, prepared.entry, Outcome::Superseded),
                repair,
            )
        } else {
            End::Redo(Some(Entry {
                attempts: prepared.entry.attempts + 1,
                ..prepared.entry
            }))
        })
    }

    /// Marks a link so that its next write sends every field. The stored record comes back as an entry to send, unless
    /// there is none or something newer is parked.
    pub(super) async fn mark_dirty(
        &self,
        pack: &Pack,
        key: &SageKey,
    ) -> Result<Option<Entry>, Fault> {
        for _ in 0..TRIES {
            let Some(link) = self
                .store
                .links(&pack.target, std::slice::from_ref(key))
                .await?
                .pop()
                .flatten()
            else {
                return Ok(None);
            };
            let entry = repair_entry(&link, self.clock.now());
            if link.dirty || link.crm_id.is_none() {
                return Ok(entry);
            }
            let marked = Link {
                dirty: true,
                updated_at: self.clock.now(),
                ..link
            };
            let write = LinkWrite {
                link: marked,
                previous_crm_id: None,
                write_reverse: false,
            };
            if matches!(self.store.put_link(&write).await?, PutLink::Stored(_)) {
                return Ok(entry);
            }
        }
        Err(contended(key))
    }

    async fn refused(&self, work: &Work<'_, K>, row: Decided, fault: Fault) -> Result<End, Fault> {
        let Decided { prepared, .. } = row;
        let parent = prepared.entry.record.parent(&prepared.key.company);
        if let Some(parent) = parent.filter(|_| fault.code == "E_CRM_PARENT_NOT_FOUND") {
            return self.orphaned(work, prepared, &parent, &fault).await;
        }
        if fault.is_retryable() && prepared.entry.attempts < TRIES_FOR_LOCK {
            return Ok(End::Retry(Entry {
                attempts: prepared.entry.attempts + 1,
                ..prepared.entry
            }));
        }
        let linked = prepared
            .link
            .as_ref()
            .filter(|link| link.crm_id.is_some() && !link.dirty);
        if fault.code == "E_CRM_REQUIRED_MISSING" && linked.is_some() {
            // An update asked for a mandatory field: the record is gone from the CRM. It is sent in full.
            self.mark_dirty(&work.pack, &prepared.key).await?;
            return Ok(End::Redo(Some(Entry {
                attempts: prepared.entry.attempts + 1,
                ..prepared.entry
            })));
        }
        if fault.code == "E_CRM_MATCHED_OTHER_FIELD" {
            self.mark_conflict(&work.pack, work, &prepared.key, &prepared.entry)
                .await?;
        }
        let mut unused = BatchReport::default();
        let verdict = self
            .park_entry(
                &work.pack,
                work.entity,
                prepared.key,
                prepared.entry,
                &fault,
                &mut unused,
            )
            .await?;
        Ok(End::Parked(verdict))
    }

    /// The CRM does not find the parent whose id the link names: it was deleted there. The parent is written again in full,
    /// and the child waits for it.
    async fn orphaned(
        &self,
        work: &Work<'_, K>,
        prepared: Prepared,
        parent: &SageKey,
        fault: &Fault,
    ) -> Result<End, Fault> {
        let Prepared { key, entry, .. } = prepared;
        self.wait(&work.pack, parent, &key, &entry).await?;
        if let Some(repair) = self.mark_dirty(&work.pack, parent).await? {
            let of = Pack {
                entity: parent.entity,
                ..work.pack.clone()
            };
            self.send(
                &of,
                work.target,
                Reason::Repair,
                vec![repair],
                std::time::Duration::ZERO,
            )
            .await?;
        }
        if entry.attempts < TRIES_FOR_PARENT {
            return Ok(End::Retry(Entry {
                attempts: entry.attempts + 1,
                ..entry
            }));
        }
        let mut unused = BatchReport::default();
        let verdict = self
            .park_entry(&work.pack, work.entity, key, entry, fault, &mut unused)
            .await?;
        Ok(End::Parked(verdict))
    }

    async fn taken(
        &self,
        work: &Work<'_, K>,
        row: Decided,
        other: &SageKey,
        id: &str,
    ) -> Result<End, Fault> {
        let key = row.prepared.key;
        let fault = Fault::new(
            Class::Data,
            "E_CRM_ID_TAKEN",
            format!(
                "The CRM answered for {key} with record {id}, which is linked to {other}. Look for two records with one key in the CRM."
            ),
        );
        // Its CRM record was just written with ours: it is written again with its own values.
        self.mark_dirty(&work.pack, other).await?;
        self.mark_conflict(&work.pack, work, &key, &row.prepared.entry)
            .await?;
        let mut unused = BatchReport::default();
        let verdict = self
            .park_entry(
                &work.pack,
                work.entity,
                key,
                row.prepared.entry,
                &fault,
                &mut unused,
            )
            .await?;
        Ok(End::Parked(verdict))
    }

    async fn mark_conflict(
        &self,
        pack: &Pack,
        work: &Work<'_, K>,
        key: &SageKey,
        entry: &Entry,
    ) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let link = self
                .store
                .links(&pack.target, std::slice::from_ref(key))
                .await?
                .pop()
                .flatten();
            let write = match link {
                Some(link) if link.crm_id.is_some() => LinkWrite {
                    link: Link {
                        stage: Stage::Conflict,
                        updated_at: self.clock.now(),
                        ..link
                    },
                    previous_crm_id: None,
                    write_reverse: false,
                },
                link => park::unwritten(
                    &pack.target,
                    key,
                    Stage::Conflict,
                    entry.as_of,
                    Some(&entry.record),
                    work.entity,
                    link,
                    self.clock.now(),
                ),
            };
            if matches!(self.store.put_link(&write).await?, PutLink::Stored(_)) {
                return Ok(());
            }
        }
        Err(contended(key))
    }

    /// Sets a record aside: the mark on its link first, so that nothing older is applied meanwhile, then the item.
    pub(super) async fn park_entry(
        &self,
        pack: &Pack,
        entity: &counterpart_config::EntityConfig,
        key: SageKey,
        entry: Entry,
        fault: &Fault,
        report: &mut BatchReport,
    ) -> Result<Verdict, Fault> {
        let now = self.clock.now();
        for _ in 0..TRIES {
            let link = self
                .store
                .links(&pack.target, std::slice::from_ref(&key))
                .await?
                .pop()
                .flatten();
            let newest = link
                .as_ref()
                .map(|link| link.parked.unwrap_or_default().max(link.as_of));
            if newest.is_some_and(|newest| newest > entry.as_of) {
                return Ok(Verdict::new(key, entry, Outcome::Superseded));
            }
            let write = match link {
                Some(link) if link.crm_id.is_some() || link.stage == Stage::Conflict => LinkWrite {
                    link: Link {
                        parked: Some(entry.as_of),
                        rep: entity
                            .owner
                            .as_ref()
                            .and_then(|owner| entry.record.rep(&key.company, &owner.column)),
                        updated_at: now,
                        ..link
                    },
                    previous_crm_id: None,
                    write_reverse: false,
                },
                link => park::unwritten(
                    &pack.target,
                    &key,
                    Stage::Unwritten,
                    entry.as_of,
                    Some(&entry.record),
                    entity,
                    link,
                    now,
                ),
            };
            if !matches!(self.store.put_link(&write).await?, PutLink::Stored(_)) {
                continue;
            }
            let payload = crate::send::json(&entry)?;
            self.store
                .park(&park::parked(
                    &pack.target,
                    &key,
                    fault,
                    payload,
                    Some(entry.run.clone()),
                    now,
                ))
                .await?;
            tracing::error!(record.key = %key, target.name = %pack.target, fault.code = %fault.code, "a record is parked");
            // Something newer may have been applied between the mark and the item.
            let now_is = self.known(pack, std::slice::from_ref(&key)).await?;
            if now_is
                .get(&key)
                .is_none_or(|link| link.parked != Some(entry.as_of))
            {
                self.store.unpark(&pack.target, &key.storage()).await?;
                return Ok(Verdict::new(key, entry, Outcome::Superseded));
            }
            report.parked += 1;
            let code = fault.code.clone().into_owned();
            return Ok(Verdict::new(key, entry, Outcome::Parked).with_code(code));
        }
        Err(contended(&key))
    }
}

/// What the outcome should tell besides what was written: differences that the policy leaves as they are.
fn told(pack: &Pack, row: &Decided) -> Option<String> {
    for note in &row.decision.notes {
        tracing::warn!(record.key = %row.prepared.key, target.name = %pack.target, field = note.field, note = ?note.kind,
            "a field differs between Sage 100 and the CRM");
    }
    let any = |kind| row.decision.notes.iter().any(|note| note.kind == kind);
    let code = if any(NoteKind::Conflict) {
        "CONFLICT"
    } else if any(NoteKind::ForeignEditReverted) {
        "FOREIGN_EDIT_REVERTED"
    } else if any(NoteKind::ForeignEditKept) {
        "FOREIGN_EDIT_KEPT"
    } else {
        return None;
    };
    Some(code.to_owned())
}

fn repair_entry(link: &Link, now: jiff::Timestamp) -> Option<Entry> {
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

fn contended(key: &SageKey) -> Fault {
    Fault::new(
        Class::Transient,
        "E_LINK_CONTENDED",
        format!("Several workers write the link of {key} at once; it is tried again."),
    )
}

fn changes(row: &Decided) -> Vec<FieldChange> {
    let shadow = row.prepared.link.as_ref().map(|link| &link.shadow);
    let before = |field: &str| {
        shadow
            .and_then(|shadow| shadow.get(field))
            .map(|base| base.crm.value().to_string())
    };
    row.decision
        .to_crm
        .iter()
        .take(MOST_CHANGES)
        .map(|(field, value)| FieldChange {
            field: field.clone(),
            before: bounded(before(field).unwrap_or_default(), LONGEST_SHOWN),
            after: bounded(value.to_string(), LONGEST_SHOWN),
        })
        .collect()
}
