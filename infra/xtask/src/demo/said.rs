//! What the product says of its own work.

use std::collections::BTreeMap;

use counterpart_domain::Entity;

use crate::demo::figures::Tally;
use crate::error::{Failure, Result};

/// What the product says about its import into one target.
#[derive(Clone, Debug)]
pub struct Said {
    /// Of customers.
    pub customer: Tally,
    /// Of what belongs to them, by entity.
    pub children: BTreeMap<Entity, Tally>,
}

impl Said {
    /// What it says of an entity of children.
    ///
    /// # Errors
    /// When it says nothing.
    pub fn of(&self, entity: Entity) -> Result<Tally> {
        let none = || Failure::new(format!("nothing is said of the entity {entity}"));
        self.children.get(&entity).copied().ok_or_else(none)
    }
}
