//! A person says which record of the CRM belongs to which record of Sage. Programs never guess it: a customer that was
//! renumbered in Sage, two accounts for one customer, a merge that went the wrong way are for a person, and this is how the
//! answer is carried out.
//!
//! A plan says what would be done, and does nothing. It is carried out on the condition that nobody wrote the links since they
//! were read. Nothing is deleted on either side; what a record loses is its key field and its link.

mod apply;
mod plan;
mod view;

use std::fmt;

use counterpart_config::{EntityConfig, TargetConfig};
use counterpart_domain::{Class, CrmId, Fault, SageKey, TargetName};

use crate::ports::prelude::*;
use crate::{Entry, Link};

pub use view::{Below, CrmSide, LinkView, SageSide};

/// Codes of what a person did to a link, as the ledger has them.
pub const LINK_CODES: [&str; 2] = ["LINK_MOVED", "LINK_RELEASED"];

/// Links of one target.
pub struct Relink<'a, P: Ports> {
    /// What all handlers share.
    pub context: Context<'a, P>,
    /// Its name.
    pub target: &'a TargetName,
    /// What is configured of it.
    pub settings: &'a TargetConfig,
    /// Its client.
    pub crm: &'a P::Crm,
    /// The agent of the company that the key is of.
    pub agent: &'a P::Agent,
}

impl<'a, P: Ports> std::ops::Deref for Relink<'a, P> {
    type Target = Context<'a, P>;

    fn deref(&self) -> &Self::Target {
        &self.context
    }
}

impl<P: Ports> fmt::Debug for Relink<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relink")
            .field("target", self.target)
            .finish_non_exhaustive()
    }
}

/// One record of the CRM that becomes the record of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// The record.
    pub id: CrmId,
    /// Its key from now on.
    pub key: SageKey,
    /// The link that it has so far, or had once.
    pub from: Option<Link>,
    /// The link of the key, as it is.
    pub to: Option<Link>,
    /// Other records that hold the key, or are linked to it: their key field is emptied, and they are linked to nothing.
    pub twins: Vec<CrmId>,
    /// What Sage holds of the key, to be written to the record. None: Sage does not have it.
    pub entry: Option<Entry>,
}

impl Move {
    /// Whether it is so already.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let linked = self.to.as_ref().is_some_and(|link| {
            link.crm_id.as_ref() == Some(&self.id) && link.stage == crate::Stage::Linked
        });
        linked && self.twins.is_empty()
    }

    /// The key that the record leaves, where it is linked to another one.
    #[must_use]
    pub fn leaves(&self) -> Option<&SageKey> {
        let from = self.from.as_ref().filter(|from| from.key != self.key)?;
        (from.crm_id.as_ref() == Some(&self.id)).then_some(&from.key)
    }
}

/// How many records of the CRM that are sales name an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sales {
    /// The record itself.
    pub of_record: usize,
    /// One of its twins.
    pub of_twins: usize,
}

/// What would be done.
#[derive(Debug, Clone, PartialEq)]
pub struct MovePlan {
    /// The record that was named, and its children whose own keys Sage has under the new key.
    pub moves: Vec<Move>,
    /// Links of records below a twin that follow to the record.
    pub follow: Vec<Link>,
    /// Keys of records below the record that stay linked as they are, since Sage has no record of that code under the new key.
    pub stay: Vec<SageKey>,
    /// How many records below the record are linked to nothing.
    pub unlinked: usize,
    /// Sales that name the accounts.
    pub sales: Sales,
}

/// The release of a link.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleasePlan {
    /// The link as it is.
    pub link: Link,
    /// Linked records below it.
    pub children: usize,
    /// Sales that name the account.
    pub sales: usize,
}

impl<P: Ports> Relink<'_, P> {
    /// How the entity of a key is configured.
    fn entity(&self, key: &SageKey) -> Result<&EntityConfig, Fault> {
        let here = self.settings.companies.contains(&key.company);
        let entity = self.settings.entities.get(&key.entity);
        entity.filter(|_| here).ok_or_else(|| {
            refused(
                "E_ENTITY_UNKNOWN",
                format!(
                    "{} of company {} do not go to {}, by the sync.toml in force.",
                    key.entity.plural(),
                    key.company,
                    self.target
                ),
            )
        })
    }
}

fn refused(code: &'static str, message: String) -> Fault {
    Fault::new(Class::Data, code, message)
}
