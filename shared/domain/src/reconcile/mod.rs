//! `reconcile(base, sage, crm, policy) -> decision`: the one decision of the product.
//!
//! Pure: same inputs, same answer. Field values are compared in the target's field space; what a field means in Sage is
//! the mapping's business. The decision names what to write on each side and the shadow that holds once that is done.

mod policy;
#[cfg(test)]
mod properties;
mod shadow;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::Timestamp;

pub use policy::{
    CreateInCrm, FieldOwner, FieldRule, ForeignEdit, OnConflict, Policy, UpdateInCrm,
};
pub use shadow::{BaseField, Known, Shadow};

use crate::{Fields, Value};
use shadow::is_form_of;

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
    /// Fields of Sage's of which nothing can be said: something stands there that could not be made a value of. Whatever
    /// `fields` holds for them, they count as unchanged. Never taken for blank: only a blank takes a value away.
    pub unread: &'a BTreeSet<String>,
    /// When it was last edited, where known; serves [`OnConflict::Latest`] only.
    pub edited_at: Option<Timestamp>,
}

impl<'a> Side<'a> {
    /// A side of which everything could be read, and nobody knows when it was edited.
    #[must_use]
    pub const fn of(fields: &'a Fields) -> Self {
        static NONE: BTreeSet<String> = BTreeSet::new();
        Self {
            fields,
            unread: &NONE,
            edited_at: None,
        }
    }
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

    /// Adds what is to be done about one field.
    fn add(&mut self, name: &str, field: &Field<'_>, policy: &Policy) {
        let (next, note) = match field.step() {
            Step::Keep(next, note) => (next, note),
            // Suppressed: the base stays, so that a later change of the policy finds the difference.
            Step::ToCrm(_) if !policy.may_update(name) => (field.base.cloned(), None),
            // What cannot be read takes nothing away.
            Step::ToCrm(_) if field.is_unread && field.sage.is_blank() => {
                (field.base.cloned(), None)
            }
            Step::ToCrm(note) => {
                self.to_crm.insert(name.to_owned(), field.sage.clone());
                let reverted = note.and_then(|_| field.crm.cloned());
                (Some(written_to_crm(field.sage, reverted)), note)
            }
            Step::ToSage(theirs) => {
                let next = BaseField {
                    sage: Known::Written(theirs.clone()),
                    crm: Known::Read(theirs.clone()),
                    reverted: None,
                };
                self.to_sage.insert(name.to_owned(), theirs);
                (Some(next), None)
            }
        };
        if let Some(next) = next {
            self.shadow.insert(name.to_owned(), next);
        }
        self.notes.extend(note.map(|kind| field.note(name, kind)));
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
        let is_unread = sage.unread.contains(name);
        let value = match known.filter(|_| is_unread) {
            Some(base) => base.sage.value(),
            None => value,
        };
        let field = Field {
            base: known,
            stale,
            sage: value,
            is_unread,
            // A field that was read and is not in the answer is blank there.
            crm: crm_side.map(|side| side.fields.get(name).unwrap_or(&Value::Blank)),
            rule: policy.rule(name),
            crm_is_later,
        };
        decision.add(name, &field, policy);
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
    // Where what Sage has cannot be read, nothing is agreed on yet.
    let read = sage
        .fields
        .iter()
        .filter(|(name, _)| !sage.unread.contains(*name));
    for (name, value) in read {
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

/// What is known of one field.
struct Field<'a> {
    base: Option<&'a BaseField>,
    /// The CRM may hold something older than the base says.
    stale: bool,
    sage: &'a Value,
    /// [`Side::unread`]
    is_unread: bool,
    /// `None`: not read.
    crm: Option<&'a Value>,
    rule: FieldRule,
    /// Whether the CRM's edit is later than Sage's, where both times are known.
    crm_is_later: bool,
}

/// What is to be done about it.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Both sides stay as they are.
    Keep(Option<BaseField>, Option<NoteKind>),
    /// Sage's value goes to the CRM.
    ToCrm(Option<NoteKind>),
    /// The CRM's value goes to Sage.
    ToSage(Value),
}

impl Field<'_> {
    fn sage_edited(&self) -> bool {
        self.base
            .is_none_or(|base| edited(&base.sage, self.sage, self.rule.sage_length))
    }

    fn crm_edited(&self) -> bool {
        match (self.base, self.crm) {
            (Some(base), Some(crm)) => edited(&base.crm, crm, self.rule.crm_length),
            (None, Some(_)) => true,
            (_, None) => false,
        }
    }

    /// The base when nothing is written: both sides as they were seen.
    fn seen(&self) -> Option<BaseField> {
        let crm = match (self.crm, self.base) {
            (Some(crm), _) => Known::Read(crm.clone()),
            (None, Some(base)) => base.crm.clone(),
            (None, None) => return None,
        };
        let reverted = self.base.and_then(|base| base.reverted.clone());
        Some(BaseField {
            sage: Known::Read(self.sage.clone()),
            crm,
            reverted,
        })
    }

    fn keep(&self) -> Step {
        Step::Keep(self.seen(), None)
    }

    fn step(&self) -> Step {
        // Where nothing was agreed on yet, nothing can be compared either.
        if self.is_unread && self.base.is_none() {
            return self.keep();
        }
        match self.rule.owner {
            FieldOwner::Sage => self.owned_by_sage(),
            FieldOwner::Crm => self.owned_by_crm(),
            FieldOwner::Both => self.owned_by_both(),
        }
    }

    fn owned_by_sage(&self) -> Step {
        if self.stale || self.sage_edited() {
            return self.write_unless_there();
        }
        let (true, Some(base), Some(crm)) = (self.crm_edited(), self.base, self.crm) else {
            return self.keep();
        };
        if self.rule.foreign_edit == ForeignEdit::Report {
            return Step::Keep(self.seen(), Some(NoteKind::ForeignEditKept));
        }
        if base.reverted.as_ref() == Some(crm) && matches!(base.crm, Known::Written(_)) {
            // The same value came back from our own revert: it is how this CRM holds ours.
            return Step::Keep(self.seen(), Some(NoteKind::ForeignEditKept));
        }
        Step::ToCrm(Some(NoteKind::ForeignEditReverted))
    }

    fn owned_by_crm(&self) -> Step {
        let Some(crm) = self.crm else {
            return self.keep();
        };
        if crm == self.sage {
            return self.keep();
        }
        if self.crm_edited() {
            return Step::ToSage(crm.clone());
        }
        match (self.sage_edited(), self.rule.foreign_edit) {
            (true, ForeignEdit::Revert) => Step::ToSage(crm.clone()),
            (true, ForeignEdit::Report) => Step::Keep(self.seen(), Some(NoteKind::ForeignEditKept)),
            (false, _) => self.keep(),
        }
    }

    fn owned_by_both(&self) -> Step {
        // The CRM may hold an older Sage value: it must not be taken for an edit.
        if self.stale {
            return self.write_unless_there();
        }
        match (self.sage_edited(), self.crm_edited(), self.crm) {
            (true, true, Some(crm)) if is_form_of(self.sage, crm, self.rule.crm_length) => {
                self.keep()
            }
            (true, true, Some(crm)) => self.conflict(crm),
            (true, _, _) => self.write_unless_there(),
            (false, true, Some(crm)) => Step::ToSage(crm.clone()),
            (false, _, _) => self.keep(),
        }
    }

    fn conflict(&self, crm: &Value) -> Step {
        match self.rule.on_conflict {
            OnConflict::Sage => Step::ToCrm(None),
            OnConflict::Crm => Step::ToSage(crm.clone()),
            OnConflict::Latest if self.crm_is_later => Step::ToSage(crm.clone()),
            OnConflict::Latest => Step::ToCrm(None),
            // The base stays: the conflict is there until a person ends it.
            OnConflict::Park => Step::Keep(self.base.cloned(), Some(NoteKind::Conflict)),
        }
    }

    fn write_unless_there(&self) -> Step {
        if !self.stale && self.crm == Some(self.sage) {
            self.keep()
        } else {
            Step::ToCrm(None)
        }
    }

    fn note(&self, name: &str, kind: NoteKind) -> Note {
        Note {
            field: name.to_owned(),
            kind,
            sage: self.sage.clone(),
            crm: self.crm.cloned().unwrap_or(Value::Blank),
        }
    }
}

fn edited(known: &Known, now: &Value, length: Option<u32>) -> bool {
    match known {
        Known::Read(value) => value != now,
        Known::Written(value) => !is_form_of(value, now, length),
    }
}
