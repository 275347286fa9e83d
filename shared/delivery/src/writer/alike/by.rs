//! By what records are compared: their names, and below one parent their e-mail addresses.

use counterpart_config::EntityConfig;
use counterpart_domain::{Entity, Fields, Value, folded_name};

/// By what a record is looked for, and told.
pub(super) struct By {
    /// The field that is asked for: the name, or the parent.
    pub(super) field: String,
    /// Whether that is the parent.
    pub(super) is_parent: bool,
    /// The fields that are the name.
    names: Vec<String>,
    /// The fields that are the e-mail address.
    mails: Vec<String>,
    /// What is read.
    pub(super) read: Vec<String>,
}

impl By {
    /// None: the name is not mapped by itself, so that nobody can look for it.
    pub(super) fn of(kind: Entity, entity: &EntityConfig) -> Option<Self> {
        let of = &kind.spec().identity;
        let fields = |column: &'static str| -> Vec<String> {
            let fields = entity.fields_of(column);
            fields.map(str::to_owned).collect()
        };
        let names = if of.name.is_empty() {
            Vec::new()
        } else {
            fields(of.name)
        };
        let mails = if of.email.is_empty() {
            Vec::new()
        } else {
            fields(of.email)
        };
        let field = entity.parent_field.as_ref().or(names.first())?.clone();
        names.first()?;
        let mut read = vec![field.clone()];
        read.extend(names.iter().chain(&mails).cloned());
        read.sort();
        read.dedup();
        Some(Self {
            is_parent: entity.parent_field.is_some(),
            field,
            names,
            mails,
            read,
        })
    }

    /// What is asked for a row; none: it has nothing by which it could be found.
    pub(super) fn asked(&self, fields: &Fields) -> Option<String> {
        let value = fields.get(&self.field).filter(|value| !value.is_blank())?;
        Some(value.to_string())
    }

    pub(super) fn is_like(&self, ours: &Fields, theirs: &Fields) -> bool {
        let same = |names: &[String]| {
            let text =
                |fields: &Fields, name: &String| folded(fields.get(name).unwrap_or(&Value::Blank));
            let any = names.iter().any(|name| !text(ours, name).is_empty());
            any && names
                .iter()
                .all(|name| text(ours, name) == text(theirs, name))
        };
        // One address may be a whole company's: below one parent it tells people apart.
        same(&self.names) || (self.is_parent && same(&self.mails))
    }
}

pub(super) fn folded(value: &Value) -> String {
    folded_name(&value.to_string())
}
