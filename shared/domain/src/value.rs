//! Typed field values, and the map of fields that both sides of a comparison share.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One field's value, independent of either system's wire format.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// Blank: Sage's empty text, a CRM's null.
    Blank,
    /// Text; never empty (an empty text is [`Value::Blank`]).
    Text(String),
    /// A decimal number. Money is never a float.
    Number(Decimal),
    /// A yes or no.
    Flag(bool),
    /// A calendar date without zone.
    Date(Date),
    /// A reference to another record of the same CRM (an owner, a parent account), by its id.
    Reference(String),
}

impl Value {
    /// Text, or blank when it is empty.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::Blank
        } else {
            Self::Text(text)
        }
    }

    /// As Sage holds it in text: flags `Y` and `N`, dates `YYYYMMDD`, numbers with a point and without zeros behind it.
    #[must_use]
    pub fn in_sage(&self) -> String {
        match self {
            Self::Blank => String::new(),
            Self::Text(text) | Self::Reference(text) => text.clone(),
            Self::Number(number) => number.normalize().to_string(),
            Self::Flag(flag) => if *flag { "Y" } else { "N" }.to_owned(),
            Self::Date(date) => date.strftime("%Y%m%d").to_string(),
        }
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_blank(&self) -> bool {
        matches!(self, Self::Blank)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => Ok(()),
            Self::Text(text) | Self::Reference(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Flag(flag) => f.write_str(if *flag { "true" } else { "false" }),
            Self::Date(date) => date.fmt(f),
        }
    }
}

/// Field name to value, in the target's own field names. Ordered, so that hashes and requests repeat.
pub type Fields = BTreeMap<String, Value>;
