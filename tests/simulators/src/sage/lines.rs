//! SO_SalesOrderDetail_bus: the lines of an order. The item is set first, and brings its defaults along.

use rust_decimal::Decimal;

use super::{
    check::{Source, scaled},
    customers::{not_on_file, required},
    desk::Desk,
    orders::{LineWrite, Matching, number_lines},
    pricing,
    refusal::{Reason, Refusal},
    sales::{number, text},
    totals::cents,
};
use crate::data::{ORDER_LINE, Values, WAREHOUSES, filled};

const OBJECT: &str = "SO_SalesOrderDetail_bus";

/// The business object.
pub const SOURCE: Source = Source {
    object: OBJECT,
    columns: ORDER_LINE,
    read_only: &[
        "SalesOrderNo",
        "LineKey",
        "LineSeqNo",
        "ItemType",
        "ExtendedDescriptionKey",
        "ExtensionAmt",
        "LineWeight",
        "UnitOfMeasureConvFactor",
        "Valuation",
        "PriceOverridden",
        "QuantityShipped",
        "TaxAmt",
        "TaxRate",
        "SOHistoryDetlSeqNo",
        "LotSerialFullyDistributed",
        "MasterOriginalQty",
        "MasterQtyBalance",
        "MasterQtyOrderedToDate",
        "RepeatingQtyShippedToDate",
    ],
    old_lengths: false,
};

impl Desk<'_> {
    /// A line of an order: `old` is the line that it changes.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn build_line(
        &mut self,
        header: &Values,
        given: &Values,
        old: Option<&Values>,
    ) -> Result<Values, Refusal> {
        let source = self.source(SOURCE);
        let extra = given.get("ExtDescriptionText").cloned();
        let named: Values = given
            .iter()
            .filter(|(name, _)| *name != "ExtDescriptionText")
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let named = self.checked(source, &named)?;
        let code = named
            .get("ItemCode")
            .map(String::as_str)
            .filter(|code| !code.is_empty())
            .or_else(|| old.map(|old| text(old, "ItemCode")))
            .unwrap_or("");
        if code.is_empty() {
            return Err(required(OBJECT, "ItemCode"));
        }
        let Some(item) = self.company.item(code).cloned() else {
            return Err(not_on_file(OBJECT, "ItemCode"));
        };
        let same = old.filter(|old| text(old, "ItemCode") == code);
        if same.is_none() {
            sellable(&item)?;
        }
        let mut line = match same {
            Some(old) => old.clone(),
            None => self.defaults(header, &item, old),
        };
        let filled = named
            .iter()
            .filter(|(name, value)| !value.is_empty() || clearable(name))
            .map(|(name, value)| (name.clone(), value.clone()));
        line.extend(filled);
        line.extend(extra.map(|text| ("ExtDescriptionText".to_owned(), text)));
        self.priced(header, &item, &mut line, &named, same)?;
        Ok(line)
    }

    fn defaults(&self, header: &Values, item: &Values, old: Option<&Values>) -> Values {
        let of = |column: &str| text(item, column);
        let stocked = |warehouse: &str| {
            let key = (of("ItemCode").to_owned(), warehouse.to_owned());
            self.company.sales.stock.contains_key(&key)
        };
        let warehouse = match (text(header, "WarehouseCode"), of("DefaultWarehouseCode")) {
            (_, _) if of("ItemType") != "1" => "",
            (of_header, _) if stocked(of_header) => of_header,
            (_, own) if !own.is_empty() => own,
            (of_header, _) => of_header,
        };
        let price_level = self
            .customer(&customer_of(header))
            .map_or("", |row| text(&row.fields, "PriceLevel"));
        let mut line = filled(
            ORDER_LINE,
            &[
                ("ItemCode", of("ItemCode")),
                ("ItemType", of("ItemType")),
                ("ItemCodeDesc", of("ItemCodeDesc")),
                ("TaxClass", of("TaxClass")),
                ("Valuation", of("Valuation")),
                ("WarehouseCode", warehouse),
                ("PriceLevel", price_level),
                ("UnitOfMeasure", of("SalesUnitOfMeasure")),
                ("Discount", of("AllowTradeDiscount")),
                ("Commissionable", "N"),
                ("SubjectToExemption", "N"),
                ("DropShip", "N"),
                ("PrintDropShipment", "N"),
                ("PriceOverridden", "N"),
                ("CostOverridden", "N"),
                ("LotSerialFullyDistributed", "Y"),
                ("UnitCost", of("StandardUnitCost")),
            ],
        );
        for key in ["LineKey", "LineSeqNo"] {
            let value = old.map_or("", |old| text(old, key));
            line.insert(key.to_owned(), value.to_owned());
        }
        line
    }

    /// Unit, price, extension and weight.
    fn priced(
        &self,
        header: &Values,
        item: &Values,
        line: &mut Values,
        named: &Values,
        old: Option<&Values>,
    ) -> Result<(), Refusal> {
        let unit = text(line, "UnitOfMeasure").to_owned();
        let Some(factor) = pricing::factor(item, &unit) else {
            return Err(not_on_file(OBJECT, "UnitOfMeasure"));
        };
        let warehouse = text(line, "WarehouseCode");
        if !warehouse.is_empty() && !WAREHOUSES.contains(&warehouse) {
            return Err(not_on_file(OBJECT, "WarehouseCode"));
        }
        line.insert("UnitOfMeasureConvFactor".to_owned(), scaled(factor, 4));
        let quantity = number(line, "QuantityOrdered");
        let is_new_price = |price: &String| old.is_none_or(|old| text(old, "UnitPrice") != price);
        if named.get("UnitPrice").is_some_and(is_new_price) {
            line.insert("PriceOverridden".to_owned(), "Y".to_owned());
        } else if text(line, "PriceOverridden") != "Y" && !named.contains_key("UnitPrice") {
            let same = old.is_some_and(|old| {
                number(old, "QuantityOrdered") == quantity && text(old, "UnitOfMeasure") == unit
            });
            if let Some(customer) = self.customer(&customer_of(header)).filter(|_| !same) {
                let sales = &self.company.sales;
                let today = text(header, "OrderDate");
                let price = pricing::price(sales, &customer.fields, item, &unit, quantity, today);
                line.insert("UnitPrice".to_owned(), scaled(price.amount, 6));
            }
        }
        let off = number(line, "LineDiscountPercent") / Decimal::ONE_HUNDRED;
        let amount = cents(quantity * number(line, "UnitPrice") * (Decimal::ONE - off));
        line.insert("ExtensionAmt".to_owned(), scaled(amount, 2));
        let weight = number(item, "ShipWeight") * quantity * factor;
        line.insert("LineWeight".to_owned(), scaled(weight, 2));
        Ok(())
    }

    /// The lines of an order after a change.
    ///
    /// # Errors
    /// Why one of them is refused.
    pub fn changed_lines(
        &mut self,
        header: &Values,
        before: &[Values],
        (wanted, removed): (&[LineWrite], &[String]),
        matching: Matching,
    ) -> Result<Vec<Values>, Refusal> {
        let mut left: Vec<Option<&Values>> = before.iter().map(Some).collect();
        let (mut kept, mut added) = (Vec::new(), Vec::new());
        for (at, line) in wanted.iter().enumerate() {
            let place = left.iter().position(|old| {
                old.is_some_and(|old| match matching {
                    Matching::ByKey | Matching::Named => {
                        line.key.as_deref() == Some(text(old, "LineKey"))
                    }
                    Matching::ByItem => {
                        text(old, "ItemCode") == text(&line.values, "ItemCode").to_uppercase()
                    }
                })
            });
            let old = place.and_then(|at| left.get_mut(at).and_then(Option::take));
            if matching != Matching::ByItem && old.is_none() && line.key.is_some() {
                let refusal = not_on_file(OBJECT, "LineKey");
                return Err(refusal.in_line(at + 1));
            }
            let built = self
                .build_line(header, &line.values, old)
                .map_err(|refusal| refusal.in_line(at + 1))?;
            match place {
                Some(place) => kept.push((place, built)),
                None => added.push(built),
            }
        }
        let keys = || before.iter().map(|line| text(line, "LineKey"));
        if removed.iter().any(|key| !keys().any(|known| known == key)) {
            return Err(not_on_file(OBJECT, "LineKey"));
        }
        if matching == Matching::Named {
            let stays = left.iter().enumerate().filter_map(|(place, line)| {
                let line = (*line)?;
                let goes = removed.iter().any(|key| key == text(line, "LineKey"));
                (!goes).then(|| (place, line.clone()))
            });
            kept.extend(stays.collect::<Vec<_>>());
        }
        kept.sort_by_key(|(place, _)| *place);
        // A new line never gets the key of one that was deleted just now.
        let last = before
            .iter()
            .filter_map(|line| text(line, "LineKey").parse::<u32>().ok())
            .max();
        for (line, key) in added.iter_mut().zip(last.unwrap_or(0) + 1..) {
            line.insert("LineKey".to_owned(), format!("{key:06}"));
            line.insert(
                "LineSeqNo".to_owned(),
                format!("{:014}", u64::from(key) * 100_000),
            );
        }
        let mut lines: Vec<Values> = kept.into_iter().map(|(_, line)| line).collect();
        lines.append(&mut added);
        number_lines(&mut lines);
        Ok(lines)
    }
}

/// Whether a new line may have an item. One that is discontinued (ProductType D) is sold as long as there is some.
fn sellable(item: &Values) -> Result<(), Refusal> {
    if text(item, "InactiveItem") == "Y" {
        return Err(Refusal::value(
            Reason::Invalid,
            OBJECT,
            "ItemCode",
            format!("Item {} is inactive.", text(item, "ItemCode")),
        ));
    }
    Ok(())
}

/// Columns that an empty text blanks; the others of a line keep what they have.
fn clearable(name: &str) -> bool {
    matches!(
        name,
        "CommentText" | "PromiseDate" | "AliasItemNo" | "WarrantyCode" | "CostCode" | "VendorNo"
    ) || name.starts_with("UDF_")
}

fn customer_of(header: &Values) -> String {
    format!(
        "{}-{}",
        text(header, "ARDivisionNo"),
        text(header, "CustomerNo")
    )
}
