//! The types of values.

use counterpart_domain::ColumnKind;

/// The type of a value. The kinds are those of Sage's columns; a blank is a value of each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// A text, number, flag or date.
    One(ColumnKind),
    /// A list of such.
    List(ColumnKind),
    /// `null` alone.
    Null,
}
