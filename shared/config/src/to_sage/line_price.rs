//! What the CRM says that a line costs, and what Sage is told of it.

use counterpart_domain::Value;
use rust_decimal::Decimal;

use super::columns::converted;
use super::fault::Faults;
use super::line::Line;
use super::price::{Amounts, DECIMALS, Discount, Unheld};

impl Line<'_> {
    /// Where Sage prices, what takes something off would be lost.
    pub(super) fn no_price(&self, faults: &mut Faults) -> Option<()> {
        let price = self.map.unit_price.as_ref();
        let price = price.and_then(|field| self.fields.get(field));
        if let Some(Value::Number(price)) = price
            && *price < Decimal::ZERO
        {
            faults.add(
                "E_ORDER_PRICE_INVALID",
                format!(
                    "{} has the price {price}, and prices are Sage 100's: what the line takes off would be lost. Take it \
                     out, and have the discount entered in Sage 100.",
                    self.whose
                ),
            );
            return None;
        }
        Some(())
    }

    /// What the CRM says that the line comes to; none: it cannot be read, or it has no price.
    pub(super) fn amounts(&self, quantity: Decimal, faults: &mut Faults) -> Option<Amounts> {
        let missing = |faults: &mut Faults, why: &str| {
            let sentence = format!("{} has no price{why}", self.whose);
            faults.add("E_ORDER_PRICE_MISSING", sentence);
            None
        };
        let Some(field) = &self.map.unit_price else {
            return missing(faults, ".");
        };
        let Some(price) = self.number(field, faults)? else {
            return missing(faults, &format!(" ({field}). Enter one; it may be 0."));
        };
        let percent = self.optional_number(self.map.discount_percent.as_ref(), faults)?;
        let amount = self.optional_number(self.map.discount_amount.as_ref(), faults)?;
        let discount = match (percent, amount) {
            (None, None) => Discount::None,
            (Some(percent), None) => Discount::Percent(percent),
            (None, Some(amount)) => Discount::Amount(amount),
            (Some(_), Some(_)) => Discount::Both,
        };
        Some(Amounts {
            quantity,
            price,
            discount,
        })
    }

    /// The unit price and the discount in per cent, in the sale's currency, so that the line comes to what it comes to in
    /// the CRM.
    pub(super) fn price(
        &self,
        amounts: Amounts,
        faults: &mut Faults,
    ) -> Option<(Decimal, Option<Decimal>)> {
        let Amounts {
            quantity, price, ..
        } = amounts;
        match amounts.in_sage() {
            _ if price < Decimal::ZERO => self.refuse_below_zero(price, faults),
            Ok(made) => return Some(made),
            Err(Unheld::Rounded { in_crm, in_sage }) => {
                let (code, what) = if price.normalize().scale() > DECIMALS {
                    ("E_ORDER_PRICE_INVALID", format!("the price {}", price.normalize()))
                } else {
                    (
                        "E_ORDER_QUANTITY_INVALID",
                        format!("the quantity {}", quantity.normalize()),
                    )
                };
                faults.add(
                    code,
                    format!(
                        "{} has {what}, with more decimals than the CRM shows. Sage 100 takes {DECIMALS}, and the line would \
                         come to {in_sage:.2} there instead of {in_crm:.2}. Enter it anew with {DECIMALS} decimals or fewer.",
                        self.whose
                    ),
                );
            }
            Err(Unheld::TooLarge) => faults.add(
                "E_ORDER_PRICE_INVALID",
                format!(
                    "{} has the price {price} and the quantity {quantity}, which are too large. Correct them.",
                    self.whose
                ),
            ),
            Err(Unheld::Discount) => self.refuse_discount(amounts.discount, faults),
        }
        None
    }

    pub(super) fn refuse_discount(&self, discount: Discount, faults: &mut Faults) {
        faults.add(
            "E_ORDER_DISCOUNT_INVALID",
            format!(
                "{} has {}, which Sage 100 cannot hold exactly. Change the discount, or put the reduced price into the line.",
                self.whose,
                discount.said()
            ),
        );
    }

    pub(super) fn in_sage(
        &self,
        (price, percent): (Decimal, Option<Decimal>),
        rate: Option<Decimal>,
        decimals: u32,
        faults: &mut Faults,
    ) -> Option<(Decimal, Option<Decimal>)> {
        let Some(rate) = rate else {
            return Some((price, percent));
        };
        let made = converted(price, rate, decimals);
        if made.is_none() {
            faults.add(
                "E_ORDER_PRICE_INVALID",
                format!(
                    "{} has the price {price}, which is too large to be converted.",
                    self.whose
                ),
            );
        }
        Some((made?, percent))
    }
}
