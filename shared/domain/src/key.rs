//! Keys. Sage 100 has no immutable ids: the company code, the A/R division and the number together are the key, even
//! where divisions are switched off (then the division is `00`).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Entity, KeyError};

fn refuse(text: &str, what: &'static str, why: &'static str) -> KeyError {
    KeyError::new(text, what, why)
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
    /// When a part is missing, or the key has control characters or is too long.
    pub fn new(company: &Company, entity: Entity, local: &str) -> Result<Self, KeyError> {
        let what = "Sage key";
        if local.chars().count() > LONGEST_LOCAL || local.chars().any(char::is_control) {
            return Err(refuse(local, what, "too long, or with control characters"));
        }
        let shape = &entity.spec().key;
        if shape.split(local).is_none() {
            return Err(refuse(local, what, shape.wanted));
        }
        Ok(Self {
            company: company.clone(),
            entity,
            local: local.to_owned(),
        })
    }

    /// The parts of this key, in the order of its entity's [`KeyShape`](crate::entity::KeyShape): as many as that has, and none
    /// of them empty. The key of a record that belongs to another one is taken apart by that one's key, `parent`: its own text
    /// does not tell where that ends. Empty where the parent is missing, or another one.
    #[must_use]
    pub fn parts<'a>(&'a self, parent: Option<&SageKey>) -> Vec<&'a str> {
        let spec = self.entity.spec();
        let (Some(of), Some(own)) = (&spec.parent, spec.key.last()) else {
            return spec.key.split(&self.local).unwrap_or_default();
        };
        let Some(parent) = parent.filter(|parent| parent.entity == of.entity) else {
            return Vec::new();
        };
        let code = self.local.strip_prefix(parent.local.as_str());
        let code = code.and_then(|rest| rest.strip_prefix(own.separator));
        let before = self.local.get(..parent.local.len());
        let before = before.and_then(|before| of.entity.spec().key.split(before));
        match (before, code.filter(|code| !code.is_empty())) {
            (Some(mut parts), Some(code)) => {
                parts.push(code);
                parts
            }
            _ => Vec::new(),
        }
    }

    /// The keys that the record which this one belongs to may have, shortest first; none where its entity has no parent. There
    /// are several where a part holds the separator.
    #[must_use]
    pub fn possible_parents(&self) -> Vec<Self> {
        let spec = self.entity.spec();
        let (Some(of), Some(own)) = (&spec.parent, spec.key.last()) else {
            return Vec::new();
        };
        let ends = self.local.match_indices(own.separator);
        let parents = ends.filter_map(|(end, _)| {
            let code = self.local.get(end + own.separator.len_utf8()..)?;
            let parent = Self::new(&self.company, of.entity, self.local.get(..end)?).ok()?;
            (!code.is_empty()).then_some(parent)
        });
        parents.collect()
    }

    /// The key of the same code below another parent than its own. None: it is no child of `parent`, or that one of another entity.
    #[must_use]
    pub fn moved(&self, parent: &Self, other: &Self) -> Option<Self> {
        if parent.entity != other.entity {
            return None;
        }
        let code = *self.parts(Some(parent)).last()?;
        self.entity.parent()?;
        let local = self.entity.spec().key.below(other, code);
        Self::new(&other.company, self.entity, &local).ok()
    }

    /// `ABC:01-ABF`, `ABC:01-ABF/ARTIE JOHN`: what people see and the CRM's key field holds.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}:{}", self.company, self.local)
    }

    /// The same as one word of a command line: `'ABC:01-ABF/ARTIE JOHN'`.
    #[must_use]
    pub fn word(&self) -> String {
        let text = self.text();
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:".contains(letter);
        if text.chars().all(plain) {
            text
        } else {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
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
        let key = SageKey::new(&abc(), Entity::CONTACT, "01-ABF/ARTIE JOHN").unwrap();
        assert_eq!(key.text(), "ABC:01-ABF/ARTIE JOHN");
        assert_eq!(SageKey::from_storage(&key.storage()).unwrap(), key);
    }

    #[test]
    fn a_child_has_its_parents_key_and_keeps_its_code_below_another() {
        let contact = SageKey::new(&abc(), Entity::CONTACT, "01-A/B/ARTIE JOHN").unwrap();
        let customer = |local: &str| SageKey::new(&abc(), Entity::CUSTOMER, local).unwrap();
        let parents = [customer("01-A"), customer("01-A/B")];
        assert_eq!(contact.possible_parents(), parents);
        let moved = contact.moved(&customer("01-A/B"), &customer("02-NEW"));
        assert_eq!(moved.unwrap().text(), "ABC:02-NEW/ARTIE JOHN");
        let moved = contact.moved(&customer("01-A"), &customer("02-NEW"));
        assert_eq!(moved.unwrap().text(), "ABC:02-NEW/B/ARTIE JOHN");
        assert_eq!(contact.moved(&customer("01-B"), &customer("02-NEW")), None);
        let (one, other) = (customer("01-ABF"), customer("02-NEW"));
        assert_eq!(one.possible_parents(), []);
        assert_eq!(one.moved(&one, &other), None);
    }

    #[test]
    fn a_customer_and_a_salesperson_of_one_number_have_two_storage_keys() {
        let customer = SageKey::new(&abc(), Entity::CUSTOMER, "01-0100").unwrap();
        let rep = SageKey::new(&abc(), Entity::SALESPERSON, "01-0100").unwrap();
        assert_ne!(customer.storage(), rep.storage());
    }

    #[test]
    fn a_key_below_another_is_taken_apart_by_that_one() {
        let contact = SageKey::new(&abc(), Entity::CONTACT, "01-ABF/A/P DEPT").unwrap();
        let parts = |parent: &str| {
            let parent = SageKey::new(&abc(), Entity::CUSTOMER, parent).unwrap();
            let parts = contact.parts(Some(&parent)).into_iter();
            parts.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(parts("01-ABF"), ["01", "ABF", "A/P DEPT"]);
        assert_eq!(parts("01-ABF/A"), ["01", "ABF/A", "P DEPT"]);
        assert_eq!(parts("01-AB"), [""; 0]);
        assert_eq!(contact.parts(None), [""; 0]);
        let customer = SageKey::new(&abc(), Entity::CUSTOMER, "01-A-B/C").unwrap();
        assert_eq!(customer.parts(None), ["01", "A-B/C"]);
    }

    #[test]
    fn keys_without_division_or_with_control_characters_are_refused() {
        for (entity, text) in [
            (Entity::CUSTOMER, "ABF"),
            (Entity::CUSTOMER, "01-"),
            (Entity::CUSTOMER, "01-A\u{0}B"),
            (Entity::CONTACT, "01-ABF"),
            (Entity::CONTACT, "01-ABF/"),
        ] {
            assert!(SageKey::new(&abc(), entity, text).is_err(), "{text:?}");
        }
        assert!(Company::new("abc").is_err());
        assert!(Company::new("ABCD").is_err());
    }
}
