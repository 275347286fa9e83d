//! A record that is to be in Sage.

use counterpart_domain::{CrmId, Entity, Fields, SageKey};

/// A record that is to be in Sage once.
pub(super) struct NewRecord<'a> {
    pub(super) entity: Entity,
    /// The CRM's record.
    pub(super) id: &'a CrmId,
    pub(super) columns: &'a Fields,
    /// What the CRM's record held when this was made of it.
    pub(super) crm: &'a Fields,
    pub(super) key_from: KeyFrom<'a>,
    /// A person sends it again who was told of records that look alike.
    pub(super) decided: bool,
}

/// What its key is made of.
pub(super) enum KeyFrom<'a> {
    /// Sage's next customer number in a division, unless the CRM gives one.
    Next {
        division: &'a str,
        given: Option<&'a str>,
    },
    /// The parent's key and a code made of the name, unless the CRM gives one.
    Below {
        parent: &'a SageKey,
        given: Option<&'a str>,
    },
}

impl NewRecord<'_> {
    /// The record that it belongs to, where it belongs to one.
    pub(super) const fn parent(&self) -> Option<&SageKey> {
        match &self.key_from {
            KeyFrom::Below { parent, .. } => Some(parent),
            KeyFrom::Next { .. } => None,
        }
    }
}

impl<'a> KeyFrom<'a> {
    /// The number or code that the CRM gives.
    pub(super) const fn given(&self) -> Option<&'a str> {
        match self {
            Self::Next { given, .. } | Self::Below { given, .. } => *given,
        }
    }

    /// With another number or code of the CRM's.
    pub(super) const fn with<'b>(&'b self, given: Option<&'b str>) -> KeyFrom<'b> {
        match self {
            Self::Next { division, .. } => KeyFrom::Next { division, given },
            Self::Below { parent, .. } => KeyFrom::Below { parent, given },
        }
    }

    pub(super) const fn is_given(&self) -> bool {
        self.given().is_some()
    }
}
