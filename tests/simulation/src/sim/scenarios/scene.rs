//! What schedules are made of.

use std::collections::BTreeSet;

use counterpart_delivery::ConfiguredMapper;
use counterpart_delivery::invariants::Broken;
use counterpart_domain::{CrmId, Fields, Value};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::sim::org::ORGS;
use crate::sim::town::{Sale, Town, fields, money, reference, target};
use crate::sim::workers::Workers;

/// The Zoho CRM of the town.
pub(super) const ZOHO: usize = 0;

/// A line: item, quantity, price, discount as the CRM holds it.
pub(super) type Line = (&'static str, &'static str, &'static str, &'static str);

pub(super) fn town() -> Town {
    Town::new(1, &BTreeSet::new(), false)
}

impl Town {
    /// Enters a sale with nothing but these lines.
    pub(super) fn enter(
        &self,
        is_order: bool,
        of: Option<&Sale>,
        won: bool,
        lines: &[Line],
    ) -> Sale {
        let sale = self.new_sale(ZOHO, is_order, of, won);
        let plain = fields([
            ("Description", Value::Blank),
            (ORGS[ZOHO].freight, Value::Blank),
            (ORGS[ZOHO].account, self.first_account()),
        ]);
        let lines = lines.iter().map(|line| self.line(line)).collect();
        self.save(&sale, plain, Some(lines));
        sale
    }

    fn first_account(&self) -> Value {
        let accounts = self.crm(&ORGS[ZOHO]).with_key("Accounts", "ABC:01-ONE");
        accounts
            .first()
            .map_or(Value::Blank, |held| reference(&held.id))
    }

    pub(super) fn line(&self, (item, quantity, price, discount): &Line) -> Fields {
        let products = self.crm(&ORGS[ZOHO]).records("Products");
        let code = Value::text(*item);
        let mut products = products.iter();
        let product = products.find(|held| held.fields.get("Product_Code") == Some(&code));
        let mut line = fields([
            (
                "Product_Name",
                product.map_or(Value::Blank, |held| reference(&held.id)),
            ),
            ("Quantity", Value::Number(money(quantity))),
            ("List_Price", Value::Number(money(price))),
        ]);
        if !discount.is_empty() {
            let discount = Value::Number(money(discount));
            line.insert("Discount".to_owned(), discount);
        }
        line
    }

    /// Changes fields of a sale a while later, and its lines where they are given.
    pub(super) fn change(&self, sale: &Sale, changed: Fields, lines: Option<&[Line]>) {
        self.pass_seconds(90);
        let lines = lines.map(|lines| lines.iter().map(|line| self.line(line)).collect());
        self.save(sale, changed, lines);
    }

    pub(super) fn pass_seconds(&self, seconds: u64) {
        let by = std::time::Duration::from_secs(seconds);
        self.world.clock.advance(by);
        self.world.sage.land();
    }

    /// The CRMs tell what changed.
    pub(super) fn tell(&self) {
        Workers::new(self).tell_changes();
        // Events take a few seconds.
        self.pass_seconds(5);
    }

    pub(super) fn transforms(&self) {
        while self.world.transform_once().is_some() {}
    }

    /// What changed is told and transformed: its jobs wait for Sage.
    pub(super) fn transformed(&self) {
        self.tell();
        self.transforms();
    }

    fn write_backs(&self) {
        for org in &ORGS {
            while self.world.write_once(&target(org.target), ConfiguredMapper) {}
        }
    }

    /// All handlers until nothing is left to do, the echoes of our own writes included.
    pub(super) fn flow(&self) {
        self.flow_until(self.now() + SignedDuration::from_hours(24));
    }

    /// All handlers until a time, or until nothing is left to do before it.
    pub(super) fn flow_until(&self, end: Timestamp) {
        while self.now() < end {
            self.world.sage.land();
            self.tell();
            self.transforms();
            while self.world.write_sage_once().is_some() {}
            self.write_backs();
            let world = &self.world;
            let next = [
                world.events().next_visible(),
                world.queue.inner.next_write(),
                world.jobs().next_visible(),
                world.sage.next_late_write(),
            ];
            match next.into_iter().flatten().min() {
                Some(next) => self.world.clock.advance_to(next),
                None => return,
            }
        }
    }

    /// Polls both companies, and lets everything come to rest.
    pub(super) fn poll(&self) {
        self.pass_seconds(900);
        for company in self.world.config.companies.keys() {
            self.world.poll_all(company);
        }
        self.flow();
    }

    /// The number of the order that was made last.
    pub(super) fn last_order(&self) -> String {
        let made = self.world.sage.ever_made();
        made.last()
            .map(|row| row.order.number.clone())
            .unwrap_or_default()
    }

    /// The end of a schedule: everything rests, and is looked at.
    pub(super) fn at_rest(&self) -> Vec<Broken> {
        self.flow();
        self.pass_seconds(3_600);
        self.flow();
        self.broken()
    }
}

pub(super) fn blank(field: &str) -> Fields {
    fields([(field, Value::Blank)])
}

pub(super) fn text(field: &str, text: &str) -> Fields {
    fields([(field, Value::text(text))])
}

pub(super) fn to(field: &str, id: &CrmId) -> Fields {
    fields([(field, reference(id))])
}

pub(super) fn amount(number: &str) -> Decimal {
    money(number)
}
