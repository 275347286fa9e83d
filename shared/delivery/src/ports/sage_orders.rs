//! The Sage 100 side: what has to be known before an order is sent, and whether it is there already.

use counterpart_domain::sale::{CustomerCredit, Item, ItemPrice, ItemStock, Reference, SalesOrder};
use counterpart_domain::{AsOf, Company, Fault, SageKey};
use rust_decimal::Decimal;

/// Which orders are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderQuery {
    /// The one with this `SalesOrderNo`.
    Number(String),
    /// Those whose reference column holds this; the column's name goes along.
    Reference {
        /// The column: `CustomerPONo`, or a UDF.
        column: String,
        /// Our mark.
        reference: Reference,
    },
}

/// An answer with the order of its observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed<T> {
    /// Taken by the agent before it read.
    pub as_of: AsOf,
    /// What it saw.
    pub value: T,
}

/// Sage 100, as far as orders need to know it. Only an agent can answer: the SOAP service has no items, no stock, and does
/// not find an order that has been invoiced.
pub trait SageOrders {
    /// Orders, the history included: an invoiced order has left the open file. Empty when there are none.
    ///
    /// # Errors
    /// `E_SAGE_*` by class.
    async fn orders(
        &self,
        company: &Company,
        query: &OrderQuery,
        reference_column: &str,
    ) -> Result<Observed<Vec<SalesOrder>>, Fault>;

    /// Items, one answer per code, in order; none where there is no such item. At most 100 codes.
    ///
    /// # Errors
    /// `E_SAGE_*` by class.
    async fn items(&self, company: &Company, codes: &[String]) -> Result<Vec<Option<Item>>, Fault>;

    /// The stock of items in all their warehouses. At most 100 codes.
    ///
    /// # Errors
    /// `E_SAGE_*` by class.
    async fn stock(
        &self,
        company: &Company,
        codes: &[String],
    ) -> Result<Observed<Vec<ItemStock>>, Fault>;

    /// A customer's credit; none where there is no such customer.
    ///
    /// # Errors
    /// `E_SAGE_*` by class.
    async fn credit(&self, customer: &SageKey) -> Result<Option<CustomerCredit>, Fault>;

    /// What a customer pays for an item; none where customer or item does not exist.
    ///
    /// # Errors
    /// `E_SAGE_*` by class.
    async fn price(
        &self,
        customer: &SageKey,
        item: &str,
        quantity: Decimal,
    ) -> Result<Option<ItemPrice>, Fault>;
}
