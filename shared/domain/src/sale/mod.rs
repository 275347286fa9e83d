//! A sale on its way from a CRM to Sage 100, and what Sage holds of it: canonical, free of either side's wire format.

mod catalog;
mod order;
mod reference;
mod tables;

pub use catalog::{CustomerCredit, Item, ItemPrice, ItemStock, ItemType};
pub use order::{
    CurrencyNote, LineChange, NewCustomer, OrderChange, OrderFile, OrderStatus, SaleCustomer,
    SaleLine, SaleOrder, SalesOrder, SalesOrderLine, cents, is_address,
};
pub use reference::{Reference, ReferenceError};
pub use tables::{ORDER_HEADER, ORDER_LINE};
