//! Names as people compare them.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A name without regard to case, accents, width, and the number of spaces: two that are equal so may be one company's, or one
/// person's.
#[must_use]
pub fn folded_name(text: &str) -> String {
    let plain: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_width_and_spaces_do_not_tell_names_apart() {
        for name in [
            "Müller  GmbH",
            "MULLER GMBH",
            "Mu\u{308}ller\u{a0}GmbH ",
            "Ｍuller gmbh",
        ] {
            assert_eq!(folded_name(name), "muller gmbh", "{name:?}");
        }
        assert_ne!(folded_name("Muller & Co"), folded_name("Muller Co"));
        assert_eq!(folded_name(" \t"), "");
    }
}
