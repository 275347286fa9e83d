//! What the tests of this crate share.

use std::collections::BTreeMap;

use counterpart_domain::{Company, Entity, Record, SageKey};

use crate::{EntityConfig, Finding, SyncConfig};

/// A small file around the given lines of the customer table.
pub(crate) fn file(customer: &str) -> String {
    format!(
        "[companies.ABC]\nagent_url = \"https://agent.example.com\"\n\
         [targets.zoho]\ncrm = \"zoho\"\ndata_center = \"us\"\ncompanies = [\"ABC\"]\n\
         [targets.zoho.customer]\nmodule = \"Accounts\"\nkey_field = \"Sage_Key\"\n{customer}\n"
    )
}

/// A customer table with the given mapped fields beside the mandatory one.
pub(crate) fn fields(fields: &str) -> String {
    file(&format!(
        "[targets.zoho.customer.fields]\nAccount_Name = \"CustomerName\"\n{fields}"
    ))
}

pub(crate) fn entity(text: &str, entity: Entity) -> EntityConfig {
    let config = SyncConfig::parse(text).unwrap();
    config.targets.into_values().next().unwrap().entities[&entity].clone()
}

pub(crate) fn findings(text: &str) -> Vec<Finding> {
    SyncConfig::parse(text).unwrap_err()
}

/// A record out of its columns, the key columns among them.
pub(crate) fn record(entity: Entity, columns: &[(&str, &str)]) -> (SageKey, Record) {
    let columns: BTreeMap<String, String> = columns
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let shape = &entity.spec().key;
    let part = |name: &str| columns.get(name).cloned().unwrap_or_default();
    let local = shape.join(shape.columns().map(part));
    let key = SageKey::new(&Company::new("ABC").unwrap(), entity, &local).unwrap();
    let record = Record::from_columns(&key, &columns).unwrap();
    (key, record)
}

/// The customer 01-ABF with further columns.
pub(crate) fn abf(more: &[(&str, &str)]) -> (SageKey, Record) {
    let mut columns = vec![
        ("ARDivisionNo", "01"),
        ("CustomerNo", "ABF"),
        ("CustomerName", "American Business Futures"),
        ("CustomerStatus", "A"),
    ];
    columns.extend_from_slice(more);
    record(Entity::CUSTOMER, &columns)
}
