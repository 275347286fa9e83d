//! A sale of the CRM as an order of Sage: whether it is one, what is read of it, what it comes to.

use counterpart_domain::sale::{
    CurrencyNote, ORDER_HEADER, Reference, SaleCustomer, SaleOrder, is_address,
};
use counterpart_domain::{Class, Company, Fault, Fields, Value};
use rust_decimal::Decimal;

use super::Lengths;
use super::below_zero::whole;
use super::columns::{Making, fields_of, iso_of, keep_own_blanks};
use super::fault::{Faults, Subject};
use super::line::{Header, Made, line, text_of};
use crate::mapping::as_number;
use crate::{
    CrmCondition, OrderSource, OrdersConfig, SageColumn, SageFieldMap, SageSource, SageWith, Test,
    TotalsPolicy,
};

impl CrmCondition {
    /// Whether the record meets it. A field that was read and is not in the answer is blank.
    #[must_use]
    pub fn holds(&self, fields: &Fields) -> bool {
        let held = fields.get(&self.field).unwrap_or(&Value::Blank);
        match &self.test {
            Test::Equals(wanted) => equal(held, wanted),
            Test::Not(wanted) => !equal(held, wanted),
            Test::In(wanted) => wanted.iter().any(|wanted| equal(held, wanted)),
            Test::StartsWith(start) => held.to_string().starts_with(start.as_str()),
        }
    }
}

/// The configuration does not know a field's type: a text stands for an id and for a date, too.
fn equal(held: &Value, wanted: &Value) -> bool {
    match (held, wanted) {
        (Value::Reference(_) | Value::Date(_), Value::Text(text)) => held.to_string() == *text,
        _ => held == wanted,
    }
}

impl OrderSource {
    /// Whether the record is to be a Sage order.
    #[must_use]
    pub fn is_won(&self, fields: &Fields) -> bool {
        !self.when.is_empty() && self.when.iter().all(|one| one.holds(fields))
    }

    /// Whether an order that was made of the record is to be cancelled.
    #[must_use]
    pub fn is_cancelled(&self, fields: &Fields) -> bool {
        !self.cancel_when.is_empty() && self.cancel_when.iter().all(|one| one.holds(fields))
    }

    /// Every field of the record that is read, each once.
    #[must_use]
    pub fn query_fields(&self) -> Vec<String> {
        let conditions = self.when.iter().chain(&self.cancel_when);
        let named = [
            self.root.as_ref(),
            Some(&self.account),
            self.account_key.as_ref(),
            self.contact.as_ref().map(|contact| &contact.field),
            self.contact
                .as_ref()
                .and_then(|contact| contact.name_field.as_ref()),
            self.currency.as_ref(),
            self.price_book.as_ref(),
            self.total.as_ref(),
            self.discount.as_ref(),
            self.adjustment.as_ref(),
            self.tax.as_ref(),
            self.day.as_ref(),
            // A number that stands there already says that the sale was an order once.
            self.write_back.number.as_ref(),
        ];
        let mut fields: Vec<String> = conditions.map(|one| one.field.clone()).collect();
        fields.extend(named.into_iter().flatten().cloned());
        fields.extend(self.columns.iter().flat_map(fields_of));
        once_each(fields)
    }

    /// Every field of a line that is read, each once. Its `id` comes by itself.
    #[must_use]
    pub fn query_line_fields(&self) -> Vec<String> {
        let lines = &self.lines;
        let named = [
            Some(&lines.code),
            lines.product.as_ref(),
            Some(&lines.quantity),
            lines.unit_price.as_ref(),
            lines.discount_percent.as_ref(),
            lines.discount_amount.as_ref(),
            lines.tax.as_ref(),
            lines.unit.as_ref(),
            lines.product_unit.as_ref(),
            lines.warehouse.as_ref(),
            lines.currency.as_ref(),
            lines.price_book.as_ref(),
        ];
        let mut fields: Vec<String> = named.into_iter().flatten().cloned().collect();
        fields.extend(lines.columns.iter().flat_map(fields_of));
        once_each(fields)
    }
}

pub(super) fn once_each(mut fields: Vec<String>) -> Vec<String> {
    fields.sort();
    fields.dedup();
    fields
}

/// What an order is made of.
#[derive(Debug, Clone)]
pub struct OrderInput<'a> {
    /// The company that it goes to.
    pub company: &'a Company,
    /// Our mark.
    pub reference: Reference,
    /// Who buys.
    pub customer: SaleCustomer,
    /// The record, with [`OrderSource::query_fields`].
    pub fields: &'a Fields,
    /// Its lines, in the CRM's order, with [`OrderSource::query_line_fields`].
    pub lines: &'a [Fields],
    /// The CRM's rate, where [`OrdersConfig::wanted_rate`] asks for one.
    pub rate: Option<CurrencyNote>,
    /// How long Sage's texts may be, and where the company's days begin.
    pub lengths: &'a Lengths,
}

impl OrdersConfig {
    /// The source of a module's orders.
    #[must_use]
    pub fn source(&self, module: &str) -> Option<&OrderSource> {
        self.sources.iter().find(|source| source.module == module)
    }

    /// The order that a sale asks for. Pure.
    ///
    /// # Errors
    /// `E_ORDER_…`, `E_ITEM_…`, `E_CURRENCY_…` and `E_PRICE_BOOK_MISMATCH` (class data), each a sentence that a sales person
    /// can act on: the first as the message, all others in the detail.
    pub fn order(&self, source: &OrderSource, input: OrderInput<'_>) -> Result<SaleOrder, Fault> {
        let mut faults = Faults::default();
        let fields = input.fields;
        let currency = self.currency.note(
            source,
            fields,
            input.rate.as_ref(),
            input.lengths.zone(),
            &mut faults,
        );
        let rate = currency.as_ref().map(|note| note.rate);
        let mut header = header(source, fields, input.lengths, rate, &mut faults);
        let book = text_of(fields, source.price_book.as_ref());
        let iso = iso_of(fields, source.currency.as_ref());
        let of_all = Header {
            price_book: (!book.is_empty()).then_some(book),
            currency: iso.unwrap_or_else(|| self.currency.sage.clone()),
            rate,
            lengths: input.lengths,
        };
        if input.lines.is_empty() {
            faults.add(
                "E_ORDER_EMPTY",
                "The sale has no products. Add at least one product.".to_owned(),
            );
        }
        let mut lines = Vec::with_capacity(input.lines.len());
        let mut off = Decimal::ZERO;
        for (index, fields) in input.lines.iter().enumerate() {
            match line(self, &source.lines, &of_all, fields, index + 1, &mut faults) {
                Some(Made::Line(line)) => lines.push(line.told_as(index, lines.len())),
                Some(Made::Off(amount)) => off = off.saturating_add(amount),
                None => {}
            }
        }
        if lines.is_empty() && !off.is_zero() {
            faults.add(
                "E_ORDER_EMPTY",
                "The sale has nothing but discounts. Add at least one product.".to_owned(),
            );
        }
        let parts = (&mut header, &mut lines);
        whole(self, source, fields, rate, off, parts, &mut faults);
        faults.into_result()?;
        let order = SaleOrder {
            company: input.company.clone(),
            customer: input.customer,
            reference: input.reference,
            header,
            lines,
            crm_total: amount(source.total.as_ref(), fields),
            crm_tax: tax(source, fields, input.lines),
            currency,
        };
        self.check_total(&order)?;
        Ok(order)
    }
}

/// The header's columns: what the CRM's own fields say, blank ones included, and all parts of an address of which another
/// part is there.
fn header(
    source: &OrderSource,
    fields: &Fields,
    lengths: &Lengths,
    rate: Option<Decimal>,
    faults: &mut Faults,
) -> Fields {
    let making = Making {
        table: &ORDER_HEADER,
        subject: Subject::Sale,
        whose: "the sale",
        lengths,
        rate,
        held: None,
    };
    let confirm = confirm_to(source);
    let maps = || source.columns.iter().chain(&confirm);
    let made = making.columns(maps(), fields, faults);
    let mut header = made.clone();
    keep_own_blanks(&mut header, maps(), fields);
    for kind in ["ShipTo", "BillTo"] {
        let mut parts = made.iter().filter(|(column, _)| is_address(column, kind));
        if parts.clone().any(|(_, value)| !value.is_blank()) {
            header.extend(
                parts
                    .by_ref()
                    .map(|(column, value)| (column.clone(), value.clone())),
            );
        }
    }
    header
}

/// The contact's name goes into `ConfirmTo`, unless a column does.
pub(super) fn confirm_to(source: &OrderSource) -> Option<SageFieldMap> {
    let name = source.contact.as_ref()?.name_field.clone()?;
    let taken = source
        .columns
        .iter()
        .any(|map| map.column.name == "ConfirmTo");
    (!taken).then(|| SageFieldMap {
        column: SageColumn {
            name: "ConfirmTo".to_owned(),
            length: None,
        },
        from: SageSource::Fields(vec![name]),
        with: SageWith::AsIs,
        values: Vec::new(),
        cut: true,
        required: false,
        default: None,
    })
}

/// The tax of the record and of its lines; none: the CRM has none.
fn tax(source: &OrderSource, fields: &Fields, lines: &[Fields]) -> Option<Decimal> {
    let of_lines = lines
        .iter()
        .filter_map(|line| amount(source.lines.tax.as_ref(), line));
    let all = amount(source.tax.as_ref(), fields)
        .into_iter()
        .chain(of_lines);
    all.reduce(|sum, tax| sum.saturating_add(tax))
}

/// An amount that is only compared: what is no number counts as nothing.
fn amount(field: Option<&String>, fields: &Fields) -> Option<Decimal> {
    match fields.get(field?)? {
        Value::Number(total) => Some(*total),
        Value::Text(text) => match as_number(text.trim()) {
            Some(Value::Number(total)) => Some(total),
            _ => None,
        },
        _ => None,
    }
}

impl OrdersConfig {
    /// How far the CRM's total and Sage's may be apart.
    #[must_use]
    pub fn total_tolerance(&self, order: &SaleOrder) -> Decimal {
        order.total_tolerance(self.totals_tolerance, self.currency.price_decimals)
    }

    /// Refuses an order that would come to something else in Sage than in the CRM, before Sage has anything of it. Where Sage
    /// prices, that is known afterwards only.
    fn check_total(&self, order: &SaleOrder) -> Result<(), Fault> {
        let (TotalsPolicy::Park, Some(crm), Some(meant)) =
            (self.totals, order.crm_net(), order.meant_net())
        else {
            return Ok(());
        };
        if (crm - meant).abs() <= self.total_tolerance(order) {
            return Ok(());
        }
        let but_tax = match order.crm_tax {
            Some(tax) if !tax.is_zero() => " without tax",
            _ => "",
        };
        let what = match &order.currency {
            Some(note) => format!("{crm:.2} {}{but_tax}, converted,", note.to),
            None => format!("{crm:.2}{but_tax}"),
        };
        Err(Fault::new(
            Class::Data,
            "E_ORDER_TOTAL_DIFFERS",
            format!(
                "The sale comes to {what} in the CRM, and to {meant:.2} in Sage 100, by the products, freight and discount \
                 that go there. Put discounts and charges of the whole sale into its products, or have them mapped to columns \
                 of the order."
            ),
        ))
    }
}
