//! One entity in one target: what is written, and under which rules.

use std::collections::BTreeSet;

use counterpart_domain::reconcile::Policy;
use counterpart_domain::{CrmId, Digest, Fault, Fields, Record, SageKey, Value};

use crate::{
    Condition, FieldMap, Filter, Helper, KeyRule, Mapped, QuietWindow, RepDirection, Source,
    ToSage, Verdict, mapping,
};

/// What is done with a record whose rep is mapped to no CRM user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnmappedRep {
    /// The record is parked until the rep is mapped.
    Park,
    /// This CRM user at creation; an existing owner is left alone.
    Admin(CrmId),
    /// No owner is written.
    Leave,
}

/// How the CRM's owner follows the Sage salesperson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerConfig {
    /// The CRM's owner field.
    pub field: String,
    /// The Sage column or UDF that names the rep; `SalespersonNo` goes together with its division.
    pub column: String,
    /// What is done when the rep is mapped to nobody.
    pub unmapped: UnmappedRep,
    /// Which way it is kept in step.
    pub direction: RepDirection,
}

/// What is done with a new record of which the CRM may hold one already that nobody linked: one of the same name, or, below the
/// same parent, of the same name or e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Alike {
    /// A person is asked.
    #[default]
    Ask,
    /// It is created: the CRM is not looked through.
    Create,
}

/// One entity in one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityConfig {
    /// The CRM's module or object.
    pub module: String,
    /// The CRM's unique field that holds the Sage key.
    pub key_field: String,
    /// Which records go there.
    pub filter: Filter,
    /// Which keys are allowed.
    pub key_rule: Option<KeyRule>,
    /// How the owner follows the salesperson.
    pub owner: Option<OwnerConfig>,
    /// The CRM field that points to the parent record (on contacts: the account).
    pub parent_field: Option<String>,
    /// What is done with a new record that looks like one that the CRM has.
    pub alike: Alike,
    /// The mapped fields, by name.
    pub fields: Vec<FieldMap>,
    /// Who may change which field, and what is created and updated.
    pub policy: Policy,
    /// What goes from the CRM to Sage.
    pub to_sage: ToSage,
    /// When nothing is done with these records, on either side.
    pub quiet: Vec<QuietWindow>,
    /// A digest of everything above but the times: it differs exactly when what is written may differ.
    pub version: Digest,
}

impl EntityConfig {
    /// Whether a record goes to the CRM at all.
    ///
    /// # Errors
    /// `E_FILTER_COMPUTED` (class data) when an expression of `include` has no answer for this record: what is neither
    /// in nor out is for a person to decide.
    pub fn include(&self, key: &SageKey, record: &Record) -> Result<Verdict, Fault> {
        self.filter.verdict(key, record)
    }

    /// Checks a key against the key rule.
    ///
    /// # Errors
    /// `E_KEY_RULE` (class data) when the key is too long or has a character that is not allowed.
    pub fn check_key(&self, key: &SageKey) -> Result<(), Fault> {
        self.key_rule
            .as_ref()
            .map_or(Ok(()), |rule| rule.check(key))
    }

    /// The CRM's field values for a record: the mapped fields only; owner, parent and key field are the writer's. Notes
    /// tell what went over as it was.
    ///
    /// # Errors
    /// `E_MAPPING_…` (class data) naming field, column and value of the first that cannot be mapped, all others in the
    /// detail; `E_MAPPING_COLUMN` (class bug) for a record of another entity.
    pub fn map(&self, key: &SageKey, record: &Record) -> Result<Mapped, Fault> {
        mapping::map(&self.fields, key, record)
    }

    /// The CRM's values as they are compared with Sage's: of a field that is mapped as an e-mail address, and holds several
    /// in the CRM, the first. Each side's further ones are its own.
    #[must_use]
    pub fn compared(&self, crm: &Fields) -> Fields {
        let mut compared = crm.clone();
        for field in self.of_one_address() {
            if let Some(Value::Text(text)) = crm.get(field)
                && let Some(first) = mapping::first_of_several(text)
            {
                compared.insert(field.to_owned(), Value::text(first));
            }
        }
        compared
    }

    /// Puts what the CRM's fields `held` hold beside their first e-mail address behind the one that is to be written. Where
    /// Sage has none, the CRM is to have none.
    pub fn keep_others(&self, held: &Fields, to_crm: &mut Fields) {
        for field in self.of_one_address() {
            if let (Some(Value::Text(held)), Some(Value::Text(address))) =
                (held.get(field), to_crm.get_mut(field))
            {
                *address = mapping::with_first(held, address);
            }
        }
    }

    fn of_one_address(&self) -> impl Iterator<Item = &str> {
        let emails = self.fields.iter().filter(|map| map.with == Helper::Email);
        emails.map(|map| map.field.as_str())
    }

    /// The CRM fields that hold what a column does: those that are made of it and nothing else.
    pub fn fields_of<'a>(&'a self, column: &'a str) -> impl Iterator<Item = &'a str> {
        let of = move |map: &&FieldMap| match &map.from {
            Source::Columns(columns) => matches!(columns.as_slice(), [one] if one == column),
            Source::Computed(_) | Source::Const(_) => false,
        };
        self.fields.iter().filter(of).map(|map| map.field.as_str())
    }

    /// Every CRM field that is written, the key field first: to be checked against the CRM's own field list.
    #[must_use]
    pub fn crm_fields(&self) -> Vec<&str> {
        let owner = self.owner.as_ref().map(|owner| owner.field.as_str());
        std::iter::once(self.key_field.as_str())
            .chain(self.parent_field.as_deref())
            .chain(owner)
            .chain(self.fields.iter().map(|map| map.field.as_str()))
            .collect()
    }

    /// Every Sage column that is read: to be checked against the agent's capabilities.
    #[must_use]
    pub fn columns(&self) -> BTreeSet<&str> {
        let mapped = self.fields.iter().flat_map(|map| match &map.from {
            Source::Columns(columns) => columns.iter().map(String::as_str).collect(),
            Source::Computed(expression) => expression.columns(),
            Source::Const(_) => BTreeSet::new(),
        });
        let conditions = self.filter.include.iter();
        let tested = conditions.flat_map(|condition| match condition {
            Condition::Column { column, .. } => BTreeSet::from([column.as_str()]),
            Condition::When(expression) => expression.columns(),
        });
        let owner = self.owner.iter().map(|owner| owner.column.as_str());
        mapped.chain(tested).chain(owner).collect()
    }
}
