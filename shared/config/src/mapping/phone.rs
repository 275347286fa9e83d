//! Telephone numbers. Zoho's phone fields take 30 characters in a certain grammar, and refuse the whole record for
//! anything else; the number is brought into it where that changes no digit.

/// A number with its extension (`(414) 555-4787 ext. 12`) as the CRM takes it, in at most `most` characters; the
/// shorter `x12` where the long form would not fit. `None`: not readable as a number. The text may still be too long;
/// a number is never cut, since that would make another one.
pub(super) fn number(number: &str, extension: &str, most: usize) -> Option<String> {
    let number = tidy(number);
    let extension = tidy(extension);
    let extension = bare_extension(&extension);
    if !number.is_empty() && !number.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut made = with_extension(&number, extension);
    if made.chars().count() > most && !number.is_empty() && !extension.is_empty() {
        made = format!("{number} x{extension}");
    }
    (made.is_empty() || fits_grammar(&made)).then_some(made)
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

/// `12` out of `x12`, `ext. 12`, `#12`.
fn bare_extension(text: &str) -> &str {
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let marker = text
        .strip_suffix(digits)
        .unwrap_or_default()
        .trim_matches([' ', '.', ':', '#']);
    match marker.to_ascii_lowercase().as_str() {
        "" | "x" | "ext" if !digits.is_empty() => digits,
        _ => text,
    }
}

/// One blank at a time, one plain hyphen or point between two groups, none at the ends.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for c in text.chars() {
        let c = match c {
            '\u{2010}'..='\u{2013}' | '\u{2212}' | '/' | '-' => '-',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        let last = tidy.chars().next_back();
        match (last, c) {
            (None | Some(' ' | '-' | '.' | '('), ' ') | (Some(' '), ')') => {}
            (Some('-' | '.'), '-' | '.') => {}
            (Some(' '), '-' | '.') => {
                tidy.pop();
                tidy.push(c);
            }
            _ => tidy.push(c),
        }
    }
    tidy.trim_matches([' ', '-', '.', ',', ';']).to_owned()
}

/// Zoho's grammar: an optional plus; groups of letters and digits, each after at most one of `.` and `-` and one blank,
/// or in parentheses; then groups set off by commas and a semicolon.
fn fits_grammar(text: &str) -> bool {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut groups = 0_u32;
    loop {
        if let Some(after) = word(rest, &["- ", ". ", "-", ".", " ", ""], groups > 0) {
            rest = after;
        } else if let Some(after) = parentheses(rest) {
            rest = after;
        } else {
            break;
        }
        groups += 1;
    }
    while groups > 0
        && let Some(after) = word(rest.trim_start_matches(','), &[";", ""], true)
    {
        rest = after;
    }
    groups > 0 && (rest.is_empty() || rest == ";")
}

/// What follows a group of letters and digits after one of the separators.
fn word<'t>(text: &'t str, separators: &[&str], separated: bool) -> Option<&'t str> {
    separators.iter().find_map(|separator| {
        let after = text
            .strip_prefix(separator)
            .filter(|_| separated || separator.trim().is_empty())?;
        let rest = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        (rest.len() < after.len()).then_some(rest)
    })
}

/// What follows `(414)`.
fn parentheses(text: &str) -> Option<&str> {
    let text = text.strip_prefix(' ').unwrap_or(text).strip_prefix('(')?;
    let mut inner = word(text, &[" ", ""], true)?;
    while let Some(after) = word(inner, &["-", ".", " "], true) {
        inner = after;
    }
    inner
        .strip_prefix(')')
        .filter(|after| !after.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_extension_follows_the_number() {
        for (text, extension, made) in [
            ("(414) 555-4787", "12", "(414) 555-4787 ext. 12"),
            ("(414)555-4787", "x12", "(414)555-4787 ext. 12"),
            (
                " 414 - 555 \u{2013} 4787 ",
                "Ext. 12",
                "414-555-4787 ext. 12",
            ),
            ("+49 (0) 89/123 45-67", "", "+49 (0) 89-123 45-67"),
            ("414.555.4787-", "", "414.555.4787"),
            ("1-800-FLANGES", "", "1-800-FLANGES"),
            ("", "12", "ext. 12"),
            ("", "", ""),
        ] {
            assert_eq!(
                number(text, extension, 30).as_deref(),
                Some(made),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_short_form_is_used_where_the_long_one_does_not_fit() {
        let twenty = "+49 (0)89 1234567890";
        let made = number(twenty, "123456", 30);
        assert_eq!(made.as_deref(), Some("+49 (0)89 1234567890 x123456"));
    }

    #[test]
    fn what_is_no_number_is_kept_as_it_is() {
        for text in [
            "call the office",
            "555-0100 café",
            "(414 555-4787",
            "((414)) 555",
            "555*1",
        ] {
            assert_eq!(number(text, "", 30), None, "{text:?}");
        }
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

        #[test]
        fn what_was_made_is_made_of_itself_again(text in "[0-9a-z ()+./,;-]{0,20}") {
            if let Some(made) = number(&text, "", 30) {
                prop_assert_eq!(number(&made, "", 30), Some(made));
            }
        }
    }
}
