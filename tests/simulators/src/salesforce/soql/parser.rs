//! From tokens to a query.

use super::{
    cursor::Parser,
    fault::malformed,
    lexer::Token,
    syntax::{Condition, Literal, LiteralValue, Name, Operator, Order, Query, Select},
};
use crate::salesforce::errors::Fail;

/// How deep parentheses may nest.
const MAX_DEPTH: usize = 25;
const AGGREGATES: &[&str] = &["COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"];
/// Words that end a clause and so are no alias.
const KEYWORDS: &[&str] = &[
    "from", "where", "order", "group", "limit", "offset", "having", "with", "for", "using", "all",
    "and", "or", "not",
];

/// Parses a query.
///
/// # Errors
/// MALFORMED_QUERY with the place of the fault.
pub fn parse(text: &str) -> Result<Query, Fail> {
    let mut parser = Parser::new(text)?;
    if parser.peek().is_none() {
        return Err(Fail::new(
            400,
            "MALFORMED_QUERY",
            "unexpected token: '<EOF>'",
        ));
    }
    let query = parser.query(0)?;
    if parser.peek().is_some() {
        return Err(parser.unexpected());
    }
    Ok(query)
}

impl Parser<'_> {
    fn query(&mut self, depth: usize) -> Result<Query, Fail> {
        self.keyword("select")?;
        let mut select = vec![self.select(depth)?];
        while self.sign(",") {
            select.push(self.select(depth)?);
        }
        self.keyword("from")?;
        let from = self.name()?;
        let condition = if self.take("where") {
            Some(self.any(depth)?)
        } else {
            None
        };
        let mut group = Vec::new();
        if self.take("group") {
            self.keyword("by")?;
            group.push(self.name()?);
            while self.sign(",") {
                group.push(self.name()?);
            }
        }
        let order = if self.take("order") {
            self.order()?
        } else {
            Vec::new()
        };
        let limit = if self.take("limit") {
            Some(self.count()?)
        } else {
            None
        };
        let offset = if self.take("offset") {
            self.count()?
        } else {
            0
        };
        Ok(Query {
            select,
            from,
            condition,
            group,
            order,
            limit,
            offset,
        })
    }

    fn select(&mut self, depth: usize) -> Result<Select, Fail> {
        if self.sign("(") {
            if depth > 0 {
                return Err(self.unexpected());
            }
            let children = self.query(depth + 1)?;
            self.expect(")")?;
            return Ok(Select::Children(Box::new(children)));
        }
        let name = self.name()?;
        if !self.sign("(") {
            return Ok(Select::Field(name, self.alias()));
        }
        let function = name.text.to_uppercase();
        if function == "COUNT" && self.sign(")") {
            return Ok(Select::Count);
        }
        let field = self.name()?;
        self.expect(")")?;
        match function.as_str() {
            "FIELDS" => Ok(Select::Fields(field)),
            _ if AGGREGATES.contains(&function.as_str()) => {
                Ok(Select::Aggregate(function, field, self.alias()))
            }
            _ => Err(malformed(
                self.text,
                name.at,
                &format!("Unknown function '{}'", name.text),
            )),
        }
    }

    fn alias(&mut self) -> Option<String> {
        let alias = match self.peek() {
            Some(Token::Word(word)) if !KEYWORDS.contains(&word.to_lowercase().as_str()) => {
                word.clone()
            }
            _ => return None,
        };
        self.at += 1;
        Some(alias)
    }

    /// AND and OR may not stand side by side without parentheses.
    fn any(&mut self, depth: usize) -> Result<Condition, Fail> {
        let first = self.test(depth)?;
        let word = match (self.is("and"), self.is("or")) {
            (true, _) => "and",
            (_, true) => "or",
            _ => return Ok(first),
        };
        let mut parts = vec![first];
        while self.take(word) {
            parts.push(self.test(depth)?);
        }
        if self.is("and") || self.is("or") {
            return Err(self.unexpected());
        }
        Ok(if word == "and" {
            Condition::All(parts)
        } else {
            Condition::Any(parts)
        })
    }

    fn test(&mut self, depth: usize) -> Result<Condition, Fail> {
        if depth > MAX_DEPTH {
            return Err(self.unexpected());
        }
        if self.take("not") {
            return Ok(Condition::Not(Box::new(self.test(depth + 1)?)));
        }
        if self.sign("(") {
            let inner = self.any(depth + 1)?;
            self.expect(")")?;
            return Ok(inner);
        }
        let field = self.name()?;
        let negated = self.take("not");
        if self.take("in") {
            return self.list(field, negated, depth);
        }
        if negated {
            return Err(self.unexpected());
        }
        let operator = if self.take("like") {
            Operator::Like
        } else {
            self.operator()?
        };
        let values = vec![self.literal()?];
        Ok(Condition::Test {
            field,
            operator,
            values,
        })
    }

    fn list(&mut self, field: Name, negated: bool, depth: usize) -> Result<Condition, Fail> {
        self.expect("(")?;
        if self.is("select") {
            let query = Box::new(self.query(depth + 1)?);
            self.expect(")")?;
            return Ok(Condition::Within {
                field,
                negated,
                query,
            });
        }
        let mut values = vec![self.literal()?];
        while self.sign(",") {
            values.push(self.literal()?);
        }
        self.expect(")")?;
        let operator = if negated {
            Operator::NotIn
        } else {
            Operator::In
        };
        Ok(Condition::Test {
            field,
            operator,
            values,
        })
    }

    fn operator(&mut self) -> Result<Operator, Fail> {
        let operator = match self.peek() {
            Some(Token::Sign("=")) => Operator::Equal,
            Some(Token::Sign("!=" | "<>")) => Operator::NotEqual,
            Some(Token::Sign("<")) => Operator::Less,
            Some(Token::Sign("<=")) => Operator::AtMost,
            Some(Token::Sign(">")) => Operator::Greater,
            Some(Token::Sign(">=")) => Operator::AtLeast,
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(operator)
    }

    fn literal(&mut self) -> Result<Literal, Fail> {
        let at = self.place();
        let value = match self.peek() {
            Some(Token::Text(text, pattern)) => LiteralValue::Text(text.clone(), pattern.clone()),
            Some(Token::Number(number)) => LiteralValue::Number(number.clone()),
            Some(Token::Word(word)) => match word.to_uppercase().as_str() {
                "TRUE" => LiteralValue::Bool(true),
                "FALSE" => LiteralValue::Bool(false),
                "NULL" => LiteralValue::Null,
                _ => return self.date_literal(),
            },
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(Literal { value, at })
    }

    fn date_literal(&mut self) -> Result<Literal, Fail> {
        let name = self.name()?;
        let upper = name.text.to_uppercase();
        let count = if upper.contains("_N_") {
            self.expect(":")?;
            Some(i64::try_from(self.count()?).unwrap_or(i64::MAX))
        } else {
            None
        };
        if super::dates::range(&upper, count, 0).is_none() {
            return Err(malformed(
                self.text,
                name.at,
                &format!(
                    "Bind variables only allowed in Apex code or unexpected token: '{}'",
                    name.text
                ),
            ));
        }
        Ok(Literal {
            value: LiteralValue::Date(upper, count),
            at: name.at,
        })
    }

    fn order(&mut self) -> Result<Vec<Order>, Fail> {
        self.keyword("by")?;
        let mut order = Vec::new();
        loop {
            let field = self.name()?;
            let descending = self.take("desc");
            if !descending {
                self.take("asc");
            }
            let mut nulls_last = false;
            if self.take("nulls") {
                nulls_last = self.take("last");
                if !nulls_last {
                    self.keyword("first")?;
                }
            }
            order.push(Order {
                field,
                descending,
                nulls_last,
            });
            if !self.sign(",") {
                return Ok(order);
            }
        }
    }

    fn count(&mut self) -> Result<usize, Fail> {
        let count = match self.peek() {
            Some(Token::Number(number)) => number.parse().ok(),
            _ => None,
        };
        let count = count.ok_or_else(|| self.unexpected())?;
        self.at += 1;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyset_page_query_is_understood() {
        let query = parse(
            "select Id, Account.Owner.Email from Contact where (SystemModstamp > 2026-11-01T00:00:00Z \
             or (SystemModstamp = 2026-11-01T00:00:00Z and Id > '0035e0000000001AAA')) and AccountId != null \
             order by SystemModstamp asc nulls last, Id desc limit 2000 offset 5",
        )
        .unwrap();
        assert_eq!(
            (query.limit, query.offset, query.select.len()),
            (Some(2000), 5, 2)
        );
        assert!(query.order[0].nulls_last && query.order[1].descending);
        assert!(matches!(query.condition, Some(Condition::All(parts)) if parts.len() == 2));
    }

    #[test]
    fn what_is_no_query_tells_its_place() {
        let message = |query| parse(query).unwrap_err().message;
        assert!(message("SELECT Id FROM").contains("unexpected token: '<EOF>'"));
        assert!(
            message("SELECT Id FROM Account WHERE Name IS NULL")
                .contains("Row:1:Column:35\nunexpected token: 'IS'")
        );
        assert!(parse("SELECT Id FROM Account WHERE A = 1 AND B = 2 OR C = 3").is_err());
        assert!(parse("SELECT * FROM Account").is_err());
        assert!(parse("DELETE FROM Account").is_err());
    }
}
