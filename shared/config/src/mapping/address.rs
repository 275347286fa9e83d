//! Sage's three address lines and the CRM's one street.

use counterpart_domain::Value;

/// The lines that are not blank, trimmed, under each other.
pub(super) fn lines(lines: impl Iterator<Item = String>) -> Value {
    let lines: Vec<String> = lines
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    Value::text(lines.join("\n"))
}

/// A CRM's street as Sage's address lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StreetLines {
    /// `AddressLine1` to `AddressLine3`.
    pub lines: [String; 3],
    /// What does not fit: to be reported, never dropped. Empty when everything has its place.
    pub rest: String,
}

impl StreetLines {
    /// How long Sage's address lines are, unless the agent says otherwise, in characters.
    pub const LENGTHS: [usize; 3] = [30, 30, 30];

    /// Splits a street at its own lines. A line that is too long goes on in the next one, broken between words where it
    /// can be; where the lines do not suffice, the street's own lines are given up, so that more fits.
    #[must_use]
    pub fn split(street: &str, lengths: [usize; 3]) -> Self {
        let own: Vec<&str> = street
            .split(['\n', '\r'])
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let split = Self::filled(&own, lengths);
        if split.rest.is_empty() {
            return split;
        }
        let joined = own.join(" ");
        let flowing = Self::filled(&[&joined], lengths);
        if flowing.rest.is_empty() {
            flowing
        } else {
            split
        }
    }

    /// Each of `own` begins a new line.
    fn filled(own: &[&str], lengths: [usize; 3]) -> Self {
        let mut filled = Self::default();
        let mut free = filled.lines.iter_mut().zip(lengths);
        let mut rest: Vec<&str> = Vec::new();
        for line in own {
            let mut left = *line;
            while !left.is_empty() {
                let Some((slot, length)) = free.next() else {
                    rest.push(left);
                    break;
                };
                let (taken, more) = broken(left, length);
                taken.clone_into(slot);
                left = more;
            }
        }
        filled.rest = rest.join("\n");
        filled
    }
}

/// At most `length` characters of a text, and the rest of it: broken between words, or within one that is longer.
fn broken(text: &str, length: usize) -> (&str, &str) {
    let Some((end, _)) = text.char_indices().nth(length) else {
        return (text, "");
    };
    let (head, tail) = text.split_at(end);
    let between = if tail.starts_with(char::is_whitespace) {
        Some(end)
    } else {
        head.rfind(char::is_whitespace)
    };
    // A single word is broken where it has to be.
    let is_word = |at: &usize| text.get(..*at).is_some_and(|head| !head.trim().is_empty());
    let at = between.filter(is_word);
    let (head, tail) = text.split_at(at.unwrap_or(end));
    (head.trim_end(), tail.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn street(parts: &[&str]) -> Value {
        lines(parts.iter().map(|part| (*part).to_owned()))
    }

    fn split(street: &str) -> ([String; 3], String) {
        let split = StreetLines::split(street, StreetLines::LENGTHS);
        (split.lines, split.rest)
    }

    #[test]
    fn blank_lines_leave_no_gap() {
        assert_eq!(
            street(&["2131 N. 14th Street", "  ", "Accounting Department "]),
            Value::text("2131 N. 14th Street\nAccounting Department")
        );
        assert_eq!(street(&["", " ", ""]), Value::Blank);
    }

    #[test]
    fn a_street_is_split_at_its_lines_then_at_words_and_nothing_is_dropped() {
        for (street, lines, rest) in [
            ("", ["", "", ""], ""),
            ("2131 N. 14th Street", ["2131 N. 14th Street", "", ""], ""),
            (
                "2131 N. 14th Street\r\nSuite 100\n\nAccounting",
                ["2131 N. 14th Street", "Suite 100", "Accounting"],
                "",
            ),
            (
                "2131 North 14th Street, Building 7, Suite 100",
                ["2131 North 14th Street,", "Building 7, Suite 100", ""],
                "",
            ),
            ("a\nb\nc\nd", ["a b c d", "", ""], ""),
            (
                "123456789 123456789 1234567890 x",
                ["123456789 123456789 1234567890", "x", ""],
                "",
            ),
            (
                "Donaudampfschifffahrtsgesellschaft 1",
                ["Donaudampfschifffahrtsgesellsc", "haft 1", ""],
                "",
            ),
        ] {
            assert_eq!(
                split(street),
                (lines.map(str::to_owned), rest.to_owned()),
                "{street:?}"
            );
        }
        let (lines, rest) = split(&"1234567890 ".repeat(12));
        assert_eq!(lines, ["1234567890 1234567890"; 3].map(str::to_owned));
        assert_eq!(rest, ["1234567890"; 6].join(" "));
        let (lines, rest) = split(
            "1234567890 1234567890 1234567890 1234567890\n2\n1234567890 1234567890 1234567890\n4",
        );
        assert_eq!(
            lines,
            ["1234567890 1234567890", "1234567890 1234567890", "2"].map(str::to_owned)
        );
        assert_eq!(rest, "1234567890 1234567890 1234567890\n4");
    }

    fn squeezed(text: &str) -> String {
        text.split_whitespace().collect()
    }

    proptest! {
        #[test]
        fn what_sage_can_hold_comes_back_as_it_was(
            parts in prop::collection::vec("[a-zA-Z0-9ü.#-]([a-zA-Z0-9ü .#-]{0,28}[a-zA-Z0-9ü.#-])?", 0..=3),
        ) {
            let Value::Text(street) = lines(parts.iter().cloned()) else {
                prop_assert!(parts.is_empty());
                return Ok(());
            };
            let (lines, rest) = split(&street);
            prop_assert_eq!(&lines[..parts.len()], parts.as_slice());
            prop_assert_eq!(rest, "");
        }

        #[test]
        fn no_character_of_a_street_is_lost_and_no_line_is_too_long(
            street in "([a-zü]{1,40}|[0-9]{1,3}|[ \t]|\n|\r\n|\u{a0}){0,30}",
            lengths in [1_usize..40, 1_usize..40, 1_usize..40],
        ) {
            let made = StreetLines::split(&street, lengths);
            let all = format!("{}{}", made.lines.concat(), made.rest);
            prop_assert_eq!(squeezed(&all), squeezed(&street));
            for (line, length) in made.lines.iter().zip(lengths) {
                prop_assert!(line.chars().count() <= length);
            }
            // A rest only where no line is left.
            prop_assert!(made.rest.is_empty() || made.lines.iter().all(|line| !line.is_empty()));
        }
    }
}
