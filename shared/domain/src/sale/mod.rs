//! A sale on its way from a CRM to Sage 100, and what Sage holds of it: canonical, free of either side's wire format.

mod catalog;
mod code;
mod order;
mod reference;
mod tables;
mod unit;

pub use catalog::{CustomerCredit, Item, ItemPrice, ItemStock, ItemType};
pub use code::{
    bare_code, code, is_code_column, is_same_code, is_unseen, named_character, stranger_in,
};
pub use order::{
    CurrencyNote, LineChange, NewCustomer, OrderChange, OrderFile, OrderStatus, SaleCustomer,
    SaleLine, SaleOrder, SalesOrder, SalesOrderLine, cents, extension, is_address,
};
pub use reference::{Reference, ReferenceError};
pub use tables::{ORDER_HEADER, ORDER_LINE};
pub use unit::is_same_unit;
