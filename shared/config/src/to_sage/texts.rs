//! What Sage can hold of a text: its code page, its lengths, and no control characters. Asked before anything is written, since
//! Sage says little of what it could not hold: a character that it does not have becomes a question mark.

use std::fmt::Write as _;

use any_ascii::any_ascii_char;
use counterpart_domain::TableSpec;
use encoding_rs::{Encoding, WINDOWS_1252};
use unicode_normalization::UnicodeNormalization as _;

use super::Lengths;

/// What Sage's texts can hold, as the agent tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SageTexts {
    /// How long they may be.
    pub lengths: Lengths,
    /// Whether letters that Sage does not have are written with those that it has (`Łódź` as `Lódz`).
    pub transliterate: bool,
    encoding: &'static Encoding,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unfit {
    /// This control character is in it.
    Control(char),
    /// Sage has no such characters.
    Unknown(Vec<char>),
    /// It has so many characters, of which Sage takes so many.
    Long(usize, u32),
}

/// How a text is made to fit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fit {
    /// It may have several lines.
    pub several_lines: bool,
    /// It may be cut.
    pub cut: bool,
    /// Nothing depends on it: whatever is wrong with it, as much of it goes over as can.
    pub by_the_way: bool,
}

impl Default for SageTexts {
    fn default() -> Self {
        Self::new(None, Lengths::new(), false)
    }
}

impl SageTexts {
    /// `code_page`: by its IANA name. Where the agent tells none, or one that is not known here, it is windows-1252, that of
    /// Sage 100 in North America: a question too many is better than a name of question marks.
    #[must_use]
    pub fn new(code_page: Option<&str>, lengths: Lengths, transliterate: bool) -> Self {
        let known = code_page.and_then(|name| Encoding::for_label(name.as_bytes()));
        Self {
            lengths,
            transliterate,
            encoding: known.unwrap_or(WINDOWS_1252),
        }
    }

    /// Whether Sage has a character.
    #[must_use]
    pub fn has(&self, character: char) -> bool {
        let mut text = [0; 4];
        let (_, _, lost) = self.encoding.encode(character.encode_utf8(&mut text));
        !lost
    }

    /// A text of a column as Sage can hold it.
    pub(super) fn fitted(
        &self,
        table: &'static TableSpec,
        column: &str,
        text: &str,
        fit: Fit,
    ) -> Result<String, Unfit> {
        let breaks = |c: char| fit.several_lines && matches!(c, '\n' | '\r' | '\t');
        let control = text.chars().find(|c| c.is_control() && !breaks(*c));
        let text = match control {
            Some(_) if fit.by_the_way => text.replace(|c: char| c.is_control() && !breaks(c), " "),
            Some(control) => return Err(Unfit::Control(control)),
            None => text.to_owned(),
        };
        let text = self.in_code_page(text, fit)?;
        let Some(most) = self.lengths.get(table, column) else {
            return Ok(text);
        };
        let count = text.chars().count();
        if count <= most as usize {
            return Ok(text);
        }
        if fit.cut || fit.by_the_way {
            let cut: String = text.chars().take(most as usize).collect();
            return Ok(cut.trim_end().to_owned());
        }
        Err(Unfit::Long(count, most))
    }

    fn in_code_page(&self, text: String, fit: Fit) -> Result<String, Unfit> {
        if text.chars().all(|c| self.has(c)) {
            return Ok(text);
        }
        // A letter and its accent may be two characters for one that Sage has.
        let mut made = String::with_capacity(text.len());
        let mut missing = Vec::new();
        for c in text.nfc() {
            if self.has(c) {
                made.push(c);
            } else if is_invisible(c) {
                // Nobody sees that it is gone.
            } else if self.transliterate || fit.by_the_way {
                let plain = any_ascii_char(c);
                // Of what has no letters of its own, it says nothing, or a question mark.
                if (plain.is_empty() || (plain == "?" && !is_question(c))) && !fit.by_the_way {
                    missing.push(c);
                }
                made.push_str(plain);
            } else if !missing.contains(&c) {
                missing.push(c);
            }
        }
        if missing.is_empty() {
            Ok(made)
        } else {
            Err(Unfit::Unknown(missing))
        }
    }
}

/// Question marks of other scripts: Greek, Arabic, Ethiopic, small, full width.
const fn is_question(c: char) -> bool {
    matches!(
        c,
        '\u{37e}' | '\u{61f}' | '\u{1367}' | '\u{fe56}' | '\u{ff1f}'
    )
}

/// Characters without a form of their own: zero-width spaces and joiners, marks of direction, the mark of byte order.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

impl Unfit {
    /// The end of a sentence that begins with the field's name.
    pub(super) fn why(&self, text: &str) -> String {
        match self {
            Self::Control(control) => format!(
                "has a control character (U+{:04X}) in {}, which Sage 100 cannot hold. Take it out: type the text anew.",
                u32::from(*control),
                super::fault::quoted(text)
            ),
            Self::Unknown(characters) => {
                let mut shown = String::new();
                for c in characters.iter().take(5) {
                    let between = if shown.is_empty() { "" } else { ", " };
                    // Writing to a String does not fail.
                    let _ = write!(shown, "{between}{c:?} (U+{:04X})", u32::from(*c));
                }
                let what = if characters.len() == 1 {
                    "a character"
                } else {
                    "characters"
                };
                format!(
                    "is {}, with {what} that Sage 100 does not have: {shown}. Write it in other letters.",
                    super::fault::quoted(text)
                )
            }
            Self::Long(count, most) => format!(
                "has {count} characters ({}), and Sage 100 takes {most}. Shorten it.",
                super::fault::quoted(text)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use counterpart_domain::Entity;
    use proptest::prelude::*;

    use super::*;

    fn fitted(texts: &SageTexts, text: &str, fit: Fit) -> Result<String, Unfit> {
        texts.fitted(&Entity::CUSTOMER.spec().table, "CustomerName", text, fit)
    }

    const PLAIN: Fit = Fit {
        several_lines: false,
        cut: false,
        by_the_way: false,
    };

    #[test]
    fn what_the_code_page_has_stays_as_it_is_and_the_rest_is_told() {
        let texts = SageTexts::default();
        for text in [
            "Müller & Söhne",
            "“Curly” – quotes…",
            "Café €5 ™",
            "<b>&amp;",
            "1e5",
        ] {
            assert_eq!(fitted(&texts, text, PLAIN).as_deref(), Ok(text));
        }
        assert_eq!(
            fitted(&texts, "Łódź", PLAIN),
            Err(Unfit::Unknown(vec!['Ł', 'ź']))
        );
        assert_eq!(
            fitted(&texts, "Mu\u{308}ller\u{200b}", PLAIN).as_deref(),
            Ok("Müller")
        );
        let central = SageTexts::new(Some("windows-1250"), Lengths::new(), false);
        assert_eq!(fitted(&central, "Łódź", PLAIN).as_deref(), Ok("Łódź"));
    }

    #[test]
    fn letters_are_written_otherwise_where_that_is_set_up() {
        let texts = SageTexts::new(Some("windows-1252"), Lengths::new(), true);
        for (text, expected) in [
            ("Łódź é", "Lódz é"),
            ("Αθήνα", "Athina"),
            ("北京", "BeiJing"),
        ] {
            assert_eq!(fitted(&texts, text, PLAIN).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_goes_over_by_the_way_always_does() {
        let mut texts = SageTexts::default();
        texts
            .lengths
            .insert(&Entity::CUSTOMER.spec().table, "CustomerName", 6);
        let fit = Fit {
            by_the_way: true,
            ..PLAIN
        };
        assert_eq!(
            fitted(&texts, "Jö Łó\u{1}dź-Smith", fit).as_deref(),
            Ok("Jö Ló")
        );
        assert_eq!(fitted(&texts, "1234567", PLAIN), Err(Unfit::Long(7, 6)));
        let cut = Fit { cut: true, ..PLAIN };
        assert_eq!(fitted(&texts, "12345 7", cut).as_deref(), Ok("12345"));
    }

    proptest! {
        #[test]
        fn any_text_comes_out_as_sage_can_hold_it_or_not_at_all(text in any::<String>(), transliterate: bool, by_the_way: bool) {
            let texts = SageTexts::new(None, Lengths::new(), transliterate);
            let fit = Fit { by_the_way, ..PLAIN };
            match fitted(&texts, &text, fit) {
                Ok(made) => {
                    prop_assert!(made.chars().all(|c| texts.has(c) && !c.is_control()), "{:?}", made);
                    if text.chars().all(|c| texts.has(c) && !c.is_control()) {
                        prop_assert_eq!(&made, &text);
                    }
                    // What was made to fit, fits.
                    prop_assert_eq!(fitted(&texts, &made, fit), Ok(made.clone()));
                }
                Err(_) => prop_assert!(!by_the_way),
            }
        }
    }
}
