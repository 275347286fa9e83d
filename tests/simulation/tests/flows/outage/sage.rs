//! Sage cannot be called: it is down, does not let us in, or says that it has too much to do.

use super::*;
use crate::events::whole::client;
use counterpart_delivery::Stage;

fn without_sage(of: &Fault) {
    let (world, context) = (shop(), of.code.as_ref());
    let now = world.clock.now();
    world.sage.outage_with(now, now + DAY * 13, of.clone());
    let deals = days(&world, 13, work_off);
    assert_alive(&world, context);
    assert_over(&world, &deals, context);
}

#[test]
fn thirteen_days_without_sage() {
    without_sage(&fault(Class::Transient, "E_SAGE_DOWN"));
}

#[test]
fn thirteen_days_of_a_token_that_sage_refuses() {
    without_sage(&fault(Class::Configuration, "E_SAGE_UNAUTHORIZED"));
}

#[test]
fn thirteen_days_of_an_agents_secret_that_cannot_be_read() {
    for class in [Class::Transient, Class::Configuration] {
        let mut world = shop();
        let refused = fault(class, "E_SECRET_DENIED");
        let now = world.clock.now();
        // The poller has no agent either.
        world.sage.outage_with(now, now + DAY * 13, refused.clone());
        world.agents.insert(abc(), Err(refused));
        let deals = days(&world, 13, work_off);
        assert_alive(&world, "no secret");
        world.agents.insert(abc(), Ok(world.sage.clone()));
        assert_over(&world, &deals, "no secret");
    }
}

/// Two thirds of each hour it answers 429, for thirteen days.
#[test]
fn thirteen_days_of_429_come_and_go() {
    let world = shop();
    let now = world.clock.now();
    for hour in 0..13 * 24 {
        let begin = now + SignedDuration::from_hours(hour);
        let end = begin + SignedDuration::from_mins(40);
        let busy = fault(Class::Throttled, "E_SAGE_BUSY");
        world.sage.outage_with(begin, end, busy);
    }
    let deals = days(&world, 13, work_off);
    assert_over(&world, &deals, "storms of 429");
}

/// It was mended after an hour, and the next hours are as if nothing had been.
#[test]
fn a_short_outage_is_over_soon() {
    let world = shop();
    let now = world.clock.now();
    world.sage.outage(now, now + SignedDuration::from_mins(10));
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    live_until(&world, now + SignedDuration::from_mins(16), work_off);
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
}

/// A job that was old when the outage ended meets a lock: that is a trouble of its own, and a young one.
#[test]
fn after_an_outage_a_lock_is_waited_for_as_at_any_time() {
    let world = shop();
    let now = world.clock.now();
    world.sage.outage(now, now + DAY * 5);
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    live_until(&world, now + DAY * 5, work_off);
    world.sage.lock("0000181", 3);
    live_until(&world, now + DAY * 5 + HOUR, work_off);
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
    assert_alive(&world, "a lock afterwards");
}

/// A customer is in Sage, and nobody could read it yet. Its own record waits until somebody can ask Sage again: it looks
/// now and then, not every few seconds.
#[test]
fn what_waits_for_its_creation_costs_little_while_sage_is_down() {
    let world = shop();
    let account = client(&world);
    say(&world, "Accounts", &account);
    work(&world);
    // It is created, and cannot be read any more.
    world.faults.fail_calls_after("sage.records", 1, 1);
    world.write_sage_once();
    let rows = world.sage.rows(&abc(), Entity::CUSTOMER);
    let made = rows.iter().map(|(key, _)| key.clone());
    let made: Vec<_> = made.filter(|key| *key != customer("01-ABF")).collect();
    assert_eq!(made.len(), 1);
    world.hint(&made).unwrap();
    let now = world.clock.now();
    let end = now + SignedDuration::from_hours(8);
    world.sage.outage(now, end);
    let mut looks = 0;
    assert_eq!(link(&world, &made[0]).stage, Stage::Creating);
    while let Some(next) = world
        .queue
        .inner
        .next_write()
        .into_iter()
        .chain(world.jobs().next_visible())
        .min()
    {
        if next >= end {
            break;
        }
        world.clock.advance_to(next);
        while world.write_sage_once().is_some() {}
        while world.write_once(&zoho(), ConfiguredMapper) {
            looks += 1;
        }
    }
    assert!(
        (1..60).contains(&looks),
        "it looked {looks} times in eight hours"
    );
    live_until(&world, end + HOUR, work_off);
    assert_eq!(crate::hands::parked(&world), []);
    assert_eq!(link(&world, &made[0]).crm_id, Some(account));
}
