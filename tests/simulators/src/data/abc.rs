//! Company ABC, "ABC Distribution and Service Corp.": the demo company that ships with Sage 100.

use super::{CompanyData, SalesData, items, orders};

/// ABC: its name, and what it sells.
pub fn company() -> CompanyData {
    CompanyData {
        code: "ABC",
        name: "ABC Distribution and Service Corp.",
        sales: SalesData {
            stock: items::stock(),
            price_codes: items::price_codes(),
            orders: orders::open(),
            history: orders::history(),
            invoices: orders::invoices(),
        },
    }
}
