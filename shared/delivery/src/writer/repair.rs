//! After the CRM has spoken: the link, conditionally; and what to do when somebody else was faster.

use counterpart_domain::reconcile::NoteKind;
use counterpart_domain::{Fault, bounded};

use super::mark::contended;
use super::settle::{Ends, Work};
use super::verdict::{Decided, Prepared, Verdict};
use super::{BatchReport, CrmWriter, Mapper, park};
use crate::ports::{
    Clock, Crm, CrmRecords, EventQueue, Ids, Intents, Marks, Queue, RowOutcome, Store, Written,
};
use crate::{Entry, FieldChange, LastOutcome, Link, LinkWrite, Outcome, Pack, PutLink, Stage};

/// The most field changes that an outcome lists.
const MOST_CHANGES: usize = 30;
/// The longest before and after that an outcome shows, in characters.
const LONGEST_SHOWN: usize = 100;

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

impl<K, S, Q, E, C, M> CrmWriter<'_, K, S, Q, E, C, M>
where
    K: Crm + CrmRecords,
    S: Store + Intents + Marks,
    Q: Queue,
    E: EventQueue,
    C: Clock + Ids,
    M: Mapper,
{
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
            key_unwritten: false,
            sage_owned: was.is_some_and(|link| link.sage_owned),
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
