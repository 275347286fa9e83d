//! Words, texts, numbers and signs of a query.

use serde_json::json;

use crate::zoho::errors::Failure;

/// A piece of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A keyword, a column or a module.
    Word(String),
    /// A text in quotes, without them.
    Text(String),
    /// A number.
    Number(String),
    /// An operator, a comma or a parenthesis.
    Sign(&'static str),
}

impl Token {
    /// The token as it may be shown in an error.
    pub fn shown(&self) -> String {
        match self {
            Token::Word(text) | Token::Text(text) | Token::Number(text) => text.clone(),
            Token::Sign(sign) => (*sign).to_owned(),
        }
    }
}

const SIGNS: &[&str] = &["<=", ">=", "!=", "<>", "=", "<", ">", "(", ")", ",", "*"];

/// A syntax error near a text.
pub fn near(text: &str) -> Failure {
    let near: String = text.chars().take(60).collect();
    Failure::new(
        400,
        "SYNTAX_ERROR",
        &json!({"near": near}),
        "error occured while parsing the query",
    )
}

/// Cuts a query into tokens.
pub fn tokens(mut text: &str) -> Result<Vec<Token>, Failure> {
    let mut tokens = Vec::new();
    loop {
        text = text.trim_start();
        let Some(first) = text.chars().next() else {
            return Ok(tokens);
        };
        let (token, rest) = if first == '\'' || first == '"' {
            quoted(text, first)?
        } else if let Some(sign) = SIGNS.iter().find(|sign| text.starts_with(**sign)) {
            (Token::Sign(sign), text.get(sign.len()..).unwrap_or(""))
        } else if first.is_ascii_digit() || first == '-' {
            let end = text
                .find(|c: char| !(c.is_ascii_digit() || "-.:+TZ".contains(c)))
                .unwrap_or(text.len());
            split(text, end, Token::Number)
        } else if first.is_alphabetic() || first == '_' || first == '$' {
            let end = text
                .find(|c: char| !(c.is_alphanumeric() || "_.$".contains(c)))
                .unwrap_or(text.len());
            split(text, end, Token::Word)
        } else {
            return Err(near(text));
        };
        tokens.push(token);
        text = rest;
    }
}

fn split(text: &str, end: usize, token: fn(String) -> Token) -> (Token, &str) {
    let (head, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (token(head.to_owned()), rest)
}

/// A text in quotes; a backslash or a doubled quote keeps a quote inside.
fn quoted(text: &str, quote: char) -> Result<(Token, &str), Failure> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            if let Some((_, next)) = chars.next() {
                value.push(next);
            }
        } else if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
                value.push(quote);
                continue;
            }
            return Ok((Token::Text(value), text.get(at + 1..).unwrap_or("")));
        } else {
            value.push(c);
        }
    }
    Err(near(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_inside_of_texts_are_escaped_by_a_backslash_or_doubled() {
        let expected = vec![Token::Text("O'Malley & Sons".to_owned())];
        assert_eq!(tokens(r"'O\'Malley & Sons'").unwrap(), expected);
        assert_eq!(tokens("'O''Malley & Sons'").unwrap(), expected);
        assert!(tokens("'open").is_err());
    }
}
