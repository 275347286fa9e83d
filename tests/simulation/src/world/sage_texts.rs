//! Texts as the memory Sage keeps them. Sage 100's Providex files hold single bytes of the server's ANSI code page; what the
//! business objects and eBusiness Web Services are given in Unicode is converted on the way, and a character that the page does not
//! have becomes a question mark, without a word (.NET, "Character encoding": the replacement fallback of code pages).

use counterpart_delivery::ports::TextRules;
use counterpart_domain::{TableSpec, Value};

use super::sage::MemorySage;

/// What windows-1252 has between 0x80 and 0x9F.
const BETWEEN: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";

/// A text as it is kept.
pub(super) fn kept(text: &str) -> String {
    let has = |c: char| c.is_ascii() || ('\u{a0}'..='\u{ff}').contains(&c) || BETWEEN.contains(c);
    text.chars().map(|c| if has(c) { c } else { '?' }).collect()
}

/// A value as it is kept.
pub(super) fn kept_value(value: Value) -> Value {
    match value {
        Value::Text(text) => Value::text(kept(&text)),
        value => value,
    }
}

impl MemorySage {
    /// What the agent tells of texts: the code page, and the lengths of columns.
    pub fn tell_of_texts(
        &self,
        code_page: Option<&str>,
        lengths: &[(&'static TableSpec, &str, u32)],
    ) {
        let lengths = lengths.iter();
        self.text_rules.replace(TextRules {
            code_page: code_page.map(str::to_owned),
            lengths: lengths
                .map(|(table, column, length)| (*table, (*column).to_owned(), *length))
                .collect(),
        });
    }
}
