//! A day in Sage: clerks work on orders and customers, and other users have records open.

use counterpart_delivery::IntentStage;
use counterpart_domain::sale::{OrderFile, SalesOrder};
use counterpart_domain::{Class, Company, Entity, Fault, RepKey, Value};
use jiff::SignedDuration;
use rust_decimal::Decimal;

use super::mishap::Mishap;
use super::org::ORGS;
use super::town::{DELIVERY, Did, Town, Work, company, target};

impl Town {
    /// A person edits a customer in Sage.
    pub(super) fn edit_customer(&self) {
        let of = company(if self.dice.one_in(2) { "ABC" } else { "XYZ" });
        let rows = self.world.sage.rows(&of, Entity::CUSTOMER);
        let Some((key, _)) = self.dice.pick(&rows) else {
            return;
        };
        let (column, value) = match self.dice.below(3) {
            0 => (
                "TelephoneNo",
                format!("(414) 555-{:04}", 2000 + self.fresh()),
            ),
            1 => ("City", format!("City {}", self.fresh())),
            _ => (
                "SalespersonNo",
                if self.dice.one_in(2) { "0100" } else { "0200" }.to_owned(),
            ),
        };
        self.story
            .tell(|| format!("Sage: {column} of {key} becomes {value}"));
        self.world.sage.edit(key, &[(column, &value)]);
    }

    /// Open orders that came from us.
    pub(super) fn open_orders(&self) -> Vec<(Company, SalesOrder)> {
        let mut open = Vec::new();
        for code in ["ABC", "XYZ"] {
            let of = company(code);
            let orders = self.world.sage.all_orders(&of).into_iter();
            let ours = orders.filter(|order| {
                order.file == OrderFile::Open
                    && self
                        .world
                        .sage
                        .header(&of, &order.number)
                        .contains_key(super::town::RECORD)
            });
            open.extend(ours.map(|order| (of.clone(), order)));
        }
        open
    }

    /// Whether we were ever told that an order is in Sage.
    fn is_known(&self, company: &Company, number: &str) -> bool {
        let intents = self.world.store.inner.all_intents();
        intents.iter().any(|intent| {
            let same = intent.company == *company && intent.number.as_deref() == Some(number);
            same && intent.stage == IntentStage::Done
        })
    }

    fn worked(&self, company: &Company, number: &str, what: Did) {
        self.story
            .tell(|| format!("Sage: a clerk works on order {company} {number}: {what:?}"));
        let mut work = self.work.borrow_mut();
        // What is done again replaces what was done before.
        work.retain(|done| {
            let same = match (&done.what, &what) {
                (Did::Quantity(one, _), Did::Quantity(other, _)) => one == other,
                (Did::Column(one, _), Did::Column(other, _)) => one == other,
                _ => false,
            };
            !(same && done.company == *company && done.number == number)
        });
        work.push(Work {
            company: company.clone(),
            number: number.to_owned(),
            what,
        });
    }

    /// What clerks and other users do. `false`: there is nothing yet that it could be done with.
    pub(super) fn disturb(&self, mishap: Mishap) -> bool {
        let (sage, now) = (&self.world.sage, self.now());
        let minutes = |most: u64| {
            let minutes = i64::try_from(self.dice.between(3, most)).unwrap_or(3);
            (now, now + SignedDuration::from_mins(minutes))
        };
        let orders = self.open_orders();
        let order = self.dice.pick(&orders);
        match (mishap, order) {
            (Mishap::ClerkEdits, Some((company, order))) => self.clerk(company, order),
            (Mishap::ClerkCloses, Some((company, order))) => {
                // An order that is deleted before anybody heard that it is there leaves nothing that tells of it.
                let deleted = self.dice.one_in(3) && self.is_known(company, &order.number);
                let what = if deleted { "deletes" } else { "invoices" };
                self.story
                    .tell(|| format!("Sage: a clerk {what} {company} {}", order.number));
                if deleted {
                    sage.remove_order(company, &order.number);
                } else {
                    sage.invoice(company, &order.number);
                }
                self.worked(company, &order.number, Did::Other);
            }
            (Mishap::MarkTypedOver, Some((company, order))) => {
                let text = format!("PO {}", self.fresh());
                sage.clerk_types_over_mark(company, &order.number, &text);
                self.story.tell(|| {
                    format!(
                        "Sage: a clerk types {text} over the mark of {company} {}",
                        order.number
                    )
                });
            }
            (Mishap::SageLocked, Some((_, order))) => sage.lock(&order.number, 2),
            (Mishap::MarkDropped, _) => sage.drop_marker(1),
            (Mishap::NumberTaken, _) => {
                let of = company(if self.dice.one_in(2) { "ABC" } else { "XYZ" });
                let rows = sage.rows(&of, Entity::CUSTOMER);
                let Some((key, _)) = rows.first() else {
                    return false;
                };
                sage.take_numbers(1, key);
            }
            (Mishap::SageDown, _) => {
                let (from, until) = minutes(45);
                sage.outage(from, until);
            }
            (Mishap::CrmDown, _) => {
                let (from, until) = minutes(45);
                let place = &ORGS[usize::try_from(self.dice.below(2)).unwrap_or(0)];
                self.crm(place).outage(from, until);
            }
            (Mishap::CrmRefusesUs, _) => {
                let (from, until) = minutes(30);
                let place = &ORGS[usize::try_from(self.dice.below(2)).unwrap_or(0)];
                let what = "The CRM refuses the credentials.";
                let fault = Fault::new(Class::Configuration, "E_CRM_UNAUTHORIZED", what);
                self.crm(place).refuse_calls(from, until, fault);
            }
            (Mishap::SageRefuses, _) => {
                let sales = self.sales.borrow();
                let Some(sale) = self.dice.pick(&sales) else {
                    return false;
                };
                sage.refuse(&format!("PO {}", sale.no));
            }
            (Mishap::IndexLags, _) => self.map_an_owner_anew(),
            _ => return false,
        }
        self.mishaps.note(mishap);
        self.story.tell(|| format!("-- {}", mishap.says()));
        true
    }

    /// Sage refuses nothing any more.
    pub(super) fn accept(&self) {
        for sale in &*self.sales.borrow() {
            self.world.sage.accept(&format!("PO {}", sale.no));
        }
    }

    fn clerk(&self, company: &Company, order: &SalesOrder) {
        let (sage, number) = (&self.world.sage, &order.number);
        match self.dice.below(3) {
            0 => {
                let price = Decimal::new(i64::try_from(900 + self.fresh()).unwrap_or(900), 2);
                sage.clerk_adds_line(company, number, DELIVERY, Decimal::ONE, price);
                self.worked(company, number, Did::Added(price));
            }
            1 => {
                let Some(line) = order.lines.first() else {
                    return;
                };
                // More than anybody sells in a CRM: what both say by now would be nobody's own work.
                let quantity = line.quantity + Decimal::from(self.dice.between(11, 13));
                let value = Value::Number(quantity);
                sage.clerk_sets_line(company, number, &line.key, "QuantityOrdered", value);
                self.worked(company, number, Did::Quantity(line.key.clone(), quantity));
            }
            _ => {
                let text = format!("Route {}", self.fresh());
                sage.clerk_sets_header(company, number, "ShipVia", Value::text(text.as_str()));
                self.worked(company, number, Did::Column("ShipVia", text));
            }
        }
    }

    fn map_an_owner_anew(&self) {
        let place = &ORGS[usize::try_from(self.dice.below(2)).unwrap_or(0)];
        self.world.store.inner.stop_indexes();
        let rep = RepKey {
            company: company("ABC"),
            rep: "01-0200".to_owned(),
        };
        self.world
            .map_rep(&target(place.target), &rep, place.owners[0]);
    }
}
