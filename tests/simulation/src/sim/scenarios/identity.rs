//! One sale is one order, whatever becomes of what tells them apart.

use std::time::Duration;

use counterpart_delivery::invariants::{self, Broken};
use counterpart_domain::Value;
use jiff::SignedDuration;

use super::scene::{Line, amount, text, to, town};
use crate::sim::town::company;
use crate::sim::town::{Town, fields};
use crate::world::Fates;
use crate::world::{Fate, World};

const CHAIRS: &[Line] = &[("CHAIR", "2", "45.50", "")];
const MORE: &[Line] = &[("CHAIR", "3", "45.50", "")];

pub(super) fn a_lookup_is_set() -> Vec<Broken> {
    let town = town();
    let order = town.enter(true, None, true, CHAIRS);
    town.flow();
    let deal = open_deal(&town);
    town.change(&order, to("Deal_Name", &deal), None);
    town.at_rest()
}

pub(super) fn a_lookup_is_set_to_a_deal_that_asked() -> Vec<Broken> {
    let town = town();
    let deal = town.enter(false, None, true, CHAIRS);
    town.transformed();
    town.change(&deal, text("Stage", "Negotiation"), None);
    town.flow();
    town.sales.borrow_mut().retain(|sale| sale.id != deal.id);
    let order = town.enter(true, None, true, CHAIRS);
    town.flow();
    town.change(&order, to("Deal_Name", &deal.id), None);
    town.flow();
    town.change(&deal, text("Next_Step", "Call again"), None);
    town.at_rest()
}

pub(super) fn a_root_is_deleted() -> Vec<Broken> {
    let town = town();
    let deal = town.enter(false, None, true, CHAIRS);
    let order = town.enter(true, Some(&deal), true, CHAIRS);
    town.flow();
    let zoho = town.crm(order.org());
    zoho.delete_with_lookups("Deals", &deal.id);
    town.change(&order, fields([]), Some(MORE));
    town.at_rest()
}

pub(super) fn a_root_is_deleted_before_its_order_is_read() -> Vec<Broken> {
    let town = town();
    let deal = town.enter(false, None, true, CHAIRS);
    town.flow();
    let order = town.enter(true, Some(&deal), true, CHAIRS);
    let zoho = town.crm(order.org());
    zoho.delete_with_lookups("Deals", &deal.id);
    town.at_rest()
}

pub(super) fn a_lookup_is_moved() -> Vec<Broken> {
    let town = town();
    let deal = town.enter(false, None, true, CHAIRS);
    let order = town.enter(true, Some(&deal), true, CHAIRS);
    town.flow();
    let other = open_deal(&town);
    town.change(&order, to("Deal_Name", &other), None);
    town.at_rest()
}

/// A deal that nobody has won: no sale of its own.
fn open_deal(town: &Town) -> counterpart_domain::CrmId {
    let deal = town.enter(false, None, false, CHAIRS);
    town.sales.borrow_mut().retain(|sale| sale.id != deal.id);
    deal.id
}

pub(super) fn won_before_the_start() -> Vec<Broken> {
    let town = Town::with_old_sales();
    let old = town.sales.borrow().first().cloned();
    if let Some(old) = old {
        town.change(&old, text("Next_Step", "Owner moved"), None);
    }
    town.at_rest()
}

pub(super) fn the_table_is_restored() -> Vec<Broken> {
    let town = town();
    town.back_up();
    let deal = town.enter(false, None, true, CHAIRS);
    town.flow();
    town.restore();
    town.change(&deal, fields([]), Some(MORE));
    town.at_rest()
}

pub(super) fn the_table_forgets_a_deal_that_is_deleted() -> Vec<Broken> {
    let town = town();
    town.back_up();
    let deal = town.enter(false, None, false, CHAIRS);
    let order = town.enter(true, Some(&deal), true, CHAIRS);
    town.transformed();
    // It is in Sage, and no record shows it yet.
    while town.world.write_sage_once().is_some() {}
    let zoho = town.crm(order.org());
    zoho.delete_with_lookups("Deals", &deal.id);
    town.restore();
    town.change(&order, fields([]), Some(MORE));
    town.at_rest()
}

pub(super) fn the_table_is_restored_while_a_job_waits() -> Vec<Broken> {
    let town = town();
    town.back_up();
    let deal = town.enter(false, None, true, CHAIRS);
    town.transformed();
    town.restore();
    town.change(&deal, text("Stage", "Negotiation"), None);
    town.transformed();
    none_is_made(&town)
}

pub(super) fn the_mark_is_gone() -> Vec<Broken> {
    let town = town();
    let (sage, faults) = (&town.world.sage, &town.world.faults);
    town.enter(false, None, true, CHAIRS);
    sage.drop_marker(1);
    faults.lose_answers_of("sage.create_order", 1);
    town.transformed();
    // The answer is lost, and the look for the order finds Sage down.
    faults.fail_calls_of("sage.orders", 1);
    town.world.write_sage_once();
    let number = town.last_order();
    let quantity = Value::Number(amount("3"));
    sage.clerk_sets_line(
        &company("ABC"),
        &number,
        "000001",
        "QuantityOrdered",
        quantity,
    );
    town.at_rest()
}

/// The first create takes effect later, the others at once.
#[derive(Debug, Default)]
pub(super) struct FirstIsLate {
    pub(super) call: &'static str,
    pub(super) after: u64,
    pub(super) had: std::cell::Cell<bool>,
}

impl Fates for FirstIsLate {
    fn of(&self, _call: &'static str) -> Fate {
        Fate::Done
    }

    fn lands_after(&self, call: &'static str) -> Option<Duration> {
        (call == self.call && !self.had.replace(true)).then(|| Duration::from_secs(self.after))
    }
}

pub(super) fn late(world: &World, call: &'static str, after: u64) {
    world.faults.decided_by(Some(std::rc::Rc::new(FirstIsLate {
        call,
        after,
        ..FirstIsLate::default()
    })));
}

pub(super) fn refused_after_an_unknown_send() -> Vec<Broken> {
    let town = town();
    late(&town.world, "sage.create_order", 150);
    let deal = town.enter(false, None, true, CHAIRS);
    town.transformed();
    town.world.write_sage_once();
    let po = town.field(&deal, "PO_Number").to_string();
    town.world.sage.refuse(&po);
    town.pass_seconds(45);
    while town.world.write_sage_once().is_some() {}
    town.world.sage.accept(&po);
    town.save(&deal, text("Stage", "Closed Lost"), None);
    town.transformed();
    while town.world.write_sage_once().is_some() {}
    town.at_rest()
}

pub(super) fn lost_while_a_transform_is_slow() -> Vec<Broken> {
    let town = town();
    // No echo of our own heals it.
    town.hears_itself.set(false);
    let deal = town.enter(false, None, true, CHAIRS);
    let mut slow = super::races::reading(&town, "crm.document");
    // It goes on within its time: whoever is late knows that, and looks again.
    town.pass_seconds(10);
    town.save(&deal, text("Stage", "Closed Lost"), None);
    town.transformed();
    slow.finish_it(&town);
    town.at_rest()
}

pub(super) fn a_create_never_arrives() -> Vec<Broken> {
    let town = town();
    let faults = &town.world.faults;
    faults.be_vague(true);
    faults.fail_calls_of("sage.create_order", 1);
    town.enter(false, None, true, CHAIRS);
    town.at_rest()
}

pub(super) fn cancelled_while_a_create_is_under_way() -> Vec<Broken> {
    let town = town();
    late(&town.world, "sage.create_order", 150);
    let deal = town.enter(false, None, true, CHAIRS);
    town.transformed();
    town.world.write_sage_once();
    town.pass_seconds(45);
    while town.world.write_sage_once().is_some() {}
    town.save(&deal, text("Stage", "Closed Lost"), None);
    town.transformed();
    while town.world.write_sage_once().is_some() {}
    town.at_rest()
}

pub(super) fn closed_while_a_create_is_under_way() -> Vec<Broken> {
    let town = town();
    late(&town.world, "sage.create_order", 150);
    town.enter(false, None, true, CHAIRS);
    town.transformed();
    town.world.write_sage_once();
    town.pass_seconds(45);
    while town.world.write_sage_once().is_some() {}
    // Whatever is there by now is taken out of the way of the first one.
    for (company, order) in town.open_orders() {
        town.world.sage.remove_order(&company, &order.number);
    }
    town.at_rest()
}

pub(super) fn won_and_open_in_one_second() -> Vec<Broken> {
    let town = town();
    let deal = town.enter(false, None, false, CHAIRS);
    town.flow();
    let second = SignedDuration::from_secs(60).as_millis();
    let rest = second - i128::from(town.now().as_millisecond()) % second;
    let rest = u64::try_from(rest).unwrap_or(0);
    town.world.clock.advance(Duration::from_millis(rest));
    town.save(&deal, text("Stage", "Closed Won"), None);
    transformed_at_once(&town);
    town.save(&deal, text("Stage", "Negotiation"), None);
    town.transformed();
    none_is_made(&town)
}

/// The end of a schedule in which Sage never had reason to get an order.
fn none_is_made(town: &Town) -> Vec<Broken> {
    let mut broken = town.at_rest();
    if !town.world.sage.ever_made().is_empty() {
        let what = "an order was made of a deal that was open again before Sage was asked";
        broken.push(Broken::new(&invariants::NOTHING_UNASKED, what));
    }
    broken
}

/// What changed is told and transformed within the second.
pub(super) fn transformed_at_once(town: &Town) {
    let changes = town.crm(&crate::sim::org::ORGS[0]).take_changes();
    let mut workers = crate::sim::workers::Workers::new(town);
    for told in changes {
        workers.tell_at_once(0, &told.module, &told.id);
    }
    town.transforms();
}
