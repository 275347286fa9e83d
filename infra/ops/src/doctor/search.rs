//! What version 1.2 of the contract adds, tried on a living agent: the search for customers, and what the site says of itself.

use counterpart_delivery::ports::{Clock, CustomerQuery, Sage as _, SageSearch as _, Site};
use counterpart_domain::{Company, Entity, Fault};
use counterpart_sage100::AgentCapabilities;

use super::agent::Patient;
use super::probe::{Found, Probe, Subject};

/// Whom no site has.
const NOBODY: &str = "Counterpart No Such Customer";

impl<C: Clock> Patient<'_, C> {
    /// What the agent tells beyond records and orders.
    pub(super) async fn of_itself(
        &self,
        subject: &Subject,
        served: &AgentCapabilities,
        company: &Company,
    ) -> Vec<Probe> {
        let Some(here) = served.companies.iter().find(|one| one.code == *company) else {
            return Vec::new();
        };
        let search = if here.reads.contains("customer_search") {
            subject
                .probe("customer search", self.searched(company))
                .await
        } else {
            let why = format!(
                "The agent (contract {}) does not look for customers: accounts that are to become customers wait for a person.",
                served.contract_version
            );
            subject.skipped("customer search", &why)
        };
        let site = subject.probe("site", async { Ok(said(&self.agent.site(company).await?)) });
        vec![search, site.await]
    }

    /// Nobody is not found, and whoever is there is.
    async fn searched(&self, company: &Company) -> Result<Found, Fault> {
        let named = |name: String| CustomerQuery {
            name: Some(name),
            phone: None,
            postal_code: None,
        };
        let nobody = named(NOBODY.to_owned());
        let found = self.agent.find_customers(company, &nobody).await?.value;
        if !found.customers.is_empty() {
            return Ok(Found::Wrong(
                "E_AGENT_INVENTED",
                format!("{NOBODY:?} is found all the same"),
                "A name is found as a whole, outer spaces and case aside.".into(),
            ));
        }
        let keys = self
            .agent
            .keys(company, Entity::CUSTOMER, 1, None)
            .await?
            .keys;
        let there = match keys.first() {
            Some(_) => self.agent.records(&keys).await?.records.into_iter().next(),
            None => None,
        };
        let name = there.as_ref().and_then(|there| {
            let name = there.record.as_ref().ok()?.get("CustomerName")?.to_string();
            Some(name.trim().to_owned()).filter(|name| !name.is_empty())
        });
        let Some((there, name)) = there.zip(name) else {
            return Ok(Found::Well(
                "nobody is not found; there is no customer to look for yet".into(),
            ));
        };
        let shouted = named(name.to_uppercase());
        let found = self.agent.find_customers(company, &shouted).await?.value;
        let is_there = found.customers.iter().any(|one| one.key == there.key);
        Ok(if is_there || found.more {
            Found::Well(format!("nobody is not found, {} is", there.key))
        } else {
            Found::Wrong(
                "E_AGENT_SEARCH",
                format!("{} is not found by its own name", there.key),
                "Every customer has to be found, active or not, whatever the case of the letters: who is not found is created a second time.".into(),
            )
        })
    }
}

/// What is known, and what is not.
fn said(site: &Site) -> Found {
    let known = |what: &Option<String>| what.clone().unwrap_or_else(|| "not said".to_owned());
    let history = match site.order_history {
        Some(true) => "kept",
        Some(false) => "not kept",
        None => "not said",
    };
    let text = format!(
        "order history {history}; code page {}; time zone {}",
        known(&site.code_page),
        known(&site.time_zone)
    );
    match site.order_history {
        Some(false) => Found::Doubtful(
            text,
            "Have Sage 100 keep the history of sales orders: without it nobody finds an order that was invoiced, and a sale of which that is not known is for a person to decide.".into(),
        ),
        _ => Found::Well(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_not_known() {
        let text = |site: &Site| match said(site) {
            Found::Well(text) => format!("well: {text}"),
            Found::Doubtful(text, _) => format!("doubtful: {text}"),
            Found::Wrong(..) => unreachable!(),
        };
        assert_eq!(
            text(&Site::default()),
            "well: order history not said; code page not said; time zone not said"
        );
        let site = Site {
            order_history: Some(false),
            code_page: Some("windows-1252".into()),
            time_zone: Some("America/Chicago".into()),
        };
        assert_eq!(
            text(&site),
            "doubtful: order history not kept; code page windows-1252; time zone America/Chicago"
        );
    }
}
