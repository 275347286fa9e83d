//! Orders: as a sale asks for them, what they come to, as Sage holds them, and what is written of them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use super::Reference;
use crate::{Company, CrmId, Fields, SageKey, Value};

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
    /// Which line of the CRM's it is, counted from 1, where that is not its place in the order: lines before it became a part
    /// of the order's discount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// The CRM's id of the product: its stock is told back.
    pub product: Option<CrmId>,
    /// `ItemCode`.
    pub item: String,
    /// `QuantityOrdered`.
    pub quantity: Decimal,
    /// `UnitOfMeasure`; none: no field says so. Empty: the CRM's field is blank, and the item's own is meant.
    pub unit: Option<String>,
    /// What the CRM's product is counted in, where `unit` says nothing; none: the CRM says nothing either. It goes nowhere, and
    /// has to be what Sage sells the item by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crm_unit: Option<String>,
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

impl SaleOrder {
    /// What the CRM says that the sale comes to without tax, in Sage's currency; none where it says nothing.
    #[must_use]
    pub fn crm_net(&self) -> Option<Decimal> {
        let net = self.crm_total? - self.crm_tax.unwrap_or_default();
        let rate = self
            .currency
            .as_ref()
            .map_or(Decimal::ONE, |note| note.rate);
        net.checked_mul(rate).map(cents)
    }

    /// What the order comes to in Sage without tax: lines, freight and discount as they are named. None where a line is
    /// Sage's to price.
    #[must_use]
    pub fn meant_net(&self) -> Option<Decimal> {
        let mut lines = Decimal::ZERO;
        for line in &self.lines {
            lines = lines.checked_add(line.amount()?)?;
        }
        let freight = amount(&self.header, "FreightAmt");
        let rate = amount(&self.header, "DiscountRate");
        let discount = if rate.is_zero() {
            amount(&self.header, "DiscountAmt")
        } else {
            cents(lines.checked_mul(rate)?.checked_div(Decimal::ONE_HUNDRED)?)
        };
        lines.checked_add(freight)?.checked_sub(discount)
    }

    /// How far the two may be apart. Of amounts that were converted, `within` and what rounding explains: half of the last
    /// decimal of each unit price and amount. `price_decimals`: those of converted unit prices.
    #[must_use]
    pub fn total_tolerance(&self, within: Decimal, price_decimals: u32) -> Decimal {
        if self.currency.is_none() {
            return within;
        }
        let cent = Decimal::new(5, 3);
        let half = Decimal::new(5, price_decimals.min(20) + 1);
        let lines = self
            .lines
            .iter()
            .filter_map(|line| line.quantity.checked_mul(half)?.checked_add(cent));
        // Freight, discount and the total itself are converted, too.
        within + lines.sum::<Decimal>() + cent * Decimal::from(3)
    }
}

impl SaleLine {
    /// The line, told of as the CRM's own counts it. `index`: its place there, `at`: its place in the order, both from 0.
    #[must_use]
    pub fn told_as(self, index: usize, at: usize) -> Self {
        let number = (index != at).then_some(index + 1);
        Self { number, ..self }
    }

    /// Which line it is to whoever looks at the sale, counted from 1. `index`: its place in the order, counted from 0.
    #[must_use]
    pub fn number(&self, index: usize) -> usize {
        self.number.unwrap_or(index + 1)
    }

    /// `ExtensionAmt`, as Sage computes it; none where Sage prices.
    #[must_use]
    pub fn amount(&self) -> Option<Decimal> {
        let off = self.discount_percent.unwrap_or_default();
        extension(self.unit_price?, self.quantity, off)
    }
}

/// What Sage makes of unit price, quantity and discount in per cent: rounded once, to the cent. None: too large.
#[must_use]
pub fn extension(price: Decimal, quantity: Decimal, percent: Decimal) -> Option<Decimal> {
    let part = Decimal::ONE.checked_sub(percent.checked_div(Decimal::ONE_HUNDRED)?)?;
    let gross = price.checked_mul(quantity)?;
    gross.checked_mul(part).map(cents)
}

/// To cents, half away from zero.
#[must_use]
pub fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

fn amount(columns: &Fields, column: &str) -> Decimal {
    match columns.get(column) {
        Some(Value::Number(number)) => *number,
        Some(Value::Text(text)) => text.trim().parse().unwrap_or_default(),
        _ => Decimal::ZERO,
    }
}

/// What an open order of Sage is to become. Columns and lines that are not named stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderChange {
    /// The company.
    pub company: Company,
    /// Our mark, for the reference column.
    pub reference: Reference,
    /// Header columns that are ours, blank ones included.
    pub header: Fields,
    /// The lines as a whole, those that stay among them, in the order's own order and new ones behind. Components of a kit
    /// are not named: they stay, or go, with the line of their kit.
    pub lines: Vec<LineChange>,
    /// `LineKey` and `ItemCode` of the lines that go.
    pub removed: Vec<(String, String)>,
}

/// A line of a changed order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineChange {
    /// `LineKey` of the line that it is; none: a new one.
    pub key: Option<String>,
    /// `ItemCode`.
    pub item: String,
    /// Its columns that are ours, blank ones included. None at all: the line stays as it is.
    pub columns: Fields,
    /// `QuantityOrdered` and `UnitPrice` as they were when the change was decided upon; of lines that are there.
    pub seen: Option<(Decimal, Decimal)>,
}

impl OrderChange {
    /// Whether any line changes, comes or goes.
    #[must_use]
    pub fn changes_lines(&self) -> bool {
        let changed = |line: &LineChange| !line.columns.is_empty();
        !self.removed.is_empty() || self.adds_lines() || self.lines.iter().any(changed)
    }

    /// Whether any line comes: what Sage takes twice is there twice.
    #[must_use]
    pub fn adds_lines(&self) -> bool {
        self.lines.iter().any(|line| line.key.is_none())
    }
}

impl SaleOrder {
    /// The order as it is created: what the CRM leaves blank is left to Sage's defaults, but for the parts of an address of
    /// which another part is there. Sage's default would be mixed into it.
    #[must_use]
    pub fn as_created(&self) -> Self {
        let mut order = self.clone();
        let addresses = ["ShipTo", "BillTo"].map(|kind| {
            let filled = self.header.iter();
            let filled = filled.filter(|(column, _)| is_address(column, kind));
            (kind, filled.into_iter().any(|(_, value)| !value.is_blank()))
        });
        order.header.retain(|column, value| {
            let belongs = |(kind, filled): &(&str, bool)| *filled && is_address(column, kind);
            !value.is_blank() || addresses.iter().any(belongs)
        });
        for line in &mut order.lines {
            line.columns.retain(|_, value| !value.is_blank());
            line.unit = line.unit.take().filter(|unit| !unit.is_empty());
            line.warehouse = line.warehouse.take().filter(|code| !code.is_empty());
        }
        order
    }
}

impl SaleLine {
    /// All columns that the line names, under Sage's names. What the sale says of item, quantity and price stands over
    /// further columns.
    #[must_use]
    pub fn named(&self) -> Fields {
        let mut columns = self.columns.clone();
        let text = |text: &String| Value::text(text.as_str());
        let own = [
            ("ItemCode", Some(text(&self.item))),
            ("QuantityOrdered", Some(Value::Number(self.quantity))),
            ("UnitOfMeasure", self.unit.as_ref().map(text)),
            ("WarehouseCode", self.warehouse.as_ref().map(text)),
            ("UnitPrice", self.unit_price.map(Value::Number)),
            (
                "LineDiscountPercent",
                self.discount_percent.map(Value::Number),
            ),
        ];
        for (name, value) in own {
            if let Some(value) = value {
                columns.insert(name.to_owned(), value);
            }
        }
        columns
    }
}

/// Whether a column is a part of an address that is written out. `kind`: `ShipTo` or `BillTo`.
#[must_use]
pub fn is_address(column: &str, kind: &str) -> bool {
    column.strip_prefix(kind).is_some_and(|part| {
        part.starts_with("Address") || ["City", "State", "ZipCode", "CountryCode"].contains(&part)
    })
}
