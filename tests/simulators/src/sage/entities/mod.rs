//! The tables that Sage keeps record by record, one file each. A new one is a file and a line in `ENTITIES`.

mod contacts;
mod customers;
mod items;
mod salespersons;
mod ship_to;

use super::{check::Source, desk::Desk, refusal::Refusal, settings::Site};
use crate::data::{Column, DataSet, Row, Values};

pub use contacts::CONTACTS;
pub use customers::CUSTOMERS;
pub use items::ITEMS;
pub use salespersons::SALESPERSONS;
pub use ship_to::SHIP_TO;

/// All tables, in the order in which they are told.
pub static ENTITIES: &[&Entity] = &[&CUSTOMERS, &CONTACTS, &SALESPERSONS, &SHIP_TO, &ITEMS];

/// One table: what its records are, what it starts with, and who may reach it.
#[derive(Debug)]
pub struct Entity {
    /// The name at the control door and in the agent's URLs.
    pub name: &'static str,
    /// The columns of its key, each with what stands before it in the key's text.
    pub key: &'static [(&'static str, &'static str)],
    /// The table whose key begins this one's: a record goes and is renumbered with its parent.
    pub parent: Option<&'static Entity>,
    /// The version of the contract from which on the agent's change feed offers it; without one, never.
    pub since: Option<&'static str>,
    /// The business object and its columns, without the audit columns.
    pub source: Source,
    /// What people who create a record at the control door do not have to fill in.
    pub initial: &'static [(&'static str, &'static str)],
    /// The records that a company starts with.
    pub rows: fn(company: &str, data: DataSet) -> Vec<Row>,
    /// How the agent writes it; without this, it does not.
    pub writes: Option<Writes>,
}

/// How records are written through a business object. Both answer why a record was refused; nothing was written then.
#[derive(Debug)]
pub struct Writes {
    /// Creates a record from the values of its key's columns, in their order, and the other columns; answers its key.
    pub create: fn(&mut Desk<'_>, key: Vec<String>, values: Values) -> Result<String, Refusal>,
    /// Changes columns of the record of a key.
    pub update: fn(&mut Desk<'_>, key: &str, values: &Values) -> Result<(), Refusal>,
}

impl Entity {
    /// The entity of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ENTITIES.iter().copied().find(|entity| entity.name == name)
    }

    /// The columns of its table, without the audit columns.
    pub fn columns(&self) -> &'static [Column] {
        self.source.columns
    }

    /// Whether the agent of a site offers it.
    pub fn is_offered(&self, site: &Site) -> bool {
        self.since.is_some_and(|since| site.keeps_contract(since))
    }

    /// The tables whose records belong to records of this one.
    pub fn children(&self) -> impl Iterator<Item = &'static Self> {
        ENTITIES
            .iter()
            .copied()
            .filter(|entity| entity.parent.is_some_and(|parent| parent.name == self.name))
    }

    /// What the keys of the records begin with that belong to a record of the parent.
    pub fn prefix_below(&self, parent: &str) -> String {
        let depth = self.parent.map_or(0, |parent| parent.key.len());
        let before = self.key.get(depth).map_or("", |(_, before)| before);
        format!("{parent}{before}")
    }

    /// The key columns and their values in a key; `None` if the key has another form. Divisions have two characters.
    pub fn key_fields(&self, key: &str) -> Option<Vec<(&'static str, String)>> {
        let mut rest = key;
        let mut fields = Vec::new();
        for (at, (column, _)) in self.key.iter().enumerate() {
            let value = match self.key.get(at + 1) {
                Some((_, before)) => {
                    let (value, after) = rest.split_once(before)?;
                    rest = after;
                    value
                }
                None => rest,
            };
            if value.is_empty() || (column.ends_with("DivisionNo") && value.len() != 2) {
                return None;
            }
            fields.push((*column, value.to_owned()));
        }
        Some(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_apart_into_its_columns_and_other_texts_are_no_keys() {
        let values = |entity: &Entity, key: &str| {
            let fields = entity.key_fields(key)?;
            Some(
                fields
                    .into_iter()
                    .map(|(_, value)| value)
                    .collect::<Vec<_>>(),
            )
        };
        let some = |parts: &[&str]| Some(parts.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(values(&CUSTOMERS, "01-A-B"), some(&["01", "A-B"]));
        assert_eq!(values(&CONTACTS, "01-ABF/A/B"), some(&["01", "ABF", "A/B"]));
        assert_eq!(values(&SHIP_TO, "01-ABF/2"), some(&["01", "ABF", "2"]));
        for key in ["1-ABF", "01-", "01ABF", "01-ABF/"] {
            assert_eq!(values(&CONTACTS, key), None, "{key}");
        }
    }

    #[test]
    fn records_stand_under_the_key_that_their_columns_tell_and_below_a_parent() {
        let data = DataSet {
            customers: 40,
            seed: 3,
        };
        for company in ["ABC", "XYZ"] {
            for entity in ENTITIES {
                for row in (entity.rows)(company, data) {
                    for (column, value) in entity.key_fields(&row.key).unwrap() {
                        assert_eq!(row.fields[column], value, "{} {}", entity.name, row.key);
                    }
                    let Some(parent) = entity.parent else {
                        continue;
                    };
                    let of = |parent: &Row| row.key.starts_with(&entity.prefix_below(&parent.key));
                    assert!((parent.rows)(company, data).iter().any(of), "{}", row.key);
                }
            }
        }
    }
}
