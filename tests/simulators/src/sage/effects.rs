//! What an order does besides being there: it binds stock and credit.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{
    check::scaled,
    desk::Desk,
    sales::{Order, number, text},
};
use crate::data::{STOCK, filled};

impl Desk<'_> {
    /// Takes back what an order bound, and binds what it binds now. `None`: it is not there.
    pub fn rebind(&mut self, before: Option<&Order>, after: Option<&Order>) {
        for (order, sign) in [(before, -Decimal::ONE), (after, Decimal::ONE)] {
            let Some(order) = order.filter(|order| order.binds()) else {
                continue;
            };
            for ((item, warehouse), quantity) in bound(order) {
                self.add_to_stock(&item, &warehouse, "QuantityOnSalesOrder", quantity * sign);
            }
            self.add_to_customer(&order.customer(), "OpenOrderAmt", order.total() * sign);
        }
    }

    /// Adds to a quantity of an item in a warehouse.
    pub fn add_to_stock(&mut self, item: &str, warehouse: &str, column: &str, quantity: Decimal) {
        let row = self
            .company
            .sales
            .stock
            .entry((item.to_owned(), warehouse.to_owned()))
            .or_insert_with(|| filled(STOCK, &[("ItemCode", item), ("WarehouseCode", warehouse)]));
        let sum = number(row, column) + quantity;
        row.insert(column.to_owned(), scaled(sum, 6));
    }
}

/// What an order binds of regular items, in standard units.
pub fn bound(order: &Order) -> BTreeMap<(String, String), Decimal> {
    let mut bound = BTreeMap::new();
    for line in order
        .lines
        .iter()
        .filter(|line| text(line, "ItemType") == "1")
    {
        let open = number(line, "QuantityOrdered") - number(line, "QuantityShipped");
        let key = (
            text(line, "ItemCode").to_owned(),
            text(line, "WarehouseCode").to_owned(),
        );
        *bound.entry(key).or_default() += open * number(line, "UnitOfMeasureConvFactor");
    }
    bound
}
