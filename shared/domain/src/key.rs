//! Keys. Sage 100 has no immutable ids: the company code, the A/R division and the number together are the key, even
//! where divisions are switched off (then the division is `00`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that is no key, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {what}: {why}")]
pub struct KeyError {
    text: String,
    what: &'static str,
    why: &'static str,
}

fn refuse(text: &str, what: &'static str, why: &'static str) -> KeyError {
    KeyError {
        text: crate::bounded(text.to_owned(), 80),
        what,
        why,
    }
}

/// A Sage 100 company code: three characters, `A-Z 0-9`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Company(String);

impl Company {
    /// Checks and takes a company code.
    ///
    /// # Errors
    /// Unless it is three characters of `A-Z 0-9`.
    pub fn new(code: &str) -> Result<Self, KeyError> {
        let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        if code.len() == 3 && code.chars().all(allowed) {
            Ok(Self(code.to_owned()))
        } else {
            Err(refuse(
                code,
                "company code",
                "three characters of A-Z and 0-9 are wanted",
            ))
        }
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Company {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Company {
    type Error = KeyError;
    fn try_from(code: String) -> Result<Self, KeyError> {
        Self::new(&code)
    }
}

impl From<Company> for String {
    fn from(company: Company) -> Self {
        company.0
    }
}

/// The kinds of Sage record that are kept in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// `AR_Customer`.
    Customer,
    /// `AR_CustomerContact`.
    Contact,
    /// `AR_Salesperson`.
    Salesperson,
}

impl Entity {
    /// All of them, parents before children.
    pub const ALL: [Self; 3] = [Self::Salesperson, Self::Customer, Self::Contact];

    /// The name in configuration, storage and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Contact => "contact",
            Self::Salesperson => "salesperson",
        }
    }

    /// The name in the agent's addresses and capabilities.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Customer => "customers",
            Self::Contact => "contacts",
            Self::Salesperson => "salespersons",
        }
    }

    /// The entity whose record has to be in the CRM first, because records of this one point to it.
    #[must_use]
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::Contact => Some(Self::Customer),
            Self::Customer | Self::Salesperson => None,
        }
    }

    /// Whether its records are written to a CRM. Salespersons are not: the CRM has users of its own, to whom they are
    /// mapped.
    #[must_use]
    pub const fn goes_to_crm(self) -> bool {
        match self {
            Self::Customer | Self::Contact => true,
            Self::Salesperson => false,
        }
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Entity {
    type Err = KeyError;
    fn from_str(name: &str) -> Result<Self, KeyError> {
        Self::ALL
            .into_iter()
            .find(|entity| entity.name() == name)
            .ok_or_else(|| refuse(name, "entity", "customer, contact or salesperson is wanted"))
    }
}

/// The key of one Sage record: company, entity and the number within both (`01-ABF`, `01-ABF/ARTIE JOHN`, `01-0100`).
/// The CRM's unique key field holds [`SageKey::text`]; storage adds the entity, since a customer and a salesperson may
/// have the same number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SageKey {
    /// The company it belongs to.
    pub company: Company,
    /// What it is.
    pub entity: Entity,
    /// The key as the agent says it, without the company.
    pub local: String,
}

/// The longest local key: division, dash, 20 characters, slash, 10 characters; with room to spare.
const LONGEST_LOCAL: usize = 60;

impl SageKey {
    /// Checks the agent's spelling of a key.
    ///
    /// # Errors
    /// When the division is missing, a part is empty, has control characters or is too long.
    pub fn new(company: &Company, entity: Entity, local: &str) -> Result<Self, KeyError> {
        let what = "Sage key";
        if local.chars().count() > LONGEST_LOCAL || local.chars().any(char::is_control) {
            return Err(refuse(local, what, "too long, or with control characters"));
        }
        let below_customer = entity.parent() == Some(Entity::Customer);
        if below_customer
            && !local
                .rsplit_once('/')
                .is_some_and(|(head, code)| !head.is_empty() && !code.is_empty())
        {
            return Err(refuse(local, what, "DIVISION-NUMBER/CONTACTCODE is wanted"));
        }
        match local.split_once('-') {
            Some((division, number)) if division.chars().count() == 2 && !number.is_empty() => {}
            _ => {
                return Err(refuse(
                    local,
                    what,
                    "a two-character division, a dash and a number are wanted",
                ));
            }
        }
        Ok(Self {
            company: company.clone(),
            entity,
            local: local.to_owned(),
        })
    }

    /// `ABC:01-ABF`, `ABC:01-ABF/ARTIE JOHN`: what people see and the CRM's key field holds.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}:{}", self.company, self.local)
    }

    /// `customer#ABC:01-ABF`: unique over entities, for storage.
    #[must_use]
    pub fn storage(&self) -> String {
        format!("{}#{}:{}", self.entity, self.company, self.local)
    }

    /// Reads [`SageKey::storage`] back.
    ///
    /// # Errors
    /// When the text was not made by it.
    pub fn from_storage(text: &str) -> Result<Self, KeyError> {
        let bad = || refuse(text, "stored Sage key", "ENTITY#COMPANY:KEY is wanted");
        let (entity, rest) = text.split_once('#').ok_or_else(bad)?;
        let (company, local) = rest.split_once(':').ok_or_else(bad)?;
        Self::new(&Company::new(company)?, entity.parse()?, local)
    }
}

impl fmt::Display for SageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.company, self.local)
    }
}

/// A salesperson within a company: `01-0100`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RepKey {
    /// The company.
    pub company: Company,
    /// Division, dash, number; or the content of the UDF that holds the rep.
    pub rep: String,
}

impl fmt::Display for RepKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.company, self.rep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn abc() -> Company {
        Company::new("ABC").unwrap()
    }

    #[test]
    fn a_key_survives_storage() {
        let key = SageKey::new(&abc(), Entity::Contact, "01-ABF/ARTIE JOHN").unwrap();
        assert_eq!(key.text(), "ABC:01-ABF/ARTIE JOHN");
        assert_eq!(SageKey::from_storage(&key.storage()).unwrap(), key);
    }

    #[test]
    fn a_customer_and_a_salesperson_of_one_number_have_two_storage_keys() {
        let customer = SageKey::new(&abc(), Entity::Customer, "01-0100").unwrap();
        let rep = SageKey::new(&abc(), Entity::Salesperson, "01-0100").unwrap();
        assert_ne!(customer.storage(), rep.storage());
    }

    #[test]
    fn keys_without_division_or_with_control_characters_are_refused() {
        for (entity, text) in [
            (Entity::Customer, "ABF"),
            (Entity::Customer, "01-"),
            (Entity::Customer, "01-A\u{0}B"),
            (Entity::Contact, "01-ABF"),
            (Entity::Contact, "01-ABF/"),
        ] {
            assert!(SageKey::new(&abc(), entity, text).is_err(), "{text:?}");
        }
        assert!(Company::new("abc").is_err());
        assert!(Company::new("ABCD").is_err());
    }
}
