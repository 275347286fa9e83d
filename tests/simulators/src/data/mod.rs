//! What Sage holds at the start: documented demo records, invented ones, generated ones.

mod abc;
pub mod columns;
mod contacts;
mod customers;
mod item_columns;
mod items;
mod order_columns;
mod orders;
mod pools;
mod products;
pub mod reps;
mod rng;
mod row;
mod sales_codes;
mod words;
mod xyz;

pub use columns::{AUDIT, Column, Kind};
pub use customers::generate as generated;
pub use item_columns::{INVOICE, ITEM, PRICE_CODE, STOCK};
pub use items::items;
pub use order_columns::{ORDER, ORDER_HISTORY, ORDER_LINE};
pub use orders::OrderData;
pub use products::PRODUCTS;
pub use reps::crm_users;
pub use row::{Row, Stamp, Values, blank, filled};
pub use sales_codes::{PAYMENT_TYPES, TAX_SCHEDULES, TERMS, WAREHOUSES};

/// How much data, and from which seed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DataSet {
    /// Generated customers in company ABC, beside the documented ones.
    pub customers: u32,
    /// Seed of the generator.
    pub seed: u64,
}

/// One Sage company at the start, but for the records of its entities.
#[derive(Debug)]
pub struct CompanyData {
    /// The three-character company code.
    pub code: &'static str,
    /// The company's name.
    pub name: &'static str,
    /// Items, orders and what belongs to them.
    pub sales: SalesData,
}

/// What a company sells, and to whom it has sold.
#[derive(Debug, Default)]
pub struct SalesData {
    /// IM_ItemWarehouse.
    pub stock: Vec<Values>,
    /// IM_PriceCode.
    pub price_codes: Vec<Values>,
    /// SO_SalesOrderHeader and SO_SalesOrderDetail.
    pub orders: Vec<OrderData>,
    /// SO_SalesOrderHistoryHeader and its lines.
    pub history: Vec<OrderData>,
    /// AR_InvoiceHistoryHeader.
    pub invoices: Vec<Values>,
}

/// The companies: ABC and XYZ, always both.
pub fn companies() -> Vec<CompanyData> {
    vec![abc::company(), xyz::company()]
}
