//! A sale on its way from a CRM to Sage 100, and what Sage holds of it: canonical, free of either side's wire format.

mod catalog;
mod order;
mod reference;

pub use catalog::{CustomerCredit, Item, ItemPrice, ItemStock, ItemType};
pub use order::{
    CurrencyNote, NewCustomer, OrderFile, OrderStatus, SaleCustomer, SaleLine, SaleOrder,
    SalesOrder, SalesOrderLine,
};
pub use reference::{Reference, ReferenceError};
