//! A record that is to be in Sage.

use counterpart_domain::{CrmId, Entity, Fields, SageKey};

/// What is to be there.
pub(super) struct Making<'a> {
    pub(super) entity: Entity,
    /// The CRM's record.
    pub(super) id: &'a CrmId,
    pub(super) columns: &'a Fields,
    /// What the CRM's record held when this was made of it.
    pub(super) crm: &'a Fields,
    pub(super) naming: Naming<'a>,
    /// A person sends it again who was told of customers that look alike.
    pub(super) decided: bool,
}

/// How its key comes about.
pub(super) enum Naming<'a> {
    /// Sage's next number, unless the CRM gives one.
    Next {
        division: &'a str,
        given: Option<&'a str>,
    },
    /// Below its parent, by a code made from the name, unless the CRM gives one.
    Below {
        parent: &'a SageKey,
        given: Option<&'a str>,
    },
}

impl Naming<'_> {
    pub(super) const fn is_given(&self) -> bool {
        match self {
            Self::Next { given, .. } | Self::Below { given, .. } => given.is_some(),
        }
    }
}
