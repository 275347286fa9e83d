//! What is wrong with a record, in words that a sales person can act on.

use counterpart_domain::{Class, Fault, bounded};

/// Whose fault it is: a sale's, an account's, a contact's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Sale,
    Customer,
    Contact,
}

/// What can be wrong with one column's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It has to be there.
    Missing,
    /// It is longer than Sage's column.
    TooLong,
    /// It is in no line of the table of values.
    Unknown,
    /// It cannot be read as what the column holds.
    Invalid,
}

impl Subject {
    pub(super) const fn code(self, wrong: Wrong) -> &'static str {
        match (self, wrong) {
            (Self::Sale, Wrong::Missing) => "E_ORDER_FIELD_MISSING",
            (Self::Sale, Wrong::TooLong) => "E_ORDER_TOO_LONG",
            (Self::Sale, Wrong::Unknown) => "E_ORDER_VALUE_UNKNOWN",
            (Self::Sale, Wrong::Invalid) => "E_ORDER_VALUE_INVALID",
            (Self::Customer, Wrong::Missing) => "E_CUSTOMER_FIELD_MISSING",
            (Self::Customer, Wrong::TooLong) => "E_CUSTOMER_TOO_LONG",
            (Self::Customer, Wrong::Unknown) => "E_CUSTOMER_VALUE_UNKNOWN",
            (Self::Customer, Wrong::Invalid) => "E_CUSTOMER_VALUE_INVALID",
            (Self::Contact, Wrong::Missing) => "E_CONTACT_FIELD_MISSING",
            (Self::Contact, Wrong::TooLong) => "E_CONTACT_TOO_LONG",
            (Self::Contact, Wrong::Unknown) => "E_CONTACT_VALUE_UNKNOWN",
            (Self::Contact, Wrong::Invalid) => "E_CONTACT_VALUE_INVALID",
        }
    }

    /// As it is called in a sentence.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sale => "the sale",
            Self::Customer => "the account",
            Self::Contact => "the contact",
        }
    }
}

/// Collects what is wrong, so that one reading names all of it.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, code: &'static str, message: String) {
        let fault = Fault::new(Class::Data, code, message);
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }

    /// Nothing is wrong; else the first as it is, and the others in its detail.
    pub(super) fn into_result(self) -> Result<(), Fault> {
        let others: Vec<String> = self.0.iter().skip(1).map(Fault::to_string).collect();
        match self.0.into_iter().next() {
            None => Ok(()),
            Some(first) if others.is_empty() => Err(first),
            Some(first) => Err(first.with_detail(others.join("; "))),
        }
    }
}

/// A value from outside, quoted and short enough for a sentence.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", bounded(text.to_owned(), 60))
}
