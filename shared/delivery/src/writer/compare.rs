//! Step `compare`: the CRM's values, read where the policy needs them, and the decision for each record.

use std::collections::HashMap;

use counterpart_domain::reconcile::{
    Base, CreateInCrm, Crm as CrmState, Decision, Shadow, Side, UpdateInCrm, reconcile,
};
use counterpart_domain::{CrmId, Fault, Reach, SageKey};
use jiff::SignedDuration;

use super::prepare::Prepared;
use super::snapshot::{PackWork, Snapshot};
use super::{CrmWriter, Mapper};
use crate::Reason;
use crate::bidirectional::{compared_fields, first_base, goes_to_sage, policy_of};
use crate::owner::Owner;
use crate::ports::prelude::*;
use crate::ports::{CrmRecord, DocumentQuery};

/// A link says that the key is there again at most this long after the CRM had it.
const STORED_WITHIN: SignedDuration = SignedDuration::from_mins(1);

/// A record with its decision.
#[derive(Debug, Clone)]
pub(super) struct Decided {
    pub(super) prepared: Prepared,
    pub(super) decision: Decision,
    /// The id of the CRM's record, where it was looked for and found.
    pub(super) found: Option<CrmId>,
    /// Whether the CRM has something to tell Sage.
    pub(super) for_sage: bool,
    /// The linked record was read, holds another key or none, and is to have it again.
    pub(super) lost_key: bool,
}

/// What there is to do.
pub(super) struct Compared {
    pub(super) decided: Vec<Decided>,
    /// Rows whose reading the CRM refuses.
    pub(super) unreadable: Vec<(Prepared, Fault)>,
}

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Reads the CRM's values where the policy needs them, and decides.
    ///
    /// # Errors
    /// When the CRM as a whole is out of reach.
    pub(super) async fn compare(
        &self,
        work: &PackWork<'_, P::Crm>,
        snapshot: &Snapshot<'_>,
        prepared: Vec<Prepared>,
    ) -> Result<Compared, Fault> {
        let keys: Vec<SageKey> = prepared
            .iter()
            .filter(|row| looked_for(work, row) && row.unkeyed().is_none())
            .map(|row| row.key.clone())
            .collect();
        let (mut found, mut refused) = self.find(work, &keys).await?;
        for row in prepared.iter().filter(|row| looked_for(work, row)) {
            // The record that the link names is the one, whichever holds the key.
            let text = row.key.text();
            let by_key = found.get(&text).map(|record| &record.id);
            if let Some(id) = row.known_id().filter(|id| by_key != Some(*id)) {
                found.remove(&text);
                match self.find_by_id(work, id).await {
                    Ok(record) => {
                        found.extend(record.map(|record| (text, record)));
                    }
                    Err(fault) if is_own(&fault) => {
                        refused.insert(row.key.clone(), fault);
                    }
                    Err(fault) => return Err(fault),
                }
            }
        }
        let (mut decided, mut unreadable) = (Vec::with_capacity(prepared.len()), Vec::new());
        for row in prepared {
            if let Some(fault) = refused.get(&row.key) {
                unreadable.push((row, fault.clone()));
                continue;
            }
            let record = found.get(&row.key.text());
            // One that is gone is found out by the write.
            let look = if looked_for(work, &row) && (record.is_some() || !row.is_linked()) {
                Look::At {
                    found: record,
                    values: compares(work, &row),
                }
            } else {
                Look::None
            };
            decided.push(decide(snapshot, row, &look));
        }
        Ok(Compared {
            decided,
            unreadable,
        })
    }

    /// Finds records by key. Keys that the CRM refuses to be asked for are found by halving.
    pub(super) async fn find(
        &self,
        work: &PackWork<'_, P::Crm>,
        keys: &[SageKey],
    ) -> Result<(HashMap<String, CrmRecord>, HashMap<SageKey, Fault>), Fault> {
        let entity = work.entity;
        let fields = compared_fields(entity);
        let (mut found, mut refused) = (HashMap::new(), HashMap::new());
        let mut open: Vec<&[SageKey]> = keys.chunks(work.crm.bulk_size().max(1)).collect();
        while let Some(part) = open.pop() {
            let read = work
                .crm
                .read(&entity.module, &entity.key_field, part, &fields);
            match (read.await, part) {
                (Ok(records), _) => found.extend(
                    records
                        .into_iter()
                        .filter_map(|record| Some((record.key.clone()?, record))),
                ),
                (Err(fault), [key]) if Reach::is_within(&fault) => {
                    refused.insert(key.clone(), fault);
                }
                (Err(fault), part) if Reach::is_within(&fault) => {
                    let (left, right) = part.split_at(part.len() / 2);
                    open.extend([right, left]);
                }
                (Err(fault), _) => return Err(fault),
            }
        }
        Ok((found, refused))
    }

    /// A record that does not hold its key, or not yet.
    pub(super) async fn find_by_id(
        &self,
        work: &PackWork<'_, P::Crm>,
        id: &CrmId,
    ) -> Result<Option<CrmRecord>, Fault> {
        let mut fields = compared_fields(work.entity);
        fields.push(work.entity.key_field.clone());
        let query = DocumentQuery {
            module: work.entity.module.clone(),
            fields,
            lines: None,
        };
        let document = work.crm.document(&query, id).await?;
        Ok(document.map(|mut document| {
            let key = document.fields.remove(&work.entity.key_field);
            CrmRecord {
                id: document.id,
                key: key.filter(|key| !key.is_blank()).map(|key| key.to_string()),
                fields: document.fields,
                modified: document.modified,
            }
        }))
    }
}

/// Whether what a read of one record met may be its own: it waits, or is set aside, and its neighbours go on.
fn is_own(fault: &Fault) -> bool {
    matches!(Reach::of(fault), Reach::Record | Reach::Unclear)
}

/// Whether the CRM's values are part of the comparison: where it may own them, at a first meeting also where the policy
/// treats records that exist differently from new ones, and after a creation in Sage, for what was edited meanwhile.
fn compares<K>(work: &PackWork<'_, K>, row: &Prepared) -> bool {
    let policy = policy_of(work.entity, row.link.as_ref());
    let meets = policy.create != CreateInCrm::Always || policy.update != UpdateInCrm::All;
    work.pack.reason == Reason::Edited
        || policy.needs_crm_values()
        || (meets && !row.is_linked())
        || row.unkeyed().is_some()
}

/// An admin user is written at creation only: whether it is one has to be known, too.
pub(super) fn looked_for<K>(work: &PackWork<'_, K>, row: &Prepared) -> bool {
    compares(work, row) || (matches!(row.owner, Some(Owner::AtCreation(_))) && !row.is_linked())
}

/// What is known of a record in the CRM before it is decided upon.
pub(super) enum Look<'a> {
    /// Nobody looked.
    None,
    /// It was looked for; its values may be compared where `values` is set.
    At {
        found: Option<&'a CrmRecord>,
        values: bool,
    },
}

impl<'a> Look<'a> {
    const fn found(&self) -> Option<&'a CrmRecord> {
        match self {
            Self::At { found, .. } => *found,
            Self::None => None,
        }
    }

    /// The same look, where what was found is held in another form.
    const fn with<'b>(&self, found: Option<&'b CrmRecord>) -> Look<'b> {
        match self {
            Self::At { values, .. } => Look::At {
                found,
                values: *values,
            },
            Self::None => Look::None,
        }
    }

    /// Whether the CRM has the record. `linked`: as far as the link knows, it does.
    const fn exists(&self, linked: bool) -> bool {
        match self {
            Self::At { found, .. } => found.is_some(),
            Self::None => linked,
        }
    }

    /// What the CRM holds. `linked`: as far as the link knows, it holds the record.
    fn state(&self, linked: bool) -> CrmState<'a> {
        match self {
            Self::At {
                found: Some(record),
                values: true,
            } => CrmState::Read(Side {
                edited_at: record.modified,
                ..Side::of(&record.fields)
            }),
            Self::At { found: None, .. } => CrmState::Absent,
            Self::At { found: Some(_), .. } => CrmState::Unread,
            Self::None if linked => CrmState::Unread,
            Self::None => CrmState::Absent,
        }
    }
}

/// Compares one record with its base and, where it was read, with what the CRM holds.
pub(super) fn decide(snapshot: &Snapshot<'_>, mut prepared: Prepared, look: &Look<'_>) -> Decided {
    let linked = prepared.is_linked();
    let held = look.found();
    let found = held.map(|record| CrmRecord {
        fields: snapshot.entity.compared(&record.fields),
        ..record.clone()
    });
    let found = found.as_ref();
    let look = look.with(found);
    if let (Some(Owner::AtCreation(user)), Some(config), false) =
        (&prepared.owner, &snapshot.entity.owner, look.exists(linked))
    {
        prepared.fields.insert(config.field.clone(), user.clone());
    }
    let none = Shadow::new();
    let first;
    let shadow = match (&prepared.link, found) {
        (Some(link), Some(record)) if link.key_unwritten => {
            first = first_base(snapshot.entity, &link.shadow, &record.fields);
            &first
        }
        (Some(link), _) => &link.shadow,
        (None, _) => &none,
    };
    let base = match &prepared.link {
        Some(link) if link.dirty => Base::Stale(shadow),
        Some(link) if link.crm_id.is_some() => Base::Agreed(shadow),
        _ => Base::None,
    };
    let sage = Side {
        unread: &prepared.unread,
        ..Side::of(&prepared.fields)
    };
    let policy = policy_of(snapshot.entity, prepared.link.as_ref());
    let mut decision = reconcile(base, sage, look.state(linked), &policy);
    if let Some(held) = held {
        let to_crm = &mut decision.to_crm;
        snapshot.entity.keep_others(&held.fields, to_crm);
    }
    let for_sage = goes_to_sage(snapshot.entity, &decision.to_sage);
    keep_for_later(&mut decision, shadow);
    let text = prepared.key.text();
    let lost_key = linked && found.is_some_and(|found| found.key.as_ref() != Some(&text));
    let lost_key = lost_key && !is_restored_since(&prepared);
    let found = found.map(|record| record.id.clone());
    Decided {
        prepared,
        decision,
        found,
        for_sage,
        lost_key,
    }
}

/// Whether the key was written again since this was sent. One that is not there now was taken away after that, of which the
/// CRM tells by itself. Each save raises more than one event, and so more than one pack: if each of them wrote, upon every
/// write an automation would empty the key again, and there would be twice as many each time.
fn is_restored_since(row: &Prepared) -> bool {
    let restored = row.link.as_ref().and_then(|link| link.key_restored);
    restored.is_some_and(|at| at.duration_since(row.entry.first_sent) > STORED_WITHIN)
}

/// What the CRM has to tell Sage goes there by a queue. Until Sage took it, the base of those fields stays as it was, so
/// that the difference is found again and nothing is taken for agreed that is not.
fn keep_for_later(decision: &mut Decision, shadow: &Shadow) {
    for field in std::mem::take(&mut decision.to_sage).into_keys() {
        match shadow.get(&field) {
            Some(base) => decision.shadow.insert(field, base.clone()),
            None => decision.shadow.remove(&field),
        };
    }
}
