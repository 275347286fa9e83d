//! One field, three ways.

use super::shadow::is_form_of;
use super::{BaseField, FieldOwner, FieldRule, ForeignEdit, Known, Note, NoteKind, OnConflict};
use crate::Value;

/// What is known of one field.
pub(super) struct Field<'a> {
    pub(super) base: Option<&'a BaseField>,
    /// The CRM may hold something older than the base says.
    pub(super) stale: bool,
    pub(super) sage: &'a Value,
    /// `None`: not read.
    pub(super) crm: Option<&'a Value>,
    pub(super) rule: FieldRule,
    /// Whether the CRM's edit is later than Sage's, where both times are known.
    pub(super) crm_is_later: bool,
}

/// What is to be done about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
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

    pub(super) fn step(&self) -> Step {
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

    pub(super) fn note(&self, name: &str, kind: NoteKind) -> Note {
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
