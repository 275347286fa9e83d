//! What all sides have to have done in the end: every record once in the CRM with the right values, and linked.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::side::Side;
use crate::aws::LocalAws;
use crate::error::{Failure, Result, ensure};

/// The fields that the configuration maps, and the one that holds the key.
const FIELDS: [&str; 12] = [
    "Sage_Key__c",
    "Name",
    "BillingStreet",
    "BillingCity",
    "BillingState",
    "BillingPostalCode",
    "BillingCountry",
    "Phone",
    "Fax",
    "Website",
    "Description",
    "Sage_Customer_No__c",
];
/// Those that are a column as it is.
const COPIES: [(&str, &str); 7] = [
    ("Name", "CustomerName"),
    ("BillingCity", "City"),
    ("BillingState", "State"),
    ("BillingPostalCode", "ZipCode"),
    ("BillingCountry", "CountryCode"),
    ("Description", "Comment"),
    ("Sage_Customer_No__c", "CustomerNo"),
];

/// The accounts of one side by key, each with the mapped fields.
pub type Accounts = BTreeMap<String, Map<String, Value>>;

/// Reads a side's accounts.
///
/// # Errors
/// When a key is missing or there twice.
pub fn accounts(side: &Side) -> Result<Accounts> {
    let said = side.crm.records("Account")?;
    let records = said.get("records").and_then(Value::as_array);
    let mut accounts = Accounts::new();
    for record in records.into_iter().flatten() {
        let fields: Map<String, Value> = FIELDS
            .iter()
            .map(|&name| {
                (
                    name.to_owned(),
                    record.get(name).cloned().unwrap_or(Value::Null),
                )
            })
            .collect();
        let key = record
            .get("Sage_Key__c")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let twice = accounts.insert(key.to_owned(), fields);
        ensure(twice.is_none() && !key.is_empty(), || {
            format!("{} wrote {key:?} twice, or without a key", side.name)
        })?;
    }
    Ok(accounts)
}

/// Whether the accounts are these records, and no others.
///
/// # Errors
/// The first that is not.
pub fn are(side: &str, accounts: &Accounts, records: &[(String, Value)]) -> Result<()> {
    ensure(accounts.len() == records.len(), || {
        format!(
            "{side} wrote {} accounts, not {}",
            accounts.len(),
            records.len()
        )
    })?;
    for (key, customer) in records {
        let account = accounts
            .get(key)
            .ok_or_else(|| Failure::new(format!("{side} did not write {key}")))?;
        for (field, column) in COPIES {
            let text = |value: Option<&Value>| {
                let text = value.and_then(Value::as_str).unwrap_or_default();
                text.trim().to_owned()
            };
            let (found, wanted) = (text(account.get(field)), text(customer.get(column)));
            ensure(found == wanted, || {
                format!("{side} wrote {found:?} into {field} of {key}, not {wanted:?}")
            })?;
        }
    }
    Ok(())
}

/// Whether a side's accounts are those of another one, field by field.
///
/// # Errors
/// The first field that differs.
pub fn are_equal(name: &str, accounts: &Accounts, others: &Accounts) -> Result<()> {
    for (key, account) in accounts {
        let other = others.get(key);
        for (field, value) in account {
            let there = other.and_then(|other| other.get(field));
            ensure(there == Some(value), || {
                format!(
                    "{field} of {key} is {value} by {name}, {} by Counterpart",
                    there.unwrap_or(&Value::Null)
                )
            })?;
        }
    }
    Ok(())
}

/// Whether the simulator was told to write each record once and change it once, and refused nothing.
///
/// # Errors
/// With its counts otherwise.
pub fn were_written_once(side: &Side, records: u64) -> Result<()> {
    let stats = side.crm.stats()?;
    let count = |name: &str| {
        stats
            .pointer(&format!("/rows/{name}"))
            .and_then(Value::as_u64)
    };
    let found = [count("inserted"), count("updated"), count("failed")];
    ensure(found == [Some(records), Some(records), Some(0)], || {
        format!(
            "{}: rows inserted, updated, failed are {found:?}, not {records}, {records}, 0",
            side.name
        )
    })
}

/// Whether a side's table holds a link and a reverse item for each record.
///
/// # Errors
/// When some are missing.
pub fn are_linked(aws: &LocalAws, side: &Side, records: &[(String, Value)]) -> Result<()> {
    let keys = keys(aws, &side.links)?;
    for (key, _) in records {
        let link = (format!("salesforce#customer#{key}"), "link".to_owned());
        ensure(keys.contains_key(&link), || {
            format!("{} has no link for {key}", side.name)
        })?;
    }
    let reverse = keys
        .keys()
        .filter(|(pk, sk)| pk.starts_with("salesforce#crm#") && sk == "key")
        .count();
    ensure(reverse == records.len(), || {
        format!(
            "{} has {reverse} reverse items, not {}",
            side.name,
            records.len()
        )
    })
}

/// The keys of all items of a table.
fn keys(aws: &LocalAws, table: &str) -> Result<BTreeMap<(String, String), ()>> {
    let mut keys = BTreeMap::new();
    let mut start = Value::Null;
    loop {
        let mut wanted = json!({"TableName": table, "ProjectionExpression": "pk, sk"});
        if !start.is_null() {
            wanted["ExclusiveStartKey"] = start;
        }
        let page = aws.json_call("dynamodb", "DynamoDB_20120810.Scan", &wanted)?;
        let items = page.get("Items").and_then(Value::as_array);
        for item in items.into_iter().flatten() {
            let text = |name: &str| {
                let text = item.pointer(&format!("/{name}/S")).and_then(Value::as_str);
                text.unwrap_or_default().to_owned()
            };
            keys.insert((text("pk"), text("sk")), ());
        }
        start = page.get("LastEvaluatedKey").cloned().unwrap_or(Value::Null);
        if start.is_null() {
            return Ok(keys);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str) -> Accounts {
        let fields = json!({"Name": name, "Phone": null});
        [("ABC:01-A".to_owned(), fields.as_object().unwrap().clone())].into()
    }

    #[test]
    fn a_wrong_value_a_missing_record_and_one_too_many_are_found() {
        let records = [(
            "ABC:01-A".to_owned(),
            json!({"CustomerName": "Harbor Tools "}),
        )];
        assert!(are("x", &account("Harbor Tools"), &records).is_ok());
        assert!(are("x", &account("Harbor"), &records).is_err());
        assert!(are("x", &Accounts::new(), &records).is_err());
        assert!(are("x", &account("Harbor Tools"), &[]).is_err());
    }

    #[test]
    fn sides_are_held_against_each_other_field_by_field() {
        assert!(are_equal("x", &account("A"), &account("A")).is_ok());
        assert!(are_equal("x", &account("A"), &account("B")).is_err());
        assert!(are_equal("x", &account("A"), &Accounts::new()).is_err());
    }
}
