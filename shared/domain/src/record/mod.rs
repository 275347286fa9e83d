//! Canonical Sage records: the columns that are kept in step, typed, under Sage's own names, plus a bag for UDFs.
//!
//! Left out on purpose: tax ids, social security numbers, card fields, encrypted values. They are never read or stored.

mod columns;
mod tables;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use columns::{ColumnKind, ColumnSpec};
pub use tables::{Contact, Customer, Salesperson};

use crate::{Company, Digest, Entity, Fault, RepKey, SageKey, Value, digest_of};

/// One record as Sage holds it, whichever entity it is of. Its content is shared: a copy costs nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// A row of `AR_Customer`.
    Customer(Arc<Customer>),
    /// A row of `AR_CustomerContact`.
    Contact(Arc<Contact>),
    /// A row of `AR_Salesperson`.
    Salesperson(Arc<Salesperson>),
}

impl Record {
    /// Reads a record from the agent's columns (all values text, blank = empty). Unknown columns are left out, `UDF_*`
    /// columns go into the bag.
    ///
    /// # Errors
    /// `E_SAGE_RECORD_INVALID` (class data), naming every column that cannot be read, or a key that is not the record's.
    pub fn from_columns(key: &SageKey, columns: &BTreeMap<String, String>) -> Result<Self, Fault> {
        let record = match key.entity {
            Entity::Customer => Self::Customer(Arc::new(Customer::from_columns(key, columns)?)),
            Entity::Contact => Self::Contact(Arc::new(Contact::from_columns(key, columns)?)),
            Entity::Salesperson => {
                Self::Salesperson(Arc::new(Salesperson::from_columns(key, columns)?))
            }
        };
        let own = record.local_key();
        if own == key.local {
            Ok(record)
        } else {
            Err(columns::invalid(
                key,
                &[format!("the key columns say {own:?}")],
            ))
        }
    }

    /// What it is.
    #[must_use]
    pub const fn entity(&self) -> Entity {
        match self {
            Self::Customer(_) => Entity::Customer,
            Self::Contact(_) => Entity::Contact,
            Self::Salesperson(_) => Entity::Salesperson,
        }
    }

    /// The key within its company, made from the key columns.
    #[must_use]
    pub fn local_key(&self) -> String {
        match self {
            Self::Customer(c) => format!("{}-{}", c.division_no, c.customer_no),
            Self::Contact(c) => format!("{}-{}/{}", c.division_no, c.customer_no, c.contact_code),
            Self::Salesperson(s) => format!("{}-{}", s.division_no, s.salesperson_no),
        }
    }

    /// The customer that a contact belongs to.
    #[must_use]
    pub fn parent(&self, company: &Company) -> Option<SageKey> {
        match self {
            Self::Contact(contact) => Some(SageKey {
                company: company.clone(),
                entity: Entity::Contact.parent()?,
                local: format!("{}-{}", contact.division_no, contact.customer_no),
            }),
            Self::Customer(_) | Self::Salesperson(_) => None,
        }
    }

    /// The value of a column or UDF, by Sage's name. `None`: this entity has no such column and the record no such UDF.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<Value> {
        match self {
            Self::Customer(record) => record.get(column),
            Self::Contact(record) => record.get(column),
            Self::Salesperson(record) => record.get(column),
        }
    }

    /// The columns of an entity, in the table's order.
    #[must_use]
    pub const fn columns(entity: Entity) -> &'static [ColumnSpec] {
        match entity {
            Entity::Customer => Customer::COLUMNS,
            Entity::Contact => Contact::COLUMNS,
            Entity::Salesperson => Salesperson::COLUMNS,
        }
    }

    /// The rep that a customer is assigned to, from `column` (`SalespersonNo`, combined with its division, or a UDF).
    /// `None`: blank, or the entity has none.
    #[must_use]
    pub fn rep(&self, company: &Company, column: &str) -> Option<RepKey> {
        let rep = match (self, column) {
            (Self::Customer(c), "SalespersonNo") if c.salesperson_no.is_empty() => return None,
            (Self::Customer(c), "SalespersonNo") => {
                format!("{}-{}", c.salesperson_division_no, c.salesperson_no)
            }
            _ => match self.get(column)? {
                Value::Blank => return None,
                value => value.to_string(),
            },
        };
        Some(RepKey {
            company: company.clone(),
            rep,
        })
    }

    /// The hash of the content: every column and UDF that is not blank, by name. The audit columns are no part of it.
    #[must_use]
    pub fn content_hash(&self) -> Digest {
        let mut parts = vec![self.entity().name().to_owned()];
        let udf = match self {
            Self::Customer(record) => &record.udf,
            Self::Contact(record) => &record.udf,
            Self::Salesperson(record) => &record.udf,
        };
        let columns = Self::columns(self.entity()).iter().map(|spec| spec.name);
        for name in columns.chain(udf.keys().map(String::as_str)) {
            match self.get(name) {
                None | Some(Value::Blank) => {}
                Some(Value::Number(number)) => {
                    parts.extend([name.to_owned(), number.normalize().to_string()]);
                }
                Some(value) => parts.extend([name.to_owned(), value.to_string()]),
            }
        }
        digest_of(parts.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    fn abf() -> SageKey {
        SageKey::new(&Company::new("ABC").unwrap(), Entity::Customer, "01-ABF").unwrap()
    }

    const ABF: [(&str, &str); 6] = [
        ("ARDivisionNo", "01"),
        ("CustomerNo", "ABF"),
        ("CustomerName", "American Business Futures   "),
        ("CreditLimit", "120000.00"),
        ("CreditHold", "N"),
        ("UDF_REGION", "MIDWEST"),
    ];

    #[test]
    fn columns_become_typed_values_and_udfs_a_bag() {
        let record = Record::from_columns(&abf(), &columns(&ABF)).unwrap();
        assert_eq!(
            record.get("CustomerName"),
            Some(Value::text("American Business Futures"))
        );
        assert_eq!(
            record.get("CreditLimit"),
            Some(Value::Number("120000.00".parse().unwrap()))
        );
        assert_eq!(record.get("CreditHold"), Some(Value::Flag(false)));
        assert_eq!(record.get("UDF_REGION"), Some(Value::text("MIDWEST")));
        assert_eq!(record.get("TaxpayerIDSocialSecurityNo"), None);
    }

    #[test]
    fn the_hash_leaves_the_audit_columns_and_trailing_zeros_out() {
        let hash = |extra: &[(&str, &str)]| {
            let mut all = ABF.to_vec();
            all.extend_from_slice(extra);
            Record::from_columns(&abf(), &columns(&all))
                .unwrap()
                .content_hash()
        };
        assert_eq!(
            hash(&[]),
            hash(&[("DateUpdated", "20261122"), ("CreditLimit", "120000")])
        );
        assert_ne!(hash(&[]), hash(&[("City", "Racine")]));
        assert_ne!(hash(&[]), hash(&[("UDF_REGION", "WEST")]));
    }

    #[test]
    fn every_unreadable_column_is_named_at_once() {
        let fault = Record::from_columns(
            &abf(),
            &columns(&[
                ("ARDivisionNo", "01"),
                ("CustomerNo", "ABF"),
                ("CreditLimit", "much"),
                ("DateEstablished", "yesterday"),
            ]),
        )
        .unwrap_err();
        assert_eq!(fault.code, "E_SAGE_RECORD_INVALID");
        assert!(fault.detail.contains("CreditLimit") && fault.detail.contains("DateEstablished"));
    }

    #[test]
    fn a_record_under_anothers_key_is_refused() {
        let other = columns(&[("ARDivisionNo", "02"), ("CustomerNo", "ABF")]);
        assert!(Record::from_columns(&abf(), &other).is_err());
    }

    #[test]
    fn the_division_is_part_of_the_rep() {
        let mut pairs = ABF.to_vec();
        pairs.extend([("SalespersonDivisionNo", "01"), ("SalespersonNo", "0100")]);
        let record = Record::from_columns(&abf(), &columns(&pairs)).unwrap();
        let company = Company::new("ABC").unwrap();
        assert_eq!(
            record.rep(&company, "SalespersonNo").unwrap().to_string(),
            "ABC:01-0100"
        );
        assert_eq!(
            record.rep(&company, "UDF_REGION").unwrap().to_string(),
            "ABC:MIDWEST"
        );
        assert_eq!(record.rep(&company, "UDF_NONE"), None);
    }

    #[test]
    fn a_record_survives_json() {
        let record = Record::from_columns(&abf(), &columns(&ABF)).unwrap();
        let text = serde_json::to_string(&record).unwrap();
        assert!(
            !text.contains("AddressLine1"),
            "blank columns cost nothing: {text}"
        );
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
    }
}
