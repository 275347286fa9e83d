//! The digest of everything that decides what is written. Every type is taken apart without `..`, so that a new field
//! of the configuration cannot be forgotten here.

#[cfg(test)]
mod tests;

use counterpart_domain::reconcile::{
    CreateInCrm, FieldOwner, FieldRule, ForeignEdit, OnConflict, Policy, UpdateInCrm,
};
use counterpart_domain::{Digest, Value, digest_of};

use crate::{
    Alike, Condition, EntityConfig, FieldMap, Filter, Helper, Inactive, KeyRule, Otherwise,
    OwnerConfig, PlaceForm, Source, Test, UnmappedRep,
};

/// The parts of the digest, in a fixed order. Lists carry their length, so that no two configurations share them.
#[derive(Default)]
struct Parts(Vec<String>);

pub(crate) fn of(config: &EntityConfig) -> Digest {
    let EntityConfig {
        module,
        key_field,
        filter,
        key_rule,
        owner,
        parent_field,
        // What was parked for it is looked at again once nobody is to be asked any more.
        alike,
        fields,
        policy,
        // What goes to Sage changes nothing in the CRM; who may change a field stands in the policy.
        to_sage: _,
        // When something is written says nothing of what is.
        quiet: _,
        version: _,
    } = config;
    let mut parts = Parts::default();
    parts.add("1");
    parts.add(module);
    parts.add(key_field);
    parts.filter(filter);
    parts.key_rule(key_rule.as_ref());
    parts.owner(owner.as_ref());
    parts.optional(parent_field.as_ref());
    parts.count(fields.len());
    for map in fields {
        parts.field(map);
    }
    parts.policy(policy);
    if *alike != Alike::default() {
        parts.add("alike: create");
    }
    digest_of(parts.0.iter().map(String::as_str))
}

impl Parts {
    fn add(&mut self, part: impl ToString) {
        self.0.push(part.to_string());
    }

    fn count(&mut self, count: usize) {
        self.add(count);
    }

    fn optional(&mut self, part: Option<impl ToString>) {
        match part {
            Some(part) => {
                self.add("some");
                self.add(part);
            }
            None => self.add("none"),
        }
    }

    fn value(&mut self, value: &Value) {
        self.add(match value {
            Value::Blank => "blank",
            Value::Text(_) => "text",
            Value::Number(_) => "number",
            Value::Flag(_) => "flag",
            Value::Date(_) => "date",
            Value::Reference(_) => "reference",
        });
        self.add(value);
    }

    fn filter(&mut self, filter: &Filter) {
        let Filter { inactive, include } = filter;
        self.add(match inactive {
            Inactive::Exclude => "exclude",
            Inactive::Sync => "sync",
        });
        self.count(include.len());
        for condition in include {
            match condition {
                Condition::Column { column, test } => {
                    self.add(column);
                    self.test(test);
                }
                Condition::When(expression) => {
                    self.add("when");
                    self.add(expression.source());
                }
            }
        }
    }

    fn test(&mut self, test: &Test) {
        match test {
            Test::Equals(value) => {
                self.add("equals");
                self.value(value);
            }
            Test::Not(value) => {
                self.add("not");
                self.value(value);
            }
            Test::In(values) => {
                self.add("in");
                self.count(values.len());
                for value in values {
                    self.value(value);
                }
            }
            Test::StartsWith(start) => {
                self.add("starts_with");
                self.add(start);
            }
        }
    }

    fn key_rule(&mut self, rule: Option<&KeyRule>) {
        let Some(KeyRule { allowed, length }) = rule else {
            return self.add("none");
        };
        self.add("rule");
        self.count(allowed.len());
        for (first, last) in allowed {
            self.add(first);
            self.add(last);
        }
        self.optional(*length);
    }

    fn owner(&mut self, owner: Option<&OwnerConfig>) {
        let Some(OwnerConfig {
            field,
            column,
            unmapped,
            direction: _,
        }) = owner
        else {
            return self.add("none");
        };
        self.add("owner");
        self.add(field);
        self.add(column);
        match unmapped {
            UnmappedRep::Park => self.add("park"),
            UnmappedRep::Leave => self.add("leave"),
            UnmappedRep::Admin(user) => {
                self.add("admin");
                self.add(user);
            }
        }
    }

    fn field(&mut self, map: &FieldMap) {
        let FieldMap {
            field,
            from,
            with,
            otherwise,
            length,
            cut,
        } = map;
        self.add(field);
        match from {
            Source::Const(value) => {
                self.add("const");
                self.value(value);
            }
            Source::Computed(expression) => {
                self.add("compute");
                self.add(expression.source());
            }
            Source::Columns(columns) => {
                self.add("columns");
                self.count(columns.len());
                columns.iter().for_each(|column| self.add(column));
            }
        }
        self.helper(with);
        self.add(match otherwise {
            Otherwise::Keep => "keep",
            Otherwise::Blank => "blank",
            Otherwise::Park => "park",
        });
        self.optional(*length);
        self.add(cut);
    }

    fn helper(&mut self, helper: &Helper) {
        self.add(match helper {
            Helper::Copy => "copy",
            Helper::Text => "text",
            Helper::Number => "number",
            Helper::Flag => "flag",
            Helper::Date => "date",
            Helper::Join { .. } => "join",
            Helper::AddressLines => "address_lines",
            Helper::Phone => "phone",
            Helper::Email => "email",
            Helper::Website => "website",
            Helper::FirstName => "first_name",
            Helper::LastName => "last_name",
            Helper::Salutation => "salutation",
            Helper::State { .. } => "state",
            Helper::Country { .. } => "country",
            Helper::PostalCode { .. } => "postal_code",
            Helper::Values(_) => "values",
        });
        match helper {
            Helper::Join { by } => self.add(by),
            Helper::State { form, country } => {
                self.form(*form);
                self.add(country);
            }
            Helper::Country { form, country } => {
                self.form(*form);
                self.optional(*country);
            }
            Helper::PostalCode { country } => self.add(country),
            Helper::Values(table) => {
                self.count(table.len());
                for (from, to) in table {
                    self.add(from);
                    self.value(to);
                }
            }
            _ => {}
        }
    }

    fn form(&mut self, form: PlaceForm) {
        self.add(match form {
            PlaceForm::Code => "code",
            PlaceForm::Code3 => "code3",
            PlaceForm::Name => "name",
        });
    }

    fn policy(&mut self, policy: &Policy) {
        let Policy {
            fields,
            create,
            update,
        } = policy;
        self.count(fields.len());
        for (field, rule) in fields {
            self.add(field);
            self.rule(*rule);
        }
        self.add(match create {
            CreateInCrm::Always => "always",
            CreateInCrm::Never => "never",
        });
        match update {
            UpdateInCrm::All => self.add("all"),
            UpdateInCrm::Never => self.add("never"),
            UpdateInCrm::Listed(listed) => {
                self.add("listed");
                self.count(listed.len());
                listed.iter().for_each(|field| self.add(field));
            }
        }
    }

    fn rule(&mut self, rule: FieldRule) {
        let FieldRule {
            owner,
            on_conflict,
            foreign_edit,
            crm_length,
            sage_length,
        } = rule;
        self.add(match owner {
            FieldOwner::Sage => "sage",
            FieldOwner::Crm => "crm",
            FieldOwner::Both => "both",
        });
        self.add(match on_conflict {
            OnConflict::Sage => "sage",
            OnConflict::Crm => "crm",
            OnConflict::Latest => "latest",
            OnConflict::Park => "park",
        });
        self.add(match foreign_edit {
            ForeignEdit::Revert => "revert",
            ForeignEdit::Report => "report",
        });
        self.optional(crm_length);
        self.optional(sage_length);
    }
}
