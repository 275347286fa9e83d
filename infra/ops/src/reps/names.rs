//! How alike two names of persons are. No list of nicknames: Bill is not taken for William.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Parts of a name that say nothing of who it is.
const SUFFIXES: [&str; 6] = ["jr", "sr", "ii", "iii", "iv", "phd"];
/// Below this similarity (Jaro-Winkler) names are not alike.
const LEAST_SIMILAR: f64 = 0.92;

/// A name in small letters without accents, in the order first name, last name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name(Vec<String>);

impl Name {
    /// `Núñez, Tomás Jr.` is `tomas nunez`.
    pub(super) fn of(text: &str) -> Self {
        let (last, first) = match text.split_once(',') {
            // After the comma stands a first name, or only a suffix.
            Some((last, rest)) if !words(rest).is_empty() => (last, rest),
            Some((whole, _)) => ("", whole),
            None => ("", text),
        };
        let mut parts = words(first);
        parts.extend(words(last));
        Self(parts)
    }

    pub(super) const fn is_blank(&self) -> bool {
        self.0.is_empty()
    }

    /// From 0 to 90, and why.
    pub(super) fn likeness(&self, other: &Self) -> (u8, &'static str) {
        let ([_, ..], [_, ..]) = (self.0.as_slice(), other.0.as_slice()) else {
            return (0, "");
        };
        if self == other {
            return (90, "the same name");
        }
        let sorted = |name: &Self| {
            let mut parts = name.0.clone();
            parts.sort_unstable();
            parts
        };
        if sorted(self) == sorted(other) {
            return (88, "the same name in another order");
        }
        if let (Some((first, last)), Some((other_first, other_last))) = (self.ends(), other.ends())
            && last == other_last
        {
            if first == other_first {
                return (85, "the same first and last name");
            }
            let initial = |name: &str| name.chars().count() == 1;
            let same_initial = first.chars().next() == other_first.chars().next();
            if same_initial && (initial(first) || initial(other_first)) {
                return (75, "the same last name and initial");
            }
        }
        let similar = strsim::jaro_winkler(&self.0.join(" "), &other.0.join(" "));
        if similar < LEAST_SIMILAR {
            return (0, "");
        }
        // 60 for names that are just alike, 72 for all but the same.
        let share = (similar - LEAST_SIMILAR) / (1.0 - LEAST_SIMILAR);
        let above = [0.25, 0.5, 0.75]
            .iter()
            .filter(|step| share >= **step)
            .count();
        (
            60 + 4 * u8::try_from(above).unwrap_or(0),
            "names that are alike",
        )
    }

    /// First and last part, where there are two.
    fn ends(&self) -> Option<(&str, &str)> {
        match self.0.as_slice() {
            [first, .., last] => Some((first, last)),
            _ => None,
        }
    }
}

fn words(text: &str) -> Vec<String> {
    let plain: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c) && !matches!(c, '\'' | '\u{2019}' | '.' | '"'))
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    plain
        .split_whitespace()
        .filter(|word| !SUFFIXES.contains(word))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_people_do_and_no_further() {
        for (one, other, score) in [
            ("Jim Kentley", "jim  KENTLEY", 90),
            ("Kentley, Jim", "Jim Kentley", 90),
            ("Harvey Stubbs Jr.", "Stubbs, Harvey", 90),
            ("Harvey Stubbs, Jr.", "Harvey Stubbs", 90),
            ("Tomás Núñez", "TOMAS NUNEZ", 90),
            ("Marcus O'Dell", "Marcus O\u{2019}Dell", 90),
            ("Zhang Wei", "Wei Zhang", 88),
            ("Jim R. Kentley", "Jim Kentley", 85),
            ("J. Kentley", "Jim Kentley", 75),
            ("Shelly Westland", "Shelley Westland", 68),
            ("Bill Kentley", "William Kentley", 0),
            ("Jim Kentley", "Kim Bentley", 0),
            ("Jim", "Jim Kentley", 0),
            ("", "", 0),
        ] {
            let likeness = Name::of(one).likeness(&Name::of(other)).0;
            assert_eq!(likeness, score, "{one:?} {other:?}");
            assert_eq!(
                Name::of(other).likeness(&Name::of(one)).0,
                score,
                "{other:?} {one:?}"
            );
        }
    }
}
