//! What a pause is about, and what a piece of work is about.

use std::fmt;

use counterpart_domain::{Company, Entity, TargetName};
use serde::{Deserialize, Serialize};

use crate::IntentKind;

/// A company, a target, a kind of record, or several of these together. Of a pause, what is not named is everything; of work,
/// what it is not about (a poll is about no target) or what is not known yet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Scope {
    /// The company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<Company>,
    /// The CRM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetName>,
    /// Sales with their orders, or the records of an entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<IntentKind>,
}

impl Scope {
    /// The polls of an entity: what is read is for all targets.
    #[must_use]
    pub fn polls(company: &Company, entity: Entity) -> Self {
        Self {
            company: Some(company.clone()),
            target: None,
            kind: Some(IntentKind::Record(entity)),
        }
    }

    /// Everything between a company and a target that is about one kind.
    #[must_use]
    pub fn between(company: &Company, target: &TargetName, kind: IntentKind) -> Self {
        Self {
            company: Some(company.clone()),
            target: Some(target.clone()),
            kind: Some(kind),
        }
    }

    /// What a CRM says of records of a kind; for which company is not known before they are read.
    #[must_use]
    pub fn told_by(target: &TargetName, kind: Option<IntentKind>) -> Self {
        Self {
            company: None,
            target: Some(target.clone()),
            kind,
        }
    }

    /// Whether all of `work` is within this.
    #[must_use]
    pub fn covers(&self, work: &Self) -> bool {
        within(self.company.as_ref(), work.company.as_ref())
            && within(self.target.as_ref(), work.target.as_ref())
            && within(self.kind.as_ref(), work.kind.as_ref())
    }

    /// Whether some work may be within both: what they name is the same, as far as both name it.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        same(self.company.as_ref(), other.company.as_ref())
            && same(self.target.as_ref(), other.target.as_ref())
            && same(self.kind.as_ref(), other.kind.as_ref())
    }

    /// Whether nothing is named: it is everything.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

fn within<T: PartialEq>(named: Option<&T>, of: Option<&T>) -> bool {
    named.is_none_or(|named| of == Some(named))
}

fn same<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_everything() {
            return f.write_str("everything");
        }
        let mut parts = Vec::new();
        parts.extend(self.company.as_ref().map(|of| format!("company {of}")));
        parts.extend(self.target.as_ref().map(|of| format!("target {of}")));
        parts.extend(self.kind.map(|of| format!("entity {}", of.name())));
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(company: &str, target: &str, kind: &str) -> Scope {
        Scope {
            company: Company::new(company).ok(),
            target: TargetName::new(target),
            kind: IntentKind::try_from(kind.to_owned()).ok(),
        }
    }

    #[test]
    fn a_pause_covers_what_lies_within_all_that_it_names() {
        let pack = scope("ABC", "zoho", "contact");
        for pause in [
            scope("", "", ""),
            scope("ABC", "", ""),
            scope("", "zoho", ""),
            scope("", "", "contact"),
            scope("ABC", "zoho", "contact"),
        ] {
            assert!(pause.covers(&pack), "{pause}");
        }
        for pause in [
            scope("XYZ", "", ""),
            scope("", "salesforce", ""),
            scope("ABC", "zoho", "customer"),
            scope("ABC", "zoho", "order"),
        ] {
            assert!(!pause.covers(&pack), "{pause}");
            assert!(!pause.meets(&pack), "{pause}");
        }
        // A poll reads for every target, an event's company is not known: only what names none of these stops them.
        let poll = scope("ABC", "", "contact");
        assert!(scope("ABC", "", "").covers(&poll));
        assert!(!scope("ABC", "zoho", "").covers(&poll));
        assert!(scope("ABC", "zoho", "").meets(&poll));
        assert!(!scope("ABC", "", "").covers(&scope("", "zoho", "order")));
    }

    #[test]
    fn a_scope_says_what_it_names() {
        assert_eq!(scope("", "", "").to_string(), "everything");
        assert_eq!(
            scope("ABC", "zoho", "contact").to_string(),
            "company ABC, target zoho, entity contact"
        );
    }
}
