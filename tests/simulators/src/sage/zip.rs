//! SY_ZipCode: which postal codes are on file.
//!
//! It is taken to hold every ZIP code of the United States whose first three digits are in use, and no
//! other (99999 is not one). People add to it and take from it at the control door.

use std::collections::BTreeSet;

/// First three digits that the postal service does not use.
const UNUSED: &[u16] = &[
    0, 1, 2, 3, 4, 99, 213, 269, 343, 345, 348, 353, 419, 428, 429, 517, 518, 519, 529, 533, 536,
    552, 568, 578, 579, 589, 621, 632, 642, 643, 659, 663, 682, 694, 695, 696, 697, 698, 699, 702,
    709, 715, 732, 742, 771, 817, 818, 819, 839, 848, 849, 854, 858, 861, 862, 866, 867, 868, 869,
    876, 886, 887, 888, 892, 896, 899, 909, 929, 987,
];

/// The zip codes on file.
#[derive(Debug, Clone, Default)]
pub struct ZipCodes {
    added: BTreeSet<String>,
    removed: BTreeSet<String>,
}

/// What is known of a postal code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zip {
    /// It is on file, or of a country whose codes are not kept.
    Known,
    /// It has the right form, and is not on file.
    Unknown,
    /// It has another form than its country's codes.
    Malformed,
}

impl ZipCodes {
    /// Puts a code on file.
    pub fn add(&mut self, code: &str) {
        self.removed.remove(code);
        self.added.insert(code.to_owned());
    }

    /// Takes a code from the file.
    pub fn remove(&mut self, code: &str) {
        self.added.remove(code);
        self.removed.insert(code.to_owned());
    }

    /// Judges a code of a country; without a country it is the United States.
    pub fn judge(&self, code: &str, country: &str) -> Zip {
        if self.added.contains(code) {
            return Zip::Known;
        }
        if self.removed.contains(code) {
            return Zip::Unknown;
        }
        match country {
            "" | "USA" => self.american(code),
            "CAN" => canadian(code),
            _ => Zip::Known,
        }
    }

    fn american(&self, code: &str) -> Zip {
        let (five, four) = code.split_at_checked(5).unwrap_or((code, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let four = four.strip_prefix('-').unwrap_or(four);
        if five.len() != 5 || !digits(five) || !(four.is_empty() || four.len() == 4 && digits(four))
        {
            return Zip::Malformed;
        }
        let prefix = five.get(..3).and_then(|three| three.parse::<u16>().ok());
        let known = prefix.is_some_and(|prefix| !UNUSED.contains(&prefix))
            && five != "99999"
            && !self.removed.contains(five);
        if known || self.added.contains(five) {
            Zip::Known
        } else {
            Zip::Unknown
        }
    }
}

/// `A1A 1A1`, with or without the space.
fn canadian(code: &str) -> Zip {
    let bare: Vec<char> = code.chars().filter(|letter| *letter != ' ').collect();
    let fits = bare.len() == 6
        && bare.iter().enumerate().all(|(at, letter)| {
            if at % 2 == 0 {
                letter.is_ascii_alphabetic()
            } else {
                letter.is_ascii_digit()
            }
        });
    if fits { Zip::Known } else { Zip::Malformed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_code_is_known_unknown_or_none_at_all() {
        let mut zips = ZipCodes::default();
        assert_eq!(zips.judge("53205-1204", "USA"), Zip::Known);
        assert_eq!(zips.judge("99999", ""), Zip::Unknown);
        assert_eq!(zips.judge("00123", "USA"), Zip::Unknown);
        assert_eq!(zips.judge("5320", "USA"), Zip::Malformed);
        assert_eq!(zips.judge("K1A 0B1", "CAN"), Zip::Known);
        assert_eq!(zips.judge("20457", "DEU"), Zip::Known);
        zips.add("99999");
        zips.remove("53402");
        assert_eq!(zips.judge("99999", ""), Zip::Known);
        assert_eq!(zips.judge("53402-0001", ""), Zip::Unknown);
    }
}
