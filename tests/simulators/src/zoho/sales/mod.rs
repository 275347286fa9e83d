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

/// The fields in which the integration tells how a sale stands in Sage.
const SAGE_ORDER_NO: Field = Field::new("Sage_Order_No", Kind::Text, 20).custom();
const SAGE_STATUS: Field = Field::new("Sage_Status", Kind::Text, 40).custom();
const SAGE_STATUS_TEXT: Field = Field::new("Sage_Status_Text", Kind::Text, 255).custom();
const SAGE_TOTAL: Field = Field::new("Sage_Total", Kind::Currency, 16).custom();
const SAGE_INVOICE_NO: Field = Field::new("Sage_Invoice_No", Kind::Text, 20).custom();
const RECORD_STATUS: Field = Field::new(
    "Record_Status__s",
    Kind::Picklist(&["Available", "Trash", "Draft"]),
    120,
)
.read_only();
