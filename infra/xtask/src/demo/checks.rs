//! What has to be true on both sides after an import.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::demo::figures::Tally;
use crate::demo::reps::Mapping;
use crate::demo::sides::{self, Customer, parent_of};
use crate::error::{Failure, Result, ensure};
use crate::stack::Stack;
use crate::stack::crm::Crm;
use crate::target::Target;

/// Sage and one CRM at one moment.
pub struct Sides {
    /// The CRM.
    pub target: &'static Target,
    /// Sage's customers.
    pub customers: BTreeMap<String, Customer>,
    /// Sage's contacts.
    pub contacts: BTreeSet<String>,
    /// The CRM's accounts by Sage key.
    pub accounts: BTreeMap<String, Value>,
    /// The CRM's contacts by Sage key.
    pub crm_contacts: BTreeMap<String, Value>,
}

impl Sides {
    /// Reads both.
    ///
    /// # Errors
    /// When a key stands twice in the CRM, or a record there has none.
    pub fn read(stack: &Stack, crm: &Crm) -> Result<Self> {
        Ok(Self {
            target: crm.target,
            customers: sides::customers(&stack.sage)?,
            contacts: sides::contacts(&stack.sage)?,
            accounts: sides::crm_records(crm, crm.target.account())?,
            crm_contacts: sides::crm_records(crm, crm.target.contact())?,
        })
    }

    /// Every active customer is one account, but for those set aside; every contact of an account is there.
    ///
    /// # Errors
    /// Names the first keys that are missing or too many.
    pub fn are_equal(&self, aside: &BTreeSet<&str>) -> Result<()> {
        let wanted: BTreeSet<&str> = self
            .customers
            .values()
            .filter(|customer| customer.active)
            .map(|customer| customer.key.as_str())
            .filter(|key| !aside.contains(key))
            .collect();
        let title = self.target.title;
        same(title, "accounts", &wanted, self.accounts.keys())?;
        let wanted: BTreeSet<&str> = self
            .contacts
            .iter()
            .map(String::as_str)
            .filter(|key| self.accounts.contains_key(parent_of(key)))
            .collect();
        same(title, "contacts", &wanted, self.crm_contacts.keys())
    }

    /// Every account belongs to the user that its salesperson is mapped to.
    ///
    /// # Errors
    /// Names the first account with another owner.
    pub fn owners_are_right(&self, mapping: &Mapping) -> Result<()> {
        for (key, account) in &self.accounts {
            let rep = self
                .customers
                .get(key)
                .map(|customer| customer.rep.as_str());
            let wanted = rep
                .and_then(|rep| mapping.get(rep))
                .map(|user| user.id.as_str());
            let found = sides::reference(account, self.target.owner_field);
            ensure(found.is_some() && found == wanted, || {
                format!(
                    "in {} {key} belongs to {found:?} instead of {wanted:?}, the user of {rep:?}",
                    self.target.title
                )
            })?;
        }
        Ok(())
    }

    /// Every record carries its own customer's name, and every contact hangs on its own account: companies that use the
    /// same numbers have not been mixed.
    ///
    /// # Errors
    /// Names the first record that is somebody else's.
    pub fn nobody_is_mixed_up(&self) -> Result<()> {
        for (key, account) in &self.accounts {
            let wanted = self
                .customers
                .get(key)
                .map(|customer| spaced(&customer.name));
            let found = account
                .get(self.target.name_field())
                .and_then(Value::as_str)
                .map(spaced);
            ensure(found == wanted, || {
                let title = self.target.title;
                format!("{key} is called {found:?} in {title} and {wanted:?} in Sage")
            })?;
        }
        for (key, contact) in &self.crm_contacts {
            let found = sides::reference(contact, self.target.parent());
            let wanted = self
                .accounts
                .get(parent_of(key))
                .and_then(|account| account.get(self.target.id_field)?.as_str());
            ensure(found.is_some() && found == wanted, || {
                let title = self.target.title;
                format!("in {title} the contact {key} hangs on {found:?} instead of {wanted:?}")
            })?;
        }
        Ok(())
    }

    /// The product's own account of the import agrees with both sides.
    ///
    /// # Errors
    /// Says which figure does not.
    pub fn agree_with(&self, customer: Tally, contact: Tally) -> Result<()> {
        let inactive = self
            .customers
            .values()
            .filter(|customer| !customer.active)
            .count();
        let agrees = |what: &str, said: u64, found: usize| {
            ensure(said == found as u64, || {
                let title = self.target.title;
                format!("{title}: the status says {said} {what}, there are {found}")
            })
        };
        let with_them = self.contacts.iter().filter(|key| {
            self.customers
                .get(parent_of(key))
                .is_some_and(|customer| !customer.active)
        });
        agrees("contacts excluded", contact.excluded, with_them.count())?;
        agrees("customers seen", customer.seen, self.customers.len())?;
        agrees("contacts seen", contact.seen, self.contacts.len())?;
        agrees("customers excluded", customer.excluded, inactive)?;
        agrees("customers created", customer.created, self.accounts.len())?;
        agrees("contacts created", contact.created, self.crm_contacts.len())?;
        for (what, tally) in [("customers", customer), ("contacts", contact)] {
            ensure(tally.accounted() + tally.open == tally.seen, || {
                let title = self.target.title;
                format!("{title}: the status does not account for all {what}: {tally:?}")
            })?;
        }
        ensure(customer.open == 0, || {
            format!("{} customers are neither written nor parked", customer.open)
        })
    }
}

/// CRMs trim, and some fold runs of spaces into one.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn same<'a>(
    title: &str,
    what: &str,
    wanted: &BTreeSet<&'a str>,
    found: impl Iterator<Item = &'a String>,
) -> Result<()> {
    let found: BTreeSet<&str> = found.map(String::as_str).collect();
    if *wanted == found {
        return Ok(());
    }
    let some = |keys: Vec<&str>| keys.into_iter().take(5).collect::<Vec<_>>().join(", ");
    let missing: Vec<&str> = wanted.difference(&found).copied().collect();
    let extra: Vec<&str> = found.difference(wanted).copied().collect();
    Err(Failure::new(format!(
        "{what}: {} are missing in {title} ({}), {} should not be there ({})",
        missing.len(),
        some(missing),
        extra.len(),
        some(extra)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_extra_keys_are_named() {
        let found = ["b".to_owned(), "c".to_owned()];
        let wanted = BTreeSet::from(["a", "b"]);
        let failure = same("Zoho CRM", "accounts", &wanted, found.iter()).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "accounts: 1 are missing in Zoho CRM (a), 1 should not be there (c)"
        );
    }
}
