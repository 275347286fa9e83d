//! People at Sage's screens: they change orders as they like, and Sage computes what follows.

use counterpart_domain::sale::OrderStatus;
use counterpart_domain::{Company, Value};
use rust_decimal::Decimal;

use super::sage::MemorySage;

impl MemorySage {
    /// A clerk adds a line.
    pub fn clerk_adds_line(
        &self,
        company: &Company,
        number: &str,
        item: &str,
        quantity: Decimal,
        unit_price: Decimal,
    ) {
        self.edit_row(company, number, |row| {
            let key = row.add_line(item, quantity, unit_price);
            row.set_line(&key, "PriceOverridden", Value::Flag(true));
        });
    }

    /// A clerk takes a line out, by its key.
    pub fn clerk_removes_line(&self, company: &Company, number: &str, key: &str) {
        self.edit_row(company, number, |row| {
            row.order.lines.retain(|line| line.key != key);
            row.lines.remove(key);
            row.compute();
        });
    }

    /// A clerk changes a column of a line: `QuantityOrdered`, `UnitPrice`, `LineDiscountPercent`, `CommentText`, a UDF.
    pub fn clerk_sets_line(
        &self,
        company: &Company,
        number: &str,
        key: &str,
        column: &str,
        value: Value,
    ) {
        self.edit_row(company, number, |row| {
            row.set_line(key, column, value);
            if column == "UnitPrice" {
                row.set_line(key, "PriceOverridden", Value::Flag(true));
            }
        });
    }

    /// A clerk changes a column of the header: `Comment`, `ShipVia`, `FreightAmt`, a UDF.
    pub fn clerk_sets_header(&self, company: &Company, number: &str, column: &str, value: Value) {
        self.edit_row(company, number, |row| row.set_header(column, value));
    }

    /// A clerk types over what stands in the reference column.
    pub fn clerk_types_over_mark(&self, company: &Company, number: &str, text: &str) {
        self.edit_order(company, number, |order| {
            text.clone_into(&mut order.reference);
        });
    }

    /// A clerk releases an order that is on hold.
    pub fn clerk_releases(&self, company: &Company, number: &str) {
        self.edit_row(company, number, |row| {
            row.set_header("OrderStatus", Value::text("O"));
            row.order.status = OrderStatus::Open;
        });
    }
}
