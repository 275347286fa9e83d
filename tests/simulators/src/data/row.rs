//! A Sage record as the agent keeps it.

use std::collections::BTreeMap;

use super::columns::{AUDIT, Column, Kind};

/// When a record was last changed, as Sage writes it: server-local, without zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// `YYYYMMDD`.
    pub date: String,
    /// Decimal hours, text: `9.25000`, `15.5`.
    pub time: String,
}

impl Stamp {
    /// A stamp from its two texts.
    pub fn new(date: impl Into<String>, time: impl Into<String>) -> Self {
        Self {
            date: date.into(),
            time: time.into(),
        }
    }

    /// Decimal hours of a time of day, with five decimals and zero or one leading digit
    /// stripped, as the reference shows it.
    pub fn hours(seconds_of_day: i64) -> String {
        let scaled = seconds_of_day.saturating_mul(100_000) / 3600;
        format!("{}.{:05}", scaled / 100_000, scaled % 100_000)
    }

    /// The time as a number: millionths of an hour. `None` if the text is no decimal number.
    pub fn time_number(text: &str) -> Option<i64> {
        let text = text.trim();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if whole.is_empty() && fraction.is_empty() || whole.len() > 4 || fraction.len() > 12 {
            return None;
        }
        if !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit())
        {
            return None;
        }
        let whole: i64 = if whole.is_empty() {
            0
        } else {
            whole.parse().ok()?
        };
        let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
        whole
            .checked_mul(1_000_000)?
            .checked_add(digits.parse().ok()?)
    }
}

/// A record: key, stamp and every column of its table as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The key without company: `01-ABF`, `01-ABF/ARTIE JOHN`, `01-0100`.
    pub key: String,
    /// When it was last changed.
    pub stamp: Stamp,
    /// Values by column name; blank is the empty text.
    pub fields: Values,
}

impl Row {
    /// A record of a table: all columns blank (decimals zero) but the given ones.
    pub fn new(
        columns: &[Column],
        key: String,
        stamp: Stamp,
        created: &Stamp,
        values: &[(&str, &str)],
    ) -> Self {
        let mut fields: BTreeMap<String, String> = columns
            .iter()
            .map(|column| (column.name.to_owned(), blank(column.kind)))
            .chain(
                AUDIT
                    .iter()
                    .map(|column| (column.name.to_owned(), String::new())),
            )
            .collect();
        for (name, value) in values {
            fields.insert((*name).to_owned(), (*value).to_owned());
        }
        fields.insert("DateCreated".to_owned(), created.date.clone());
        fields.insert("TimeCreated".to_owned(), created.time.clone());
        fields.insert("UserCreatedKey".to_owned(), "0000000003".to_owned());
        let mut row = Self {
            key,
            stamp: stamp.clone(),
            fields,
        };
        row.touch(stamp, "0000000003");
        row
    }

    /// Sets the stamp, in both places that show it.
    pub fn touch(&mut self, stamp: Stamp, user_key: &str) {
        self.fields
            .insert("DateUpdated".to_owned(), stamp.date.clone());
        self.fields
            .insert("TimeUpdated".to_owned(), stamp.time.clone());
        self.fields
            .insert("UserUpdatedKey".to_owned(), user_key.to_owned());
        self.stamp = stamp;
    }
}

/// Values by column name; blank is the empty text.
pub type Values = BTreeMap<String, String>;

/// The values of a record of a table: all columns blank (decimals zero) but the given ones.
pub fn filled(columns: &[Column], values: &[(&str, &str)]) -> Values {
    let blanks = columns
        .iter()
        .map(|column| (column.name.to_owned(), blank(column.kind)));
    let given = values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    blanks.chain(given).collect()
}

/// What an empty column of a type shows.
pub fn blank(kind: Kind) -> String {
    match kind {
        Kind::Text(_) | Kind::Memo | Kind::Date => String::new(),
        Kind::Decimal(_, 0) => "0".to_owned(),
        Kind::Decimal(_, scale) => format!("0.{}", "0".repeat(scale as usize)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_updated_is_compared_as_a_number_not_as_text() {
        assert!(Stamp::time_number("9.5") < Stamp::time_number("15.2"));
        assert_eq!(Stamp::time_number("15.5"), Stamp::time_number("15.50000"));
        assert_eq!(Stamp::time_number("8.49238"), Some(8_492_380));
        assert_eq!(Stamp::time_number("noon"), None);
        assert_eq!(Stamp::time_number(""), None);
    }

    #[test]
    fn half_past_three_is_fifteen_and_a_half() {
        assert_eq!(Stamp::hours(15 * 3600 + 1800), "15.50000");
        assert_eq!(Stamp::hours(8 * 3600 + 29 * 60 + 32), "8.49222");
    }
}
