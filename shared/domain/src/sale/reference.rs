//! The mark that ties a Sage order to the sale it came from.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{Company, CrmId, TargetName};

/// A text that is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no reference of ours: CP- and 12 letters or digits are wanted")]
pub struct ReferenceError(String);

/// What stands in the Sage order's reference column: `CP-` and 12 characters of `0-9 A-Z`, made from target, company and
/// the root of the sale. 15 characters fit into every column that can hold it, in every version of Sage 100, and
/// upper-casing changes nothing. The same sale always has the same one; two sales share one with a chance of 1 in 2^60.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

/// Crockford's base 32: no I, L, O, U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 12;

impl Reference {
    /// How many characters one has.
    pub const LONGEST: usize = 3 + LENGTH;

    /// The reference of a sale. `root`: the id of the record at the root of the sale.
    #[must_use]
    pub fn of(target: &TargetName, company: &Company, root: &CrmId) -> Self {
        let mut hasher = Sha256::new();
        for part in ["sale", target.as_str(), company.as_str(), &root.0] {
            hasher.update(part.len().to_be_bytes());
            hasher.update(part.as_bytes());
        }
        let digest = hasher.finalize();
        let bits = digest
            .iter()
            .take(8)
            .fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let digits = (0..LENGTH).map(|at| {
            let index = (bits >> (5 * at)) & 31;
            char::from(DIGITS.get(index as usize).copied().unwrap_or(b'0'))
        });
        Self(format!("CP-{}", digits.collect::<String>()))
    }

    /// The reference of a sale that is begun anew: none of the ones before stands for it any more. `times`: how often it
    /// was begun anew by now; 0: it is [`Reference::of`].
    #[must_use]
    pub fn renewed(target: &TargetName, company: &Company, root: &CrmId, times: u32) -> Self {
        match times {
            0 => Self::of(target, company, root),
            times => Self::of(target, company, &CrmId(format!("{root}#{times}"))),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Reference {
    type Error = ReferenceError;
    fn try_from(text: String) -> Result<Self, ReferenceError> {
        let rest = text.strip_prefix("CP-").unwrap_or_default();
        if rest.len() == LENGTH && rest.bytes().all(|byte| DIGITS.contains(&byte)) {
            Ok(Self(text))
        } else {
            Err(ReferenceError(crate::bounded(text, 40)))
        }
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(target: &str, company: &str, root: &str) -> Reference {
        Reference::of(
            &TargetName::new(target).unwrap(),
            &Company::new(company).unwrap(),
            &CrmId(root.into()),
        )
    }

    #[test]
    fn it_is_the_same_for_the_same_sale_and_fits_the_shortest_column() {
        let one = of("salesforce", "ABC", "006000000000001AAA");
        assert_eq!(one, of("salesforce", "ABC", "006000000000001AAA"));
        assert_eq!(one.as_str().len(), 15);
        assert_eq!(Reference::try_from(one.as_str().to_owned()), Ok(one));
    }

    #[test]
    fn target_company_and_root_each_make_another() {
        let one = of("salesforce", "ABC", "1");
        assert_ne!(one, of("zoho", "ABC", "1"));
        assert_ne!(one, of("salesforce", "XYZ", "1"));
        assert_ne!(one, of("salesforce", "ABC", "2"));
    }

    #[test]
    fn each_new_beginning_makes_another() {
        let target = TargetName::new("zoho").unwrap();
        let company = Company::new("ABC").unwrap();
        let root = CrmId("1".into());
        let mark = |times| Reference::renewed(&target, &company, &root, times);
        assert_eq!(mark(0), of("zoho", "ABC", "1"));
        assert_ne!(mark(0), mark(1));
        assert_ne!(mark(1), mark(2));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "CP-", "CP-0123456789AI", "cp-0123456789AB", "PO 4711"] {
            assert!(Reference::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
