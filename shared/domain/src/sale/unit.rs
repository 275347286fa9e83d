//! Units of measure: what a CRM counts a product in, against what Sage sells the item by.

use super::{code, is_same_code};

/// Spellings of one unit, as product lists and Sage's four characters have them. A unit that holds several of another one is
/// never among them: a dozen is no piece.
const SPELLINGS: [&[&str]; 12] = [
    &["EACH", "EA", "EACHES"],
    &["PIECE", "PIECES", "PC", "PCS", "PCE"],
    &["UNIT", "UNITS", "UN"],
    &["DOZEN", "DOZ", "DZ", "DOZN"],
    &["BOX", "BOXES", "BX"],
    &["CASE", "CASES", "CS"],
    &["CARTON", "CARTONS", "CTN", "CRTN"],
    &["PACKAGE", "PACKAGES", "PKG", "PKGE"],
    &["POUND", "POUNDS", "LB", "LBS"],
    &["HOUR", "HOURS", "HR", "HRS"],
    &["FOOT", "FEET", "FT"],
    &["METER", "METERS", "METRE", "METRES", "MTR"],
];

/// Whether two names are one unit: the same code, or a usual spelling of it. Anything else is another unit, or not known to
/// be the same.
#[must_use]
pub fn is_same_unit(one: &str, other: &str) -> bool {
    if is_same_code(one, other) {
        return true;
    }
    let (one, other) = (code(one), code(other));
    let mut spellings = SPELLINGS.iter();
    spellings.any(|names| names.contains(&one.as_str()) && names.contains(&other.as_str()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn spellings_are_one_unit_and_counts_are_not() {
        for (one, other, same) in [
            ("Each", "EACH", true),
            ("Each", "EA", true),
            ("each ", "each", true),
            ("Lb", "LBS", true),
            ("Pieces", "EACH", false),
            ("Each", "CASE", false),
            ("Dozen", "EACH", false),
            ("Box", "CASE", false),
            ("Quantity", "EACH", false),
        ] {
            assert_eq!(is_same_unit(one, other), same, "{one} {other}");
            assert_eq!(is_same_unit(other, one), same, "{other} {one}");
        }
    }

    #[test]
    fn no_name_is_of_two_units() {
        let names: Vec<&str> = SPELLINGS
            .iter()
            .flat_map(|names| names.iter().copied())
            .collect();
        let once: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(once.len(), names.len());
    }
}
