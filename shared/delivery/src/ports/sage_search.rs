//! The Sage 100 side: who may be there already, and what the site says of itself. An agent may offer less than all of it;
//! what it does not say is not known, and nobody guesses.

use counterpart_domain::{Company, Fault, Fields, SageKey};

use super::Observed;

/// The most customers of one answer.
pub const MOST_FOUND: usize = 10;
/// Fewer digits are no telephone number: an extension, a placeholder.
const FEWEST_DIGITS: usize = 7;
/// The digits of a ZIP code that name a place; the other four a part of it.
const ZIP_DIGITS: usize = 5;

/// What a customer is looked for by. At least one of name and telephone number is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerQuery {
    /// `CustomerName`, without outer spaces.
    pub name: Option<String>,
    /// The digits of `TelephoneNo`.
    pub phone: Option<String>,
    /// How the letters and digits of `ZipCode` begin; counts together with the first word of the name.
    pub postal_code: Option<String>,
}

impl CustomerQuery {
    /// The question that the columns of a customer who is to be created make. None: they name neither a name nor a
    /// telephone number.
    #[must_use]
    pub fn of_columns(columns: &Fields) -> Option<Self> {
        let text = |column: &str| columns.get(column).map(ToString::to_string);
        let name = text("CustomerName").map(|name| name.trim().chars().take(100).collect());
        let name = name.filter(|name: &String| !name.is_empty());
        let digits = |text: String| {
            text.chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        let phone = text("TelephoneNo").map(digits);
        let phone = phone.filter(|digits| (FEWEST_DIGITS..=20).contains(&digits.len()));
        if name.is_none() && phone.is_none() {
            return None;
        }
        let code = text("ZipCode").map(|code| place(&code));
        let code = code.filter(|code| name.is_some() && (3..=10).contains(&code.len()));
        Some(Self {
            name,
            phone,
            postal_code: code,
        })
    }
}

/// The part of a postal code that two addresses of one place share.
fn place(code: &str) -> String {
    let kept = code.chars().filter(char::is_ascii_alphanumeric);
    let mut kept = kept.collect::<String>().to_uppercase();
    if kept.len() == ZIP_DIGITS + 4 && kept.bytes().all(|byte| byte.is_ascii_digit()) {
        kept.truncate(ZIP_DIGITS);
    }
    kept
}

/// Why a customer is among those who may be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoundBy {
    /// The same name.
    Name,
    /// The same telephone number.
    Phone,
    /// The same place, and the name begins with the same word.
    PostalCode,
}

/// A customer who may be the one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCustomer {
    /// Its key.
    pub key: SageKey,
    /// Why; empty where the agent has a reason that this version does not know.
    pub by: Vec<FoundBy>,
    /// `CustomerName`.
    pub name: String,
    /// `City`.
    pub city: String,
}

/// Who may be meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FoundCustomers {
    /// At most [`MOST_FOUND`], in the order of their keys.
    pub customers: Vec<FoundCustomer>,
    /// Whether there are others that are not named: left out, or with a key that cannot be read.
    pub more: bool,
}

/// What a site says of itself. None is: it does not say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Site {
    /// Whether the company keeps the history of its sales orders. Where it does not, an order that was invoiced in full is
    /// found nowhere.
    pub order_history: Option<bool>,
    /// The code page that texts are stored in, by its IANA name: `windows-1252`.
    pub code_page: Option<String>,
    /// The time zone of the ERP's clock, by its IANA name: `America/Chicago`.
    pub time_zone: Option<String>,
}

/// Sage 100, as far as an agent of contract 1.2 tells more of it.
pub trait SageSearch {
    /// What the site says of itself. An agent of an older contract says nothing: that is no fault.
    ///
    /// # Errors
    /// `E_SAGE_*` by class.
    async fn site(&self, company: &Company) -> Result<Site, Fault>;

    /// Customers that may be the one described, active or not, of all divisions. An empty answer without `more` says that
    /// there is none.
    ///
    /// # Errors
    /// `E_SAGE_NOT_OFFERED` (configuration) where the agent does not search; `E_SAGE_*` by class otherwise.
    async fn find_customers(
        &self,
        company: &Company,
        query: &CustomerQuery,
    ) -> Result<Observed<FoundCustomers>, Fault>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_domain::Value;

    fn asked(columns: &[(&str, &str)]) -> Option<CustomerQuery> {
        let columns = columns
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::text(*value)));
        CustomerQuery::of_columns(&columns.collect())
    }

    #[test]
    fn columns_are_asked_for_in_the_form_of_the_contract() {
        let query = asked(&[
            ("CustomerName", "  Northwind Office Supply "),
            ("TelephoneNo", "+1 (414) 555-4787"),
            ("ZipCode", "53205-1234"),
        ]);
        let query = query.unwrap();
        assert_eq!(query.name.as_deref(), Some("Northwind Office Supply"));
        assert_eq!(query.phone.as_deref(), Some("14145554787"));
        assert_eq!(query.postal_code.as_deref(), Some("53205"));
        let british = asked(&[("CustomerName", "Nine"), ("ZipCode", "sw1a 2aa")]).unwrap();
        assert_eq!(british.postal_code.as_deref(), Some("SW1A2AA"));
    }

    #[test]
    fn what_says_nothing_is_not_asked_for() {
        let query = asked(&[
            ("CustomerName", "Nine"),
            ("TelephoneNo", "x12"),
            ("ZipCode", "5"),
        ]);
        let query = query.unwrap();
        assert_eq!((query.phone, query.postal_code), (None, None));
        assert_eq!(asked(&[("CustomerName", " "), ("ZipCode", "53205")]), None);
        let nameless = asked(&[("TelephoneNo", "414 555 4787"), ("ZipCode", "53205")]).unwrap();
        assert_eq!((nameless.name, nameless.postal_code), (None, None));
    }
}
