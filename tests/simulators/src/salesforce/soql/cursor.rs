//! Reading tokens one after the other.

use super::{
    fault::malformed,
    lexer::{Placed, Token, tokens},
    syntax::Name,
};
use crate::salesforce::errors::Fail;

/// A query's tokens, and how far they are read.
pub struct Parser<'a> {
    /// The query.
    pub text: &'a str,
    tokens: Vec<Placed>,
    /// The next token.
    pub at: usize,
}

impl<'a> Parser<'a> {
    /// The tokens of a query.
    ///
    /// # Errors
    /// MALFORMED_QUERY.
    pub fn new(text: &'a str) -> Result<Self, Fail> {
        let tokens = tokens(text)?;
        Ok(Self {
            text,
            tokens,
            at: 0,
        })
    }

    /// The next token.
    pub fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|placed| &placed.token)
    }

    /// The byte at which it starts.
    pub fn place(&self) -> usize {
        self.tokens
            .get(self.at)
            .map_or(self.text.len(), |placed| placed.at)
    }

    /// The fault of a token that cannot stand here.
    pub fn unexpected(&self) -> Fail {
        let message = match self.peek() {
            Some(token) => format!("unexpected token: '{}'", token.shown().trim_matches('\'')),
            None => "unexpected token: '<EOF>'".to_owned(),
        };
        malformed(self.text, self.place(), &message)
    }

    /// Whether a keyword is next.
    pub fn is(&self, keyword: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword))
    }

    /// Takes a keyword, if it is next.
    pub fn take(&mut self, keyword: &str) -> bool {
        let there = self.is(keyword);
        self.at += usize::from(there);
        there
    }

    /// Takes a keyword.
    ///
    /// # Errors
    /// Something else is next.
    pub fn keyword(&mut self, keyword: &str) -> Result<(), Fail> {
        if self.take(keyword) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// Takes a sign, if it is next.
    pub fn sign(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(there);
        there
    }

    /// Takes a sign.
    ///
    /// # Errors
    /// Something else is next.
    pub fn expect(&mut self, sign: &str) -> Result<(), Fail> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// Takes a name.
    ///
    /// # Errors
    /// Something else is next.
    pub fn name(&mut self) -> Result<Name, Fail> {
        match self.peek() {
            Some(Token::Word(word)) => {
                let name = Name {
                    text: word.clone(),
                    at: self.place(),
                };
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }
}
