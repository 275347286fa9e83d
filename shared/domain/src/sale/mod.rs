//! A sale on its way from a CRM to Sage 100, and what Sage holds of it: canonical, free of either side's wire format.

mod catalog;
mod change;
mod order;
mod reference;
mod tables;
mod total;

pub use catalog::{CustomerCredit, Item, ItemPrice, ItemStock, ItemType};
pub use change::{LineChange, OrderChange, is_address};
pub use order::{
    CurrencyNote, NewCustomer, OrderFile, OrderStatus, SaleCustomer, SaleLine, SaleOrder,
    SalesOrder, SalesOrderLine,
};
pub use reference::{Reference, ReferenceError};
pub use tables::{ORDER_HEADER, ORDER_LINE};
pub use total::cents;
