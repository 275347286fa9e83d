//! Time limits that count something else than a pause: they stand still in it. What it kept back is no flood.

use counterpart_delivery::ports::Parking as _;
use std::time::Duration;

use super::*;
use crate::orders::guard::guarded;
use crate::orders::{assert_sold, created, id, parked as parked_jobs, place_of, sale};

/// Contacts look for their account every quarter of an hour, and for a day at most: while accounts are paused they do not count.
#[test]
fn children_wait_for_as_long_as_their_parents_are_paused() {
    for paused in [
        scope("ABC", "zoho", "customer"),
        scope("-", "-", "customer"),
    ] {
        let world = shop();
        put_customer(&world, &customer("01-NEW"), "New");
        put_contact(&world, &contact("01-NEW/MAIN"), "Artie Johnson");
        let context = paused.to_string();
        let pause = world.pause(paused, None);
        live_until(&world, world.clock.now() + DAY * 5, work_off);
        assert_alive(&world, &context);
        world.resume(&pause.id);
        assert_over(&world, &[], &context);
        assert_eq!(crm(&world).records("Contacts").len(), 1, "{context}");
    }
}

/// A child whose parent never comes is parked as ever, a day after the pause.
#[test]
fn a_child_is_given_its_time_after_a_pause() {
    let world = shop();
    put_contact(&world, &contact("01-NONE/MAIN"), "Lone Some");
    let pause = world.pause(scope("-", "-", "customer"), None);
    live_until(&world, world.clock.now() + DAY * 3, work_off);
    world.resume(&pause.id);
    let end = world.clock.now();
    live_until(&world, end + SignedDuration::from_hours(20), work_off);
    assert_eq!(parked(&world), []);
    live_until(&world, end + SignedDuration::from_hours(30), work_off);
    let orphan = contact("01-NONE/MAIN").storage();
    let item = world.store.inner.parked("zoho", &orphan);
    let item = world.clock.block_on(item).unwrap().unwrap();
    assert_eq!(item.fault.code, "E_PARENT_MISSING");
}

/// A contact from the CRM waits for its account to become a customer, for a day at most.
#[test]
fn records_of_the_crm_wait_for_an_account_whose_customer_is_paused() {
    let world = shop();
    let pause = world.pause(scope("ABC", "-", "customer"), None);
    let client = fields([
        ("Account_Name", text("Fresh Client")),
        ("Owner", Value::Reference("user-1".to_owned())),
        ("Account_Type", text("Client")),
    ]);
    let client = crm(&world).put("Accounts", None, client);
    let deal = won_deal(&world, &client);
    say(&world, "Accounts", &client);
    say(&world, "Deals", &deal);
    live_until(&world, world.clock.now() + DAY * 4, work_off);
    assert_alive(&world, "a client's first deal");
    world.resume(&pause.id);
    assert_over(&world, &[deal], "a client's first deal");
}

/// Five sales an hour for a night, in a company that creates no more than five within an hour.
#[test]
fn what_a_pause_kept_back_is_no_flood() {
    let world = guarded(5);
    let pause = world.pause(scope("ABC", "-", "-"), None);
    for hour in 0..12 {
        for n in 0..5 {
            let root = format!("deal-{hour}-{n}");
            let mut job = sale(&world, &root);
            job.account = id(&root);
            place_of(&mut job).order.customer.account = id(&root);
            world.send_job(&job);
        }
        world.clock.advance(Duration::from_secs(3_600));
        let _ = world.drain_jobs_within(SignedDuration::from_secs(1));
    }
    assert_eq!(created(&world), 0);
    world.resume(&pause.id);
    let end = world.clock.now();
    let mut held = 0;
    while let Some(next) = world.jobs().next_visible() {
        assert!(next < end + SignedDuration::from_hours(1), "held: {held}");
        world.clock.advance_to(next);
        while let Some(report) = world.write_sage_once() {
            held += report.held;
        }
    }
    assert_eq!(
        (created(&world), held, parked_jobs(&world)),
        (60, 0, vec![])
    );
    assert_sold(&world, "a night's sales");
}

/// Of a pause shorter than an hour as well: what was asked for in it and what is asked for afterwards are not of one hour.
#[test]
fn what_a_short_pause_kept_back_takes_no_place_of_what_comes_afterwards() {
    let world = guarded(5);
    let sell = |n: u32| {
        let root = format!("deal-{n}");
        let mut job = sale(&world, &root);
        job.account = id(&root);
        place_of(&mut job).order.customer.account = id(&root);
        world.send_job(&job);
    };
    let work = |minutes: u64| {
        let end = world.clock.now() + SignedDuration::from_mins(i64::try_from(minutes).unwrap());
        let mut held = 0;
        while let Some(next) = world.jobs().next_visible().filter(|next| *next <= end) {
            world.clock.advance_to(next);
            while let Some(report) = world.write_sage_once() {
                held += report.held;
            }
        }
        world.clock.advance_to(end);
        held
    };
    // The hour begins with a pause.
    let pause = world.pause(scope("ABC", "-", "-"), None);
    (0..5).for_each(sell);
    assert_eq!(work(50), 0);
    world.resume(&pause.id);
    assert_eq!(work(30), 0);
    assert_eq!(created(&world), 5);
    (5..10).for_each(sell);
    assert_eq!(work(10), 0, "held");
    assert_eq!(created(&world), 10);
}

/// An order was written and could not be read, and then came a pause of a night: it is looked for afterwards, and not given up.
#[test]
fn an_order_that_is_not_to_be_read_yet_has_its_hour_after_a_pause() {
    let world = shop();
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    while world.transform_once().is_some() {}
    // Written, and found by nobody for a while.
    world.sage.hide_orders(1, 6);
    assert!(world.write_sage_once().is_some());
    assert_eq!(world.sage.created().len(), 1);
    let end = minutes(&world, 10 * 60);
    world.pause(scope("ABC", "-", "-"), Some(end));
    live_until(&world, end, work_off);
    assert_over(&world, &[deal], "not to be read yet");
}
