//! How a table's columns become a typed struct that also answers by Sage's column names.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::{Class, Fault, SageKey, Value, bounded};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text; Sage pads and cuts, and the length differs by version: the agent names the real one.
    Text,
    /// A decimal number.
    Number,
    /// `Y` or `N`.
    Flag,
    /// `YYYYMMDD`, or blank.
    Date,
}

/// One column of a canonical record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Sage's name.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
}

/// The longest text that is kept of one column.
const LONGEST_TEXT: usize = 4_000;
/// The most UDFs that are kept of one record.
const MOST_UDFS: usize = 200;

pub(super) fn invalid(key: &SageKey, problems: &[String]) -> Fault {
    Fault::new(
        Class::Data,
        "E_SAGE_RECORD_INVALID",
        format!("Sage 100 sent a {} that cannot be read: {key}.", key.entity),
    )
    .with_detail(problems.join("; "))
}

/// Reads columns one by one and collects what is wrong.
pub(super) struct Reader<'a> {
    pub(super) columns: &'a BTreeMap<String, String>,
    pub(super) problems: Vec<String>,
}

/// A Rust type that one kind of column is kept in.
pub(super) trait Column: Default {
    const KIND: ColumnKind;
    fn read(text: &str) -> Option<Self>;
    fn value(&self) -> Value;
}

impl Column for String {
    const KIND: ColumnKind = ColumnKind::Text;
    fn read(text: &str) -> Option<Self> {
        (text.chars().count() <= LONGEST_TEXT).then(|| text.to_owned())
    }
    fn value(&self) -> Value {
        Value::text(self.as_str())
    }
}

impl Column for Option<Decimal> {
    const KIND: ColumnKind = ColumnKind::Number;
    fn read(text: &str) -> Option<Self> {
        text.trim().parse().ok().map(Some)
    }
    fn value(&self) -> Value {
        self.map_or(Value::Blank, Value::Number)
    }
}

impl Column for bool {
    const KIND: ColumnKind = ColumnKind::Flag;
    fn read(text: &str) -> Option<Self> {
        match text {
            "Y" => Some(true),
            "N" => Some(false),
            _ => None,
        }
    }
    fn value(&self) -> Value {
        Value::Flag(*self)
    }
}

impl Column for Option<Date> {
    const KIND: ColumnKind = ColumnKind::Date;
    fn read(text: &str) -> Option<Self> {
        let date = (text.len() == 8).then(|| Date::strptime("%Y%m%d", text).ok())??;
        // Sage Premium's blank date.
        Some((date.year() > 1753).then_some(date))
    }
    fn value(&self) -> Value {
        self.map_or(Value::Blank, Value::Date)
    }
}

impl Reader<'_> {
    pub(super) fn column<T: Column>(&mut self, name: &str) -> T {
        // ODBC text is padded with spaces on the right; leading spaces belong to the value.
        let text = self
            .columns
            .get(name)
            .map_or("", |text| text.trim_end_matches([' ', '\0']));
        if text.is_empty() {
            return T::default();
        }
        T::read(text).unwrap_or_else(|| {
            let shown = bounded(text.to_owned(), 40);
            self.problems.push(format!("{name} holds {shown:?}"));
            T::default()
        })
    }

    pub(super) fn udfs(&mut self) -> BTreeMap<String, String> {
        let udfs: BTreeMap<_, _> = self
            .columns
            .iter()
            .filter(|(name, _)| name.starts_with("UDF_"))
            .map(|(name, text)| (name.clone(), text.trim_end_matches([' ', '\0']).to_owned()))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        if udfs.len() > MOST_UDFS {
            self.problems
                .push(format!("{} UDFs, at most {MOST_UDFS} are kept", udfs.len()));
        }
        if let Some((name, _)) = udfs
            .iter()
            .find(|(_, text)| text.chars().count() > LONGEST_TEXT)
        {
            self.problems
                .push(format!("{name} is longer than {LONGEST_TEXT} characters"));
        }
        udfs
    }
}

/// Declares a canonical record: `"Column" => field: Type` per line.
macro_rules! table {
    ($(#[$meta:meta])* $table:ident { $($column:literal => $field:ident : $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $table {
            $(
                #[doc = concat!("`", $column, "`.")]
                #[serde(rename = $column, skip_serializing_if = "crate::record::columns::is_default")]
                pub $field: $type,
            )*
            /// User-defined fields that are not blank, by column name (`UDF_…`).
            #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
            pub udf: std::collections::BTreeMap<String, String>,
        }

        impl $table {
            /// Its columns, in the table's order.
            pub const COLUMNS: &'static [crate::record::ColumnSpec] = &[
                $(crate::record::ColumnSpec {
                    name: $column,
                    kind: <$type as crate::record::columns::Column>::KIND,
                },)*
            ];

            pub(super) fn from_columns(
                key: &crate::SageKey,
                columns: &std::collections::BTreeMap<String, String>,
            ) -> Result<Self, crate::Fault> {
                let mut reader = crate::record::columns::Reader { columns, problems: Vec::new() };
                let record = Self {
                    $($field: reader.column($column),)*
                    udf: reader.udfs(),
                };
                if reader.problems.is_empty() {
                    Ok(record)
                } else {
                    Err(crate::record::columns::invalid(key, &reader.problems))
                }
            }

            /// The value of a column or UDF, by Sage's name. A UDF that is blank in this record is [`Value::Blank`].
            #[must_use]
            pub fn get(&self, column: &str) -> Option<crate::Value> {
                match column {
                    $($column => Some(crate::record::columns::Column::value(&self.$field)),)*
                    _ => self.udf.get(column).map(|text| crate::Value::text(text.as_str())),
                }
            }
        }
    };
}
pub(super) use table;

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
