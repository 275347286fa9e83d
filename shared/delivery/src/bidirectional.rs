//! One record, both ways: whose value stands, and what Sage has to learn. The transform asks it when the CRM's record was
//! edited, the Sage writer before it writes, the CRM writer before it writes.

use std::borrow::Cow;

use counterpart_config::{CreateInSage, EntityConfig, RepDirection};
use counterpart_domain::reconcile::{
    Base, BaseField, Crm, Decision, FieldOwner, FieldRule, Known, NoteKind, Policy, Shadow, Side,
    reconcile,
};
use counterpart_domain::{Class, Fault, Fields, Record, SageKey, Value};
use jiff::Timestamp;

use crate::Link;
use crate::owner::{Owner, RepTable, resolve};

/// The policy as it holds for one record: one that was created in Sage from the CRM may belong to Sage from then on. A field
/// of it that was edited in the CRM meanwhile follows once Sage has that edit: until then its base is what was written to
/// Sage, not what was read there.
pub(crate) fn policy_of<'a>(entity: &'a EntityConfig, link: Option<&Link>) -> Cow<'a, Policy> {
    let Some(link) = link.filter(|link| link.sage_owned) else {
        return Cow::Borrowed(&entity.policy);
    };
    let settled = |name: &String| {
        let base = link.shadow.get(name);
        base.is_none_or(|base| matches!(base.sage, Known::Read(_)))
    };
    let mut policy = entity.policy.clone();
    let owner = entity.owner.as_ref().map(|owner| &owner.field);
    for (name, rule) in &mut policy.fields {
        // The account manager keeps the direction of the rep mapping.
        if rule.owner == FieldOwner::Both && Some(name) != owner && settled(name) {
            rule.owner = FieldOwner::Sage;
        }
    }
    Cow::Owned(policy)
}

/// Compares the CRM's values of a linked record with Sage's, against what both last agreed on.
///
/// # Errors
/// Class data, when Sage's record cannot be mapped.
pub(crate) fn compare(
    entity: &EntityConfig,
    reps: &RepTable,
    link: &Link,
    record: &Record,
    crm: &Fields,
    edited_at: Option<Timestamp>,
) -> Result<Decision, Fault> {
    let mapped = entity.map(&link.key, record)?;
    let mut sage = mapped.fields;
    let mut policy = policy_of(entity, Some(link));
    if let Some(owner) = &entity.owner {
        match resolve(owner, reps, &link.key, record) {
            Ok(Owner::User(user)) => {
                sage.insert(owner.field.clone(), user);
            }
            // Sage's record says nothing of an owner that the CRM knows: only the CRM's can stand.
            _ if owner.direction != RepDirection::SageToCrm => {
                sage.insert(owner.field.clone(), Value::Blank);
                let rule = FieldRule {
                    owner: FieldOwner::Crm,
                    ..policy.rule(&owner.field)
                };
                policy.to_mut().fields.insert(owner.field.clone(), rule);
            }
            _ => {}
        }
    }
    let base = if link.dirty {
        Base::Stale(&link.shadow)
    } else {
        Base::Agreed(&link.shadow)
    };
    let sage = Side {
        unread: &mapped.unread,
        ..Side::of(&sage)
    };
    let crm = entity.compared(crm);
    let crm = Crm::Read(Side {
        edited_at,
        ..Side::of(&crm)
    });
    Ok(reconcile(base, sage, crm, &policy))
}

/// What was edited in the CRM since both last agreed and Sage is to have, whatever Sage holds by now.
pub(crate) fn edits_of(entity: &EntityConfig, link: &Link, crm: &Fields) -> Fields {
    let agreed = link.shadow.iter();
    let agreed = agreed.map(|(name, base)| (name.clone(), base.sage.value().clone()));
    let agreed: Fields = agreed.collect();
    let policy = policy_of(entity, Some(link));
    let base = Base::Agreed(&link.shadow);
    let crm = entity.compared(crm);
    reconcile(base, Side::of(&agreed), Crm::Read(Side::of(&crm)), &policy).to_sage
}

/// The base of the first comparison after a creation in Sage. What the CRM has not edited since it was sent is its base, so
/// that Sage's own defaults and rules reach the CRM; but Sage's form of a text that was sent is no edit of Sage's.
pub(crate) fn first_base(entity: &EntityConfig, shadow: &Shadow, crm: &Fields) -> Shadow {
    let create = entity.to_sage.create.as_ref();
    let sent = create.map(CreateInSage::query_fields).unwrap_or_default();
    let field = |(name, base): (&String, &BaseField)| {
        let held = base.crm.value();
        let mut base = base.clone();
        let was_sent = !held.is_blank() && sent.contains(name);
        if !was_sent && crm.get(name).unwrap_or(&Value::Blank) == held {
            base.sage = Known::Written(held.clone());
        }
        (name.clone(), base)
    };
    shadow.iter().map(field).collect()
}

/// The base once Sage holds what the decision gave it: only those fields change, and only now.
pub(crate) fn agree(link: &mut Link, decision: &Decision) {
    for field in decision.to_sage.keys() {
        if let Some(base) = decision.shadow.get(field) {
            link.shadow.insert(field.clone(), base.clone());
        }
    }
}

/// The decision once it is known what Sage makes of what it was given: `before` and `after` are Sage's record before and after
/// our write. What our own write makes of the fields that it was made of is no edit of Sage's, in whatever form it comes back.
pub(crate) fn as_written(
    entity: &EntityConfig,
    link: &Link,
    before: &Record,
    after: &Record,
    crm: &Fields,
    decision: &mut Decision,
) {
    let mapped = |record| entity.map(&link.key, record).ok();
    let (Some(before), Some(after)) = (mapped(before), mapped(after)) else {
        return;
    };
    let changed = decision.to_sage.keys().cloned().collect();
    let crm = entity.compared(crm);
    for field in entity.to_sage.sources_of(&changed) {
        let Some(value) = after.fields.get(&field) else {
            continue;
        };
        if after.unread.contains(&field) {
            continue;
        }
        let sage = Known::Written(value.clone());
        match decision.shadow.get_mut(&field) {
            Some(base) if decision.to_sage.contains_key(&field) => base.sage = sage,
            // It stands in the same column as what was edited.
            _ if before.fields.get(&field) != Some(value) => {
                let held = crm.get(&field).unwrap_or(&Value::Blank).clone();
                let base = BaseField {
                    sage,
                    crm: Known::Read(held.clone()),
                    reverted: None,
                };
                decision.shadow.insert(field.clone(), base);
                decision.to_sage.insert(field, held);
            }
            _ => {}
        }
    }
}

/// Whether Sage can be told of any of these fields at all.
pub(crate) fn goes_to_sage(entity: &EntityConfig, fields: &Fields) -> bool {
    let by_owner = entity.owner.as_ref().is_some_and(|owner| {
        owner.direction != RepDirection::SageToCrm && fields.contains_key(&owner.field)
    });
    let by_column = entity
        .to_sage
        .columns
        .iter()
        .any(|column| match &column.from {
            counterpart_config::SageSource::Fields(from) => {
                from.iter().any(|field| fields.contains_key(field))
            }
            counterpart_config::SageSource::Const(_) => false,
        });
    by_owner || by_column
}

/// What both sides changed, where a person is to choose.
pub(crate) fn conflict(key: &SageKey, decision: &Decision) -> Option<Fault> {
    let notes = decision.notes.iter();
    let fields: Vec<String> = notes
        .filter(|note| note.kind == NoteKind::Conflict)
        .map(|note| {
            format!(
                "{} (Sage 100: {}, CRM: {})",
                note.field, note.sage, note.crm
            )
        })
        .collect();
    (!fields.is_empty()).then(|| {
        Fault::new(
            Class::Data,
            "E_FIELD_CONFLICT",
            format!(
                "Both sides changed {key}: {}. Make them equal on one side, then redrive.",
                fields.join(", ")
            ),
        )
    })
}

/// The CRM fields that are part of a comparison.
pub(crate) fn compared_fields(entity: &EntityConfig) -> Vec<String> {
    let mut fields: Vec<String> = entity.fields.iter().map(|map| map.field.clone()).collect();
    fields.extend(entity.owner.iter().map(|owner| owner.field.clone()));
    fields.extend(entity.parent_field.clone());
    fields
}
