//! Sage cannot be called: it is down, does not let us in, or says that it has too much to do.

use super::*;

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
