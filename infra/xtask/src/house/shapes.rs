//! `impl` headers with many type parameters, and long functions.

use super::scope::closing;
use super::token::{Kind, Token};

/// Where something stands and how large it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    pub line: usize,
    pub name: String,
    pub size: usize,
}

/// The headers with so many type parameters or more. Lifetimes and constants do not count.
pub fn generic_impls(tokens: &[Token], many: usize) -> Vec<Spot> {
    let headers = (0..tokens.len()).filter(|at| tokens[*at].is("impl"));
    headers
        .filter_map(|at| {
            let (size, end) = parameters(tokens, at + 1)?;
            (size >= many).then(|| Spot {
                line: tokens[at].first,
                name: header(&tokens[end..]),
                size,
            })
        })
        .collect()
}

/// How many type parameters the list has that opens here, and where it ends.
fn parameters(tokens: &[Token], open: usize) -> Option<(usize, usize)> {
    let sign = |at: usize| match tokens.get(at).map(|token| &token.kind) {
        Some(Kind::Sign(sign)) => *sign,
        _ => ' ',
    };
    if sign(open) != '<' {
        return None;
    }
    let (mut angles, mut brackets, mut count) = (1_usize, 0_usize, 0);
    for (at, token) in tokens.iter().enumerate().skip(open + 1) {
        let before = sign(at - 1);
        let begins = at == open + 1 || (angles == 1 && brackets == 0 && before == ',');
        match &token.kind {
            Kind::Word(word) if begins && word != "const" => count += 1,
            Kind::Open(_) => brackets += 1,
            Kind::Close(_) => brackets = brackets.checked_sub(1)?,
            Kind::Sign('<') => angles += 1,
            // Not the arrow of a function's type.
            Kind::Sign('>') if before != '-' => angles -= 1,
            _ => {}
        }
        if angles == 0 {
            return Some((count, at + 1));
        }
    }
    None
}

/// What is implemented for what, as far as the next bracket or `where`.
fn header(tokens: &[Token]) -> String {
    let ends = |token: &Token| token.is("where") || token.kind == Kind::Open('{');
    let mut text = String::from("impl");
    for token in tokens.iter().take_while(|token| !ends(token)) {
        match &token.kind {
            Kind::Word(word)
                if text.ends_with(|c: char| c.is_alphanumeric() || ",>+".contains(c)) =>
            {
                text.push(' ');
                text.push_str(word);
            }
            Kind::Word(word) | Kind::Literal(word) => text.push_str(word),
            Kind::Path => text.push_str("::"),
            Kind::Sign(sign) => text.push(*sign),
            Kind::Open(sign) => text.push(*sign),
            Kind::Close(sign) => text.push(if *sign == '(' { ')' } else { ']' }),
        }
    }
    text
}

/// The functions of more than so many lines, from `fn` to the last bracket.
pub fn long_functions(tokens: &[Token], most: usize) -> Vec<Spot> {
    let starts = (0..tokens.len()).filter(|at| tokens[*at].is("fn"));
    starts
        .filter_map(|at| {
            let name = tokens.get(at + 1)?.word()?.to_owned();
            let open = body(tokens, at)?;
            let line = tokens[at].first;
            let size = tokens.get(closing(tokens, open))?.last + 1 - line;
            (size > most).then_some(Spot { line, name, size })
        })
        .collect()
}

/// Where the body opens; none where only the signature stands.
fn body(tokens: &[Token], function: usize) -> Option<usize> {
    let mut at = function;
    loop {
        match tokens.get(at)?.kind {
            Kind::Open('{') => return Some(at),
            Kind::Open(_) => at = closing(tokens, at),
            Kind::Sign(';') => return None,
            _ => {}
        }
        at += 1;
    }
}
