//! Files that name something: by a word of its own, in an identifier or in a text, or by a whole text.

use super::rules::Named;
use super::token::{Code, Kind};
use super::tree::Tree;

/// The files whose code names it, but for those below an exempt place.
pub fn naming(tree: &Tree, named: &Named) -> Vec<String> {
    let is_below = |path: &str, place: &String| {
        let rest = path.strip_prefix(&**place);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    tree.files
        .iter()
        .filter(|source| {
            !named
                .except
                .iter()
                .any(|place| is_below(&source.path, place))
        })
        .filter(|source| has(&source.code, named))
        .map(|source| source.path.clone())
        .collect()
}

fn has(code: &Code, named: &Named) -> bool {
    code.tokens.iter().any(|token| match &token.kind {
        Kind::Word(one) => named.words.contains(one),
        Kind::Literal(text) => {
            let within = text.trim_matches('"');
            named.texts.iter().any(|whole| whole == within)
                || named.words.iter().any(|word| stands_in(text, word))
        }
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
