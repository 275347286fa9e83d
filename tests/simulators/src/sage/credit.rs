//! What a customer owes, and what is left of the limit.

use rust_decimal::Decimal;

use super::{check::scaled, desk::Desk, entities::CUSTOMERS, sales::number};
use crate::data::Values;

/// What is due: the current balance and what has aged.
pub fn due(customer: &Values) -> Decimal {
    [
        "CurrentBalance",
        "AgingCategory1",
        "AgingCategory2",
        "AgingCategory3",
        "AgingCategory4",
    ]
    .iter()
    .map(|column| number(customer, column))
    .sum()
}

impl Desk<'_> {
    /// Adds to an amount of a customer. The stamp stays: entering orders and posting invoices writes the
    /// amounts without it.
    pub fn add_to_customer(&mut self, key: &str, column: &str, amount: Decimal) {
        let table = self.company.table_mut(&CUSTOMERS);
        if let Some(mut row) = table.get(key).cloned() {
            let sum = number(&row.fields, column) + amount;
            row.fields.insert(column.to_owned(), scaled(sum, 2));
            table.put(row);
        }
    }
}
