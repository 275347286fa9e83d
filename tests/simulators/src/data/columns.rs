//! Columns and lengths of the Sage 100 tables that the agent serves (2023 lengths).
//! Card fields, encrypted values and tax numbers are left out: an agent never reads them.

/// The type of a column, as the agent's capabilities name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text of at most so many characters.
    Text(u32),
    /// Text without a stated limit.
    Memo,
    /// Decimal: precision and scale.
    Decimal(u32, u32),
    /// Date as `YYYYMMDD`.
    Date,
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Sage's column name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
}

/// A text of at most so many characters.
pub const fn text(name: &'static str, length: u32) -> Column {
    Column {
        name,
        kind: Kind::Text(length),
    }
}

/// An amount of money.
pub const fn money(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Decimal(13, 2),
    }
}

/// A rate, in percent.
pub const fn rate(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Decimal(8, 3),
    }
}

/// A day.
pub const fn date(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Date,
    }
}

/// A number with so many digits in all, and so many after the point.
pub const fn decimal(name: &'static str, precision: u32, scale: u32) -> Column {
    Column {
        name,
        kind: Kind::Decimal(precision, scale),
    }
}

/// A text without a stated limit.
pub const fn memo(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Memo,
    }
}

/// The audit columns that every table has. They are no content: digests leave them out.
pub const AUDIT: &[Column] = &[
    date("DateCreated"),
    text("TimeCreated", 8),
    text("UserCreatedKey", 10),
    date("DateUpdated"),
    text("TimeUpdated", 8),
    text("UserUpdatedKey", 10),
];
