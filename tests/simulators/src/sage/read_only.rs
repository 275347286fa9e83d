//! The business objects that are written, and which of their columns Sage computes.

use super::{check::Source, contacts, customers, lines, orders};
use crate::data::Column;

/// Whether Sage computes a column of one of the tables that are written.
pub fn is_read_only(columns: &[Column], name: &str) -> bool {
    let sources: [Source; 4] = [
        customers::SOURCE,
        contacts::SOURCE,
        orders::SOURCE,
        lines::SOURCE,
    ];
    sources
        .iter()
        .find(|source| source.columns == columns)
        .is_some_and(|source| source.is_read_only(name))
}

/// AR_Customer_bus.
pub fn customer_source() -> Source {
    customers::SOURCE
}

/// AR_CustomerContact_bus.
pub fn contact_source() -> Source {
    contacts::SOURCE
}

/// SO_SalesOrder_bus.
pub fn order_source() -> Source {
    orders::SOURCE
}

/// SO_SalesOrderDetail_bus.
pub fn line_source() -> Source {
    lines::SOURCE
}
