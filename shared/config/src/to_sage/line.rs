//! One line of an order.

use counterpart_domain::sale::{ORDER_LINE, SaleLine};
use counterpart_domain::{CrmId, Fields, Value};
use rust_decimal::Decimal;

use super::Lengths;
use super::columns::{Making, keep_own_blanks};
use super::columns::{converted, iso_of, rounded};
use super::fault::{Faults, Subject, Wrong, quoted};
use crate::mapping::{Helper, as_number};
use crate::{LineMap, OrdersConfig, Prices};

/// The decimals of Sage's quantities and unit prices (15,6), and of its discount percentages (8,3).
const DECIMALS: u32 = 6;
const PERCENT_DECIMALS: u32 = 3;

/// What a line has to agree with.
pub(super) struct Header<'a> {
    pub(super) price_book: Option<String>,
    /// The sale's currency; Sage's where the sale names none.
    pub(super) currency: String,
    pub(super) rate: Option<Decimal>,
    pub(super) lengths: &'a Lengths,
}

/// A line that is being read.
struct Line<'a> {
    map: &'a LineMap,
    fields: &'a Fields,
    /// `Line 2 ("HON-H252")`: at the beginning of a sentence.
    whose: String,
    /// `line 2 ("HON-H252")`: within one.
    within: String,
}

/// A line as Sage is to have it. `number`: counted from 1. `None`: it cannot be; the faults say why.
pub(super) fn line(
    config: &OrdersConfig,
    map: &LineMap,
    header: &Header<'_>,
    fields: &Fields,
    number: usize,
    faults: &mut Faults,
) -> Option<SaleLine> {
    let code = text_of(fields, Some(&map.code));
    let mut within = format!("line {number}");
    if !code.is_empty() {
        within = format!("{within} ({})", quoted(&code));
    }
    let line = Line {
        map,
        fields,
        whose: within.replacen("line", "Line", 1),
        within,
    };
    line.agrees(header, faults);
    let item = line.item(config, &code, header.lengths, faults);
    let quantity = line.quantity(faults);
    let unit = line.unit(header.lengths, faults);
    let warehouse = line.short(
        "WarehouseCode",
        map.warehouse.as_ref(),
        header.lengths,
        faults,
    );
    let price = match (config.prices, quantity) {
        (Prices::Sage, _) => Some((None, None)),
        (Prices::Crm, None) => None,
        (Prices::Crm, Some(quantity)) => line
            .price(quantity, faults)
            .and_then(|price| {
                line.in_sage(price, header.rate, config.currency.price_decimals, faults)
            })
            // Without a discount, the CRM says that there is none.
            .map(|(price, percent)| (Some(price), Some(percent.unwrap_or_default()))),
    };
    let making = Making {
        table: &ORDER_LINE,
        subject: Subject::Sale,
        whose: &line.within,
        lengths: header.lengths,
        rate: header.rate,
        held: None,
    };
    let mut columns = making.columns(&map.columns, fields, faults);
    keep_own_blanks(&mut columns, &map.columns, fields);
    let (unit_price, discount_percent) = price?;
    Some(SaleLine {
        id: id_of(fields.get("id")),
        product: map
            .product
            .as_ref()
            .and_then(|field| id_of(fields.get(field))),
        item: item?,
        quantity: quantity?,
        unit: unit?,
        warehouse: warehouse?,
        unit_price,
        discount_percent,
        columns,
    })
}

impl Line<'_> {
    /// Price book and currency are the sale's.
    fn agrees(&self, header: &Header<'_>, faults: &mut Faults) {
        let book = text_of(self.fields, self.map.price_book.as_ref());
        if let Some(wanted) = &header.price_book
            && !book.is_empty()
            && book != *wanted
        {
            faults.add(
                "E_PRICE_BOOK_MISMATCH",
                format!(
                    "{} is from another price book than the sale. Take it out and choose the product again from the \
                     sale's price book.",
                    self.whose
                ),
            );
        }
        if let Some(iso) = iso_of(self.fields, self.map.currency.as_ref())
            && iso != header.currency
        {
            faults.add(
                "E_CURRENCY_MISMATCH",
                format!(
                    "{} is priced in {}, and the sale is in {}. Choose the product again with a price in {}.",
                    self.whose,
                    quoted(&iso),
                    header.currency,
                    header.currency
                ),
            );
        }
    }

    fn item(
        &self,
        config: &OrdersConfig,
        code: &str,
        lengths: &Lengths,
        faults: &mut Faults,
    ) -> Option<String> {
        if code.is_empty() {
            faults.add(
                "E_ITEM_CODE_MISSING",
                format!(
                    "{} has no product code ({}). Choose a product that has one, or enter the item's code of Sage 100 \
                     in the product.",
                    self.whose, self.map.code
                ),
            );
            return None;
        }
        let item = config.items.item(code);
        self.fits("ItemCode", &self.map.code, &item, lengths, faults)
            .then_some(item)
    }

    fn quantity(&self, faults: &mut Faults) -> Option<Decimal> {
        let field = &self.map.quantity;
        let refuse = |faults: &mut Faults, why: &str| {
            faults.add(
                "E_ORDER_QUANTITY_INVALID",
                format!(
                    "{} {why} ({field}). Correct the quantity, or take the line out.",
                    self.whose
                ),
            );
            None
        };
        match self.number(field, faults)? {
            None => refuse(faults, "has no quantity"),
            Some(number) if number <= Decimal::ZERO => refuse(
                faults,
                &format!("has the quantity {number}, which is not above zero"),
            ),
            Some(number) if number.normalize().scale() > DECIMALS => refuse(
                faults,
                &format!("has the quantity {number}; Sage 100 takes {DECIMALS} decimals"),
            ),
            Some(number) => Some(number.normalize()),
        }
    }

    /// The unit of measure; the inner `None`: no field says so.
    #[expect(
        clippy::option_option,
        reason = "the outer one is a fault that was noted"
    )]
    fn unit(&self, lengths: &Lengths, faults: &mut Faults) -> Option<Option<String>> {
        let Some(field) = &self.map.unit else {
            return Some(None);
        };
        let text = text_of(self.fields, Some(field));
        if self.map.unit_values.is_empty() || text.is_empty() {
            return self.short("UnitOfMeasure", Some(field), lengths, faults);
        }
        let found = self.map.unit_values.iter().find(|(from, _)| *from == text);
        if let Some((_, to)) = found {
            return Some(Some(to.clone()));
        }
        let known = self.map.unit_values.iter().take(20);
        let known: Vec<&str> = known.map(|(from, _)| from.as_str()).collect();
        faults.add(
            Subject::Sale.code(Wrong::Unknown),
            format!(
                "{} is sold in {} ({field}), a unit that is not set up for Sage 100. Choose one of: {}.",
                self.whose,
                quoted(&text),
                known.join(", ")
            ),
        );
        None
    }

    /// A text of a field, empty where the field is blank; the inner `None`: there is no such field, or it was not read.
    #[expect(
        clippy::option_option,
        reason = "the outer one is a fault that was noted"
    )]
    fn short(
        &self,
        column: &str,
        field: Option<&String>,
        lengths: &Lengths,
        faults: &mut Faults,
    ) -> Option<Option<String>> {
        let Some(field) = field else {
            return Some(None);
        };
        let text = text_of(self.fields, Some(field));
        if text.is_empty() {
            return Some(self.fields.get(field).map(|_| text));
        }
        self.fits(column, field, &text, lengths, faults)
            .then_some(Some(text))
    }

    fn fits(
        &self,
        column: &str,
        field: &str,
        text: &str,
        lengths: &Lengths,
        faults: &mut Faults,
    ) -> bool {
        let count = text.chars().count();
        let most = lengths.get(&ORDER_LINE, column);
        let Some(most) = most.filter(|most| count > *most as usize) else {
            return true;
        };
        faults.add(
            Subject::Sale.code(Wrong::TooLong),
            format!(
                "{field} of {} has {count} characters ({}), and Sage 100 takes {most}. Correct it.",
                self.within,
                quoted(text)
            ),
        );
        false
    }

    /// The unit price and the discount in per cent, in the sale's currency, so that the line comes to what it comes to in
    /// the CRM.
    fn price(&self, quantity: Decimal, faults: &mut Faults) -> Option<(Decimal, Option<Decimal>)> {
        let Some(field) = &self.map.unit_price else {
            faults.add(
                "E_ORDER_PRICE_MISSING",
                format!("{} has no price.", self.whose),
            );
            return None;
        };
        let Some(price) = self.number(field, faults)? else {
            faults.add(
                "E_ORDER_PRICE_MISSING",
                format!(
                    "{} has no price ({field}). Enter one; it may be 0.",
                    self.whose
                ),
            );
            return None;
        };
        if price < Decimal::ZERO || price.normalize().scale() > DECIMALS {
            faults.add(
                "E_ORDER_PRICE_INVALID",
                format!(
                    "{} has the price {price} ({field}); Sage 100 takes no negative ones, and {DECIMALS} decimals. \
                     Correct it.",
                    self.whose
                ),
            );
            return None;
        }
        let percent = self.optional_number(self.map.discount_percent.as_ref(), faults)?;
        let amount = self.optional_number(self.map.discount_amount.as_ref(), faults)?;
        let discount = match (percent, amount) {
            (None, None) => return Some((price.normalize(), None)),
            (Some(percent), None) => Discount::Percent(percent),
            (None, Some(amount)) => Discount::Amount(amount),
            (Some(_), Some(_)) => Discount::Both,
        };
        let made = discount.applied(quantity, price);
        if made.is_none() {
            faults.add(
                "E_ORDER_DISCOUNT_INVALID",
                format!(
                    "{} has {}, which Sage 100 cannot hold exactly. Change the discount, or put the reduced price into \
                     the line.",
                    self.whose,
                    discount.said()
                ),
            );
        }
        made
    }

    fn in_sage(
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

    /// A number; the inner `None`: blank or zero.
    #[expect(
        clippy::option_option,
        reason = "the outer one is a fault that was noted"
    )]
    fn optional_number(
        &self,
        field: Option<&String>,
        faults: &mut Faults,
    ) -> Option<Option<Decimal>> {
        let Some(field) = field else {
            return Some(None);
        };
        let number = self.number(field, faults)?;
        Some(number.filter(|number| !number.is_zero()))
    }

    /// A number; the inner `None`: blank.
    #[expect(
        clippy::option_option,
        reason = "the outer one is a fault that was noted"
    )]
    fn number(&self, field: &str, faults: &mut Faults) -> Option<Option<Decimal>> {
        let value = self.fields.get(field).unwrap_or(&Value::Blank);
        let text = Helper::source_text(value);
        let read = match value {
            Value::Number(number) => Some(*number),
            _ if text.trim().is_empty() => return Some(None),
            _ => match as_number(text.trim()) {
                Some(Value::Number(number)) => Some(number),
                _ => None,
            },
        };
        if read.is_none() {
            faults.add(
                Subject::Sale.code(Wrong::Invalid),
                format!(
                    "{field} of {} is {}, where a number is wanted. Correct it.",
                    self.within,
                    quoted(&text)
                ),
            );
        }
        read.map(Some)
    }
}

#[derive(Debug, Clone, Copy)]
enum Discount {
    Percent(Decimal),
    Amount(Decimal),
    Both,
}

impl Discount {
    fn said(self) -> String {
        match self {
            Self::Percent(percent) => format!("a discount of {percent} per cent"),
            Self::Amount(amount) => format!("a discount of {amount}"),
            Self::Both => "a discount in per cent and another one as an amount".to_owned(),
        }
    }

    /// Unit price and percentage, such that the line comes to the same to the cent. A percentage where Sage's three
    /// decimals hold it exactly; else the reduced unit price. `None`: neither comes out, or the discount makes no sense.
    fn applied(self, quantity: Decimal, price: Decimal) -> Option<(Decimal, Option<Decimal>)> {
        let gross = quantity.checked_mul(price)?;
        let (percent, net) = match self {
            Self::Both => return None,
            Self::Percent(percent) => {
                let off = gross
                    .checked_mul(percent)?
                    .checked_div(Decimal::ONE_HUNDRED)?;
                (percent, gross.checked_sub(off)?)
            }
            Self::Amount(amount) => {
                let percent = amount
                    .checked_mul(Decimal::ONE_HUNDRED)?
                    .checked_div(gross)?;
                (percent, gross.checked_sub(amount)?)
            }
        };
        if !(Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&percent) {
            return None;
        }
        let short = rounded(percent, PERCENT_DECIMALS);
        let exact = match self {
            Self::Percent(percent) => short == percent,
            Self::Amount(amount) => {
                short.checked_mul(gross)? == amount.checked_mul(Decimal::ONE_HUNDRED)?
            }
            Self::Both => false,
        };
        if exact {
            return Some((price.normalize(), Some(short)));
        }
        // Sage's extension has two decimals: what the line comes to is the same when it is the same to the cent.
        let unit = rounded(net.checked_div(quantity)?, DECIMALS);
        let comes_to = rounded(unit.checked_mul(quantity)?, 2);
        (comes_to == rounded(net, 2)).then_some((unit, None))
    }
}

/// A field as trimmed text; empty where there is none.
pub(super) fn text_of(fields: &Fields, field: Option<&String>) -> String {
    let value = field.and_then(|field| fields.get(field));
    value.map_or_else(String::new, |value| {
        Helper::source_text(value).trim().to_owned()
    })
}

fn id_of(value: Option<&Value>) -> Option<CrmId> {
    match value {
        Some(Value::Reference(id) | Value::Text(id)) => Some(CrmId(id.clone())),
        _ => None,
    }
}
