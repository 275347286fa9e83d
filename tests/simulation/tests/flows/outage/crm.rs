//! A CRM cannot be called: it is down, refuses our credentials, or says that it has too much to do.

use counterpart_delivery::ports::Parking as _;

use super::*;
use crate::targets::{both, fill, org, salesforce};

fn without_zoho(of: &Fault) {
    let (world, context) = (shop(), of.code.as_ref());
    let now = world.clock.now();
    crm(&world).refuse_calls(now, now + DAY * 13, of.clone());
    let deals = days(&world, 13, work_off);
    assert_alive(&world, context);
    assert_over(&world, &deals, context);
}

#[test]
fn thirteen_days_of_503_of_zoho() {
    without_zoho(&fault(Class::Transient, "E_CRM_UNAVAILABLE"));
}

#[test]
fn thirteen_days_of_credentials_that_zoho_refuses() {
    without_zoho(&fault(Class::Configuration, "E_CRM_CREDENTIALS"));
}

#[test]
fn thirteen_days_of_a_crms_secret_that_cannot_be_read() {
    without_zoho(&fault(Class::Configuration, "E_SECRET_DENIED"));
}

/// Writes take their full time and come to nothing, while reads get through and close the circuit again and again.
#[test]
fn thirteen_days_of_writes_that_hang() {
    use std::time::Duration;
    let world = shop();
    crm(&world).slow(Duration::from_secs(600), Duration::from_secs(60));
    let deals = days(&world, 13, work_off);
    crm(&world).quick();
    // Many short troubles: more looks, and still far from the redrive policy.
    assert_over_within(&world, &deals, "hanging writes", 800);
}

#[test]
fn thirteen_days_of_429_of_zoho_come_and_go() {
    let world = shop();
    let now = world.clock.now();
    for hour in 0..13 * 24 {
        let begin = now + SignedDuration::from_hours(hour);
        let end = begin + SignedDuration::from_mins(40);
        let busy = fault(Class::Throttled, "E_CRM_THROTTLED");
        crm(&world).refuse_calls(begin, end, busy);
    }
    let deals = days(&world, 13, work_off);
    assert_over(&world, &deals, "storms of 429");
}

#[test]
fn thirteen_days_of_503_of_salesforce_while_zoho_goes_on() {
    let world = both();
    fill(&world);
    let now = world.clock.now();
    org(&world).outage(now, now + DAY * 13);
    for day in 0..13 {
        let city = format!("City {day}");
        world.sage.edit(&customer("01-C00"), &[("City", &city)]);
        live_until(&world, now + DAY * (day + 1), work_off);
        let held = crm(&world).with_key("Accounts", "ABC:01-C00");
        assert_eq!(held[0].fields["Billing_City"], text(&city), "day {day}");
    }
    assert_alive(&world, "Salesforce is down");
    live_until(&world, now + DAY * 13 + HOUR, work_off);
    assert_eq!(world.writes(&salesforce()).len(), 0);
    let parked = world.store.inner.parked_of("salesforce", None, 10);
    assert!(world.clock.block_on(parked).unwrap().is_empty());
    assert_alive(&world, "Salesforce is back");
    assert_at_rest(&world, "Salesforce is back");
}

/// What was to be shown was old when the CRM came back, and its record is locked for a moment: nobody has tried it for a day.
#[test]
fn what_is_locked_right_after_an_outage_is_shown_later() {
    let world = shop();
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    while world.transform_once().is_some() {}
    while world.write_sage_once().is_some() {}
    let now = world.clock.now();
    crm(&world).outage(now, now + DAY * 3);
    live_until(&world, now + DAY * 3, work_off);
    crm(&world).lock(deal.0.as_str());
    live_until(&world, now + DAY * 3 + HOUR, work_off);
    assert_eq!(shown(&world, "Deals", &deal, "Sage_Order_No"), Value::Blank);
    crm(&world).accept(deal.0.as_str());
    live_until(&world, now + DAY * 3 + HOUR * 2, work_off);
    assert_alive(&world, "a lock after an outage");
    assert_ne!(shown(&world, "Deals", &deal, "Sage_Order_No"), Value::Blank);
}
