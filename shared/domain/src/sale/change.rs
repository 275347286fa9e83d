//! What is written of a sale: all of it when the order is created, what is ours when it is changed.

use rust_decimal::Decimal;
use serde::Serialize;

use super::{Reference, SaleLine, SaleOrder};
use crate::{Company, Fields, Value};

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
