//! Salesforce's record ids: 15 characters in which upper and lower case differ, or the same with 3 more that say which
//! letters are upper case, so that programs which mix the cases up do no harm.
//! Page: "What is the difference between 15-character and 18-character IDs", Salesforce Help.

/// The characters of the suffix, by the value of 5 bits.
const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// The 18-character form of a Salesforce id of 15 or 18 characters. `None`: it is no id, or its suffix does not fit its
/// letters, as after a slip of the finger.
#[must_use]
pub fn salesforce_id(id: &str) -> Option<String> {
    let bytes = id.as_bytes();
    if !matches!(bytes.len(), 15 | 18) || !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let (short, given) = id.split_at(15);
    let suffix = |five: &[u8]| {
        let bits = five.iter().enumerate();
        let value: usize = bits
            .map(|(bit, byte)| usize::from(byte.is_ascii_uppercase()) << bit)
            .sum();
        SUFFIX.get(value).copied().map_or('A', char::from)
    };
    let suffix: String = short.as_bytes().chunks(5).map(suffix).collect();
    let fits = given.is_empty() || given.eq_ignore_ascii_case(&suffix);
    fits.then(|| format!("{short}{suffix}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_completed_with_the_case_of_its_letters() {
        for (short, full) in [
            ("005000000000000", "005000000000000AAA"),
            // From the examples of the REST API Developer Guide.
            ("001D000000IqhSL", "001D000000IqhSLIAZ"),
            ("001R0000005hDFY", "001R0000005hDFYIA2"),
            ("ABCDEabcdeABcdE", "ABCDEabcdeABcdE5AT"),
        ] {
            assert_eq!(salesforce_id(short).as_deref(), Some(full));
            assert_eq!(salesforce_id(full).as_deref(), Some(full));
            assert_eq!(salesforce_id(&full[..17]), None);
        }
        let lower = salesforce_id("ABCDEabcdeABcdE5at");
        assert_eq!(lower.as_deref(), Some("ABCDEabcdeABcdE5AT"));
    }

    #[test]
    fn what_is_no_id_or_has_a_slip_in_it_is_none() {
        for text in [
            "",
            "005",
            "005000000000000AAB",
            "abcdeabcdeabcde5AT",
            "00500000000000-",
            "0050000000000é",
        ] {
            assert_eq!(salesforce_id(text), None, "{text}");
        }
    }
}
