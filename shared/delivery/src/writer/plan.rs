//! From an entry to what is to be compared: order of observations, mapping, owner, parent.

use std::panic::{AssertUnwindSafe, catch_unwind};

use counterpart_config::{Mapped, Verdict as Included};
use counterpart_domain::reconcile::{Base, Crm as CrmState, Decision, Shadow, Side, reconcile};
use counterpart_domain::{Class, Digest, Fault, Fields, Note, SageKey, Value};

use super::context::Context;
use super::verdict::{Aside, Decided, Prepared};
use super::{CrmWriter, Mapper};
use crate::owner::{Owner, resolve};
use crate::ports::CrmRecord;
use crate::ports::prelude::*;
use crate::two_way::{first_base, goes_to_sage, policy_of};
use crate::{Entry, Link, Outcome, Pack, Stage};

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// What is to be done about an entry, as far as it can be said without the CRM. The link of one that is to be compared
    /// goes with it.
    pub(super) fn prepare(
        &self,
        pack: &Pack,
        context: &mut Context<'_>,
        entry: Entry,
    ) -> Result<Prepared, Box<(Entry, Aside)>> {
        let key = pack.key(&entry);
        let owner = context.entity.owner.as_ref();
        let rep_version = context.reps.version(owner, &key.company, &entry.record);
        match self.compose(pack, context, &key, &entry, &rep_version) {
            Ok(composed) => Ok(Prepared {
                link: context.links.remove(&key),
                rep: owner.and_then(|owner| entry.record.rep(&key.company, &owner.column)),
                key,
                entry,
                fields: composed.fields,
                notes: composed.notes,
                owner: composed.owner,
                rep_version,
            }),
            Err(aside) => Err(Box::new((entry, aside))),
        }
    }

    /// Whether every record of a pack is what its link holds already. Said by the links alone.
    pub(super) fn is_settled(&self, pack: &Pack, context: &Context<'_>) -> bool {
        let owner = context.entity.owner.as_ref();
        pack.entries.iter().all(|entry| {
            let link = context.links.get(&pack.key(entry));
            let reps = &context.reps;
            let rep_version = reps.version(owner, &pack.company, &entry.record);
            let stands = self.against_link(pack, context, entry, link, &rep_version);
            matches!(stands, Err(Aside::Settled(_)))
        })
    }

    /// What the stored link says of an observation: whether it is done, late, or still to be looked at.
    fn against_link(
        &self,
        pack: &Pack,
        context: &Context<'_>,
        entry: &Entry,
        link: Option<&Link>,
        rep_version: &Digest,
    ) -> Result<(), Aside> {
        let entity = context.entity;
        if let Some(link) = link {
            let newest = link.parked.unwrap_or_default().max(link.as_of);
            let same = link.source_hash == entry.hash
                && link.mapping_version == entity.version
                && link.rep_version == *rep_version;
            let applied = link.is_settled() && pack.reason != crate::Reason::Edited;
            if entry.as_of < newest {
                // Plainly late, or done before and late: only in the second case can the CRM hold it.
                let tried = matches!(pack.reason, crate::Reason::Retry | crate::Reason::Repair);
                let may_have_been_written = context.again || (tried && entry.attempts > 0);
                return Err(if may_have_been_written {
                    Aside::MayHaveOverwritten
                } else {
                    Aside::Done(Outcome::Superseded, None)
                });
            }
            if entry.as_of == link.as_of && same && applied {
                let last = link.last.as_ref();
                let said = last.filter(|last| last.run == entry.run);
                return Err(said.map_or(Aside::Done(Outcome::Unchanged, None), |last| {
                    Aside::Settled(last.outcome)
                }));
            }
            if link.stage == Stage::Creating {
                return Err(Aside::Creating);
            }
            // Two contents under one as-of: the agent's counter is broken. Whatever the order of arrival, the same one
            // of the two stays; the next poll reads the record again under a new as-of.
            if entry.as_of == link.as_of
                && link.stage == Stage::Linked
                && entry.hash < link.source_hash
            {
                return Err(Aside::Done(Outcome::Superseded, Some("E_AS_OF_REPEATED")));
            }
        }
        Ok(())
    }

    fn compose(
        &self,
        pack: &Pack,
        context: &Context<'_>,
        key: &SageKey,
        entry: &Entry,
        rep_version: &Digest,
    ) -> Result<Composed, Aside> {
        let entity = context.entity;
        let link = context.links.get(key);
        self.against_link(pack, context, entry, link, rep_version)?;
        let included = entity.include(key, &entry.record);
        match included.map_err(|fault| Aside::Park(Box::new(fault), None))? {
            Included::Include => {}
            Included::Exclude { code, .. } => {
                return Err(Aside::Done(Outcome::Excluded, Some(code)));
            }
        }
        let park = |fault| Aside::Park(Box::new(fault), None);
        entity.check_key(key).map_err(park)?;
        let mapped = catch_unwind(AssertUnwindSafe(|| {
            self.mapper.map(entity, key, &entry.record)
        }));
        let Mapped { mut fields, notes } = mapped
            .unwrap_or_else(|_| Err(panicked(key)))
            .map_err(park)?;
        let parent = entity
            .parent_field
            .as_ref()
            .zip(entry.record.parent(&key.company));
        if let Some((field, parent)) = parent {
            fields.insert(
                field.clone(),
                Value::Reference(parent_id(context, key, parent)?),
            );
        }
        let mut owner = None;
        if let Some(config) = &entity.owner {
            let resolved = resolve(config, &context.reps, key, &entry.record).map_err(park)?;
            if let Owner::User(user) = &resolved {
                fields.insert(config.field.clone(), user.clone());
            }
            owner = Some(resolved);
        }
        Ok(Composed {
            fields,
            notes,
            owner,
        })
    }
}

/// What the mapping makes of a record.
struct Composed {
    fields: Fields,
    notes: Vec<Note>,
    owner: Option<Owner>,
}

/// The parent's CRM id, or what becomes of a child without one.
fn parent_id(context: &Context<'_>, key: &SageKey, parent: SageKey) -> Result<String, Aside> {
    let link = context.parents.get(&parent);
    if let Some(id) = link.and_then(|link| link.crm_id.as_ref()) {
        return Ok(id.0.clone());
    }
    let fault = |code, why| {
        Aside::Park(
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
        None | Some(Stage::Linked | Stage::Creating) => Err(Aside::Wait(parent)),
        Some(Stage::Excluded) => Err(Aside::ExcludedWith(parent)),
        Some(Stage::Unwritten) => Err(fault("E_PARENT_PARKED", "which is parked itself")),
        Some(Stage::Conflict) => Err(fault(
            "E_PARENT_IN_CONFLICT",
            "whose CRM record is in doubt",
        )),
        Some(Stage::Tombstoned) => Err(fault("E_PARENT_DELETED", "which was deleted in Sage 100")),
    }
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

/// Compares one record with its base and, where it was read, with what the CRM holds.
pub(super) fn decide(context: &Context<'_>, mut prepared: Prepared, look: &Look<'_>) -> Decided {
    let linked = prepared.is_linked();
    let found = match look {
        Look::At { found, .. } => *found,
        Look::None => None,
    };
    let exists = match look {
        Look::At { found, .. } => found.is_some(),
        Look::None => linked,
    };
    if let (Some(Owner::AtCreation(user)), Some(config), false) =
        (&prepared.owner, &context.entity.owner, exists)
    {
        prepared.fields.insert(config.field.clone(), user.clone());
    }
    let none = Shadow::new();
    let first;
    let shadow = match (&prepared.link, look) {
        (
            Some(link),
            Look::At {
                found: Some(record),
                ..
            },
        ) if link.key_unwritten => {
            first = first_base(&link.shadow, &record.fields);
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
    let crm = match look {
        Look::At {
            found: Some(record),
            values: true,
        } => CrmState::Read(Side {
            fields: &record.fields,
            edited_at: record.modified,
        }),
        Look::At { found: None, .. } => CrmState::Absent,
        Look::At { found: Some(_), .. } => CrmState::Unread,
        Look::None if linked => CrmState::Unread,
        Look::None => CrmState::Absent,
    };
    let sage = Side {
        fields: &prepared.fields,
        edited_at: None,
    };
    let policy = policy_of(context.entity, prepared.link.as_ref());
    let mut decision = reconcile(base, sage, crm, &policy);
    let for_sage = goes_to_sage(context.entity, &decision.to_sage);
    keep_for_later(&mut decision, shadow);
    let found = found.map(|record| record.id.clone());
    Decided {
        prepared,
        decision,
        found,
        for_sage,
    }
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
