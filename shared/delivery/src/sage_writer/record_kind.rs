//! Records that are to be in Sage, and what the writer has to know of their entity: the one place that tells entities apart.

use counterpart_domain::{CrmId, Entity, Fields, SageKey};

use crate::intent::IntentKind;

/// One of them.
#[derive(Debug)]
pub(super) struct RecordKind {
    pub(super) entity: Entity,
    /// The intents of its records.
    pub(super) intent: IntentKind,
    /// The columns that tell one record from another under the same key.
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    /// Sage is asked who may be it already, before one is created.
    pub(super) is_searched: bool,
}

pub(super) static CUSTOMER: RecordKind = RecordKind {
    entity: Entity::Customer,
    intent: IntentKind::Customer,
    name: "CustomerName",
    email: "EmailAddress",
    is_searched: true,
};

pub(super) static CONTACT: RecordKind = RecordKind {
    entity: Entity::Contact,
    intent: IntentKind::Contact,
    name: "ContactName",
    email: "EmailAddress",
    is_searched: false,
};

impl RecordKind {
    pub(super) const fn of(entity: Entity) -> &'static Self {
        match entity {
            // Salespersons are never written.
            Entity::Customer | Entity::Salesperson => &CUSTOMER,
            Entity::Contact => &CONTACT,
        }
    }
}

/// A record that is to be in Sage once.
pub(super) struct NewRecord<'a> {
    pub(super) kind: &'static RecordKind,
    /// The CRM's record.
    pub(super) id: &'a CrmId,
    pub(super) columns: &'a Fields,
    /// What the CRM's record held when this was made of it.
    pub(super) crm: &'a Fields,
    pub(super) key_source: KeySource<'a>,
    /// A person sends it again who was told of records that look alike.
    pub(super) decided: bool,
}

/// How its key comes about, unless the CRM gives it.
pub(super) enum KeySource<'a> {
    /// Sage's next customer number, in a division.
    NextNumber {
        division: &'a str,
        given: Option<&'a str>,
    },
    /// A code made from the name, below another record.
    CodeOfName {
        parent: &'a SageKey,
        given: Option<&'a str>,
    },
}

impl KeySource<'_> {
    pub(super) const fn is_given(&self) -> bool {
        match self {
            Self::NextNumber { given, .. } | Self::CodeOfName { given, .. } => given.is_some(),
        }
    }
}
