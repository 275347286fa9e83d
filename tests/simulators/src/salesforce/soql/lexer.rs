//! Words, texts, numbers and signs of a query, with their places.

use super::fault::malformed;
use crate::salesforce::errors::Fail;

/// A piece of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A keyword, a field or an object.
    Word(String),
    /// A text in quotes, with its escapes undone; and as a LIKE pattern, with them.
    Text(String, String),
    /// A number, a day or an instant.
    Number(String),
    /// An operator, a comma or a parenthesis.
    Sign(&'static str),
}

impl Token {
    /// The token as an error shows it.
    pub fn shown(&self) -> String {
        match self {
            Token::Word(text) | Token::Number(text) => text.clone(),
            Token::Text(text, _) => format!("'{text}'"),
            Token::Sign(sign) => (*sign).to_owned(),
        }
    }
}

/// A token and the byte at which it starts.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The token.
    pub token: Token,
    /// Its place.
    pub at: usize,
}

const SIGNS: &[&str] = &["<=", ">=", "!=", "<>", "=", "<", ">", "(", ")", ",", ":"];

/// Cuts a query into tokens.
///
/// # Errors
/// MALFORMED_QUERY.
pub fn tokens(query: &str) -> Result<Vec<Placed>, Fail> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = query.get(at..).unwrap_or("");
        at += rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        let Some(first) = rest.chars().next() else {
            return Ok(tokens);
        };
        let (token, length) = if first == '\'' {
            quoted(query, rest, at)?
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), sign.len())
        } else if first.is_ascii_digit() || "+-.".contains(first) {
            let length = run(rest, |c| c.is_ascii_alphanumeric() || "-.:+".contains(c));
            (Token::Number(head(rest, length)), length)
        } else if first.is_alphabetic() || first == '_' {
            let length = run(rest, |c| c.is_alphanumeric() || "_.".contains(c));
            (Token::Word(head(rest, length)), length)
        } else {
            return Err(malformed(
                query,
                at,
                &format!("unexpected token: '{first}'"),
            ));
        };
        tokens.push(Placed { token, at });
        at += length;
    }
}

fn run(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c: char| !fits(c)).unwrap_or(text.len())
}

fn head(text: &str, length: usize) -> String {
    text.get(..length).unwrap_or("").to_owned()
}

/// A text in single quotes; a backslash escapes.
fn quoted(query: &str, rest: &str, start: usize) -> Result<(Token, usize), Fail> {
    let (mut value, mut pattern) = (String::new(), String::new());
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => return Ok((Token::Text(value, pattern), at + 1)),
            '\\' => {
                let Some((place, next)) = chars.next() else {
                    break;
                };
                let real = match next {
                    'n' | 'N' => '\n',
                    'r' | 'R' => '\r',
                    't' | 'T' => '\t',
                    'b' | 'B' => '\u{8}',
                    'f' | 'F' => '\u{c}',
                    '"' | '\'' | '\\' | '_' | '%' => next,
                    _ => {
                        return Err(malformed(
                            query,
                            start + place,
                            &format!("Illegal escape sequence: \\{next}"),
                        ));
                    }
                };
                value.push(real);
                if "_%\\".contains(next) {
                    pattern.push('\\');
                }
                pattern.push(real);
            }
            c => {
                value.push(c);
                pattern.push(c);
            }
        }
    }
    Err(malformed(
        query,
        start,
        "expecting a single quote, found end of query",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_escapes_and_a_doubled_quote_does_not() {
        let text = |query| match tokens(query).map(|tokens| tokens[0].token.clone()) {
            Ok(Token::Text(text, _)) => Some(text),
            _ => None,
        };
        assert_eq!(text(r"'O\'Malley & Sons'").unwrap(), "O'Malley & Sons");
        assert_eq!(text(r"'a\\b\n'").unwrap(), "a\\b\n");
        assert_eq!(text("'O''Malley'").unwrap(), "O");
        assert!(text("'open").is_none());
        assert!(text(r"'\x'").is_none());
    }
}
