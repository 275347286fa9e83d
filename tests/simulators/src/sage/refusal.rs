//! What a business object says when it does not do what it is told.

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A code that no table knows: item, zip code, terms, customer of an order.
    NotOnFile,
    /// There is no record with this key.
    NoRecord,
    /// A text is longer than its column.
    TooLong,
    /// A key is in use.
    Exists,
    /// A value that the column does not take.
    Invalid,
    /// A column that has to be filled is blank.
    Required,
    /// A column that Sage computes.
    ReadOnly,
    /// The table has no such column.
    UnknownColumn,
    /// Another user has the record.
    Locked,
}

/// A refusal. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// The business object: `AR_Customer_bus`.
    pub object: &'static str,
    /// The column at fault.
    pub column: Option<String>,
    /// The line of an order at fault, from 1.
    pub line: Option<usize>,
    /// What it says of the value, without object and column.
    pub message: String,
    /// A code that a person set at the door, in the place of the usual one.
    pub code: Option<String>,
}

impl Refusal {
    /// A refusal that concerns a record as a whole.
    pub fn record(reason: Reason, object: &'static str, message: impl Into<String>) -> Self {
        Self {
            reason,
            object,
            column: None,
            line: None,
            message: message.into(),
            code: None,
        }
    }

    /// A refusal of one value.
    pub fn value(
        reason: Reason,
        object: &'static str,
        column: &str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            column: Some(column.to_owned()),
            ..Self::record(reason, object, message)
        }
    }

    /// The same, of a line.
    pub fn in_line(self, line: usize) -> Self {
        Self {
            line: Some(line),
            ..self
        }
    }
}
