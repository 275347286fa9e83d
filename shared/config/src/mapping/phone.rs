//! Telephone numbers. Zoho's phone fields take 30 characters of letters, digits and a little punctuation.

const PUNCTUATION: &str = "+-(). ,;#";

/// A number with its extension (`(414) 555-4787 ext. 12`), in characters that CRMs take and at most `most` of them; the
/// shorter `x12` where the long form would not fit. `None`: not readable as a number. The text may still be too long;
/// a number is never cut, since that would make another one.
pub(super) fn number(number: &str, extension: &str, most: usize) -> Option<String> {
    let number = tidy(number);
    let extension = tidy(extension);
    let allowed = |c: char| c.is_ascii_alphanumeric() || PUNCTUATION.contains(c);
    let readable = |text: &str| text.chars().all(allowed);
    if !readable(&number) || !readable(&extension) {
        return None;
    }
    if !number.is_empty() && !number.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let long = with_extension(&number, &extension);
    if long.chars().count() <= most || number.is_empty() || extension.is_empty() {
        return Some(long);
    }
    Some(format!("{number} x{extension}"))
}

/// The same for what is no number: kept, the extension behind it.
pub(super) fn as_it_is(number: &str, extension: &str) -> String {
    with_extension(number.trim(), extension.trim())
}

fn with_extension(number: &str, extension: &str) -> String {
    match (number.is_empty(), extension.is_empty()) {
        (_, true) => number.to_owned(),
        (true, false) => format!("ext. {extension}"),
        (false, false) => format!("{number} ext. {extension}"),
    }
}

/// One blank at a time, plain hyphens.
fn tidy(text: &str) -> String {
    let plain = text.replace(
        [
            '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2212}', '/',
        ],
        "-",
    );
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_extension_follows_the_number() {
        assert_eq!(
            number("(414) 555-4787", "12", 30).as_deref(),
            Some("(414) 555-4787 ext. 12")
        );
        assert_eq!(
            number(" (414)  555\u{2013}4787 ", "", 30).as_deref(),
            Some("(414) 555-4787")
        );
        assert_eq!(number("", "12", 30).as_deref(), Some("ext. 12"));
        assert_eq!(number("", "", 30).as_deref(), Some(""));
    }

    #[test]
    fn the_short_form_is_used_where_the_long_one_does_not_fit() {
        let twenty = "+49 (0)89 1234567890";
        assert_eq!(
            number(twenty, "123456", 30).as_deref(),
            Some("+49 (0)89 1234567890 x123456")
        );
    }

    #[test]
    fn what_is_no_number_is_kept_as_it_is() {
        assert_eq!(number("call the office", "", 30), None);
        assert_eq!(number("555-0100 / café", "", 30), None);
        assert_eq!(as_it_is(" call the office ", "7"), "call the office ext. 7");
    }

    proptest! {
        #[test]
        fn every_digit_survives_in_order(text in "[0-9 ()+./-]{0,20}", extension in "[0-9]{0,6}") {
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            let joined = format!("{}{}", digits(&text), extension);
            if let Some(made) = number(&text, &extension, 30) {
                prop_assert_eq!(digits(&made), joined);
                prop_assert!(made.chars().count() <= 30, "{}", made);
            }
        }
    }
}
