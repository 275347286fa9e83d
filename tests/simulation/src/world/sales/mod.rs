//! What the memory Sage knows of sales: counters that never give a number twice, orders with their history, items, stock,
//! prices and credit. A create that was answered and one that was not are the same to it.

mod orders;

use std::collections::{BTreeMap, BTreeSet};

use counterpart_domain::sale::{
    CustomerCredit, Item, ItemPrice, ItemStock, ItemType, OrderChange, OrderFile, OrderStatus,
    SalesOrder,
};
use counterpart_domain::{Class, Company, Fault, SageKey, Value};
use rust_decimal::Decimal;

pub use orders::OrderRow;

/// The rows and what goes wrong with them.
#[derive(Debug, Default)]
pub(super) struct Sales {
    pub(super) orders: BTreeMap<(Company, String), OrderRow>,
    /// Companies that are written over the SOAP service: it reads an order, and writes it back whole.
    pub(super) soap: BTreeSet<Company>,
    pub(super) items: BTreeMap<(Company, String), Item>,
    pub(super) stock: BTreeMap<(Company, String), Vec<ItemStock>>,
    pub(super) credit: BTreeMap<SageKey, CustomerCredit>,
    pub(super) prices: BTreeMap<(SageKey, String), Decimal>,
    order_numbers: BTreeMap<Company, u64>,
    customer_numbers: BTreeMap<Company, u64>,
    /// The discount in per cent that new orders of a customer get from Sage.
    pub(super) discounts: BTreeMap<SageKey, Decimal>,
    /// The last change of an order that was done.
    pub(super) last_change: Option<OrderChange>,
    /// How many more writes of this number or key another user's lock refuses.
    pub(super) locked: BTreeMap<String, u32>,
    /// Texts that Sage refuses in any column.
    pub(super) refused: BTreeSet<String>,
    /// Items about which the agent answers with a fault.
    pub(super) odd_items: BTreeMap<String, Fault>,
    /// How many more creates lose the reference column.
    pub(super) drop_marker: u32,
    /// After so many questions for orders, so many find nothing.
    pub(super) hidden: (u32, u32),
    /// How many more numbers are taken by another user right after they were given out.
    pub(super) take_numbers: u32,
    /// Who the other user sells to, and whether just what we would have sold.
    pub(super) thief: Option<SageKey>,
    /// Orders and records that were created, in order: what a test counts.
    pub(super) created: Vec<String>,
    /// Every order that was ever created through the port, as it was then.
    pub(super) made: Vec<OrderRow>,
    /// Every customer and contact that was ever created through the port.
    pub(super) made_records: Vec<SageKey>,
    /// Updates and cancellations that were done, in order.
    pub(super) changed: Vec<String>,
    /// Writes under way, and the most there ever were at once.
    pub(super) writing: u32,
    pub(super) most_writing: u32,
}

/// A code as Sage keeps it and looks for it: a key typed in small letters finds the record, and what is stored is in upper
/// case ("Keys are compared in upper case", the agent's contract).
pub(super) fn spelt(code: &str) -> String {
    code.trim().to_uppercase()
}

pub(super) fn refused(code: &'static str, message: impl Into<String>) -> Fault {
    Fault::new(Class::Data, code, message)
}

impl Sales {
    /// Whether the question for orders that is asked now finds nothing.
    pub(super) fn hides(&mut self) -> bool {
        let (after, times) = &mut self.hidden;
        if *after > 0 {
            *after -= 1;
            return false;
        }
        let hides = *times > 0;
        *times = times.saturating_sub(1);
        hides
    }

    /// The fault of a question that names an odd item.
    pub(super) fn odd_item(&self, codes: &[String]) -> Option<Fault> {
        codes
            .iter()
            .find_map(|code| self.odd_items.get(code))
            .cloned()
    }

    pub(super) fn check_lock(&mut self, what: &str) -> Result<(), Fault> {
        let Some(left) = self.locked.get_mut(what) else {
            return Ok(());
        };
        *left -= 1;
        if *left == 0 {
            self.locked.remove(what);
        }
        Err(Fault::new(
            Class::Transient,
            "E_SAGE_LOCKED",
            format!("Another user has {what} open in Sage 100."),
        ))
    }

    pub(super) fn check_texts<'a>(
        &self,
        values: impl IntoIterator<Item = (&'a String, &'a Value)>,
    ) -> Result<(), Fault> {
        for (column, value) in values {
            if self.refused.contains(&value.to_string()) {
                let message = format!("Sage 100 refused {column}: {value} is invalid.");
                return Err(refused("E_SAGE_REFUSED", message));
            }
            // XML 1.0 cannot carry them, not even escaped ("Extensible Markup Language (XML) 1.0", 2.2 Characters).
            let control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
            if value.to_string().contains(control) {
                let message = format!("{column} cannot be written: it holds a control character.");
                return Err(refused("E_SAGE_REFUSED", message));
            }
        }
        Ok(())
    }

    pub(super) fn next_order(&mut self, company: &Company) -> String {
        let counter = self.order_numbers.entry(company.clone()).or_insert(180);
        *counter += 1;
        let number = format!("{counter:07}");
        if self.take_numbers > 0
            && let Some(customer) = self.thief.clone()
        {
            self.take_numbers -= 1;
            let theirs = SalesOrder {
                customer,
                ..blank(&number, &SageKey { ..any(company) })
            };
            self.orders
                .insert((company.clone(), number.clone()), OrderRow::new(theirs));
        }
        number
    }

    pub(super) fn next_customer(&mut self, company: &Company) -> String {
        let counter = self.customer_numbers.entry(company.clone()).or_insert(100);
        *counter += 1;
        format!("{counter:07}")
    }

    /// An order of the open file.
    pub(super) fn open(&self, at: &(Company, String)) -> Result<&OrderRow, Fault> {
        let open = self.orders.get(at);
        open.filter(|row| row.order.file == OrderFile::Open)
            .ok_or_else(|| {
                let message = format!("Sales order {} is not in the open file.", at.1);
                refused("E_SAGE_NOT_FOUND", message)
            })
    }

    pub(super) fn price_of(&self, customer: &SageKey, item: &str) -> Option<Decimal> {
        let at = (customer.clone(), spelt(item));
        self.prices.get(&at).copied()
    }

    pub(super) fn price(
        &self,
        customer: &SageKey,
        item: &str,
        quantity: Decimal,
    ) -> Option<ItemPrice> {
        let at = (customer.company.clone(), spelt(item));
        let held = self.items.get(&at)?;
        let own = self.price_of(customer, item);
        Some(ItemPrice {
            item: held.code.clone(),
            unit: held.sales_unit.clone(),
            quantity,
            unit_price: own.or(held.standard_price)?,
            basis: if own.is_some() {
                "customer price".to_owned()
            } else {
                "standard".to_owned()
            },
        })
    }
}

fn any(company: &Company) -> SageKey {
    SageKey {
        company: company.clone(),
        entity: counterpart_domain::Entity::CUSTOMER,
        local: String::new(),
    }
}

pub(super) fn blank(number: &str, customer: &SageKey) -> SalesOrder {
    SalesOrder {
        number: number.to_owned(),
        customer: customer.clone(),
        file: OrderFile::Open,
        status: OrderStatus::New,
        reference: String::new(),
        order_date: None,
        invoice: String::new(),
        lines: Vec::new(),
        taxable: Decimal::ZERO,
        non_taxable: Decimal::ZERO,
        sales_tax: Decimal::ZERO,
        discount: Decimal::ZERO,
        freight: Decimal::ZERO,
        columns: BTreeMap::new(),
    }
}

/// An active item that is sold by the piece.
pub(super) fn item(code: &str, price: Decimal) -> Item {
    Item {
        code: code.to_owned(),
        item_type: if code.starts_with('/') {
            ItemType::Miscellaneous
        } else {
            ItemType::Regular
        },
        description: format!("Item {code}"),
        inactive: false,
        sales_unit: "EACH".to_owned(),
        standard_unit: "EACH".to_owned(),
        sales_factor: Some(Decimal::ONE),
        standard_price: Some(price),
        warehouse: "000".to_owned(),
    }
}
