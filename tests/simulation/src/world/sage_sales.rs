//! The memory Sage as orders see it: asked by the agent, written by either way, and at hand for tests.

use std::time::Duration;

use counterpart_delivery::ports::{
    Clock as _, Observed, OrderQuery, SageOrders, SageWrite, WriteContext,
};
use counterpart_domain::sale::{
    CustomerCredit, Item, ItemPrice, ItemStock, OrderChange, OrderFile, SaleOrder, SalesOrder,
};
use counterpart_domain::{Class, Company, Entity, Fault, Fields, SageKey, Value};
use rust_decimal::Decimal;

use super::faults::unknown;
use super::sage::{MemorySage, UnderWay};
use super::sage_texts::kept;
use crate::clock::later;

use super::sales::{OrderRow, Sales, refused, spelt};

/// How long a client waits for an answer of Sage.
const PATIENCE: Duration = Duration::from_secs(60);

impl MemorySage {
    pub(super) fn sold<T>(&self, with: impl FnOnce(&mut Sales) -> T) -> T {
        with(&mut self.sales.borrow_mut())
    }

    /// One write: it takes its time, may find Sage down, and its answer may be lost. A worker that stood still while it
    /// wrote gives up when it goes on: its client waits for a minute and no longer.
    async fn write<T: 'static>(
        &self,
        name: &'static str,
        effect: impl FnOnce(&mut Sales) -> Result<T, Fault> + 'static,
    ) -> Result<T, Fault> {
        let given_up_at = self.clock.now() + PATIENCE.max(self.slow.get());
        let lands_after = self.faults.lands_after(name);
        let done = async {
            let _at_work = AtWork::begin(self);
            if !self.slow.get().is_zero() {
                self.clock.sleep(self.slow.get()).await;
            }
            self.begin()?;
            if self.clock.now() > given_up_at {
                return Err(unknown(name, "nothing was sent"));
            }
            let Some(after) = lands_after else {
                return effect(&mut self.sales.borrow_mut());
            };
            self.under_way.borrow_mut().push(UnderWay {
                lands: later(self.clock.now(), after),
                effect: Box::new(move |sales| {
                    // Whether it took effect, nobody hears.
                    let _unheard = effect(sales);
                }),
            });
            Err(unknown(name, "it takes effect later"))
        };
        self.faults.write(name, done).await
    }

    async fn ask<T>(
        &self,
        name: &'static str,
        look: impl FnOnce(&Sales) -> T,
    ) -> Result<Observed<T>, Fault> {
        let asked = async {
            let as_of = self.begin()?;
            let value = look(&self.sales.borrow());
            Ok(Observed { as_of, value })
        };
        self.faults.call(name, asked).await
    }
}

/// Counts the writes under way, those of the dead not included.
struct AtWork<'a>(&'a MemorySage);

impl<'a> AtWork<'a> {
    fn begin(sage: &'a MemorySage) -> Self {
        sage.sold(|sales| {
            sales.writing += 1;
            sales.most_writing = sales.most_writing.max(sales.writing);
        });
        Self(sage)
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.sales.borrow_mut().writing -= 1;
    }
}

impl SageOrders for MemorySage {
    async fn orders(
        &self,
        company: &Company,
        query: &OrderQuery,
        _reference_column: &str,
    ) -> Result<Observed<Vec<SalesOrder>>, Fault> {
        let hidden = self.sold(Sales::hides);
        let look = |sales: &Sales| {
            let of = sales.orders.iter().filter(|((of, _), _)| of == company);
            of.filter(|_| !hidden)
                .map(|(_, row)| row)
                .filter(|row| match query {
                    OrderQuery::Number(number) => row.order.number == format!("{number:0>7}"),
                    OrderQuery::Reference { reference, .. } => {
                        row.order.reference == reference.as_str()
                    }
                })
                .map(OrderRow::told)
                .collect()
        };
        self.ask("sage.orders", look).await
    }

    async fn items(&self, company: &Company, codes: &[String]) -> Result<Vec<Option<Item>>, Fault> {
        if let Some(fault) = self.sold(|sales| sales.odd_item(codes)) {
            return Err(fault);
        }
        let look = |sales: &Sales| {
            let item = |code: &String| sales.items.get(&(company.clone(), spelt(code))).cloned();
            codes.iter().map(item).collect()
        };
        Ok(self.ask("sage.items", look).await?.value)
    }

    async fn stock(
        &self,
        company: &Company,
        codes: &[String],
    ) -> Result<Observed<Vec<ItemStock>>, Fault> {
        let look = |sales: &Sales| {
            let stock = |code: &String| sales.stock.get(&(company.clone(), spelt(code)));
            codes.iter().filter_map(stock).flatten().cloned().collect()
        };
        self.ask("sage.stock", look).await
    }

    async fn credit(&self, customer: &SageKey) -> Result<Option<CustomerCredit>, Fault> {
        let there = self.has(customer);
        let hold = self.column(customer, "CreditHold") == "Y";
        let look = |sales: &Sales| {
            let mut credit = sales
                .credit
                .get(customer)
                .cloned()
                .unwrap_or(CustomerCredit {
                    hold,
                    limit: Decimal::ZERO,
                    due: Decimal::ZERO,
                    open_orders: Decimal::ZERO,
                    remaining: Decimal::ZERO,
                });
            let open = sales.orders.values().map(|row| &row.order);
            let open =
                open.filter(|order| order.customer == *customer && order.file == OrderFile::Open);
            credit.hold = hold;
            credit.open_orders = open.map(SalesOrder::total).sum();
            credit.remaining = credit.limit - credit.due - credit.open_orders;
            there.then_some(credit)
        };
        Ok(self.ask("sage.credit", look).await?.value)
    }

    async fn price(
        &self,
        customer: &SageKey,
        item: &str,
        quantity: Decimal,
    ) -> Result<Option<ItemPrice>, Fault> {
        let there = self.has(customer);
        let look = |sales: &Sales| sales.price(customer, item, quantity).filter(|_| there);
        Ok(self.ask("sage.price", look).await?.value)
    }
}

impl SageWrite for MemorySage {
    async fn next_order_number(&self, company: &Company) -> Result<String, Fault> {
        let company = company.clone();
        let effect = move |sales: &mut Sales| Ok(sales.next_order(&company));
        self.write("sage.next_order_number", effect).await
    }

    async fn create_order(
        &self,
        number: &str,
        customer: &SageKey,
        order: &SaleOrder,
        _context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        let (sage, customer, order) = (self.clone(), customer.clone(), order.clone());
        let number = number.to_owned();
        let effect = move |sales: &mut Sales| {
            let at = (order.company.clone(), number.clone());
            sales.check_lock(&number)?;
            if sales
                .orders
                .get(&at)
                .is_some_and(|there| there.order.file == OrderFile::Open)
            {
                let message = format!("Sales order {number} already exists.");
                return Err(refused("E_SAGE_ALREADY_EXISTS", message));
            }
            if !sage.has(&customer) {
                let message = format!("Customer {customer} is not on file.");
                return Err(refused("E_SAGE_REFUSED", message));
            }
            let mut written = sales.create(&number, &customer, &order)?;
            if sales.drop_marker > 0 {
                sales.drop_marker -= 1;
            } else {
                order
                    .reference
                    .as_str()
                    .clone_into(&mut written.order.reference);
            }
            sales.created.push(format!("order {number}"));
            sales.made.push(written.clone());
            // An order that is created over one of the history hides it: two orders under one number.
            if let Some(hidden) = sales.orders.insert(at.clone(), written) {
                sales.orders.insert((at.0, format!("{number}*")), hidden);
            }
            Ok(())
        };
        self.write("sage.create_order", effect).await
    }

    async fn update_order(
        &self,
        number: &str,
        customer: &SageKey,
        change: &OrderChange,
        _context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        let read = match self.sold(|sales| sales.soap.contains(&change.company)) {
            true => Some(self.read_whole(number, customer, change).await?),
            false => None,
        };
        let (customer, change) = (customer.clone(), change.clone());
        let number = number.to_owned();
        let effect = move |sales: &mut Sales| {
            let at = (change.company.clone(), number.clone());
            sales.check_lock(&number)?;
            let open = sales.open(&at)?;
            let mut written = sales.change(read.as_ref().unwrap_or(open), &customer, &change)?;
            if sales.drop_marker == 0 {
                change
                    .reference
                    .as_str()
                    .clone_into(&mut written.order.reference);
            }
            sales.changed.push(format!("update {number}"));
            sales.last_change = Some(change);
            sales.orders.insert(at, written);
            Ok(())
        };
        self.write("sage.update_order", effect).await
    }

    async fn cancel_order(
        &self,
        company: &Company,
        number: &str,
        _context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        let at = (company.clone(), number.to_owned());
        let effect = move |sales: &mut Sales| {
            let number = &at.1;
            sales.check_lock(number)?;
            sales.open(&at)?;
            sales.changed.push(format!("cancel {number}"));
            sales.orders.remove(&at);
            Ok(())
        };
        self.write("sage.cancel_order", effect).await
    }

    async fn next_customer_number(&self, company: &Company) -> Result<String, Fault> {
        let company = company.clone();
        let effect = move |sales: &mut Sales| Ok(sales.next_customer(&company));
        self.write("sage.next_customer_number", effect).await
    }

    async fn create_record(
        &self,
        key: &SageKey,
        columns: &Fields,
        context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        let (sage, key, columns) = (self.clone(), key.clone(), columns.clone());
        let parent = context.parent.cloned();
        let effect = move |sales: &mut Sales| {
            let key = SageKey {
                local: spelt(&key.local),
                ..key
            };
            sales.check_lock(&key.text())?;
            sales.check_texts(&columns)?;
            if sage.has(&key) {
                let message = format!("{key} already exists.");
                return Err(refused("E_SAGE_ALREADY_EXISTS", message));
            }
            if let Some(parent) = parent.as_ref().filter(|parent| !sage.has(parent)) {
                let message = format!("Customer {parent} is not on file.");
                return Err(refused("E_SAGE_REFUSED", message));
            }
            let columns_of = key.entity.spec().key.columns();
            let parts: Vec<_> = columns_of.zip(key.parts(parent.as_ref())).collect();
            if parts.is_empty() {
                let message = format!("{key} is no key.");
                return Err(refused("E_SAGE_BAD_REQUEST", message));
            }
            sage.edit(&key, &parts);
            if key.entity == Entity::CUSTOMER {
                sage.edit(&key, &[("CustomerStatus", "A")]);
            }
            sage.set(&key, &columns);
            sales.created.push(format!("{} {key}", key.entity));
            sales.made_records.push(key.clone());
            Ok(())
        };
        self.write("sage.create_record", effect).await
    }

    async fn update_record(
        &self,
        key: &SageKey,
        changes: &Fields,
        _context: WriteContext<'_>,
    ) -> Result<(), Fault> {
        let (sage, key, changes) = (self.clone(), key.clone(), changes.clone());
        let effect = move |sales: &mut Sales| {
            sales.check_lock(&key.text())?;
            sales.check_texts(&changes)?;
            if !sage.has(&key) {
                let message = format!("{key} is not on file.");
                return Err(refused("E_SAGE_NOT_FOUND", message));
            }
            sage.set(&key, &changes);
            sales.changed.push(format!("update {key}"));
            Ok(())
        };
        self.write("sage.update_record", effect).await
    }
}

impl MemorySage {
    /// An order as the SOAP service gives it, checked as its client does before it writes it back whole: whatever
    /// is changed in between is lost.
    async fn read_whole(
        &self,
        number: &str,
        customer: &SageKey,
        change: &OrderChange,
    ) -> Result<OrderRow, Fault> {
        let at = (change.company.clone(), number.to_owned());
        let read = self.ask("sage.get_order", |sales| sales.open(&at).cloned());
        let row = read.await?.value?;
        let mark = &row.order.reference;
        let whose = match () {
            () if row.order.customer != *customer => "belongs to another customer",
            () if !mark.is_empty() && mark != change.reference.as_str() => "carries another mark",
            () if !as_seen(&row, change) => {
                let message = "The lines have just been changed by somebody else.";
                return Err(refused("E_SAGE_NOT_FOUND", message));
            }
            () => return Ok(row),
        };
        let message = format!("Sales order {number} is not this sale's: it {whose}.");
        Err(refused("E_SAGE_REFUSED", message))
    }

    fn set(&self, key: &SageKey, columns: &Fields) {
        for (name, value) in columns {
            self.edit(key, &[(name, &kept(&text(value)))]);
        }
    }

    /// The fault of a Sage that answers nobody.
    pub(super) fn down() -> Fault {
        Fault::new(
            Class::Transient,
            "E_SAGE_UNAVAILABLE",
            "Sage 100 cannot be reached.",
        )
    }
}

/// Whether the lines are those that a change was made for.
fn as_seen(row: &OrderRow, change: &OrderChange) -> bool {
    change.lines.iter().all(|line| {
        let held = row.order.lines.iter();
        let mut held = held.filter(|held| Some(&held.key) == line.key.as_ref());
        line.seen.is_none_or(|seen| {
            held.next()
                .is_some_and(|held| (held.quantity, held.unit_price) == seen)
        })
    })
}

/// A value as a column holds it.
fn text(value: &Value) -> String {
    match value {
        Value::Flag(true) => "Y".to_owned(),
        Value::Flag(false) => "N".to_owned(),
        Value::Date(date) => date.strftime("%Y%m%d").to_string(),
        other => other.to_string(),
    }
}
