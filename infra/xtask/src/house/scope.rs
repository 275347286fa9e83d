//! What a module defines, brings in and names, by its tokens.

use std::collections::BTreeSet;

use super::token::{Declared, Kind, Token};
use super::uses::{self, Use};

/// One module's names.
#[derive(Debug, Default)]
pub struct Scope {
    /// Items that are defined here, modules apart.
    pub defined: BTreeSet<String>,
    /// Modules below it, in whatever file.
    pub children: BTreeSet<String>,
    /// Those that are files.
    pub files: Vec<Declared>,
    pub uses: Vec<Use>,
    /// Paths of two parts or more outside of `use`.
    pub paths: Vec<Vec<String>>,
    /// All words outside of `use`.
    pub words: BTreeSet<String>,
}

/// The modules of one file: itself under the empty path, and those that are written out in it.
pub fn of(tokens: &[Token]) -> Vec<(Vec<String>, Scope)> {
    let mut out = Vec::new();
    read(tokens, Vec::new(), &mut out);
    out
}

const ITEMS: [&str; 9] = [
    "fn",
    "struct",
    "enum",
    "union",
    "trait",
    "type",
    "const",
    "static",
    "macro_rules",
];

fn read(tokens: &[Token], path: Vec<String>, out: &mut Vec<(Vec<String>, Scope)>) {
    let mut scope = Scope::default();
    let mut depth = 0_usize;
    let mut file = None;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match &token.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => depth = depth.saturating_sub(1),
            Kind::Word(word) if word == "use" && !is_sign(tokens.get(at + 1), '<') => {
                at = uses::read(tokens, at, &mut scope.uses);
                continue;
            }
            Kind::Word(word) if word == "path" && depth == 1 => {
                file = file_of(tokens, at).or(file);
            }
            Kind::Word(word) if word == "mod" && depth == 0 => {
                if let Some(name) = tokens.get(at + 1).and_then(Token::word) {
                    scope.children.insert(name.to_owned());
                    if matches!(tokens.get(at + 2), Some(next) if next.kind == Kind::Open('{')) {
                        let end = closing(tokens, at + 2);
                        let mut path = path.clone();
                        path.push(name.to_owned());
                        read(&tokens[at + 3..end], path, out);
                        at = end + 1;
                        continue;
                    }
                    scope.files.push(Declared {
                        name: name.to_owned(),
                        path: file.take(),
                    });
                }
            }
            Kind::Word(word) => {
                if depth == 0 && ITEMS.contains(&word.as_str()) {
                    scope.defined.extend(name_after(tokens, at));
                }
                scope.words.insert(word.clone());
                scope.paths.extend(path_at(tokens, at));
            }
            _ => {}
        }
        at += 1;
    }
    out.push((path, scope));
}

fn is_sign(token: Option<&Token>, sign: char) -> bool {
    token.is_some_and(|token| token.kind == Kind::Sign(sign))
}

/// What `#[path = "…"]` says, where `path` stands here.
fn file_of(tokens: &[Token], at: usize) -> Option<String> {
    match (is_sign(tokens.get(at + 1), '='), tokens.get(at + 2)) {
        (true, Some(token)) => match &token.kind {
            Kind::Literal(text) => Some(text.trim_matches('"').to_owned()),
            _ => None,
        },
        _ => None,
    }
}

/// Where the bracket that opens here is closed.
pub fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

/// The name of the item that this keyword begins; none where the keyword begins none, as in `fn(u8) -> u8`.
fn name_after(tokens: &[Token], at: usize) -> Option<String> {
    let next = at + 1 + usize::from(is_sign(tokens.get(at + 1), '!'));
    let name = tokens.get(next)?.word()?;
    let is_keyword = ITEMS.contains(&name) || ["unsafe", "async", "extern", "mut"].contains(&name);
    (!is_keyword).then(|| name.to_owned())
}

/// The path that begins here, if one of two parts or more does.
fn path_at(tokens: &[Token], at: usize) -> Option<Vec<String>> {
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    let goes_on =
        before.is_some_and(|before| matches!(before.kind, Kind::Path | Kind::Sign('.' | '\'')));
    if goes_on {
        return None;
    }
    let mut path = vec![tokens.get(at)?.word()?.to_owned()];
    let mut at = at + 1;
    while tokens.get(at).is_some_and(|token| token.kind == Kind::Path) {
        match tokens.get(at + 1).and_then(Token::word) {
            Some(word) => path.push(word.to_owned()),
            None => break,
        }
        at += 2;
    }
    (path.len() > 1).then_some(path)
}
