//! What an order comes to.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    check::scaled,
    sales::{Order, number, text},
};
use crate::data::TAX_SCHEDULES;

/// To cents, half away from zero.
pub fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Computes the amounts of a header from lines, discount and tax schedule.
pub fn compute(order: &mut Order) {
    let (mut taxable, mut other, mut weight) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    let exempt = !order.text("TaxExemptNo").is_empty();
    for line in &order.lines {
        let amount = number(line, "ExtensionAmt");
        if text(line, "TaxClass") == "TX" && !exempt {
            taxable += amount;
        } else {
            other += amount;
        }
        weight += number(line, "LineWeight");
    }
    let all = taxable + other;
    let rate = number(&order.header, "DiscountRate");
    let discount = if rate.is_zero() {
        number(&order.header, "DiscountAmt")
    } else {
        cents(all * rate / Decimal::ONE_HUNDRED)
    };
    let share = if all.is_zero() {
        Decimal::ZERO
    } else {
        discount * taxable / all
    };
    let tax_rate = TAX_SCHEDULES
        .iter()
        .find(|(code, _)| *code == order.text("TaxSchedule"))
        .and_then(|(_, rate)| Decimal::from_str_exact(rate).ok())
        .unwrap_or_default();
    let tax = cents((taxable - share) * tax_rate / Decimal::ONE_HUNDRED);
    for (column, amount) in [
        ("TaxableAmt", taxable),
        ("NonTaxableAmt", other),
        ("TaxableSubjectToDiscount", taxable),
        ("NonTaxableSubjectToDiscount", other),
        ("DiscountAmt", discount),
        ("SalesTaxAmt", tax),
        ("Weight", weight),
    ] {
        order.header.insert(column.to_owned(), scaled(amount, 2));
    }
}
