//! Orders: as a sale asks for them, and as Sage holds them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Reference;
use crate::{Company, CrmId, Fields, SageKey};

/// A sales order as a sale asks for it. It has no number yet: that is Sage's to give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleOrder {
    /// The company it goes to.
    pub company: Company,
    /// Who buys.
    pub customer: SaleCustomer,
    /// Our mark, for the reference column.
    pub reference: Reference,
    /// Header columns of `SO_SalesOrderHeader` under Sage's names, UDFs among them: dates, ship-to, terms, comment. Neither
    /// number nor customer nor the reference column. One that is blank here is blank in the CRM; of one that is not here
    /// nothing is known.
    pub header: Fields,
    /// Its lines, in the CRM's order; at least one.
    pub lines: Vec<SaleLine>,
    /// What the CRM says that it comes to, in the CRM's currency, tax included where the CRM has any.
    pub crm_total: Option<Decimal>,
    /// What of that is tax, where the CRM says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crm_tax: Option<Decimal>,
    /// How amounts were converted, where they were.
    pub currency: Option<CurrencyNote>,
}

/// Who buys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleCustomer {
    /// The CRM's account.
    pub account: CrmId,
    /// The Sage customer, where the account is linked.
    pub key: Option<SageKey>,
    /// How the customer is to be made, where the policy has one made.
    pub create: Option<NewCustomer>,
}

/// A customer that is to be created in Sage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCustomer {
    /// The company.
    pub company: Company,
    /// `ARDivisionNo`, two characters.
    pub division: String,
    /// `CustomerNo`, where the CRM gives it; otherwise Sage's next one.
    pub number: Option<String>,
    /// The other columns, under Sage's names; `SalespersonDivisionNo` and `SalespersonNo` among them.
    pub columns: Fields,
    /// What the CRM held then of the fields that are kept in step, by its names: what is edited there afterwards shows
    /// against it. Empty: not known.
    #[serde(default)]
    pub crm: Fields,
}

/// A line as a sale asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleLine {
    /// The CRM's id of the line: by it the line is known again in Sage.
    pub id: Option<CrmId>,
    /// The CRM's id of the product: its stock is told back.
    pub product: Option<CrmId>,
    /// `ItemCode`.
    pub item: String,
    /// `QuantityOrdered`.
    pub quantity: Decimal,
    /// `UnitOfMeasure`; none: no field says so. Empty: the CRM's field is blank, and the item's own is meant.
    pub unit: Option<String>,
    /// `WarehouseCode`; none: no field says so. Empty: the CRM's field is blank, and Sage's default is meant.
    pub warehouse: Option<String>,
    /// `UnitPrice`, in Sage's currency; none: Sage prices.
    pub unit_price: Option<Decimal>,
    /// `LineDiscountPercent`; none: Sage's own. Where the CRM prices, it is there, 0 included.
    pub discount_percent: Option<Decimal>,
    /// Further columns of `SO_SalesOrderDetail`: `CommentText`, `PromiseDate`, UDFs. Blank as in [`SaleOrder::header`].
    pub columns: Fields,
}

/// How amounts were converted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrencyNote {
    /// The CRM's currency, ISO 4217.
    pub from: String,
    /// Sage's currency.
    pub to: String,
    /// What one unit of `from` is worth in `to`.
    pub rate: Decimal,
    /// Where the rate comes from: `crm`, `configuration`.
    pub source: String,
    /// The day of the rate, where it has one.
    pub date: Option<Date>,
}

/// Which file of Sage an order was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderFile {
    /// `SO_SalesOrderHeader`: not yet invoiced in full.
    Open,
    /// `SO_SalesOrderHistoryHeader` only: invoiced, or deleted with history kept.
    History,
}

/// `OrderStatus`, with what only the history knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// `N`.
    New,
    /// `O`.
    Open,
    /// `H`.
    Hold,
    /// `C`: closed; in the history: completed.
    Closed,
    /// `X` in the history: cancelled.
    Cancelled,
}

/// An order as Sage holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalesOrder {
    /// `SalesOrderNo`.
    pub number: String,
    /// The customer.
    pub customer: SageKey,
    /// Where it was found.
    pub file: OrderFile,
    /// `OrderStatus`.
    pub status: OrderStatus,
    /// What stands in the reference column, trimmed; blank where nothing does.
    pub reference: String,
    /// `OrderDate`.
    pub order_date: Option<Date>,
    /// `LastInvoiceNo` or `CurrentInvoiceNo`, blank where there is none.
    pub invoice: String,
    /// Its lines, in order.
    pub lines: Vec<SalesOrderLine>,
    /// `TaxableAmt`.
    pub taxable: Decimal,
    /// `NonTaxableAmt`.
    pub non_taxable: Decimal,
    /// `SalesTaxAmt`.
    pub sales_tax: Decimal,
    /// `DiscountAmt`.
    pub discount: Decimal,
    /// `FreightAmt`.
    pub freight: Decimal,
    /// The header's columns as they were told, trimmed.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
}

impl SalesOrder {
    /// What the order comes to: taxable and not, tax and freight, less the discount.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.net() + self.sales_tax
    }

    /// The same without tax: what sale and order have to agree on.
    #[must_use]
    pub fn net(&self) -> Decimal {
        self.taxable + self.non_taxable + self.freight - self.discount
    }
}

/// A line as Sage holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalesOrderLine {
    /// `LineKey`.
    pub key: String,
    /// `ItemCode`.
    pub item: String,
    /// `QuantityOrdered`.
    pub quantity: Decimal,
    /// `QuantityShipped`.
    pub shipped: Decimal,
    /// `UnitPrice`.
    pub unit_price: Decimal,
    /// `ExtensionAmt`.
    pub extension: Decimal,
    /// Its columns as they were told, trimmed.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
}
