//! Query strings: repeated names are allowed, unknown and doubled ones are errors.

use percent_encoding::percent_decode_str;

use super::errors::Failure;

/// Name and value of each parameter, decoded.
#[derive(Debug)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a raw query string.
    pub fn parse(raw: Option<&str>, known: &[&str]) -> Result<Self, Failure> {
        let mut pairs = Vec::new();
        for pair in raw.unwrap_or("").split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            if !known.contains(&name.as_str()) {
                return Err(Failure::bad_request(format!(
                    "There is no parameter {name}."
                )));
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// The one value of a name.
    pub fn one<'a>(&'a self, name: &'a str) -> Result<Option<&'a str>, Failure> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(Failure::bad_request(format!(
                "The parameter {name} is given twice."
            )));
        }
        Ok(first)
    }

    /// All values of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A number within bounds.
    pub fn number(&self, name: &str, default: usize, most: usize) -> Result<usize, Failure> {
        let Some(text) = self.one(name)? else {
            return Ok(default);
        };
        match text.parse::<usize>() {
            Ok(number) if (1..=most).contains(&number) => Ok(number),
            _ => Err(Failure::bad_request(format!(
                "{name} is a number from 1 to {most}, not {text:?}."
            ))),
        }
    }
}

fn decoded(text: &str) -> Result<String, Failure> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced)
        .decode_utf8()
        .map_err(|_| Failure::bad_request("The query is not UTF-8."))?;
    Ok(decoded.into_owned())
}
