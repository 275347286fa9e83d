//! Selling: deals, sales orders with their lines, products, price books.

mod deals;
mod lines;
mod orders;
mod products;
mod totals;

pub use deals::{DEALS, SALE_ITEMS};
pub use lines::Line;
pub use orders::{ORDERED_ITEMS, SALES_ORDERS};
pub use products::{PRICE_BOOKS, PRODUCTS, fill};
pub use totals::complete;

use super::schema::{Field, Kind};

const RECORD_STATUS: Field = Field::new(
    "Record_Status__s",
    Kind::Picklist(&["Available", "Trash", "Draft"]),
    120,
)
.read_only();
