//! A CRM's telephone number as Sage's two columns: the number, and its extension.

/// What sets an extension off, longest first.
const MARKERS: [&str; 6] = ["extension", "ext.", "ext", "x.", "x", "#"];

/// The number without its extension, and the extension. Ten digits of North America are written as Sage's demo company
/// writes them; anything else stays as it is, and no digit is lost.
pub(super) fn split(text: &str) -> (String, String) {
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = text.to_ascii_lowercase();
    let found = MARKERS.iter().find_map(|marker| {
        let at = lower.rfind(marker)?;
        let number = text.get(..at)?.trim_end_matches([' ', ',', ';']);
        let extension = text
            .get(at + marker.len()..)?
            .trim_start_matches([' ', ':', '.']);
        // A letter before it makes it a part of a word: 1-800-FEDEX 1.
        let in_a_word = number.len() == at && number.ends_with(|c: char| c.is_ascii_alphabetic());
        let digits = !extension.is_empty() && extension.bytes().all(|byte| byte.is_ascii_digit());
        (digits && !in_a_word).then(|| (number.to_owned(), extension.to_owned()))
    });
    let (number, extension) = found.unwrap_or((text, String::new()));
    (usual(&number).unwrap_or(number), extension)
}

/// `(414) 555-4787`, where the number has ten digits and nothing but what sets groups apart.
fn usual(number: &str) -> Option<String> {
    let plain = number
        .chars()
        .all(|c| c.is_ascii_digit() || " ()-./".contains(c));
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if !plain || digits.len() != 10 || digits.starts_with(['0', '1']) {
        return None;
    }
    let (area, rest) = digits.split_at_checked(3)?;
    let (office, line) = rest.split_at_checked(3)?;
    Some(format!("({area}) {office}-{line}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_and_its_extension_come_apart() {
        for (text, number, extension) in [
            ("(414) 555-4787 ext. 12", "(414) 555-4787", "12"),
            ("414.555.4787x12", "(414) 555-4787", "12"),
            ("4145554787 Extension: 7", "(414) 555-4787", "7"),
            ("414-555-4787 #7", "(414) 555-4787", "7"),
            ("+1 414 555 4787", "+1 414 555 4787", ""),
            ("+49 89 1234-0, ext 5", "+49 89 1234-0", "5"),
            ("1-800-FEDEX 1", "1-800-FEDEX 1", ""),
            ("555-4787", "555-4787", ""),
            ("ext. 12", "", "12"),
            ("call  the office", "call the office", ""),
            ("", "", ""),
        ] {
            let wanted = (number.to_owned(), extension.to_owned());
            assert_eq!(split(text), wanted, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_digit_survives_in_order(text in "\\PC{0,30}|[0-9 ()x.#-]{0,24}") {
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            let (number, extension) = split(&text);
            prop_assert_eq!(digits(&format!("{number}{extension}")), digits(&text));
            // Once in Sage's form, it stays.
            prop_assert_eq!(split(&number).0.len() <= number.len(), true);
        }

        #[test]
        fn what_went_to_the_crm_and_back_is_the_same(
            number in "\\([2-9][0-9]{2}\\) [0-9]{3}-[0-9]{4}", extension in "[0-9]{0,5}",
        ) {
            let shown = if extension.is_empty() { number.clone() } else { format!("{number} ext. {extension}") };
            prop_assert_eq!(split(&shown), (number, extension));
        }
    }
}
