//! `use`: which names it brings in, from where.

use super::token::{Kind, Token};

/// One name that is brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Under which name; none brings in all there are.
    pub name: Option<String>,
    pub path: Vec<String>,
    /// Whether others may take it from here.
    pub passed_on: bool,
}

/// Reads the declaration that begins here, and says where the next thing begins.
pub fn read(tokens: &[Token], at: usize, out: &mut Vec<Use>) -> usize {
    let passed_on = is_public(tokens, at);
    let mut at = at + 1;
    // What begins so is another crate's.
    let foreign = tokens.get(at).is_some_and(|token| token.kind == Kind::Path);
    let mut found = Vec::new();
    branch(tokens, &mut at, Vec::new(), passed_on, &mut found);
    if !foreign {
        out.append(&mut found);
    }
    at + 1
}

/// Whether `pub` stands before it, with or without a limit.
fn is_public(tokens: &[Token], at: usize) -> bool {
    let before = &tokens[..at];
    let before = match before.last().map(|token| &token.kind) {
        Some(Kind::Close('(')) => {
            let open = before
                .iter()
                .rposition(|token| token.kind == Kind::Open('('));
            &before[..open.unwrap_or_default()]
        }
        _ => before,
    };
    before.last().is_some_and(|token| token.is("pub"))
}

/// One branch of the tree, up to the comma, bracket or semicolon after it.
fn branch(
    tokens: &[Token],
    at: &mut usize,
    mut path: Vec<String>,
    passed_on: bool,
    out: &mut Vec<Use>,
) {
    let mut alias = None;
    while let Some(token) = tokens.get(*at) {
        match &token.kind {
            Kind::Word(word) if word == "as" => {
                *at += 1;
                alias = tokens.get(*at).and_then(Token::word).map(str::to_owned);
            }
            Kind::Word(word) if word == "self" && !path.is_empty() => {}
            Kind::Word(word) => path.push(word.clone()),
            Kind::Sign('*') => {
                let name = None;
                out.push(Use {
                    name,
                    path,
                    passed_on,
                });
                *at += 1;
                return;
            }
            Kind::Open('{') => {
                *at += 1;
                while tokens
                    .get(*at)
                    .is_some_and(|token| token.kind != Kind::Close('{'))
                {
                    branch(tokens, at, path.clone(), passed_on, out);
                    if tokens
                        .get(*at)
                        .is_some_and(|token| token.kind == Kind::Sign(','))
                    {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            Kind::Path => {}
            _ => break,
        }
        *at += 1;
    }
    if let Some(name) = alias.or_else(|| path.last().cloned()) {
        out.push(Use {
            name: Some(name),
            path,
            passed_on,
        });
    }
}
