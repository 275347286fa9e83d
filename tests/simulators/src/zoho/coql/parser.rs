//! From tokens to a query.

use serde_json::json;

use super::{
    lexer::{Token, near, tokens},
    syntax::{Condition, Literal, Operator, Query, Select},
};
use crate::zoho::errors::Failure;

/// How deep parentheses may nest.
const MAX_DEPTH: usize = 25;

/// Parses a query.
///
/// # Errors
/// SYNTAX_ERROR with the text near the fault, or the clause that is missing.
pub fn parse(text: &str) -> Result<Query, Failure> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
    };
    parser.keyword("select")?;
    let select = parser.select()?;
    if !parser.is("from") {
        return Err(missing("from"));
    }
    parser.keyword("from")?;
    let module = parser.word()?;
    // COQL wants a condition always.
    if !parser.is("where") {
        return Err(missing("where"));
    }
    parser.keyword("where")?;
    let condition = parser.any(0)?;
    let order = if parser.take("order") {
        parser.order()?
    } else {
        Vec::new()
    };
    let (limit, offset) = if parser.take("limit") {
        parser.limit()?
    } else {
        (None, 0)
    };
    match parser.peek() {
        None => Ok(Query {
            select,
            module,
            condition,
            order,
            limit,
            offset,
        }),
        Some(token) => Err(near(&token.shown())),
    }
}

fn missing(clause: &str) -> Failure {
    Failure::new(
        400,
        "SYNTAX_ERROR",
        &json!({"clause": clause}),
        "missing clause",
    )
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Result<Token, Failure> {
        let token = self.peek().cloned().ok_or_else(|| near("end of query"))?;
        self.at += 1;
        Ok(token)
    }

    fn is(&self, keyword: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword))
    }

    fn take(&mut self, keyword: &str) -> bool {
        let there = self.is(keyword);
        self.at += usize::from(there);
        there
    }

    fn keyword(&mut self, keyword: &str) -> Result<(), Failure> {
        if self.take(keyword) {
            Ok(())
        } else {
            Err(self.fault())
        }
    }

    fn sign(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, sign: &str) -> Result<(), Failure> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(self.fault())
        }
    }

    fn fault(&self) -> Failure {
        near(&self.peek().map_or("end of query".to_owned(), Token::shown))
    }

    fn word(&mut self) -> Result<String, Failure> {
        match self.next()? {
            Token::Word(word) => Ok(word),
            token => Err(near(&token.shown())),
        }
    }

    fn select(&mut self) -> Result<Select, Failure> {
        let first = self.word()?;
        if first.eq_ignore_ascii_case("count") && self.sign("(") {
            let column = self.word()?;
            self.expect(")")?;
            return Ok(Select::Count(format!("{first}({column})")));
        }
        let mut columns = vec![first];
        while self.sign(",") {
            columns.push(self.word()?);
        }
        Ok(Select::Columns(columns))
    }

    fn any(&mut self, depth: usize) -> Result<Condition, Failure> {
        let mut parts = vec![self.all(depth)?];
        while self.take("or") {
            parts.push(self.all(depth)?);
        }
        Ok(single(parts, Condition::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Condition, Failure> {
        let mut parts = vec![self.test(depth)?];
        while self.take("and") {
            parts.push(self.test(depth)?);
        }
        Ok(single(parts, Condition::All))
    }

    fn test(&mut self, depth: usize) -> Result<Condition, Failure> {
        if self.sign("(") {
            if depth >= MAX_DEPTH {
                return Err(near("("));
            }
            let inner = self.any(depth + 1)?;
            self.expect(")")?;
            return Ok(inner);
        }
        let column = self.word()?;
        if self.take("is") {
            let negated = self.take("not");
            self.keyword("null")?;
            return Ok(Condition::Test {
                column,
                operator: Operator::IsNull,
                negated,
                values: Vec::new(),
            });
        }
        let negated = self.take("not");
        if self.take("in") {
            self.expect("(")?;
            let mut values = vec![self.literal()?];
            while self.sign(",") {
                values.push(self.literal()?);
            }
            self.expect(")")?;
            return Ok(Condition::Test {
                column,
                operator: Operator::In,
                negated,
                values,
            });
        }
        if self.take("like") {
            let values = vec![self.literal()?];
            return Ok(Condition::Test {
                column,
                operator: Operator::Like,
                negated,
                values,
            });
        }
        if self.take("between") {
            let low = self.literal()?;
            self.keyword("and")?;
            let values = vec![low, self.literal()?];
            return Ok(Condition::Test {
                column,
                operator: Operator::Between,
                negated,
                values,
            });
        }
        if negated {
            return Err(self.fault());
        }
        let operator = self.operator()?;
        let values = vec![self.literal()?];
        Ok(Condition::Test {
            column,
            operator,
            negated: false,
            values,
        })
    }

    fn operator(&mut self) -> Result<Operator, Failure> {
        match self.next()? {
            Token::Sign("=") => Ok(Operator::Equal),
            Token::Sign("!=" | "<>") => Ok(Operator::NotEqual),
            Token::Sign("<") => Ok(Operator::Less),
            Token::Sign("<=") => Ok(Operator::AtMost),
            Token::Sign(">") => Ok(Operator::Greater),
            Token::Sign(">=") => Ok(Operator::AtLeast),
            token => Err(near(&token.shown())),
        }
    }

    fn literal(&mut self) -> Result<Literal, Failure> {
        match self.next()? {
            Token::Text(text) => Ok(Literal::Text(text)),
            Token::Number(number) => Ok(Literal::Number(number)),
            Token::Word(word) if word.eq_ignore_ascii_case("true") => Ok(Literal::Bool(true)),
            Token::Word(word) if word.eq_ignore_ascii_case("false") => Ok(Literal::Bool(false)),
            token => Err(near(&token.shown())),
        }
    }

    fn order(&mut self) -> Result<Vec<(String, bool)>, Failure> {
        self.keyword("by")?;
        let mut order = Vec::new();
        loop {
            let column = self.word()?;
            let descending = self.take("desc");
            if !descending {
                self.take("asc");
            }
            order.push((column, !descending));
            if !self.sign(",") {
                return Ok(order);
            }
        }
    }

    /// `limit n`, `limit n offset m` or `limit m, n`.
    fn limit(&mut self) -> Result<(Option<usize>, usize), Failure> {
        let first = self.number()?;
        if self.sign(",") {
            return Ok((Some(self.number()?), first));
        }
        let offset = if self.take("offset") {
            self.number()?
        } else {
            0
        };
        Ok((Some(first), offset))
    }

    fn number(&mut self) -> Result<usize, Failure> {
        match self.next()? {
            Token::Number(number) => number.parse().map_err(|_| near(&number)),
            token => Err(near(&token.shown())),
        }
    }
}

fn single(mut parts: Vec<Condition>, several: fn(Vec<Condition>) -> Condition) -> Condition {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, Some(last)) => {
            parts.push(last);
            several(parts)
        }
        (_, None) => several(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyset_page_query_is_understood() {
        let query = parse(
            "select id, Account_Name from Accounts where (Modified_Time > '2026-11-01T00:00:00+00:00') \
             or (Modified_Time = '2026-11-01T00:00:00+00:00' and id > 5725767000000600001) \
             order by Modified_Time asc, id asc limit 2000",
        )
        .unwrap();
        assert_eq!(query.limit, Some(2000));
        assert_eq!(
            query.order,
            [("Modified_Time".to_owned(), true), ("id".to_owned(), true)]
        );
        assert!(matches!(query.condition, Condition::Any(parts) if parts.len() == 2));
    }

    #[test]
    fn a_query_without_where_is_a_syntax_error() {
        assert!(parse("select id from Accounts").is_err());
        assert!(parse("select id from Accounts where id is not null limit 5, 10 garbage").is_err());
        assert!(parse("drop table Accounts").is_err());
    }
}
