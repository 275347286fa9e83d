//! Who plays which part: chosen from the data, so that the same seed gives the same cast.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::demo::reps::Mappings;
use crate::demo::sides::{Customer, parent_of};
use crate::error::{Failure, Result};
use crate::stack::Stack;
use crate::stack::crm::Crm;

/// The company whose customers are generated.
const COMPANY: &str = "ABC";

/// Customers with a part of their own.
#[derive(Clone, Debug)]
pub struct Cast {
    /// Its name is one that the CRMs refuse.
    pub refused: Customer,
    /// Its salesperson is nobody in the CRMs.
    pub unmapped: Customer,
    /// Edited, found by the next poll.
    pub edited: Customer,
    /// Given another salesperson, found by the same poll.
    pub moved: Customer,
    /// The salesperson it is given: `ABC:01-0110`.
    pub moved_to: String,
    /// Edited, announced by a hint.
    pub hinted: Customer,
}

impl Cast {
    /// Chooses.
    ///
    /// # Errors
    /// When the data are too few.
    pub fn choose(
        customers: &BTreeMap<String, Customer>,
        contacts: &BTreeSet<String>,
        mappings: &Mappings,
        without_user: &str,
    ) -> Result<Self> {
        let with_contacts: BTreeSet<&str> = contacts.iter().map(|key| parent_of(key)).collect();
        let mut names = BTreeMap::<&str, u32>::new();
        for customer in customers.values() {
            *names.entry(&customer.name).or_default() += 1;
        }
        // Records without children and without namesakes: nobody else is touched by what happens to them.
        let mut quiet = customers.values().filter(|customer| {
            customer.active
                && customer.company() == COMPANY
                && mappings
                    .values()
                    .all(|mapping| mapping.contains_key(&customer.rep))
                && !with_contacts.contains(customer.key.as_str())
                && names.get(customer.name.as_str()) == Some(&1)
        });
        let mut next = || {
            quiet
                .next()
                .cloned()
                .ok_or_else(|| Failure::new("the data hold too few customers without contacts"))
        };
        let unmapped = customers
            .values()
            .find(|customer| customer.active && customer.rep == without_user)
            .cloned()
            .ok_or_else(|| Failure::new(format!("{without_user} has no customer")))?;
        let moved = next()?;
        let moved_to = mappings
            .values()
            .next()
            .into_iter()
            .flat_map(|mapping| mapping.keys())
            .find(|rep| rep.starts_with("ABC:01-") && **rep != moved.rep)
            .cloned()
            .ok_or_else(|| Failure::new("there is no other salesperson"))?;
        Ok(Self {
            refused: next()?,
            unmapped,
            edited: next()?,
            moved,
            moved_to,
            hinted: next()?,
        })
    }

    /// Has the CRMs refuse the name of one of them.
    ///
    /// # Errors
    /// When a simulator does not take the rule.
    pub fn set_up(&self, stack: &Stack) -> Result<()> {
        stack
            .crms
            .iter()
            .try_for_each(|crm| crm.door.faults(&self.refusal(crm)).map(drop))
    }

    /// The rule of the control door that makes a CRM refuse it.
    pub fn refusal(&self, crm: &Crm) -> Value {
        json!({ "refuse": [{
            (crm.target.door_module): crm.target.account(),
            "field": crm.target.name_field(),
            "value": self.refused.name,
        }]})
    }
}
