//! A deal, made by a person at the CRM's screen.

use super::in_sage::SageOrder;
use super::kinds::deal_of;
use super::products::Line;
use super::record::Record;
use crate::error::{Result, ensure};
use crate::stack::crm::Crm;

/// What is sold.
pub const LINES: [Line; 2] = [
    Line::plain("8983", 2, "41.59"),
    Line::plain("1001-HON-H252", 3, "84.00"),
];
/// What that comes to.
const TOTAL: &str = "335.18";

/// Makes a deal with lines, not yet won.
///
/// # Errors
/// When the CRM refuses it, or lacks the products.
pub fn open(crm: &Crm, account: &str) -> Result<Record> {
    let name = "Printer stands and drives";
    Record::open(crm, deal_of(crm), account, name, &LINES)
}

/// Whether a Sage order is this deal: customer, items, quantities, prices, total.
///
/// # Errors
/// Says what is different.
pub fn is_in(order: &SageOrder, customer: &str) -> Result<()> {
    ensure(order.customer == customer, || {
        format!("the order is {}'s", order.customer)
    })?;
    let found = order.lines.iter().map(|line| {
        let one = line.amount.checked_div(line.quantity).unwrap_or_default();
        (line.item.clone(), line.quantity, one)
    });
    let found: Vec<_> = found.collect();
    let wanted = LINES.iter().map(|line| {
        let price = line.price.parse().unwrap_or_default();
        (line.item.to_owned(), line.quantity.into(), price)
    });
    let wanted: Vec<_> = wanted.collect();
    ensure(found == wanted, || {
        format!("the order's lines are {found:?}, not {wanted:?}")
    })?;
    ensure(order.total.to_string() == TOTAL, || {
        format!("the order comes to {}, not {TOTAL}", order.total)
    })
}
