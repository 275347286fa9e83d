//! What is wrong with a record, in words that a sales person can act on.

use std::borrow::Cow;

use counterpart_domain::{Class, Entity, Fault, bounded};

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// A sale's.
    Sale,
    /// An account's, a contact's: a record's that is written to this entity.
    Record(Entity),
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
    pub(super) fn code(self, wrong: Wrong) -> Cow<'static, str> {
        let (of_sale, of_record) = match wrong {
            Wrong::Missing => ("E_ORDER_FIELD_MISSING", "FIELD_MISSING"),
            Wrong::TooLong => ("E_ORDER_TOO_LONG", "TOO_LONG"),
            Wrong::Unknown => ("E_ORDER_VALUE_UNKNOWN", "VALUE_UNKNOWN"),
            Wrong::Invalid => ("E_ORDER_VALUE_INVALID", "VALUE_INVALID"),
        };
        match self {
            Self::Sale => of_sale.into(),
            Self::Record(entity) => {
                format!("E_{}_{of_record}", entity.name().to_ascii_uppercase()).into()
            }
        }
    }

    /// As it is called in a sentence.
    pub(super) fn name(self) -> Cow<'static, str> {
        match self {
            Self::Sale => "the sale".into(),
            Self::Record(entity) => format!("the {}", entity.spec().in_crm).into(),
        }
    }
}

/// Collects what is wrong, so that one reading names all of it.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, code: impl Into<Cow<'static, str>>, message: String) {
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
