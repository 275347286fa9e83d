//! Somebody pauses a company, a target or an entity, or it is a quiet time: what is paused waits and is done afterwards, each
//! once and in order; what is not goes on.

mod crashes;
mod limits;
mod windows;

use counterpart_delivery::IntentKind;
use counterpart_delivery::pause::Scope;
use counterpart_delivery::ports::{Clock as _, Settings as _};
use counterpart_domain::{Company, CrmId, Entity, TargetName, Value};
use counterpart_simulation::world::World;
use jiff::{SignedDuration, Timestamp};

use crate::events::scene::*;
use crate::outage::*;

/// What a pause names: a company, a target, an entity; a dash for what it does not.
pub fn scope(company: &str, target: &str, entity: &str) -> Scope {
    Scope {
        company: Company::new(company).ok(),
        target: TargetName::new(target).filter(|_| target != "-"),
        kind: IntentKind::try_from(entity.to_owned()).ok(),
    }
}

/// Everything that was written on either side, and when.
pub fn written(world: &World) -> Vec<String> {
    let mut written = world.sage.created();
    written.extend(world.sage.changed_by_us());
    for module in ["Accounts", "Contacts", "Deals"] {
        let records = crm(world).records(module).into_iter();
        written.extend(records.map(|held| format!("{} at {}", held.id, held.modified)));
    }
    written
}

/// The numbers of deals' orders, in the order of the deals.
pub fn numbers(world: &World, deals: &[CrmId]) -> Vec<Value> {
    let deals = deals.iter();
    deals
        .map(|deal| shown(world, "Deals", deal, "Sage_Order_No"))
        .collect()
}

pub fn in_order(numbers: &[Value]) -> bool {
    let texts = numbers.iter().map(ToString::to_string);
    texts.collect::<Vec<_>>().is_sorted()
}

pub fn minutes(world: &World, minutes: i64) -> Timestamp {
    world.clock.now() + SignedDuration::from_mins(minutes)
}

/// Thirteen days of people at work while something is paused. `stands`: nothing at all is written meanwhile but what people do.
fn thirteen_days_of(scope: Scope) {
    let (world, context) = (shop(), scope.to_string());
    let pause = world.pause(scope, None);
    let deals = days(&world, 13, work_off);
    assert_alive(&world, &context);
    assert!(world.resume(&pause.id));
    assert_over(&world, &deals, &context);
}

#[test]
fn thirteen_days_of_a_paused_company() {
    thirteen_days_of(scope("ABC", "-", "-"));
}

#[test]
fn thirteen_days_of_a_paused_target() {
    thirteen_days_of(scope("-", "zoho", "-"));
}

#[test]
fn thirteen_days_of_paused_customers() {
    thirteen_days_of(scope("-", "-", "customer"));
}

#[test]
fn thirteen_days_of_paused_orders() {
    thirteen_days_of(scope("ABC", "zoho", "order"));
}

#[test]
fn thirteen_days_of_everything_paused() {
    thirteen_days_of(scope("-", "-", "-"));
}

/// One deal after the other is won: before, during and after a pause. Each is one order, and their numbers rise.
#[test]
fn a_pause_in_the_middle_of_traffic_keeps_every_sale_and_their_order() {
    for paused in [
        scope("ABC", "-", "-"),
        scope("ABC", "-", "order"),
        scope("ABC", "zoho", "order"),
    ] {
        let (world, context) = (shop(), paused.to_string());
        let mut deals = Vec::new();
        let mut sell = |world: &World| {
            let deal = won_deal(world, &account(world));
            say(world, "Deals", &deal);
            deals.push(deal);
            live_until(world, minutes(world, 10), work_off);
        };
        (0..3).for_each(|_| sell(&world));
        let pause = world.pause(paused, None);
        let made = world.sage.created();
        (0..20).for_each(|_| sell(&world));
        assert_eq!(world.sage.created(), made, "{context}: written in a pause");
        assert!(world.resume(&pause.id));
        assert!(!world.resume(&pause.id), "once is enough");
        (0..3).for_each(|_| sell(&world));
        assert_over(&world, &deals, &context);
        let numbers = numbers(&world, &deals);
        assert!(in_order(&numbers), "{context}: {numbers:?}");
    }
}

#[test]
fn nothing_is_called_for_what_is_paused() {
    let world = shop();
    world.pause(scope("-", "-", "-"), None);
    let before = written(&world);
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    world.sage.edit(&customer("01-ABF"), &[("City", "Racine")]);
    let kept = written(&world);
    world.faults.reset();
    let now = world.clock.now();
    // Whoever called either of them would hear of it.
    world.sage.outage(now, now + DAY);
    crm(&world).outage(now, now + DAY);
    live_until(&world, now + DAY, work_off);
    assert_eq!(written(&world).len(), before.len() + 1, "the deal");
    assert_eq!(written(&world), kept);
    let store = &world.store.inner;
    for name in ["zoho", "sage-abc"] {
        let name = TargetName::new(name).unwrap();
        let circuit = world.clock.block_on(store.circuit(&name)).unwrap();
        assert_eq!(circuit.failures, 0, "{name} was called");
    }
    let report = world.poll(&abc(), Entity::CUSTOMER).unwrap();
    assert_eq!(report.paused.unwrap().code, "E_PAUSED");
    assert_eq!((report.run, report.pages), (None, 0));
    let hint = world.hint(&[customer("01-ABF")]).unwrap_err();
    assert_eq!(hint.code, "E_PAUSED");
    let swept = world.sweep();
    assert_eq!(
        swept.sum(|target| target.read + target.faults.len() as u64),
        0
    );
}

#[test]
fn what_waits_for_a_pause_is_counted_apart() {
    let world = shop();
    world.pause(scope("ABC", "-", "-"), None);
    let deals: Vec<CrmId> = (0..3).map(|_| won_deal(&world, &account(&world))).collect();
    for deal in &deals {
        say(&world, "Deals", deal);
    }
    while world.transform_once().is_some() {}
    // All three are of one account: two wait behind the first.
    let report = world.write_sage_once().unwrap();
    assert_eq!((report.failed.len(), report.paused), (3, 3));
}

#[test]
fn a_pause_of_one_entity_leaves_the_others() {
    let world = shop();
    world.pause(scope("-", "-", "contact"), None);
    put_customer(&world, &customer("01-NEW"), "New");
    put_contact(&world, &contact("01-NEW/MAIN"), "Artie Johnson");
    world.sage.edit(&customer("01-ABF"), &[("City", "Racine")]);
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    live_until(&world, minutes(&world, 90), work_off);
    assert_eq!(crm(&world).with_key("Accounts", "ABC:01-NEW").len(), 1);
    assert!(crm(&world).records("Contacts").is_empty());
    let city = shown(&world, "Accounts", &account(&world), "Billing_City");
    assert_eq!(city, text("Racine"));
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
}

/// A deal of an account that is to become a customer waits with it, and what is sold to others goes.
#[test]
fn an_order_that_brings_its_customer_waits_for_customers() {
    let world = shop();
    let pause = world.pause(scope("ABC", "-", "customer"), None);
    let fresh = fields([
        ("Account_Name", text("Fresh Client")),
        ("Owner", Value::Reference("user-1".to_owned())),
        ("Account_Type", text("Client")),
    ]);
    let fresh = crm(&world).put("Accounts", None, fresh);
    let deals = [account(&world), fresh].map(|account| won_deal(&world, &account));
    for deal in &deals {
        say(&world, "Deals", deal);
    }
    live_until(&world, minutes(&world, 5 * 60), work_off);
    assert_eq!(world.sage.created().len(), 1, "{:?}", world.sage.created());
    world.resume(&pause.id);
    assert_over(&world, &deals, "a fresh client");
}

#[test]
fn a_pause_of_a_target_leaves_the_reading_of_sage() {
    let world = shop();
    let pause = world.pause(scope("ABC", "zoho", "-"), None);
    put_customer(&world, &customer("01-NEW"), "New");
    live_until(&world, minutes(&world, 90), work_off);
    assert_eq!(crm(&world).with_key("Accounts", "ABC:01-NEW").len(), 0);
    assert!(!world.writes(&zoho()).bodies().is_empty());
    world.resume(&pause.id);
    assert_over(&world, &[], "it was read already");
    assert_eq!(crm(&world).with_key("Accounts", "ABC:01-NEW").len(), 1);
}

#[test]
fn pauses_that_overlap_hold_until_the_last_is_over() {
    let world = shop();
    let first = world.pause(scope("ABC", "-", "-"), Some(minutes(&world, 60)));
    let second = world.pause(scope("-", "zoho", "order"), None);
    let third = world.pause(scope("ABC", "-", "-"), Some(minutes(&world, 180)));
    assert_ne!(first.id, third.id);
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    let begin = world.clock.now();
    let at = |minutes| begin + SignedDuration::from_mins(minutes);
    live_until(&world, at(120), work_off);
    assert!(!world.resume(&first.id), "its time was over");
    live_until(&world, at(170), work_off);
    world.resume(&second.id);
    live_until(&world, at(179), work_off);
    assert_eq!(world.sage.created(), [""; 0]);
    live_until(&world, at(180), work_off);
    assert_over(&world, &[deal], "the last one");
    let notes = world.clock.block_on(world.store.inner.pause_notes(10));
    let notes = notes.unwrap();
    assert_eq!(notes.len(), 4, "{notes:#?}");
    assert_eq!(
        (notes[0].by.as_str(), notes[0].pause.id.clone()),
        ("bob", second.id)
    );
}

/// Work that knows when its pause ends is back right then, whatever its age.
#[test]
fn what_is_paused_until_a_time_is_done_minutes_after_it() {
    let world = shop();
    let end = minutes(&world, 14 * 60);
    world.pause(scope("ABC", "-", "-"), Some(end));
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    live_until(&world, end + SignedDuration::from_mins(5), work_off);
    assert_eq!(world.sage.created().len(), 1);
}
