//! The memory Sage at hand for tests: what stands in it, what is entered by hand, what goes wrong with writes.

use std::time::Duration;

use counterpart_domain::sale::{
    CustomerCredit, ItemStock, OrderChange, OrderFile, OrderStatus, SalesOrder,
};
use counterpart_domain::{Company, Fault, Fields, SageKey};
use rust_decimal::Decimal;

use super::sage::MemorySage;
use super::sales::{OrderRow, blank, item};

impl MemorySage {
    /// Puts an active item there, with 100 pieces in warehouse 000.
    pub fn put_item(&self, company: &Company, code: &str, price: Decimal) {
        let at = (company.clone(), code.to_owned());
        let stock = ItemStock {
            item: code.to_owned(),
            warehouse: "000".to_owned(),
            on_hand: Decimal::from(100),
            on_sales_order: Decimal::ZERO,
            on_back_order: Decimal::ZERO,
            on_purchase_order: Decimal::ZERO,
            available: Decimal::from(100),
        };
        self.sold(|sales| {
            sales.items.insert(at.clone(), item(code, price));
            sales.stock.insert(at, vec![stock]);
        });
    }

    /// Takes an item out of use, or back in.
    pub fn set_inactive(&self, company: &Company, code: &str, inactive: bool) {
        let at = (company.clone(), code.to_owned());
        self.sold(|sales| {
            if let Some(item) = sales.items.get_mut(&at) {
                item.inactive = inactive;
            }
        });
    }

    /// Has an item sold by a unit that holds so many of the standard one: a CASE of 12 EACH (`SalesUnitOfMeasure`,
    /// `SalesUMConvFctr` and `StandardUnitOfMeasure` of `CI_Item`).
    pub fn sell_by(&self, company: &Company, code: &str, unit: &str, factor: Decimal) {
        let at = (company.clone(), code.to_owned());
        self.sold(|sales| {
            if let Some(item) = sales.items.get_mut(&at) {
                unit.clone_into(&mut item.sales_unit);
                item.sales_factor = Some(factor);
            }
        });
    }

    /// Sets a customer's credit; without it, a customer has no limit and owes nothing.
    pub fn set_credit(&self, customer: &SageKey, limit: Decimal, due: Decimal) {
        let credit = CustomerCredit {
            hold: false,
            limit,
            due,
            open_orders: Decimal::ZERO,
            remaining: limit - due,
        };
        self.sold(|sales| sales.credit.insert(customer.clone(), credit));
    }

    /// Sets a customer's own price of an item.
    pub fn set_price(&self, customer: &SageKey, item: &str, price: Decimal) {
        let at = (customer.clone(), item.to_owned());
        self.sold(|sales| sales.prices.insert(at, price));
    }

    /// New orders of a customer get this discount in per cent from Sage itself.
    pub fn give_discount(&self, customer: &SageKey, percent: Decimal) {
        self.sold(|sales| sales.discounts.insert(customer.clone(), percent));
    }

    /// The last change of an order that was done.
    #[must_use]
    pub fn last_change(&self) -> Option<OrderChange> {
        self.sold(|sales| sales.last_change.clone())
    }

    /// All orders of a company, the history included, by number.
    #[must_use]
    pub fn all_orders(&self, company: &Company) -> Vec<SalesOrder> {
        self.sold(|sales| {
            let of = sales.orders.iter().filter(|((of, _), _)| of == company);
            of.map(|(_, row)| row.order.clone()).collect()
        })
    }

    /// The header columns of an order that were given to it, by whomever.
    #[must_use]
    pub fn header(&self, company: &Company, number: &str) -> Fields {
        let at = (company.clone(), number.to_owned());
        self.sold(|sales| {
            let row = sales.orders.get(&at);
            row.map(|row| row.header.clone()).unwrap_or_default()
        })
    }

    /// An order with all its columns; none: there is none under that number.
    #[must_use]
    pub fn order_row(&self, company: &Company, number: &str) -> Option<OrderRow> {
        let at = (company.clone(), number.to_owned());
        self.sold(|sales| sales.orders.get(&at).cloned())
    }

    /// Changes what readers see of an order. Nothing is computed anew.
    pub fn edit_order(&self, company: &Company, number: &str, edit: impl FnOnce(&mut SalesOrder)) {
        self.edit_row(company, number, |row| edit(&mut row.order));
    }

    pub(super) fn edit_row(
        &self,
        company: &Company,
        number: &str,
        edit: impl FnOnce(&mut OrderRow),
    ) {
        let at = (company.clone(), number.to_owned());
        self.sold(|sales| {
            if let Some(row) = sales.orders.get_mut(&at) {
                edit(row);
            }
        });
    }

    /// Enters an order by hand.
    pub fn put_order(&self, company: &Company, order: SalesOrder) {
        let at = (company.clone(), order.number.clone());
        self.sold(|sales| sales.orders.insert(at, OrderRow::new(order)));
    }

    /// An order without lines, for [`MemorySage::put_order`].
    #[must_use]
    pub fn blank_order(number: &str, customer: &SageKey) -> SalesOrder {
        blank(number, customer)
    }

    /// Invoices an order: it leaves the open file for the history.
    pub fn invoice(&self, company: &Company, number: &str) {
        self.edit_order(company, number, |order| {
            order.file = OrderFile::History;
            order.status = OrderStatus::Closed;
            order.invoice = "0100042".to_owned();
            for line in &mut order.lines {
                line.shipped = line.quantity;
            }
        });
    }

    /// Deletes an order without a trace.
    pub fn remove_order(&self, company: &Company, number: &str) {
        let at = (company.clone(), number.to_owned());
        self.sold(|sales| sales.orders.remove(&at));
    }

    /// Another user has a number or key open: so many writes of it are refused.
    pub fn lock(&self, what: &str, times: u32) {
        self.sold(|sales| sales.locked.insert(what.to_owned(), times));
    }

    /// Sage refuses this text in any column of orders and records, until [`MemorySage::accept`].
    pub fn refuse(&self, text: &str) {
        self.sold(|sales| sales.refused.insert(text.to_owned()));
    }

    /// Ends [`MemorySage::refuse`].
    pub fn accept(&self, text: &str) {
        self.sold(|sales| sales.refused.remove(text));
    }

    /// Questions about this item are answered with a fault, until [`MemorySage::answer_about`].
    pub fn misanswer_about(&self, item: &str, fault: Fault) {
        self.sold(|sales| sales.odd_items.insert(item.to_owned(), fault));
    }

    /// Ends [`MemorySage::misanswer_about`].
    pub fn answer_about(&self, item: &str) {
        self.sold(|sales| sales.odd_items.remove(item));
    }

    /// From now on a company is written over the SOAP service, which reads an order and writes it back whole, or over the
    /// agent again.
    pub fn write_by_soap(&self, company: &Company, soap: bool) {
        self.sold(|sales| match soap {
            true => sales.soap.insert(company.clone()),
            false => sales.soap.remove(company),
        });
    }

    /// So many creates lose what the reference column was given.
    pub fn drop_marker(&self, times: u32) {
        self.sold(|sales| sales.drop_marker = times);
    }

    /// After so many more questions for orders, so many find nothing: what was just written is not to be read yet.
    pub fn hide_orders(&self, after: u32, times: u32) {
        self.sold(|sales| sales.hidden = (after, times));
    }

    /// So many numbers are used by another user, for an order of `customer`, right after they were given out.
    pub fn take_numbers(&self, times: u32, customer: &SageKey) {
        self.sold(|sales| {
            sales.take_numbers = times;
            sales.thief = Some(customer.clone());
        });
    }

    /// What was created: `order 0000181`, `customer ABC:01-0000101`, in order.
    #[must_use]
    pub fn created(&self) -> Vec<String> {
        self.sold(|sales| sales.created.clone())
    }

    /// Every order that was ever created through the port, as it was then, whatever became of it.
    #[must_use]
    pub fn ever_made(&self) -> Vec<OrderRow> {
        self.sold(|sales| sales.made.clone())
    }

    /// Every customer and contact that was ever created through the port.
    #[must_use]
    pub fn records_ever_made(&self) -> Vec<SageKey> {
        self.sold(|sales| sales.made_records.clone())
    }

    /// What was updated or cancelled, in order.
    #[must_use]
    pub fn changed_by_us(&self) -> Vec<String> {
        self.sold(|sales| sales.changed.clone())
    }

    /// The most writes that were ever under way at once.
    #[must_use]
    pub fn most_at_once(&self) -> u32 {
        self.sold(|sales| sales.most_writing)
    }

    /// Each write takes so long before it is done.
    pub fn slow_writes(&self, each: Duration) {
        self.slow.set(each);
    }
}
