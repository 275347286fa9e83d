//! Record ids: 15 characters whose case counts, and three more that make them safe where it
//! does not.

use std::fmt;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
/// The organisation's place in every id, after the prefix of the object.
const POD: &str = "5e0000";

/// An id in its form of 18 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

impl Id {
    /// The id of the record with this number.
    pub fn new(prefix: &str, number: u64) -> Self {
        let mut tail = [b'0'; 6];
        let mut rest = number;
        for place in tail.iter_mut().rev() {
            let digit = usize::try_from(rest % 62).unwrap_or(0);
            *place = DIGITS.get(digit).copied().unwrap_or(b'0');
            rest /= 62;
        }
        let short = format!("{prefix}{POD}{}", String::from_utf8_lossy(&tail));
        Self(format!("{short}{}", suffix(&short)))
    }

    /// An id of 15 characters, or one of 18 in whatever case.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        match text.len() {
            15 => Some(Self(format!("{text}{}", suffix(text)))),
            18 => repaired(text),
            _ => None,
        }
    }

    /// The object's prefix.
    pub fn prefix(&self) -> &str {
        self.0.get(..3).unwrap_or("")
    }

    /// All 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 15 characters that messages show.
    pub fn short(&self) -> &str {
        self.0.get(..15).unwrap_or(&self.0)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Which of five characters are upper-case letters, lowest bit first, for each group of five.
fn suffix(short: &str) -> String {
    short
        .as_bytes()
        .chunks(5)
        .map(|group| {
            let bits = group
                .iter()
                .enumerate()
                .filter(|(_, byte)| byte.is_ascii_uppercase())
                .fold(0_usize, |bits, (place, _)| bits | 1 << place);
            SUFFIX.get(bits).copied().map_or('A', char::from)
        })
        .collect()
}

/// The suffix tells the case of the other characters.
fn repaired(text: &str) -> Option<Id> {
    let (short, tail) = text.split_at_checked(15)?;
    let mut fixed = String::with_capacity(18);
    for (group, letter) in short.as_bytes().chunks(5).zip(tail.bytes()) {
        let bits = SUFFIX
            .iter()
            .position(|known| *known == letter.to_ascii_uppercase())?;
        for (place, byte) in group.iter().enumerate() {
            let upper = bits & (1 << place) != 0;
            if upper && !byte.is_ascii_alphabetic() {
                return None;
            }
            fixed.push(char::from(if upper {
                byte.to_ascii_uppercase()
            } else {
                byte.to_ascii_lowercase()
            }));
        }
    }
    fixed.push_str(&tail.to_ascii_uppercase());
    Some(Id(fixed))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs from Salesforce's own documentation and public records.
    const KNOWN: &[&str] = &[
        "001D000000Kv3g5IAB",
        "00DRM000000Fxts2AC",
        "0YLRM0000004Dfg4AE",
        "003aj000002oTldAAE",
        "04l9000001olR84AAE",
        "0019000001KwyWtAAJ",
    ];

    #[test]
    fn the_suffix_is_that_of_known_ids() {
        for id in KNOWN {
            assert_eq!(Id::parse(&id[..15]).unwrap().as_str(), *id);
        }
    }

    #[test]
    fn an_id_of_18_characters_may_come_in_any_case() {
        for id in KNOWN {
            assert_eq!(Id::parse(&id.to_uppercase()).unwrap().as_str(), *id);
            assert_eq!(Id::parse(&id.to_lowercase()).unwrap().as_str(), *id);
        }
        for wrong in [
            "",
            "001",
            "001D000000Kv3g5IA",
            "001D00000 Kv3g5IAB",
            "001D000000Kv3g5!!!",
        ] {
            assert_eq!(Id::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_in_order_give_ids_in_order() {
        let ids: Vec<Id> = [1, 9, 10, 61, 62, 4000]
            .iter()
            .map(|n| Id::new("001", *n))
            .collect();
        assert!(ids.is_sorted());
        assert!(
            ids.iter()
                .all(|id| Id::parse(id.short()).as_ref() == Some(id))
        );
    }
}
