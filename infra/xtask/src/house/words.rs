//! Files that name something: in an identifier or in a literal, as a whole word.

use super::token::{Code, Kind};
use super::tree::Tree;

/// The files whose code has the word, but for those below an exempt place.
pub fn naming<'a>(tree: &'a Tree, word: &str, exempt: &[String]) -> Vec<&'a str> {
    let is_exempt = |path: &str| {
        exempt.iter().any(|place| {
            path.strip_prefix(&**place)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    tree.files
        .iter()
        .filter(|source| !is_exempt(&source.path) && has(&source.code, word))
        .map(|source| source.path.as_str())
        .collect()
}

fn has(code: &Code, word: &str) -> bool {
    code.tokens.iter().any(|token| match &token.kind {
        Kind::Word(one) => one == word,
        Kind::Literal(text) => stands_in(text, word),
        _ => false,
    })
}

/// Whether it stands in the text with no letter, digit or underscore beside it.
fn stands_in(text: &str, word: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(goes_on) && !text[at + word.len()..].starts_with(goes_on)
    })
}
