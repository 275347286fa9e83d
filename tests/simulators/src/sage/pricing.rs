//! What a customer pays for an item: IM_PriceCode, then a sale if that is lower, else the standard price.

use rust_decimal::{Decimal, RoundingStrategy};

use super::sales::{Sales, number, text};
use crate::data::Values;

/// A price of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// What one unit costs.
    pub amount: Decimal,
    /// The unit.
    pub unit: String,
    /// Where it comes from.
    pub basis: String,
}

/// How many standard units a unit of an item is. `None`: the item is not sold in it.
pub fn factor(item: &Values, unit: &str) -> Option<Decimal> {
    if unit == text(item, "StandardUnitOfMeasure") {
        Some(Decimal::ONE)
    } else if unit == text(item, "SalesUnitOfMeasure") {
        Some(number(item, "SalesUMConvFctr"))
    } else if unit == text(item, "PurchaseUnitOfMeasure") {
        Some(number(item, "PurchaseUMConvFctr"))
    } else {
        None
    }
}

/// The price of an item for a customer, a quantity in `unit` and a day.
pub fn price(
    sales: &Sales,
    customer: &Values,
    item: &Values,
    unit: &str,
    quantity: Decimal,
    today: &str,
) -> Price {
    let factor = factor(item, unit).unwrap_or(Decimal::ONE);
    let standard = number(item, "StandardUnitPrice");
    let (mut amount, mut basis) = by_code(sales, customer, item, quantity * factor)
        .unwrap_or_else(|| (standard, "standard price".to_owned()));
    if let Some(sale) = on_sale(item, today).filter(|sale| *sale < amount) {
        (amount, basis) = (sale, "sale price".to_owned());
    }
    let amount =
        (amount * factor).round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero);
    Price {
        amount,
        unit: unit.to_owned(),
        basis,
    }
}

/// The customer's own price of the item, else the item's at the price level, else what the item's price
/// code means at the level.
fn by_code(
    sales: &Sales,
    customer: &Values,
    item: &Values,
    quantity: Decimal,
) -> Option<(Decimal, String)> {
    let (code, level) = (text(item, "ItemCode"), text(customer, "PriceLevel"));
    let own = format!(
        "2//{code}//{}/{}",
        text(customer, "ARDivisionNo"),
        text(customer, "CustomerNo")
    );
    let group = text(item, "PriceCode");
    let rows = [
        (own, "customer price".to_owned()),
        (
            format!("1//{code}/{level}//"),
            format!("price level {level}"),
        ),
        (
            format!("0/{group}//{level}//"),
            format!("price code {group}, level {level}"),
        ),
    ];
    let (row, basis) = rows
        .into_iter()
        .find_map(|(key, basis)| Some((sales.price_codes.get(&key)?, basis)))?;
    Some((by_method(row, item, quantity), basis))
}

fn by_method(row: &Values, item: &Values, quantity: Decimal) -> Decimal {
    let value = broken(row, quantity);
    let (price, cost) = (
        number(item, "StandardUnitPrice"),
        number(item, "StandardUnitCost"),
    );
    let part = value / Decimal::ONE_HUNDRED;
    match text(row, "PricingMethod") {
        "C" => cost + value,
        "D" => price * (Decimal::ONE - part),
        "M" => cost * (Decimal::ONE + part),
        "O" => value,
        "P" => price - value,
        _ => price,
    }
}

/// The value for a quantity: the first break that is not smaller; without breaks the first value.
fn broken(row: &Values, quantity: Decimal) -> Decimal {
    let mut last = number(row, "DiscountMarkup1");
    for at in 1..=5 {
        let most = number(row, &format!("BreakQuantity{at}"));
        if most.is_zero() {
            break;
        }
        last = number(row, &format!("DiscountMarkup{at}"));
        if quantity <= most {
            break;
        }
    }
    last
}

fn on_sale(item: &Values, today: &str) -> Option<Decimal> {
    let (from, to) = (text(item, "SaleStartingDate"), text(item, "SaleEndingDate"));
    let runs = (from.is_empty() || from <= today) && (to.is_empty() || today <= to);
    match text(item, "SaleMethod") {
        "P" if runs => Some(number(item, "SalesPromotionPrice")),
        "D" if runs => {
            let off = number(item, "SalesPromotionDiscountPercent") / Decimal::ONE_HUNDRED;
            Some(number(item, "StandardUnitPrice") * (Decimal::ONE - off))
        }
        _ => None,
    }
}
