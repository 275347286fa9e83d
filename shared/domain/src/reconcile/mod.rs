//! `reconcile(base, sage, crm, policy) -> decision`: the one decision of the product.
//!
//! Pure: same inputs, same answer. Field values are compared in the target's field space; what a field means in Sage is
//! the mapping's business. The decision names what to write on each side and the shadow that holds once that is done.

mod merge;
mod policy;
#[cfg(test)]
mod properties;
mod shadow;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use policy::{
    CreateInCrm, FieldOwner, FieldRule, ForeignEdit, OnConflict, Policy, UpdateInCrm,
};
pub use shadow::{BaseField, Known, Shadow};

use crate::{Fields, Value};
use merge::{Field, Step};

/// The base of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base<'a> {
    /// Nothing was ever agreed on.
    None,
    /// Both sides agreed on this.
    Agreed(&'a Shadow),
    /// Both sides agreed on this, but an older value of Sage's may have reached the CRM since: Sage's values are
    /// written again, and the CRM's are not taken for edits.
    Stale(&'a Shadow),
}

/// One side as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side<'a> {
    /// Its values, in the target's field names. Of Sage: every mapped field, blank ones included.
    pub fields: &'a Fields,
    /// When it was last edited, where known; serves [`OnConflict::Latest`] only.
    pub edited_at: Option<Timestamp>,
}

/// The CRM side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crm<'a> {
    /// It has no such record, as far as is known.
    Absent,
    /// It has the record; its values were not read.
    Unread,
    /// It has the record, with these values.
    Read(Side<'a>),
}

/// What a person should know of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// Both sides changed it, and the policy leaves the choice to a person.
    Conflict,
    /// The side that does not own it changed it; that stays.
    ForeignEditKept,
    /// The side that does not own it changed it; the owner's value is written again.
    ForeignEditReverted,
}

/// A note on a field, with both values at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The target's field.
    pub field: String,
    /// What happened.
    pub kind: NoteKind,
    /// Sage's value.
    pub sage: Value,
    /// The CRM's value; blank where it was not read.
    pub crm: Value,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// The record is to be created in the CRM (with [`Decision::to_crm`]).
    pub create: bool,
    /// The policy forbids the creation: nothing is written.
    pub left_out: bool,
    /// Fields to write in the CRM; only those that changed.
    pub to_crm: Fields,
    /// Fields to write in Sage; only those that changed.
    pub to_sage: Fields,
    /// For the ledger and for people.
    pub notes: Vec<Note>,
    /// The base, once both sides hold what is to be written.
    pub shadow: Shadow,
}

impl Decision {
    /// Whether nothing is to be written on either side.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        !self.create && self.to_crm.is_empty() && self.to_sage.is_empty()
    }
}

/// Decides what each side has to learn from the other.
#[must_use]
pub fn reconcile(base: Base<'_>, sage: Side<'_>, crm: Crm<'_>, policy: &Policy) -> Decision {
    let (shadow, stale) = match base {
        Base::None => (None, false),
        Base::Agreed(shadow) => (Some(shadow), false),
        Base::Stale(shadow) => (Some(shadow), true),
    };
    let crm_side = match crm {
        Crm::Absent => return creation(sage, policy),
        Crm::Unread => None,
        Crm::Read(side) => Some(side),
    };
    let crm_is_later = match (sage.edited_at, crm_side.and_then(|side| side.edited_at)) {
        (Some(sage), Some(crm)) => crm > sage,
        _ => false,
    };
    let mut decision = Decision::default();
    for (name, value) in sage.fields {
        let known = shadow.and_then(|shadow| shadow.get(name));
        let field = Field {
            base: known,
            stale,
            sage: value,
            // A field that was read and is not in the answer is blank there.
            crm: crm_side.map(|side| side.fields.get(name).unwrap_or(&Value::Blank)),
            rule: policy.rule(name),
            crm_is_later,
        };
        let (next, note) = match field.step() {
            Step::Keep(next, note) => (next, note),
            // Suppressed: the base stays, so that a later change of the policy finds the difference.
            Step::ToCrm(_) if !policy.may_update(name) => (known.cloned(), None),
            Step::ToCrm(note) => {
                decision.to_crm.insert(name.clone(), value.clone());
                let reverted = note.and_then(|_| field.crm.cloned());
                (Some(written_to_crm(value, reverted)), note)
            }
            Step::ToSage(theirs) => {
                let next = BaseField {
                    sage: Known::Written(theirs.clone()),
                    crm: Known::Read(theirs.clone()),
                    reverted: None,
                };
                decision.to_sage.insert(name.clone(), theirs);
                (Some(next), None)
            }
        };
        if let Some(next) = next {
            decision.shadow.insert(name.clone(), next);
        }
        decision
            .notes
            .extend(note.map(|kind| field.note(name, kind)));
    }
    decision
}

fn creation(sage: Side<'_>, policy: &Policy) -> Decision {
    if policy.create == CreateInCrm::Never {
        return Decision {
            left_out: true,
            ..Decision::default()
        };
    }
    let mut decision = Decision {
        create: true,
        ..Decision::default()
    };
    for (name, value) in sage.fields {
        let base = if policy.rule(name).owner == FieldOwner::Crm {
            BaseField {
                sage: Known::Read(value.clone()),
                crm: Known::Read(Value::Blank),
                reverted: None,
            }
        } else {
            if !value.is_blank() {
                decision.to_crm.insert(name.clone(), value.clone());
            }
            written_to_crm(value, None)
        };
        decision.shadow.insert(name.clone(), base);
    }
    decision
}

fn written_to_crm(value: &Value, reverted: Option<Value>) -> BaseField {
    BaseField {
        sage: Known::Read(value.clone()),
        crm: Known::Written(value.clone()),
        reverted,
    }
}
