//! The business objects that are written, and which of their columns Sage computes.

use super::{check::Source, entities::ENTITIES, lines, orders};
use crate::data::Column;

/// Whether Sage computes a column of a table.
pub fn is_read_only(columns: &[Column], name: &str) -> bool {
    ENTITIES
        .iter()
        .map(|entity| entity.source)
        .chain([orders::SOURCE, lines::SOURCE])
        .find(|source| source.columns == columns)
        .is_some_and(|source| source.is_read_only(name))
}

/// SO_SalesOrder_bus.
pub fn order_source() -> Source {
    orders::SOURCE
}

/// SO_SalesOrderDetail_bus.
pub fn line_source() -> Source {
    lines::SOURCE
}
