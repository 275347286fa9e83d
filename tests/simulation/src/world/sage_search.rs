//! The memory Sage as an agent of contract 1.2: who may be there already, and what the site says of itself.

use counterpart_delivery::ports::{
    CustomerQuery, FoundBy, FoundCustomer, FoundCustomers, MOST_FOUND, Observed, SageSearch, Site,
};
use counterpart_domain::{Class, Company, Entity, Fault, SageKey};

use super::sage::MemorySage;

/// As many digits tell one telephone number of a country from another.
const LAST_DIGITS: usize = 10;

/// What the agent offers: by default, all of it.
#[derive(Debug)]
pub(super) struct Offers {
    search: bool,
    site: Site,
}

impl Default for Offers {
    fn default() -> Self {
        Self {
            search: true,
            site: Site {
                order_history: Some(true),
                code_page: Some("windows-1252".to_owned()),
                time_zone: Some("America/Chicago".to_owned()),
            },
        }
    }
}

impl MemorySage {
    /// Whether the agent looks for customers; an older one does not.
    pub fn offer_search(&self, search: bool) {
        self.offers.borrow_mut().search = search;
    }

    /// What the agent says of its site; an older one says nothing: [`Site::default`].
    pub fn say_of_site(&self, site: Site) {
        self.offers.borrow_mut().site = site;
    }

    fn found(&self, key: SageKey, query: &CustomerQuery) -> Option<FoundCustomer> {
        let column = |name: &str| self.column(&key, name);
        let name = column("CustomerName");
        let mut by = Vec::new();
        if query.name.as_ref().is_some_and(|of| same(of, &name)) {
            by.push(FoundBy::Name);
        }
        let digits: String = column("TelephoneNo")
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        if query
            .phone
            .as_ref()
            .is_some_and(|of| same_digits(of, &digits))
        {
            by.push(FoundBy::Phone);
        }
        let code = column("ZipCode").to_uppercase();
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        let near = query
            .postal_code
            .as_ref()
            .is_some_and(|of| code.starts_with(of.as_str()));
        let begins = |text: &str| text.split_whitespace().next().map(str::to_uppercase);
        if near && query.name.as_deref().and_then(begins) == begins(&name) {
            by.push(FoundBy::PostalCode);
        }
        let city = column("City").trim().to_owned();
        (!by.is_empty()).then(|| FoundCustomer {
            by,
            name: name.trim().to_owned(),
            city,
            key,
        })
    }
}

impl SageSearch for MemorySage {
    async fn site(&self, _company: &Company) -> Result<Site, Fault> {
        let asked = async {
            self.begin()?;
            Ok(self.offers.borrow().site.clone())
        };
        self.faults.call("sage.site", asked).await
    }

    async fn find_customers(
        &self,
        company: &Company,
        query: &CustomerQuery,
    ) -> Result<Observed<FoundCustomers>, Fault> {
        let asked = async {
            let as_of = self.begin()?;
            if !self.offers.borrow().search {
                return Err(Fault::new(
                    Class::Configuration,
                    "E_SAGE_NOT_OFFERED",
                    "The agent does not answer customer_search.",
                ));
            }
            let rows = self.rows(company, Entity::CUSTOMER).into_iter();
            let mut found = rows.filter_map(|(key, _)| self.found(key, query));
            let customers = found.by_ref().take(MOST_FOUND).collect();
            let more = found.next().is_some();
            let value = FoundCustomers { customers, more };
            Ok(Observed { as_of, value })
        };
        self.faults.call("sage.find_customers", asked).await
    }
}

fn same(one: &str, other: &str) -> bool {
    one.trim().to_uppercase() == other.trim().to_uppercase()
}

fn same_digits(one: &str, other: &str) -> bool {
    let last = |digits: &str| digits.len().checked_sub(LAST_DIGITS);
    match (last(one), last(other)) {
        (Some(from), Some(of)) => one[from..] == other[of..],
        _ => one == other,
    }
}
