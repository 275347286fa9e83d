//! What a sale comes to: as the CRM says, and as its order makes it in Sage.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{SaleLine, SaleOrder};
use crate::{Fields, Value};

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
    /// `ExtensionAmt`, as Sage computes it; none where Sage prices.
    #[must_use]
    pub fn amount(&self) -> Option<Decimal> {
        let off = self.discount_percent.unwrap_or_default();
        let part = Decimal::ONE - off.checked_div(Decimal::ONE_HUNDRED)?;
        let gross = self.unit_price?.checked_mul(self.quantity)?;
        gross.checked_mul(part).map(cents)
    }
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
