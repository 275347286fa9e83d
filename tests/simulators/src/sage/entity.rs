//! The entities that the agent serves.

use crate::data::{CONTACT, CUSTOMER, Column, SALESPERSON};

/// One of the agent's entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entity {
    /// AR_Customer, key `01-ABF`.
    Customers,
    /// AR_CustomerContact, key `01-ABF/ARTIE JOHN`.
    Contacts,
    /// AR_Salesperson, key `01-0100`.
    Salespersons,
}

impl Entity {
    /// All of them.
    pub const ALL: [Entity; 3] = [Entity::Customers, Entity::Contacts, Entity::Salespersons];

    /// The name in URLs.
    pub fn name(self) -> &'static str {
        match self {
            Entity::Customers => "customers",
            Entity::Contacts => "contacts",
            Entity::Salespersons => "salespersons",
        }
    }

    /// The entity of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entity| entity.name() == name)
    }

    /// The columns of its table, without the audit columns.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Entity::Customers => CUSTOMER,
            Entity::Contacts => CONTACT,
            Entity::Salespersons => SALESPERSON,
        }
    }

    /// The key columns and their values in a key; `None` if the key has another form.
    pub fn key_fields(self, key: &str) -> Option<Vec<(&'static str, String)>> {
        let (head, code) = match self {
            Entity::Contacts => {
                let (head, code) = key.split_once('/')?;
                (head, Some(code))
            }
            Entity::Customers | Entity::Salespersons => (key, None),
        };
        let (division, number) = head.split_once('-')?;
        if division.len() != 2 || number.is_empty() || code.is_some_and(str::is_empty) {
            return None;
        }
        let (division_column, number_column) = match self {
            Entity::Salespersons => ("SalespersonDivisionNo", "SalespersonNo"),
            Entity::Customers | Entity::Contacts => ("ARDivisionNo", "CustomerNo"),
        };
        let mut fields = vec![
            (division_column, division.to_owned()),
            (number_column, number.to_owned()),
        ];
        fields.extend(code.map(|code| ("ContactCode", code.to_owned())));
        Some(fields)
    }
}
