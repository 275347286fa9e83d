//! What a write makes of an order, as the agent's contract says: columns that are named change, the others stay; each line
//! that is given takes the first line of its item that is not taken, which keeps its key; what nothing took goes.

use std::collections::BTreeMap;

use counterpart_domain::sale::{OrderStatus, SaleLine, SaleOrder, SalesOrder, SalesOrderLine};
use counterpart_domain::{Fault, Fields, SageKey, Value};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Sales, blank, refused};

/// Columns of a line that an empty text blanks; the others keep what they have.
const CLEARABLE: [&str; 3] = ["CommentText", "PromiseDate", "AliasItemNo"];

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
            item: item.to_owned(),
            quantity,
            shipped: Decimal::ZERO,
            unit_price,
            extension: Decimal::ZERO,
        });
        self.compute();
        key
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
                put(columns, column, value);
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
        put(&mut self.header, column, value);
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
        for (column, value) in order.header.iter().filter(|(_, value)| !value.is_blank()) {
            row.set_header(column, value.clone());
        }
        for line in &order.lines {
            let added = row.add_line(&line.item, line.quantity, Decimal::ZERO);
            self.write_line(&mut row, &added, line, None)?;
        }
        row.compute();
        Ok(row)
    }

    /// What becomes of an order that an update is given to.
    pub(in crate::world) fn change(
        &self,
        before: &OrderRow,
        customer: &SageKey,
        order: &SaleOrder,
    ) -> Result<OrderRow, Fault> {
        self.check_texts(&order.header)?;
        if before.order.customer != *customer {
            let number = &before.order.number;
            let message = format!("The customer of sales order {number} cannot be changed.");
            return Err(refused("E_SAGE_REFUSED", message));
        }
        let mut row = before.clone();
        for (column, value) in &order.header {
            row.set_header(column, value.clone());
        }
        let mut left: Vec<&SalesOrderLine> = before.order.lines.iter().collect();
        let mut taken = Vec::new();
        let mut added = Vec::new();
        for line in &order.lines {
            let item = line.item.to_uppercase();
            match left.iter().position(|old| old.item.to_uppercase() == item) {
                Some(at) => taken.push((left.remove(at), line)),
                None => added.push(line),
            }
        }
        for (old, line) in &taken {
            self.write_line(&mut row, &old.key, line, Some(old))?;
        }
        // Before those that nothing took go: a new line never gets the key of one that is deleted just now.
        for line in added {
            let key = row.add_line(&line.item, line.quantity, Decimal::ZERO);
            self.write_line(&mut row, &key, line, None)?;
        }
        for gone in left {
            row.order.lines.retain(|line| line.key != gone.key);
            row.lines.remove(&gone.key);
        }
        row.compute();
        Ok(row)
    }

    fn write_line(
        &self,
        row: &mut OrderRow,
        key: &str,
        line: &SaleLine,
        old: Option<&SalesOrderLine>,
    ) -> Result<(), Fault> {
        let customer = row.order.customer.clone();
        let at = (customer.company.clone(), line.item.clone());
        let Some(item) = self.items.get(&at) else {
            let message = format!("Item {} is not on file.", line.item);
            return Err(refused("E_SAGE_REFUSED", message));
        };
        self.check_texts(&line.columns)?;
        let text = |text: &String| Value::text(text.as_str());
        let own = [
            ("UnitOfMeasure", line.unit.as_ref().map(text)),
            ("WarehouseCode", line.warehouse.as_ref().map(text)),
            (
                "LineDiscountPercent",
                line.discount_percent.map(Value::Number),
            ),
        ];
        let own = own
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let mut named = line.columns.clone();
        named.extend(own);
        for (column, value) in named {
            if !value.is_blank() || clearable(&column) {
                row.set_line(key, &column, value);
            }
        }
        let overridden = row
            .lines
            .get(key)
            .is_some_and(|columns| columns.contains_key("PriceOverridden"));
        let price = match (line.unit_price, old) {
            (Some(price), _) => Some(price),
            // Sage prices anew what it priced itself once the quantity is another.
            (None, Some(old)) if overridden || old.quantity == line.quantity => None,
            (None, _) => self
                .price_of(&customer, &line.item)
                .or(item.standard_price)
                .or(Some(Decimal::ZERO)),
        };
        if line.unit_price.is_some() && old.map(|old| old.unit_price) != line.unit_price {
            row.set_line(key, "PriceOverridden", Value::Flag(true));
        }
        row.set_line(key, "QuantityOrdered", Value::Number(line.quantity));
        if let Some(price) = price {
            row.set_line(key, "UnitPrice", Value::Number(price));
        }
        Ok(())
    }
}

fn clearable(column: &str) -> bool {
    CLEARABLE.contains(&column) || column.starts_with("UDF_")
}

fn put(columns: &mut Fields, column: &str, value: Value) {
    if value.is_blank() {
        columns.remove(column);
    } else {
        columns.insert(column.to_owned(), value);
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
