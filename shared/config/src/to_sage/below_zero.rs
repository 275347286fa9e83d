//! What stands in a sale and is no product: lines below zero (discount products), and the discount and the adjustment of the
//! whole sale.

use counterpart_domain::sale::{SaleLine, cents};
use counterpart_domain::{Fields, Value};
use rust_decimal::Decimal;

use super::columns::converted;
use super::fault::{Faults, quoted};
use super::line::{Header, Line, Made, id_of};
use super::price::Amounts;
use crate::mapping::{Helper, as_number};
use crate::{OrderSource, OrdersConfig, Prices, Reductions};

/// The column of the order's own discount.
const DISCOUNT: &str = "DiscountAmt";

impl Line<'_> {
    pub(super) fn refuse_below_zero(&self, price: Decimal, faults: &mut Faults) {
        faults.add(
            "E_ORDER_PRICE_INVALID",
            format!(
                "{} has the price {}, and lines below zero do not go to Sage 100. Put the discount into the other products, \
                 or ask for discount products to be set up (`reductions`).",
                self.whose,
                price.normalize()
            ),
        );
    }

    /// What becomes of a line whose price is below zero.
    pub(super) fn below_zero(
        &self,
        config: &OrdersConfig,
        header: &Header<'_>,
        amounts: Amounts,
        faults: &mut Faults,
    ) -> Option<Made> {
        let Some(off) = amounts.net() else {
            self.refuse_discount(amounts.discount, faults);
            return None;
        };
        let Some(off) = converted(cents(-off), header.rate.unwrap_or(Decimal::ONE), 2) else {
            too_large(&self.whose, faults);
            return None;
        };
        match &config.reductions {
            Reductions::Refuse => {
                self.refuse_below_zero(amounts.price, faults);
                None
            }
            Reductions::Discount => Some(Made::Off(off)),
            Reductions::Item(item) => Some(Made::Line(Box::new(SaleLine {
                id: id_of(self.fields.get("id")),
                columns: self.columns(header, faults),
                ..amount_line(item, -off)
            }))),
        }
    }
}

/// A charge or miscellaneous item that stands for an amount.
fn amount_line(item: &str, amount: Decimal) -> SaleLine {
    SaleLine {
        id: None,
        number: None,
        product: None,
        item: item.to_owned(),
        quantity: Decimal::ONE,
        unit: None,
        crm_unit: None,
        warehouse: None,
        unit_price: Some(amount),
        discount_percent: Some(Decimal::ZERO),
        columns: Fields::new(),
    }
}

/// Puts discount and adjustment of the whole sale into header and lines, beside what its lines take off (`off`), as far as the
/// CRM says the prices: where Sage does, the totals are compared afterwards.
pub(super) fn whole(
    config: &OrdersConfig,
    source: &OrderSource,
    fields: &Fields,
    rate: Option<Decimal>,
    mut off: Decimal,
    (header, lines): (&mut Fields, &mut Vec<SaleLine>),
    faults: &mut Faults,
) {
    if config.prices != Prices::Crm {
        return;
    }
    let mapped = |name: &str| source.columns.iter().any(|map| map.column.name == name);
    let amount = |field: Option<&String>, faults: &mut Faults| {
        amount_of(field, fields, rate, faults).unwrap_or_default()
    };
    let adjustment = amount(source.adjustment.as_ref(), faults);
    adjust(config, source, adjustment, &mut off, lines, faults);
    let (of_amount, of_rate) = (mapped(DISCOUNT), mapped("DiscountRate"));
    if !of_amount && !of_rate {
        let discount = amount(source.discount.as_ref(), faults);
        if discount < Decimal::ZERO {
            faults.add(
                "E_ORDER_DISCOUNT_INVALID",
                format!(
                    "The sale has a discount of {discount} ({}), which would add to it. Correct it.",
                    source.discount.as_deref().unwrap_or_default()
                ),
            );
        }
        off = off.saturating_add(discount);
    } else if let (Some(Value::Number(given)), false) = (header.get(DISCOUNT), off.is_zero()) {
        off = off.saturating_add(*given);
    }
    let by_rate =
        matches!(header.get("DiscountRate"), Some(Value::Number(rate)) if !rate.is_zero());
    if by_rate && !off.is_zero() {
        faults.add(
            "E_ORDER_DISCOUNT_INVALID",
            "The sale has a discount in per cent and other amounts that are taken off; an order of Sage 100 has one discount. \
             Make it one."
                .to_owned(),
        );
        return;
    }
    let said = |field: &Option<String>| {
        let field = field.as_ref();
        field.is_some_and(|field| fields.contains_key(field))
    };
    if off.is_zero() {
        // That there is none any more is said, too: another one may stand in Sage.
        let ours = config.reductions == Reductions::Discount || said(&source.discount);
        if ours && !of_amount && !of_rate {
            header.insert(DISCOUNT.to_owned(), Value::Blank);
        }
        return;
    }
    header.insert(DISCOUNT.to_owned(), Value::Number(off.normalize()));
}

fn adjust(
    config: &OrdersConfig,
    source: &OrderSource,
    adjustment: Decimal,
    off: &mut Decimal,
    lines: &mut Vec<SaleLine>,
    faults: &mut Faults,
) {
    if adjustment.is_zero() {
        return;
    }
    match &config.reductions {
        Reductions::Item(item) => lines.push(amount_line(item, adjustment)),
        Reductions::Discount if adjustment < Decimal::ZERO => *off = off.saturating_sub(adjustment),
        reductions @ (Reductions::Discount | Reductions::Refuse) => {
            let field = source.adjustment.as_deref().unwrap_or_default();
            let setting = match reductions {
                // A discount only takes off.
                Reductions::Discount => "have it sent as a charge item (`reductions`)",
                _ => "ask for adjustments to be set up (`reductions`)",
            };
            faults.add(
                "E_ORDER_ADJUSTMENT",
                format!(
                    "The sale has an adjustment of {adjustment} ({field}), which has no place in an order of Sage 100. Put it \
                     into the products, or {setting}."
                ),
            );
        }
    }
}

fn too_large(what: &str, faults: &mut Faults) {
    let sentence = format!("{what} has an amount that is too large to be converted. Correct it.");
    faults.add("E_ORDER_VALUE_INVALID", sentence);
}

/// An amount of the record in Sage's currency, to the cent; none: blank, or no number (then a fault says so).
fn amount_of(
    field: Option<&String>,
    fields: &Fields,
    rate: Option<Decimal>,
    faults: &mut Faults,
) -> Option<Decimal> {
    let field = field?;
    let text = Helper::source_text(fields.get(field)?);
    if text.trim().is_empty() {
        return None;
    }
    if let Some(Value::Number(number)) = as_number(text.trim()) {
        let made = converted(number, rate.unwrap_or(Decimal::ONE), 2);
        if made.is_none() {
            too_large(&format!("{field} of the sale"), faults);
        }
        return made;
    }
    let shown = quoted(&text);
    faults.add(
        "E_ORDER_VALUE_INVALID",
        format!("{field} of the sale is {shown}, where a number is wanted. Correct it."),
    );
    None
}
