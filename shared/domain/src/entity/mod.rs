//! The kinds of Sage record that are kept in step: each is a file of this folder, and a line of the list below.

mod contact;
mod customer;
mod key_shape;
mod salesperson;
mod ship_to;
mod spec;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use key_shape::{KeyPart, KeyShape};
pub use spec::{EntitySpec, Identity, Inactive, KeySource, Parent, RepColumns, SoapNames};

use crate::ColumnSpec;
use crate::KeyError;

/// `ARDivisionNo`, which most keys begin with.
const DIVISION: KeyPart = KeyPart {
    column: "ARDivisionNo",
    separator: '-',
    longest: 2,
    fixed: true,
};

/// A kind of Sage record: its specification, by reference. In JSON, and wherever it is stored, it is its name.
#[derive(Clone, Copy)]
pub struct Entity(&'static EntitySpec);

impl Entity {
    /// `AR_Customer`.
    pub const CUSTOMER: Self = Self(&customer::CUSTOMER);
    /// `AR_CustomerContact`.
    pub const CONTACT: Self = Self(&contact::CONTACT);
    /// `AR_Salesperson`.
    pub const SALESPERSON: Self = Self(&salesperson::SALESPERSON);
    /// `SO_ShipToAddress`.
    pub const SHIP_TO: Self = Self(&ship_to::SHIP_TO);

    /// All of them, parents before children. What is ordered by entity has this order.
    pub const ALL: [Self; 4] = [
        Self::SALESPERSON,
        Self::CUSTOMER,
        Self::CONTACT,
        Self::SHIP_TO,
    ];

    /// What is to be known of it.
    #[must_use]
    pub const fn spec(self) -> &'static EntitySpec {
        self.0
    }

    /// The name in configuration, storage and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// The name in the agent's addresses and capabilities.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        self.0.table.name
    }

    /// The columns of its records, in the table's order.
    #[must_use]
    pub const fn columns(self) -> &'static [ColumnSpec] {
        self.0.table.columns
    }

    /// The entity whose record has to be in the CRM first, because records of this one point to it.
    #[must_use]
    pub const fn parent(self) -> Option<Self> {
        match &self.0.parent {
            Some(parent) => Some(parent.entity),
            None => None,
        }
    }

    /// Whether its records are written to a CRM. Salespersons are not: the CRM has users of its own, to whom they are
    /// mapped.
    #[must_use]
    pub const fn goes_to_crm(self) -> bool {
        self.0.goes_to_crm
    }

    fn place(self) -> usize {
        let mut all = Self::ALL.iter();
        all.position(|one| *one == self).unwrap_or_default()
    }
}

impl fmt::Debug for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl PartialEq for Entity {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Entity {}

impl PartialOrd for Entity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl Hash for Entity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}

impl FromStr for Entity {
    type Err = KeyError;
    fn from_str(name: &str) -> Result<Self, KeyError> {
        let mut all = Self::ALL.into_iter();
        all.find(|entity| entity.name() == name)
            .ok_or_else(|| KeyError::new(name, "entity", format!("one of {} is wanted", names())))
    }
}

/// `salesperson, customer, contact …`.
fn names() -> String {
    Entity::ALL.map(Entity::name).join(", ")
}

impl Serialize for Entity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Entity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl serde::de::Visitor<'_> for Name {
            type Value = Entity;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an entity")
            }
            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Entity, E> {
                name.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_is_its_name_wherever_it_is_stored() {
        for entity in Entity::ALL {
            let text = serde_json::to_string(&entity).unwrap();
            assert_eq!(text, format!("{:?}", entity.name()));
            assert_eq!(serde_json::from_str::<Entity>(&text).unwrap(), entity);
            assert_eq!(entity.name().parse::<Entity>().unwrap(), entity);
        }
        let error = "lead".parse::<Entity>().unwrap_err();
        insta::assert_snapshot!(error, @r#""lead" is not a entity: one of salesperson, customer, contact, ship_to is wanted"#);
    }

    #[test]
    fn specifications_hold_together() {
        for (place, entity) in Entity::ALL.into_iter().enumerate() {
            let spec = entity.spec();
            let kept = |column: &str| spec.table.columns.iter().any(|one| one.name == column);
            let named = [spec.identity.name, spec.identity.email];
            let inactive = spec.inactive.iter().map(|rule| rule.column);
            let rep = spec.rep.iter().flat_map(|rep| [rep.division, rep.number]);
            let parent = spec.parent.iter().flat_map(|parent| parent.columns);
            for column in spec
                .key
                .columns()
                .chain(named)
                .chain(inactive)
                .chain(rep)
                .chain(parent.copied())
            {
                assert!(kept(column), "{entity} keeps no {column}");
            }
            let mut names: Vec<&str> = spec.table.all_columns().map(|one| one.name).collect();
            names.sort_unstable();
            assert!(
                names.windows(2).all(|pair| pair[0] != pair[1]),
                "{entity} names a column twice"
            );
            if let Some(parent) = &spec.parent {
                assert!(
                    Entity::ALL[..place].contains(&parent.entity),
                    "{entity} comes before its parent"
                );
                assert_eq!(parent.columns.len(), parent.entity.spec().key.parts.len());
            }
            let free = spec.key.parts.iter().skip_while(|part| part.fixed);
            assert!(
                free.clone().count() > 0 && free.clone().all(|part| !part.fixed),
                "{entity}"
            );
            if let Some(soap) = &spec.soap {
                assert_eq!(soap.key.len(), spec.key.parts.len());
            }
            let by_name = matches!(spec.key_source, Some(KeySource::OfName { .. }));
            assert!(
                !by_name || spec.parent.is_some(),
                "{entity} has codes below nothing"
            );
        }
    }
}
