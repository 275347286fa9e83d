//! Step `prepare`, pure: from a pack's entries and what is stored of them to what is to be compared. Order of observations,
//! filters, mapping, owner, parent.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};

use counterpart_config::{Mapped, Verdict};
use counterpart_domain::{Class, CrmId, Digest, Fault, Fields, Note, RepKey, SageKey, Value};

use super::Mapper;
use super::results::{PackResults, RowResult};
use super::snapshot::Snapshot;
use crate::owner::{Owner, resolve};
use crate::{Entry, Link, Outcome, Pack, Reason, Stage};

/// A record that is to be compared, and perhaps written.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) key: SageKey,
    pub(super) entry: Entry,
    pub(super) link: Option<Link>,
    pub(super) fields: Fields,
    /// [`Mapped::unread`]
    pub(super) unread: BTreeSet<String>,
    pub(super) notes: Vec<Note>,
    pub(super) owner: Option<Owner>,
    pub(super) rep: Option<RepKey>,
    pub(super) rep_version: Digest,
    /// The filters leave it out, for the reason of this code: this is the last that the CRM learns of it.
    pub(super) rests: Option<&'static str>,
}

impl Prepared {
    /// Whether the CRM holds the record as far as the link knows.
    pub(super) fn is_linked(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.crm_id.is_some())
    }

    /// The id of the CRM's record, where there is one. It decides which record is written, whatever became of the key there.
    pub(super) fn known_id(&self) -> Option<&CrmId> {
        self.link.as_ref()?.crm_id.as_ref()
    }

    /// The id of a record that came from the CRM and does not hold its Sage key yet: it can only be found by its id.
    pub(super) fn unkeyed(&self) -> Option<&CrmId> {
        let link = self.link.as_ref().filter(|link| link.key_unwritten)?;
        link.crm_id.as_ref()
    }
}

/// Why a record is not compared at all.
#[derive(Debug)]
pub(super) enum Skip {
    /// This very observation, of this run, is what the link holds: its outcome was written together with it.
    Recorded(Outcome),
    /// Its part is over.
    Done(Outcome, Option<&'static str>),
    /// A newer observation was applied, but this one may have reached the CRM after it.
    MayHaveOverwritten,
    /// It waits for its parent.
    WaitForParent(SageKey),
    /// It waits until its creation in Sage is known to be done.
    WaitForCreation,
    /// Left out with its parent; released when the parent is linked.
    ExcludedWithParent(SageKey),
    /// It is parked; released with its parent where one is named.
    Park(Box<Fault>, Option<SageKey>),
}

/// What the entries of a pack are to become.
pub(super) struct Plan {
    /// To be compared with the CRM, and perhaps written.
    pub(super) rows: Vec<Prepared>,
    /// Not compared.
    pub(super) skipped: Vec<(Entry, Skip)>,
    /// What is known of the pack's end by now.
    pub(super) results: PackResults,
}

/// What is to be done about a pack's entries, as far as it can be said without the CRM. The links of those that are to be
/// compared go with them.
pub(super) fn prepare(
    mapper: &impl Mapper,
    pack: &Pack,
    snapshot: &mut Snapshot<'_>,
    entries: Vec<Entry>,
) -> Plan {
    let mut results = PackResults::default();
    let (mut rows, mut skipped) = (Vec::new(), Vec::new());
    for entry in newest(pack, entries, &mut results) {
        match prepare_entry(mapper, pack, snapshot, entry) {
            Ok(mut row) => {
                let notes = std::mem::take(&mut row.notes);
                if !notes.is_empty() {
                    results.notes.insert(row.key.clone(), notes);
                }
                rows.push(row);
            }
            Err(skip) => skipped.push(*skip),
        }
    }
    Plan {
        rows,
        skipped,
        results,
    }
}

fn prepare_entry(
    mapper: &impl Mapper,
    pack: &Pack,
    snapshot: &mut Snapshot<'_>,
    entry: Entry,
) -> Result<Prepared, Box<(Entry, Skip)>> {
    let key = pack.key(&entry);
    let owner = snapshot.entity.owner.as_ref();
    let rep_version = snapshot.reps.version(owner, &key.company, &entry.record);
    match compose(mapper, pack, snapshot, &key, &entry, &rep_version) {
        Ok(composed) => Ok(Prepared {
            link: snapshot.links.remove(&key),
            rep: owner.and_then(|owner| entry.record.rep(&key.company, &owner.column)),
            key,
            entry,
            fields: composed.fields,
            unread: composed.unread,
            notes: composed.notes,
            owner: composed.owner,
            rep_version,
            rests: composed.rests,
        }),
        Err(skip) => Err(Box::new((entry, skip))),
    }
}

/// Whether every record of a pack is what its link holds already. Said by the links alone.
pub(super) fn is_settled(pack: &Pack, snapshot: &Snapshot<'_>) -> bool {
    let owner = snapshot.entity.owner.as_ref();
    pack.entries.iter().all(|entry| {
        let link = snapshot.links.get(&pack.key(entry));
        let reps = &snapshot.reps;
        let rep_version = reps.version(owner, &pack.company, &entry.record);
        let stands = against_link(pack, snapshot, entry, link, &rep_version);
        matches!(stands, Err(Skip::Recorded(_)))
    })
}

/// What the stored link says of an observation: whether it is done, late, or still to be looked at.
fn against_link(
    pack: &Pack,
    snapshot: &Snapshot<'_>,
    entry: &Entry,
    link: Option<&Link>,
    rep_version: &Digest,
) -> Result<(), Skip> {
    let entity = snapshot.entity;
    if let Some(link) = link {
        let newest = link.parked.unwrap_or_default().max(link.as_of);
        let same = link.source_hash == entry.hash
            && link.mapping_version == entity.version
            && link.rep_version == *rep_version;
        let applied = link.is_settled() && pack.reason != Reason::Edited;
        if entry.as_of < newest {
            // Plainly late, or done before and late: only in the second case can the CRM hold it.
            let tried = matches!(pack.reason, Reason::Retry | Reason::Repair);
            let may_have_been_written = snapshot.again || (tried && entry.attempts > 0);
            return Err(if may_have_been_written {
                Skip::MayHaveOverwritten
            } else {
                Skip::Done(Outcome::Superseded, None)
            });
        }
        if entry.as_of == link.as_of && same && applied {
            let last = link.last.as_ref();
            let said = last.filter(|last| last.run == entry.run);
            return Err(said.map_or(Skip::Done(Outcome::Unchanged, None), |last| {
                Skip::Recorded(last.outcome)
            }));
        }
        if link.stage == Stage::Creating {
            return Err(Skip::WaitForCreation);
        }
        if link.stage == Stage::Released && !entry.is_to_be_linked_anew() {
            return Err(Skip::Park(Box::new(released(link)), None));
        }
        // Two contents under one as-of: the agent's counter is broken. Whatever the order of arrival, the same one
        // of the two stays; the next poll reads the record again under a new as-of.
        if entry.as_of == link.as_of && link.stage == Stage::Linked && entry.hash < link.source_hash
        {
            return Err(Skip::Done(Outcome::Superseded, Some("E_AS_OF_REPEATED")));
        }
    }
    Ok(())
}

fn compose(
    mapper: &impl Mapper,
    pack: &Pack,
    snapshot: &Snapshot<'_>,
    key: &SageKey,
    entry: &Entry,
    rep_version: &Digest,
) -> Result<Composed, Skip> {
    let entity = snapshot.entity;
    let link = snapshot.links.get(key);
    against_link(pack, snapshot, entry, link, rep_version)?;
    let included = entity.include(key, &entry.record);
    let rests = match included.map_err(|fault| Skip::Park(Box::new(fault), None))? {
        Verdict::Include => None,
        // What the CRM holds is told so, once.
        Verdict::Exclude { code, .. } if link.is_some_and(is_told_of_leaving) => Some(code),
        Verdict::Exclude { code, .. } => {
            return Err(Skip::Done(Outcome::Excluded, Some(code)));
        }
    };
    let park = |fault| Skip::Park(Box::new(fault), None);
    entity.check_key(key).map_err(park)?;
    let mapped = catch_unwind(AssertUnwindSafe(|| mapper.map(entity, key, &entry.record)));
    let Mapped {
        mut fields,
        unread,
        notes,
    } = mapped
        .unwrap_or_else(|_| Err(panicked(key)))
        .map_err(park)?;
    let parent = entity
        .parent_field
        .as_ref()
        .zip(entry.record.parent(&key.company));
    if let Some((field, parent)) = parent {
        fields.insert(
            field.clone(),
            Value::Reference(parent_id(snapshot, key, parent)?),
        );
    }
    let mut owner = None;
    if let Some(config) = &entity.owner {
        let resolved = resolve(config, &snapshot.reps, key, &entry.record).map_err(park)?;
        if let Owner::User(user) = &resolved {
            fields.insert(config.field.clone(), user.clone());
        }
        owner = Some(resolved);
    }
    Ok(Composed {
        fields,
        unread,
        notes,
        owner,
        rests,
    })
}

/// Whether a record that the filters leave out is written once more: the CRM holds it, and has not been told yet.
pub(crate) fn is_told_of_leaving(link: &Link) -> bool {
    link.crm_id.is_some() && link.stage == Stage::Linked && !link.rests()
}

/// What the mapping makes of a record.
struct Composed {
    fields: Fields,
    unread: BTreeSet<String>,
    notes: Vec<Note>,
    owner: Option<Owner>,
    rests: Option<&'static str>,
}

/// The parent's CRM id, or what becomes of a child without one.
fn parent_id(snapshot: &Snapshot<'_>, key: &SageKey, parent: SageKey) -> Result<String, Skip> {
    let link = snapshot.parents.get(&parent);
    if let Some(id) = link.and_then(|link| link.crm_id.as_ref()) {
        return Ok(id.0.clone());
    }
    let fault = |code, why| {
        Skip::Park(
            Box::new(Fault::new(
                Class::Data,
                code,
                format!(
                    "{key} belongs to {parent}, {why}. It follows by itself once {parent} is in the CRM."
                ),
            )),
            Some(parent.clone()),
        )
    };
    match link.map(|link| link.stage) {
        None | Some(Stage::Linked | Stage::Creating) => Err(Skip::WaitForParent(parent)),
        Some(Stage::Excluded) => Err(Skip::ExcludedWithParent(parent)),
        Some(Stage::Unwritten) => Err(fault("E_PARENT_PARKED", "which is parked itself")),
        Some(Stage::Conflict) => Err(fault(
            "E_PARENT_IN_CONFLICT",
            "whose CRM record is in doubt",
        )),
        Some(Stage::Released) => Err(fault("E_PARENT_RELEASED", "whose link a person took away")),
        Some(Stage::Tombstoned) => Err(fault("E_PARENT_DELETED", "which was deleted in Sage 100")),
    }
}

/// A person took the link away, and a person says what comes next.
fn released(link: &Link) -> Fault {
    let (key, target) = (&link.key, &link.target);
    Fault::new(
        Class::Data,
        "E_LINK_RELEASED",
        format!(
            "The link of {key} was taken away by a person, and {key} has changed in Sage 100 since. Link it to the right record (`counterpart link move {target} CRM-ID {key}`); or redrive: then the record that holds its key is taken, and where none does, it is created anew."
        ),
    )
}

fn panicked(key: &SageKey) -> Fault {
    Fault::new(
        Class::Bug,
        "E_PANIC",
        format!(
            "Counterpart failed on {key}. The record is set aside and its neighbours went on; please report it with its content."
        ),
    )
}

/// A pack should name a key once. Where it does not, the newest observation counts, the others are superseded.
fn newest(pack: &Pack, entries: Vec<Entry>, results: &mut PackResults) -> Vec<Entry> {
    let mut at: HashMap<String, usize> = HashMap::with_capacity(entries.len());
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(&at) = at.get(&entry.local_key) else {
            at.insert(entry.local_key.clone(), kept.len());
            kept.push(entry);
            continue;
        };
        let older = if entry.as_of > kept[at].as_of {
            std::mem::replace(&mut kept[at], entry)
        } else {
            entry
        };
        // In one run a record has one outcome: that of its newest observation.
        if older.run != kept[at].run {
            let key = pack.key(&older);
            results
                .pending
                .push(RowResult::new(key, older, Outcome::Superseded));
        }
    }
    kept
}

#[cfg(test)]
mod tests;
