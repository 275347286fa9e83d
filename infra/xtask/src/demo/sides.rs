//! What both systems hold, read through the simulators' control doors: the demo believes neither side's client.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::error::{Failure, Result, ensure};
use crate::stack::Stack;
use crate::stack::crm::Crm;
use crate::stack::simulators::Door;

/// The user who looks after the customers of a salesperson who left.
const SUCCESSOR: &str = "patricia.boyle@abc-dist.example";

/// A customer in Sage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Company and key: `ABC:01-ABF`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Company and salesperson: `ABC:01-0100`.
    pub rep: String,
    /// Whether its status is "active" or "temporary".
    pub active: bool,
}

impl Customer {
    /// The company code.
    pub fn company(&self) -> &str {
        self.key.split_once(':').map_or("", |(company, _)| company)
    }

    /// The key within the company.
    pub fn local(&self) -> &str {
        self.key.split_once(':').map_or("", |(_, local)| local)
    }
}

/// A salesperson in Sage.
#[derive(Clone, Debug)]
pub struct Salesperson {
    /// Company code.
    pub company: String,
    /// Key within the company: `01-0100`.
    pub key: String,
    /// E-mail address, the same in the CRM.
    pub email: String,
}

/// A user of the CRM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's id.
    pub id: String,
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: String,
}

/// All customers of all companies, by key.
///
/// # Errors
/// When the simulator does not answer as documented.
pub fn customers(sage: &Door) -> Result<BTreeMap<String, Customer>> {
    let mut found = BTreeMap::new();
    for row in rows(sage, "customers")? {
        let customer = Customer {
            key: key_of(&row)?,
            name: field(&row, "CustomerName"),
            rep: format!(
                "{}:{}-{}",
                text(&row, "company")?,
                field(&row, "SalespersonDivisionNo"),
                field(&row, "SalespersonNo")
            ),
            active: field(&row, "CustomerStatus") != "I",
        };
        found.insert(customer.key.clone(), customer);
    }
    Ok(found)
}

/// The keys of all contacts of all companies.
///
/// # Errors
/// When the simulator does not answer as documented.
pub fn contacts(sage: &Door) -> Result<BTreeSet<String>> {
    rows(sage, "contacts")?.iter().map(key_of).collect()
}

/// The customer that a contact belongs to.
pub fn parent_of(contact: &str) -> &str {
    contact
        .split_once('/')
        .map_or(contact, |(customer, _)| customer)
}

/// All salespersons of all companies.
///
/// # Errors
/// When the simulator does not answer as documented.
pub fn salespersons(sage: &Door) -> Result<Vec<Salesperson>> {
    rows(sage, "salespersons")?
        .iter()
        .map(|row| {
            Ok(Salesperson {
                company: text(row, "company")?,
                key: text(row, "key")?,
                email: field(row, "EmailAddress"),
            })
        })
        .collect()
}

/// The active users of a CRM, as the simulators said them when they started.
///
/// # Errors
/// When they said none.
pub fn users(stack: &Stack, crm: &Crm) -> Result<Vec<User>> {
    let users = stack
        .said
        .pointer(&format!("/{}/users", crm.target.name))
        .and_then(Value::as_array);
    let users: Vec<User> = users
        .into_iter()
        .flatten()
        .filter(|user| {
            user.get("status")
                .and_then(Value::as_str)
                .is_none_or(|status| status == "active")
        })
        .map(|user| {
            Ok(User {
                id: text(user, "id")?,
                name: text(user, "full_name")?,
                email: text(user, "email")?,
            })
        })
        .collect::<Result<_>>()?;
    ensure(!users.is_empty(), || {
        format!("the simulated {} has no users", crm.target.title)
    })?;
    Ok(users)
}

/// The user who takes over from a salesperson who left.
///
/// # Errors
/// When the simulated org has no such user.
pub fn successor(users: &[User]) -> Result<&User> {
    users
        .iter()
        .find(|user| user.email == SUCCESSOR)
        .ok_or_else(|| Failure::new(format!("a simulated CRM has no user {SUCCESSOR}")))
}

/// The records of a CRM's module by Sage key; a key on two records is a duplicate and an error.
///
/// # Errors
/// For a duplicate or a record without a key, or when the simulator does not answer as documented.
pub fn crm_records(crm: &Crm, module: &str) -> Result<BTreeMap<String, Value>> {
    let mut found = BTreeMap::new();
    for row in rows(&crm.door, module)? {
        let key = text(&row, crm.target.key())?;
        ensure(found.insert(key.clone(), row).is_none(), || {
            format!("{module} holds {key} twice")
        })?;
    }
    Ok(found)
}

/// The account of one Sage key, if the CRM has it.
///
/// # Errors
/// When the simulator does not answer as documented.
pub fn account(crm: &Crm, key: &str) -> Result<Option<Value>> {
    let said = crm.door.records_of(crm.target.account(), key)?;
    Ok(said.pointer("/records/0").cloned())
}

/// A text of a record.
///
/// # Errors
/// When it is missing.
pub fn text(record: &Value, name: &str) -> Result<String> {
    let found = record.get(name).and_then(Value::as_str);
    found
        .map(str::to_owned)
        .ok_or_else(|| Failure::new(format!("a record has no {name}: {record}")))
}

/// The id that a record refers to: some CRMs show it bare, some as an object with a name.
pub fn reference<'a>(record: &'a Value, field: &str) -> Option<&'a str> {
    let found = record.get(field)?;
    found.get("id").unwrap_or(found).as_str()
}

fn rows(door: &Door, module: &str) -> Result<Vec<Value>> {
    let said = door.records(module)?;
    said.get("records")
        .and_then(Value::as_array)
        .cloned()
        .ok_or_else(|| Failure::new(format!("the simulator showed no {module}")))
}

fn key_of(row: &Value) -> Result<String> {
    Ok(format!("{}:{}", text(row, "company")?, text(row, "key")?))
}

fn field(row: &Value, name: &str) -> String {
    row.pointer(&format!("/fields/{name}"))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
