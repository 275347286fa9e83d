//! The rules of a field and of an entity: what every product that this one replaces has hard-wired, as values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Who may change a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldOwner {
    /// Sage 100's value wins; an edit in the CRM is reverted or reported.
    Sage,
    /// The CRM's value wins; an edit in Sage 100 is reported.
    Crm,
    /// Either side may change it; when both did, see [`OnConflict`].
    Both,
}

/// What happens when both sides changed a field that both own, to different values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// Sage 100's value is taken.
    Sage,
    /// The CRM's value is taken.
    Crm,
    /// The later edit is taken; with equal or unknown times, Sage 100's.
    Latest,
    /// Neither; a person decides. The record's other fields go on.
    Park,
}

/// What happens to an edit made on the side that does not own the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForeignEdit {
    /// The owner's value is written again.
    Revert,
    /// It stays, and is reported once.
    Report,
}

/// The rules of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldRule {
    /// Who may change it.
    pub owner: FieldOwner,
    /// For [`FieldOwner::Both`].
    pub on_conflict: OnConflict,
    /// For the side that does not own it.
    pub foreign_edit: ForeignEdit,
    /// The length at which the CRM cuts it, in characters, where known.
    pub crm_length: Option<u32>,
    /// The length at which Sage cuts it, in characters, where known.
    pub sage_length: Option<u32>,
}

impl Default for FieldRule {
    fn default() -> Self {
        Self {
            owner: FieldOwner::Sage,
            on_conflict: OnConflict::Sage,
            foreign_edit: ForeignEdit::Report,
            crm_length: None,
            sage_length: None,
        }
    }
}

/// Whether a Sage record that the CRM does not hold yet is created there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreateInCrm {
    /// Always (what `include` leaves out never gets this far).
    #[default]
    Always,
    /// Never: only records that are in both are kept in step.
    Never,
}

/// What is written to a CRM record that exists already.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateInCrm {
    /// All mapped fields.
    #[default]
    All,
    /// Only these; the others are set at creation.
    Listed(Vec<String>),
    /// Nothing.
    Never,
}

/// The rules of one entity in one target.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Policy {
    /// By the target's field name. A field without an entry follows [`FieldRule::default`].
    pub fields: BTreeMap<String, FieldRule>,
    /// Creation in the CRM.
    pub create: CreateInCrm,
    /// Updates of existing CRM records.
    pub update: UpdateInCrm,
}

impl Policy {
    /// The rule of a field.
    #[must_use]
    pub fn rule(&self, field: &str) -> FieldRule {
        self.fields.get(field).copied().unwrap_or_default()
    }

    /// Whether a decision needs the CRM's current values: where the CRM may own or co-own a field, or its edits are
    /// to be reverted.
    #[must_use]
    pub fn needs_crm_values(&self) -> bool {
        self.fields
            .values()
            .any(|rule| rule.owner != FieldOwner::Sage || rule.foreign_edit == ForeignEdit::Revert)
    }

    pub(super) fn may_update(&self, field: &str) -> bool {
        match &self.update {
            UpdateInCrm::All => true,
            UpdateInCrm::Listed(fields) => fields.iter().any(|listed| listed == field),
            UpdateInCrm::Never => false,
        }
    }
}
