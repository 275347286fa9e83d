//! From entities that were sent to what the business objects take.

use super::contract::Data;
use crate::{
    data::{Column, Kind, Values},
    sage::{CONTACTS, CUSTOMERS, LineWrite, Source, is_flag, order_source},
};

/// Columns of texts that Sage never leaves blank: null leaves them as they are.
const KEPT: &[&str] = &[
    "CustomerStatus",
    "TermsCode",
    "StatementCycle",
    "DefaultPaymentType",
    "WarehouseCode",
    "PaymentTypeCategory",
    "FreightCalculationMethod",
];

/// What to do with what is null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// A new record: null and blank leave the column to Sage.
    Default,
    /// An update sends whole objects: a text that is null or missing blanks its column. Numbers and dates
    /// that are null are left as they are, and so are flags and codes that are never blank.
    Blank,
}

/// The columns of a customer that are named.
pub fn customer(data: &Data, nulls: Nulls) -> Values {
    named(
        data,
        CUSTOMERS.source,
        &["ARDivisionNo", "CustomerNo"],
        nulls,
    )
}

/// The columns of a contact that are named.
pub fn contact(data: &Data, nulls: Nulls) -> Values {
    let keys = ["ARDivisionNo", "CustomerNo", "ContactCode"];
    named(data, CONTACTS.source, &keys, nulls)
}

/// The columns of an order's header that are named.
pub fn order(data: &Data, nulls: Nulls) -> Values {
    let keys = ["SalesOrderNo", "ARDivisionNo", "CustomerNo"];
    named(data, order_source(), &keys, nulls)
}

/// The lines of an order; `None`: they are null.
pub fn lines(data: &Data, source: Source, nulls: Nulls) -> Option<Vec<LineWrite>> {
    let lines = data.lists.get("Lines")?;
    let writes = lines
        .iter()
        .map(|line| {
            let key = line.text("LineKey").trim();
            let mut values = named(line, source, &["SalesOrderNo", "LineKey"], nulls);
            let text = line.text("ExtDescriptionText");
            if !text.is_empty() {
                values.insert("ExtDescriptionText".to_owned(), text.to_owned());
            }
            let old = nulls == Nulls::Blank && !key.is_empty();
            LineWrite {
                key: old.then(|| key.to_owned()),
                values,
            }
        })
        .collect();
    Some(writes)
}

/// Columns that the table has and that are not read-only: those are ignored, so that what was read can be sent
/// back. OtherFields come last, and are set one by one.
fn named(data: &Data, source: Source, keys: &[&str], nulls: Nulls) -> Values {
    let mut values = Values::new();
    for (name, value) in &data.values {
        let Some(column) = source.column(name) else {
            continue;
        };
        if keys.contains(&name.as_str()) || source.is_read_only(name) {
            continue;
        }
        let value = value.as_deref().filter(|value| !value.is_empty());
        match value {
            Some(value) => values.insert(name.clone(), value.to_owned()),
            None if nulls == Nulls::Blank && blanks(data, name, column) => {
                values.insert(name.clone(), String::new())
            }
            None => None,
        };
    }
    for (name, value) in data.other_fields() {
        if !name.is_empty() && !source.is_read_only(&name) {
            values.insert(name, value);
        }
    }
    values
}

/// Whether a null or blank member blanks its column.
fn blanks(data: &Data, name: &str, column: &Column) -> bool {
    match column.kind {
        Kind::Text(_) | Kind::Memo => !is_flag(name) && !KEPT.contains(&name),
        // Only the contract's blank date blanks one.
        Kind::Date => data.values.get(name).is_some_and(Option::is_some),
        Kind::Decimal(..) => false,
    }
}
