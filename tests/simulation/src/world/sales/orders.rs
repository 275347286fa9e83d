//! What a write makes of an order, as the agent's contract says: columns and lines that are named change, the others stay.

use super::super::sage_texts::kept_value;
use std::collections::BTreeMap;

use counterpart_domain::sale::{OrderChange, OrderStatus, SaleOrder, SalesOrder, SalesOrderLine};
use counterpart_domain::{Fault, Fields, SageKey, Value};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Sales, blank, refused, spelt};

/// Columns of a line that an empty text blanks; the others keep what they have.
const CLEARABLE: [&str; 3] = ["CommentText", "PromiseDate", "AliasItemNo"];
/// Columns that hold codes of Sage's own tables.
const CODES: [&str; 6] = [
    "ShipToCode",
    "TaxSchedule",
    "TermsCode",
    "UnitOfMeasure",
    "WarehouseCode",
    "PaymentType",
];
/// Columns that readers are told of though they are blank: an agent tells all that there are.
const HEADER: [&str; 7] = [
    "Comment",
    "ConfirmTo",
    "CustomerPONo",
    "DiscountAmt",
    "DiscountRate",
    "FreightAmt",
    "ShipVia",
];
const LINE: [&str; 6] = [
    "AliasItemNo",
    "CommentText",
    "LineDiscountPercent",
    "PromiseDate",
    "UnitOfMeasure",
    "WarehouseCode",
];

/// An order as Sage keeps it: what readers see of it, and every other column by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// What readers see. Its amounts follow from the rest.
    pub order: SalesOrder,
    /// Header columns as they were given, UDFs among them.
    pub header: Fields,
    /// The columns of each line by its `LineKey`, but for those of `order`: discount, unit, warehouse, comment, UDFs.
    pub lines: BTreeMap<String, Fields>,
}

impl OrderRow {
    /// An order without a header beyond what readers see.
    #[must_use]
    pub fn new(order: SalesOrder) -> Self {
        Self {
            order,
            header: Fields::new(),
            lines: BTreeMap::new(),
        }
    }

    /// `LineDiscountPercent` of a line.
    #[must_use]
    pub fn discount_percent(&self, key: &str) -> Decimal {
        let columns = self.lines.get(key);
        amount(columns.and_then(|columns| columns.get("LineDiscountPercent")))
    }

    /// Adds a line behind the others, under a key that none of them has, and gives its key.
    pub fn add_line(&mut self, item: &str, quantity: Decimal, unit_price: Decimal) -> String {
        let key = next_key(self.order.lines.iter());
        self.order.lines.push(SalesOrderLine {
            key: key.clone(),
            item: spelt(item),
            quantity,
            shipped: Decimal::ZERO,
            unit_price,
            extension: Decimal::ZERO,
            columns: BTreeMap::new(),
        });
        self.compute();
        key
    }

    /// The order as an agent tells it, with all its columns.
    #[must_use]
    pub fn told(&self) -> SalesOrder {
        let mut order = self.order.clone();
        order.columns = texts(&HEADER, Some(&self.header));
        for line in &mut order.lines {
            line.columns = texts(&LINE, self.lines.get(&line.key));
        }
        order
    }

    /// Sets a column of a line, under Sage's name.
    pub fn set_line(&mut self, key: &str, column: &str, value: Value) {
        let line = self.order.lines.iter_mut().find(|line| line.key == key);
        match (line, column) {
            (None, _) => {}
            (Some(line), "QuantityOrdered") => line.quantity = amount(Some(&value)),
            (Some(line), "UnitPrice") => line.unit_price = amount(Some(&value)),
            (Some(_), _) => {
                let columns = self.lines.entry(key.to_owned()).or_default();
                put(columns, column, kept(column, value));
            }
        }
        self.compute();
    }

    /// Sets a column of the header, under Sage's name.
    pub fn set_header(&mut self, column: &str, value: Value) {
        if column == "OrderStatus" {
            self.order.status = match value.to_string().as_str() {
                "H" => OrderStatus::Hold,
                "O" => OrderStatus::Open,
                _ => OrderStatus::New,
            };
        }
        if let ("OrderDate", Value::Date(date)) = (column, &value) {
            self.order.order_date = Some(*date);
        }
        put(&mut self.header, column, kept(column, value));
        self.compute();
    }

    /// Extensions and totals from quantities, prices and discounts.
    pub fn compute(&mut self) {
        let mut all = Decimal::ZERO;
        for line in &mut self.order.lines {
            let columns = self.lines.get(&line.key);
            let off = amount(columns.and_then(|columns| columns.get("LineDiscountPercent")));
            let off = Decimal::ONE - off / Decimal::ONE_HUNDRED;
            line.extension = cents(line.quantity * line.unit_price * off);
            all += line.extension;
        }
        let rate = amount(self.header.get("DiscountRate"));
        self.order.taxable = all;
        self.order.discount = if rate.is_zero() {
            amount(self.header.get("DiscountAmt"))
        } else {
            cents(all * rate / Decimal::ONE_HUNDRED)
        };
        self.order.freight = amount(self.header.get("FreightAmt"));
    }
}

impl Sales {
    /// The order that a create would store.
    pub(in crate::world) fn create(
        &self,
        number: &str,
        customer: &SageKey,
        order: &SaleOrder,
    ) -> Result<OrderRow, Fault> {
        self.check_texts(&order.header)?;
        let mut row = OrderRow::new(blank(number, customer));
        if let Some(percent) = self.discounts.get(customer) {
            row.set_header("DiscountRate", Value::Number(*percent));
        }
        for (column, value) in order.header.iter().filter(|(_, value)| !value.is_blank()) {
            row.set_header(column, value.clone());
        }
        for line in &order.lines {
            let added = row.add_line(&line.item, line.quantity, Decimal::ZERO);
            self.write_line(&mut row, &added, &line.named(), None)?;
        }
        row.compute();
        Ok(row)
    }

    /// What becomes of an order that an update is given to. Lines are named by their key; those that are not stay.
    pub(in crate::world) fn change(
        &self,
        before: &OrderRow,
        customer: &SageKey,
        change: &OrderChange,
    ) -> Result<OrderRow, Fault> {
        self.check_texts(&change.header)?;
        if before.order.customer != *customer {
            let number = &before.order.number;
            let message = format!("The customer of sales order {number} cannot be changed.");
            return Err(refused("E_SAGE_REFUSED", message));
        }
        let mut row = before.clone();
        for (column, value) in &change.header {
            row.set_header(column, value.clone());
        }
        let old = |key: &str| {
            let found = before.order.lines.iter().find(|line| line.key == key);
            found.ok_or_else(|| refused("E_SAGE_NOT_FOUND", "LineKey is not on file."))
        };
        for line in change.lines.iter().filter(|line| !line.columns.is_empty()) {
            match &line.key {
                Some(key) => self.write_line(&mut row, key, &line.columns, Some(old(key)?))?,
                None => {
                    let key = row.add_line(&line.item, Decimal::ZERO, Decimal::ZERO);
                    self.write_line(&mut row, &key, &line.columns, None)?;
                }
            }
        }
        // Last: a new line never gets the key of one that is deleted just now.
        for (gone, _) in &change.removed {
            old(gone)?;
            row.order.lines.retain(|line| line.key != *gone);
            row.lines.remove(gone);
        }
        row.compute();
        Ok(row)
    }

    /// Puts columns into a line. `old`: as it was before, where it is not a new one.
    fn write_line(
        &self,
        row: &mut OrderRow,
        key: &str,
        columns: &Fields,
        old: Option<&SalesOrderLine>,
    ) -> Result<(), Fault> {
        let customer = row.order.customer.clone();
        let line = row.order.lines.iter().find(|line| line.key == key);
        let code = line.map(|line| line.item.clone()).unwrap_or_default();
        let at = (customer.company.clone(), code.clone());
        let Some(item) = self.items.get(&at) else {
            let message = format!("Item {code} is not on file.");
            return Err(refused("E_SAGE_REFUSED", message));
        };
        self.check_texts(columns)?;
        let named = |name: &str| columns.get(name).map(|value| amount(Some(value)));
        let quantity = named("QuantityOrdered").or(old.map(|old| old.quantity));
        let quantity = quantity.unwrap_or_default();
        for (column, value) in columns {
            let ours = ["ItemCode", "QuantityOrdered", "UnitPrice"].contains(&column.as_str());
            if !ours && (!value.is_blank() || clearable(column)) {
                row.set_line(key, column, value.clone());
            }
        }
        let held = row.lines.get(key);
        let overridden = held.is_some_and(|columns| columns.contains_key("PriceOverridden"));
        let price = match (named("UnitPrice"), old) {
            (Some(price), _) => Some(price),
            // Sage prices anew what it priced itself once the quantity is another.
            (None, Some(old)) if overridden || old.quantity == quantity => None,
            (None, _) => self
                .price_of(&customer, &code)
                .or(item.standard_price)
                .or(Some(Decimal::ZERO)),
        };
        let other = named("UnitPrice").is_some() && old.map(|old| old.unit_price) != price;
        if other {
            row.set_line(key, "PriceOverridden", Value::Flag(true));
        }
        row.set_line(key, "QuantityOrdered", Value::Number(quantity));
        if let Some(price) = price {
            row.set_line(key, "UnitPrice", Value::Number(price));
        }
        Ok(())
    }
}

fn texts(known: &[&str], columns: Option<&Fields>) -> BTreeMap<String, String> {
    let blank = known.iter().map(|name| ((*name).to_owned(), String::new()));
    let held = columns.into_iter().flatten();
    blank
        .chain(held.map(|(name, value)| (name.clone(), value.in_sage())))
        .collect()
}

/// Codes are kept in upper case, whoever writes them.
fn kept(column: &str, value: Value) -> Value {
    match value {
        Value::Text(text) if CODES.contains(&column) => Value::text(spelt(&text)),
        value => value,
    }
}

fn clearable(column: &str) -> bool {
    CLEARABLE.contains(&column) || column.starts_with("UDF_")
}

fn put(columns: &mut Fields, column: &str, value: Value) {
    if value.is_blank() {
        columns.remove(column);
    } else {
        columns.insert(column.to_owned(), kept_value(value));
    }
}

fn next_key<'a>(lines: impl Iterator<Item = &'a SalesOrderLine>) -> String {
    let last = lines.filter_map(|line| line.key.parse::<u32>().ok()).max();
    format!("{:06}", last.unwrap_or(0) + 1)
}

/// A column's number; zero where it is blank.
fn amount(value: Option<&Value>) -> Decimal {
    match value {
        Some(Value::Number(number)) => *number,
        Some(other) => other.to_string().parse().unwrap_or_default(),
        None => Decimal::ZERO,
    }
}

/// To cents, half away from zero.
fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}
