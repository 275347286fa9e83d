//! What has to be true on both sides after an import.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::demo::figures::Tally;
use crate::demo::reps::Mapping;
use crate::demo::said::Said;
use crate::demo::sides::{self, Customer, parent_of};
use crate::error::{Failure, Result, ensure};
use crate::stack::Stack;
use crate::stack::crm::{Child, Crm};
use crate::target::Target;

/// Sage and one CRM at one moment.
pub struct Sides {
    /// The CRM.
    pub target: &'static Target,
    /// Sage's customers.
    pub customers: BTreeMap<String, Customer>,
    /// The CRM's accounts by Sage key.
    pub accounts: BTreeMap<String, Value>,
    /// What belongs to customers, an entity each.
    pub children: Vec<Children>,
}

/// The records of an entity that belong to customers.
pub struct Children {
    /// Which.
    pub child: Child,
    /// Sage's keys.
    pub in_sage: BTreeSet<String>,
    /// The CRM's records by Sage key.
    pub in_crm: BTreeMap<String, Value>,
}

impl Sides {
    /// Reads both.
    ///
    /// # Errors
    /// When a key stands twice in the CRM, or a record there has none.
    pub fn read(stack: &Stack, crm: &Crm) -> Result<Self> {
        let children = crm.children.iter().map(|child| {
            Ok(Children {
                in_sage: sides::children(&stack.sage, child.entity.plural())?,
                in_crm: sides::crm_records(crm, &child.module)?,
                child: child.clone(),
            })
        });
        Ok(Self {
            target: crm.target,
            customers: sides::customers(&stack.sage)?,
            accounts: sides::crm_records(crm, crm.target.account())?,
            children: children.collect::<Result<_>>()?,
        })
    }

    /// Every active customer is one account, but for those set aside; every record of an account is there.
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
        self.children.iter().try_for_each(|children| {
            let wanted: BTreeSet<&str> = children
                .in_sage
                .iter()
                .map(String::as_str)
                .filter(|key| self.accounts.contains_key(parent_of(key)))
                .collect();
            same(
                title,
                children.child.entity.plural(),
                &wanted,
                children.in_crm.keys(),
            )
        })
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

    /// Every record carries its own customer's name, and every record of an account hangs on its own: companies that use the
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
        let all = self.children.iter();
        let all = all.flat_map(|one| one.in_crm.iter().map(|record| (&one.child, record)));
        for (child, (key, record)) in all {
            let found = sides::reference(record, &child.parent_field);
            let wanted = self
                .accounts
                .get(parent_of(key))
                .and_then(|account| account.get(self.target.id_field)?.as_str());
            ensure(found.is_some() && found == wanted, || {
                let (title, entity) = (self.target.title, child.entity);
                format!("in {title} the {entity} {key} hangs on {found:?} instead of {wanted:?}")
            })?;
        }
        Ok(())
    }

    /// The product's own account of the import agrees with both sides.
    ///
    /// # Errors
    /// Says which figure does not.
    pub fn agree_with(&self, said: &Said) -> Result<()> {
        let customer = said.customer;
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
        let accounted = |what: &str, tally: Tally| {
            ensure(tally.accounted() + tally.open == tally.seen, || {
                let title = self.target.title;
                format!("{title}: the status does not account for all {what}: {tally:?}")
            })
        };
        agrees("customers seen", customer.seen, self.customers.len())?;
        agrees("customers excluded", customer.excluded, inactive)?;
        agrees("customers created", customer.created, self.accounts.len())?;
        accounted("customers", customer)?;
        for children in &self.children {
            let what = children.child.entity.plural();
            let tally = said.of(children.child.entity)?;
            let with_them = children.in_sage.iter().filter(|key| {
                self.customers
                    .get(parent_of(key))
                    .is_some_and(|customer| !customer.active)
            });
            agrees(
                &format!("{what} excluded"),
                tally.excluded,
                with_them.count(),
            )?;
            agrees(&format!("{what} seen"), tally.seen, children.in_sage.len())?;
            agrees(
                &format!("{what} created"),
                tally.created,
                children.in_crm.len(),
            )?;
            accounted(what, tally)?;
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
