//! The `SageSearch` port: who may be there already, and what the site says of itself.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_delivery::ports::{
    Clock, CustomerQuery, FoundBy, FoundCustomer, FoundCustomers, MOST_FOUND, Observed, SageSearch,
    Site,
};
use counterpart_domain::{AsOf, Company, Entity, Fault};
use serde::Deserialize;

use crate::http::{contract_fault, encode, parse};
use crate::port::read_key;
use crate::text::bug;
use crate::{AgentCapabilities, AgentClient};

/// What the capabilities call it.
const SEARCH: &str = "customer_search";

#[derive(Deserialize)]
struct WireFound {
    as_of: AsOf,
    customers: Vec<WireCustomer>,
    more: bool,
}

#[derive(Deserialize)]
#[serde(expecting = "a customer with key, by and fields")]
struct WireCustomer {
    key: String,
    by: Vec<String>,
    fields: BTreeMap<String, String>,
}

impl<C: Clock> SageSearch for AgentClient<C> {
    async fn site(&self, company: &Company) -> Result<Site, Fault> {
        let known = self.known_capabilities().await?;
        site_of(&known, company)
    }

    async fn find_customers(
        &self,
        company: &Company,
        query: &CustomerQuery,
    ) -> Result<Observed<FoundCustomers>, Fault> {
        self.check_reads(company, SEARCH).await?;
        let asked = [
            ("name", &query.name),
            ("phone", &query.phone),
            ("postal_code", &query.postal_code),
        ];
        if query.name.is_none() && query.phone.is_none() {
            return Err(bug("a customer is looked for by nothing"));
        }
        let asked = asked.into_iter().filter_map(|(name, value)| {
            let value = value.as_ref()?;
            Some(format!("{name}={}&", encode(value)))
        });
        let path = format!(
            "/v1/companies/{company}/customer-search?{}limit={MOST_FOUND}",
            asked.collect::<String>()
        );
        let body = match self.get(&path, true).await {
            // That nobody was found is no error: this agent offers what it does not have.
            Err(fault) if fault.code == "E_SAGE_NOT_FOUND" => return Err(contract_fault(fault)),
            answer => answer?,
        };
        let wire: WireFound = parse(&body)?;
        let as_of = wire.as_of;
        let value = found(company, wire)?;
        Ok(Observed { as_of, value })
    }
}

/// The answer, taken whole or not at all: one that is left out would be created a second time.
fn found(company: &Company, wire: WireFound) -> Result<FoundCustomers, Fault> {
    if wire.customers.len() > MOST_FOUND {
        return Err(contract_fault(format!(
            "{} customers, at most {MOST_FOUND} were asked for",
            wire.customers.len()
        )));
    }
    if wire.more && wire.customers.is_empty() {
        return Err(contract_fault("nobody was found, and others were left out"));
    }
    let mut seen = BTreeSet::new();
    let mut customers = Vec::with_capacity(wire.customers.len());
    let mut more = wire.more;
    for one in wire.customers {
        let Ok(key) = read_key(company, Entity::CUSTOMER, &one.key)? else {
            // There is somebody who cannot be named.
            more = true;
            continue;
        };
        if !seen.insert(key.clone()) {
            return Err(contract_fault(format!("{key} is there twice")));
        }
        let column = |name: &str| {
            let value = one.fields.get(name);
            let value = value.ok_or_else(|| contract_fault(format!("{key} has no {name}")))?;
            Ok::<_, Fault>(value.trim().to_owned())
        };
        let by = one.by.iter().filter_map(|by| match by.as_str() {
            "name" => Some(FoundBy::Name),
            "phone" => Some(FoundBy::Phone),
            "postal_code" => Some(FoundBy::PostalCode),
            _ => None,
        });
        customers.push(FoundCustomer {
            by: by.collect(),
            name: column("CustomerName")?,
            city: column("City")?,
            key,
        });
    }
    Ok(FoundCustomers { customers, more })
}

/// What the capabilities say of a company's site. What is not in the contract's form is not known.
fn site_of(known: &AgentCapabilities, company: &Company) -> Result<Site, Fault> {
    let here = known.company(company)?;
    let named = |name: &Option<String>, also: &str| {
        let fits = |name: &&String| {
            let letters = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
            (1..=100).contains(&name.len()) && name.chars().all(|c| letters(c) || also.contains(c))
        };
        name.as_ref().filter(fits).cloned()
    };
    Ok(Site {
        order_history: here.order_history,
        code_page: named(&known.code_page, ":"),
        time_zone: named(&known.time_zone, "/"),
    })
}
