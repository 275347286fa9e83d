//! One line of an order.

use counterpart_domain::sale::{
    ORDER_LINE, SaleLine, bare_code, code, is_unseen, named_character, stranger_in,
};
use counterpart_domain::{CrmId, Fields, Value};
use rust_decimal::Decimal;

use super::Lengths;
use super::columns::{Making, iso_of, keep_own_blanks, rounded};
use super::fault::{Faults, Subject, Wrong, quoted};
use super::price::DECIMALS;
use crate::mapping::{Helper, as_number};
use crate::{LineMap, OrdersConfig, Prices, Reductions};

/// What a line has to agree with.
pub(super) struct Header<'a> {
    pub(super) price_book: Option<String>,
    /// The sale's currency; Sage's where the sale names none.
    pub(super) currency: String,
    pub(super) rate: Option<Decimal>,
    pub(super) lengths: &'a Lengths,
}

/// The characters of CI_Item.ItemCode, in every version.
const ITEM_CODE_LENGTH: u32 = 30;

/// A line that is being read.
pub(super) struct Line<'a> {
    pub(super) map: &'a LineMap,
    pub(super) fields: &'a Fields,
    /// `Line 2 ("HON-H252")`: at the beginning of a sentence.
    pub(super) whose: String,
    /// `line 2 ("HON-H252")`: within one.
    within: String,
}

/// What becomes of a line.
pub(super) enum Made {
    /// A line of the order.
    Line(Box<SaleLine>),
    /// So much less of the order as a whole, in Sage's currency.
    Off(Decimal),
}

/// A line as Sage is to have it. `number`: counted from 1. `None`: it cannot be; the faults say why.
pub(super) fn line(
    config: &OrdersConfig,
    map: &LineMap,
    header: &Header<'_>,
    fields: &Fields,
    number: usize,
    faults: &mut Faults,
) -> Option<Made> {
    let code = text_of(fields, Some(&map.code));
    let code = bare_code(&code).to_owned();
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
    let quantity = line.quantity(faults);
    let amounts = match (config.prices, quantity) {
        (Prices::Crm, Some(quantity)) => line.amounts(quantity, faults),
        (Prices::Crm, None) | (Prices::Sage, _) => None,
    };
    if let Some(amounts) = amounts.filter(|amounts| amounts.price < Decimal::ZERO)
        && config.reductions != Reductions::Refuse
    {
        return line.below_zero(config, header, amounts, faults);
    }
    let item = line.item(config, &code, header.lengths, faults);
    let unit = line.unit(header.lengths, faults);
    let warehouse = line.short(
        "WarehouseCode",
        map.warehouse.as_ref(),
        header.lengths,
        faults,
    );
    let price = match config.prices {
        Prices::Sage => line.no_price(faults).map(|()| (None, None)),
        Prices::Crm => amounts
            .and_then(|amounts| line.price(amounts, faults))
            .and_then(|price| {
                line.in_sage(price, header.rate, config.currency.price_decimals, faults)
            })
            // Without a discount, the CRM says that there is none.
            .map(|(price, percent)| (Some(price), Some(percent.unwrap_or_default()))),
    };
    let columns = line.columns(header, faults);
    let (unit_price, discount_percent) = price?;
    Some(Made::Line(Box::new(SaleLine {
        id: id_of(fields.get("id")),
        number: None,
        product: map
            .product
            .as_ref()
            .and_then(|field| id_of(fields.get(field))),
        item: item?,
        quantity: rounded(quantity?, DECIMALS),
        unit: unit?,
        crm_unit: line.crm_unit(),
        warehouse: warehouse?,
        unit_price,
        discount_percent,
        columns,
    })))
}

impl Line<'_> {
    /// Its further columns.
    pub(super) fn columns(&self, header: &Header<'_>, faults: &mut Faults) -> Fields {
        let making = Making {
            table: &ORDER_LINE,
            subject: Subject::Sale,
            whose: &self.within,
            lengths: header.lengths,
            rate: header.rate,
            held: None,
        };
        let mut columns = making.columns(&self.map.columns, self.fields, faults);
        keep_own_blanks(&mut columns, &self.map.columns, self.fields);
        columns
    }

    /// What the CRM's product is counted in, where the line names no unit.
    fn crm_unit(&self) -> Option<String> {
        if !text_of(self.fields, self.map.unit.as_ref()).is_empty() {
            return None;
        }
        let text = text_of(self.fields, self.map.product_unit.as_ref());
        let named = self.map.unit_values.iter().find(|(from, _)| *from == text);
        let unit = named.map_or(text.as_str(), |(_, to)| to.as_str());
        Some(bare_code(unit).to_owned()).filter(|unit| !unit.is_empty())
    }

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
        if let Some(strange) = stranger_in(code) {
            faults.add(
                "E_ITEM_CODE_INVALID",
                format!(
                    "The product code of {} has a character that no item code of Sage 100 can have ({}). Type the code \
                     anew in the product.",
                    self.within,
                    shown(strange)
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
            Some(number) if number < Decimal::ZERO => refuse(
                faults,
                &format!(
                    "has the quantity {number}, which is below zero: a return is entered in Sage 100, and a discount has \
                     the quantity 1 and a price below zero"
                ),
            ),
            Some(number) if number.is_zero() => {
                refuse(faults, "has the quantity 0, which is not above zero")
            }
            Some(number) if rounded(number, DECIMALS).is_zero() => refuse(
                faults,
                &format!(
                    "has the quantity {}; Sage 100 takes {DECIMALS} decimals",
                    number.normalize()
                ),
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
        let text = code(&text_of(self.fields, Some(field)));
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
        // No agent is asked for what no version of Sage can hold: it may refuse the whole question.
        let most = most.or((column == "ItemCode").then_some(ITEM_CODE_LENGTH));
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

    /// A number; the inner `None`: blank or zero.
    #[expect(
        clippy::option_option,
        reason = "the outer one is a fault that was noted"
    )]
    pub(super) fn optional_number(
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
    pub(super) fn number(&self, field: &str, faults: &mut Faults) -> Option<Option<Decimal>> {
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

/// A character as people can look for it, and as they see it where they do.
fn shown(c: char) -> String {
    let name = named_character(c);
    if is_unseen(c) {
        format!("{name}, which nobody sees")
    } else {
        format!("{name}, {}", quoted(&c.to_string()))
    }
}

/// A field as trimmed text; empty where there is none.
pub(super) fn text_of(fields: &Fields, field: Option<&String>) -> String {
    let value = field.and_then(|field| fields.get(field));
    value.map_or_else(String::new, |value| {
        Helper::source_text(value).trim().to_owned()
    })
}

pub(super) fn id_of(value: Option<&Value>) -> Option<CrmId> {
    match value {
        Some(Value::Reference(id) | Value::Text(id)) => Some(CrmId(id.clone())),
        _ => None,
    }
}
