//! How a record's part in a pack ends: what is to be stored of it, all at once, and what that means once it is.

use counterpart_domain::reconcile::NoteKind;
use counterpart_domain::{Fault, Value, bounded};

use super::BatchReport;
use super::compare::Decided;
use super::prepare::Prepared;
use super::results::{PackResults, RowResult};
use super::snapshot::PackWork;
use crate::parking;
use crate::ports::{Commit, ParkedItem, RowOutcome, Written};
use crate::{Entry, FieldChange, LastOutcome, Link, LinkWrite, Outcome, Pack, Stage};

/// The most field changes that an outcome lists.
const MOST_CHANGES: usize = 30;
/// The longest before and after that an outcome shows, in characters.
const LONGEST_SHOWN: usize = 100;

/// A record with what is to be stored of it.
pub(super) struct RowCommit {
    /// What is stored, but for the outcome, which follows from the result.
    pub(super) write: LinkWrite,
    pub(super) parked: ParkedItem,
    pub(super) result: RowResult,
    pub(super) follow_up: FollowUp,
    pub(super) origin: Origin,
}

/// What follows once it is stored.
pub(super) enum FollowUp {
    Nothing,
    /// Its children are released.
    Linked,
    /// It is written again in full, and its children are released.
    Repair,
    /// What is stored, and newer, is written again in full.
    Overtaken(Option<Box<Entry>>),
    /// It counts as parked.
    Parked,
}

/// What it was, for the case that somebody else wrote its link in between.
pub(super) enum Origin {
    /// The CRM has spoken about it, or had nothing to say.
    Row(Box<Decided>),
    /// It was to be set aside.
    Parked(Box<Fault>),
    /// It was to be marked, so that its next write is a full one.
    Overtaken,
    /// Its children were to know that it is left out.
    LeftOut,
}

/// The next step for a row.
pub(super) enum NextStep {
    Store(Box<RowCommit>),
    /// Nothing is to be stored but the outcome.
    Record(RowResult),
    Retry(Entry),
    /// The CRM refused it for something that has to be looked into first.
    LookInto(Box<Decided>, Box<Fault>),
}

impl RowCommit {
    /// Enters what was stored.
    pub(super) fn stored(self, results: &mut PackResults, report: &mut BatchReport) {
        match self.follow_up {
            FollowUp::Nothing => {}
            FollowUp::Linked => results.linked.push(self.result.key.clone()),
            FollowUp::Repair => {
                results.linked.push(self.result.key.clone());
                results.repairs.push(self.result.entry.clone());
            }
            FollowUp::Overtaken(repair) => results.repairs.extend(repair.map(|entry| *entry)),
            FollowUp::Parked => report.parked += 1,
        }
        results.recorded.push(self.result);
    }

    /// Sets a record aside. `link` is the stored one; of one that knows something newer nothing is set aside.
    pub(super) fn park<K>(
        work: &PackWork<'_, K>,
        key: counterpart_domain::SageKey,
        entry: Entry,
        link: Option<Link>,
        fault: Fault,
        now: jiff::Timestamp,
    ) -> Result<NextStep, Fault> {
        let commit = parking::aside(
            &work.pack.target,
            work.entity,
            &key,
            &entry,
            link,
            &fault,
            now,
        )?;
        let Some(Commit { write, parked, .. }) = commit else {
            return Ok(NextStep::Record(RowResult::new(
                key,
                entry,
                Outcome::Superseded,
            )));
        };
        let code = fault.code.clone().into_owned();
        Ok(NextStep::Store(Box::new(Self {
            write,
            parked,
            result: RowResult::new(key, entry, Outcome::Parked).with_code(code),
            follow_up: FollowUp::Parked,
            origin: Origin::Parked(Box::new(fault)),
        })))
    }

    /// The end of a row that the CRM took, or that needed no call.
    pub(super) fn row<K>(
        work: &PackWork<'_, K>,
        row: Decided,
        outcome: Option<&RowOutcome>,
        now: jiff::Timestamp,
    ) -> NextStep {
        match outcome {
            None if row.decision.left_out => left_out(work, row, now),
            Some(Ok(written)) => NextStep::Store(Box::new(linked(work, row, Some(written), now))),
            _ => NextStep::Store(Box::new(linked(work, row, None, now))),
        }
    }
}

/// A record that the policy does not create: its children are to know.
fn left_out<K>(work: &PackWork<'_, K>, row: Decided, now: jiff::Timestamp) -> NextStep {
    let Prepared {
        key, entry, link, ..
    } = row.prepared;
    let known = link
        .as_ref()
        .is_some_and(|link| link.stage != Stage::Unwritten);
    let was_parked = link.as_ref().is_some_and(|link| link.parked.is_some());
    let result = |key, entry| {
        RowResult::new(key, entry, Outcome::Excluded).with_code("EXCLUDED_BY_CREATION_POLICY")
    };
    if known {
        return NextStep::Record(result(key, entry));
    }
    let write = parking::unwritten(
        &work.pack.target,
        &key,
        Stage::Excluded,
        entry.as_of,
        Some(&entry.record),
        work.entity,
        link,
        now,
    );
    NextStep::Store(Box::new(RowCommit {
        write,
        parked: goes_if(was_parked),
        result: result(key, entry),
        follow_up: FollowUp::Nothing,
        origin: Origin::LeftOut,
    }))
}

const fn goes_if(was_parked: bool) -> ParkedItem {
    if was_parked {
        ParkedItem::Goes
    } else {
        ParkedItem::Stays
    }
}

/// A record whose observation is applied: written, or the same as what the CRM holds.
fn linked<K>(
    work: &PackWork<'_, K>,
    mut row: Decided,
    written: Option<&Written>,
    now: jiff::Timestamp,
) -> RowCommit {
    let outcome = match written {
        None => Outcome::Unchanged,
        Some(written) if written.created => Outcome::Created,
        Some(_) => Outcome::Updated,
    };
    let known = row.prepared.link.as_ref();
    let known = known.and_then(|link| link.crm_id.clone());
    let crm_id = written
        .map(|written| written.id.clone())
        .or_else(|| known.clone())
        .or_else(|| row.found.clone());
    let in_part = is_in_part(&row, written);
    let shadow = std::mem::take(&mut row.decision.shadow);
    let changed = crm_id != known;
    let link = Link {
        stage: if crm_id.is_some() {
            Stage::Linked
        } else {
            Stage::Excluded
        },
        crm_id,
        shadow,
        dirty: in_part,
        key_restored: key_restored(&row, written, now),
        ..applied(work, &row.prepared, outcome, now)
    };
    let was = row.prepared.link.as_ref();
    let result = RowResult {
        changes: if outcome == Outcome::Updated {
            changes(&row)
        } else {
            Vec::new()
        },
        code: note_code(&work.pack, &row).or_else(|| row.prepared.rests.map(str::to_owned)),
        ..RowResult::new(
            row.prepared.key.clone(),
            row.prepared.entry.clone(),
            outcome,
        )
    };
    RowCommit {
        parked: goes_if(was.is_some_and(|link| link.parked.is_some())),
        write: LinkWrite {
            link,
            previous_crm_id: known.filter(|_| changed),
            write_reverse: changed,
        },
        result,
        // After a merge, a move or a creation the children may wait, too.
        follow_up: match (
            in_part,
            changed || was.is_some_and(|link| link.key_unwritten),
        ) {
            (true, _) => FollowUp::Repair,
            (false, true) => FollowUp::Linked,
            (false, false) => FollowUp::Nothing,
        },
        origin: Origin::Row(Box::new(row)),
    }
}

/// When the key was written again last.
fn key_restored(
    row: &Decided,
    written: Option<&Written>,
    now: jiff::Timestamp,
) -> Option<jiff::Timestamp> {
    if row.lost_key && written.is_some() {
        return Some(now);
    }
    row.prepared.link.as_ref()?.key_restored
}

/// The link of a record whose observation was applied, but for what the CRM says of it.
fn applied<K>(
    work: &PackWork<'_, K>,
    row: &Prepared,
    outcome: Outcome,
    now: jiff::Timestamp,
) -> Link {
    let was = row.link.as_ref();
    Link {
        target: work.pack.target.clone(),
        key: row.key.clone(),
        stage: Stage::Linked,
        crm_id: None,
        as_of: row.entry.as_of,
        source_hash: row.entry.hash.clone(),
        mapping_version: work.entity.version.clone(),
        rep_version: row.rep_version.clone(),
        shadow: Default::default(),
        record: Some(row.entry.record.clone()),
        rep: row.rep.clone(),
        parked: None,
        dirty: false,
        key_unwritten: false,
        sage_owned: was.is_some_and(|link| link.sage_owned),
        resting: row.rests.is_some(),
        key_restored: None,
        last: Some(LastOutcome {
            run: row.entry.run.clone(),
            outcome,
        }),
        rev: was.map_or(0, |link| link.rev),
        updated_at: now,
    }
}

/// Whether the CRM may hold less than it should: an update that created, because the record had been deleted there and only
/// some of its fields were sent; or a creation that met a record, where what is blank in Sage was not sent.
fn is_in_part(row: &Decided, written: Option<&Written>) -> bool {
    let Some(written) = written else {
        return false;
    };
    let was_dirty = row.prepared.link.as_ref().is_some_and(|link| link.dirty);
    let recreated = !row.decision.create && written.created && !was_dirty;
    let adopted = row.decision.create
        && !written.created
        && row.prepared.fields.values().any(Value::is_blank);
    recreated || adopted
}

/// What the outcome should tell besides what was written: differences that the policy leaves as they are.
fn note_code(pack: &Pack, row: &Decided) -> Option<String> {
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
        let lost_key = row.lost_key && row.prepared.unkeyed().is_none();
        return lost_key.then(|| "KEY_RESTORED".to_owned());
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
