//! Codes of Sage: of items, warehouses, units, terms, customers. Sage keeps them in upper case and compares them so; what
//! people type or paste into a CRM has other letters, and characters at its ends that nobody sees.

/// A code as Sage spells it: in upper case, without what nobody sees at its ends.
#[must_use]
pub fn code(text: &str) -> String {
    bare_code(text).chars().map(upper).collect()
}

/// A code without what nobody sees at its ends: spaces of every kind, characters of no width, control characters.
#[must_use]
pub fn bare_code(text: &str) -> &str {
    text.trim_matches(is_unseen)
}

/// Whether two texts are one code to Sage.
#[must_use]
pub fn is_same_code(one: &str, other: &str) -> bool {
    let (one, other) = (bare_code(one), bare_code(other));
    one.chars().map(upper).eq(other.chars().map(upper))
}

/// The first character within a code that no code of Sage has: one that nobody sees, but for a plain space, or a letter
/// outside Sage's code page (Windows 1252).
#[must_use]
pub fn stranger_in(code: &str) -> Option<char> {
    let strange = |c: &char| *c != ' ' && (is_unseen(*c) || !is_in_code_page(*c));
    bare_code(code).chars().find(strange)
}

/// A character as people can look for it: `U+200B`.
#[must_use]
pub fn named_character(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// Whether a column holds a code of Sage's own tables, which people may type in any spelling.
#[must_use]
pub fn is_code_column(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    [
        "ARDivisionNo",
        "CancelReasonCode",
        "ContactCode",
        "CustomerNo",
        "CustomerType",
        "ItemCode",
        "PaymentType",
        "PrimaryShipToCode",
        "SalespersonDivisionNo",
        "SalespersonNo",
        "ShipToCode",
        "TaxSchedule",
        "TermsCode",
        "UnitOfMeasure",
        "WarehouseCode",
    ]
    .contains(&stem)
}

/// Whether a character leaves no mark on a screen or on paper.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{AD}'
                | '\u{34F}'
                | '\u{61C}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{17B4}'
                | '\u{17B5}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// One letter stays one letter, and within the code page: `ß` and `µ` have no other form there.
fn upper(c: char) -> char {
    let mut made = c.to_uppercase();
    match (made.next(), made.next()) {
        (Some(made), None) if !is_in_code_page(c) || is_in_code_page(made) => made,
        _ => c,
    }
}

const fn is_in_code_page(c: char) -> bool {
    c <= '\u{FF}'
        || matches!(
            c,
            '€' | '‚'
                | 'ƒ'
                | '„'
                | '…'
                | '†'
                | '‡'
                | 'ˆ'
                | '‰'
                | 'Š'
                | '‹'
                | 'Œ'
                | 'Ž'
                | '‘'
                | '’'
                | '“'
                | '”'
                | '•'
                | '–'
                | '—'
                | '˜'
                | '™'
                | 'š'
                | '›'
                | 'œ'
                | 'ž'
                | 'Ÿ'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_spelt_as_sage_spells_it() {
        for (typed, is) in [
            ("1001-hon-h252", "1001-HON-H252"),
            ("\u{A0}1001-HON-H252\t", "1001-HON-H252"),
            ("\u{FEFF}1001-Hon-h252\u{200B}\u{200D}", "1001-HON-H252"),
            ("a b", "A B"),
            ("größe-µ", "GRÖßE-µ"),
            ("ÿ", "Ÿ"),
            ("\u{2060} ", ""),
        ] {
            assert_eq!(code(typed), is, "{typed:?}");
        }
        assert!(is_same_code(" est\u{A0}", "EST"));
        assert!(!is_same_code("A B", "AB"));
    }

    #[test]
    fn what_no_code_has_is_found_within_it() {
        for (typed, strange) in [
            ("1001\u{200B}-H", Some('\u{200B}')),
            ("1001\u{A0}H", Some('\u{A0}')),
            ("10\t01", Some('\t')),
            ("品1", Some('品')),
            ("1001 H", None),
            ("größe", None),
            ("\u{200B}1001\u{200B}", None),
        ] {
            assert_eq!(stranger_in(typed), strange, "{typed:?}");
        }
        assert_eq!(named_character('\u{200B}'), "U+200B");
    }

    proptest! {
        #[test]
        fn a_spelling_is_the_spelling_of_itself(text in "\\PC{0,12}", ends in "[ \u{A0}\u{200B}\t\u{FEFF}]{0,3}") {
            let spelt = code(&text);
            prop_assert_eq!(code(&spelt), spelt.clone());
            let pasted = format!("{ends}{text}{ends}");
            prop_assert!(is_same_code(&pasted, &text));
            prop_assert_eq!(code(&pasted), spelt);
        }
    }
}
