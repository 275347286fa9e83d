//! Outcomes that might never come, so that a run's window would stay open for ever.

use counterpart_delivery::ConfiguredMapper;
use counterpart_delivery::ports::Parking as _;
use counterpart_domain::Entity;
use counterpart_simulation::world::{World, killed_after};
use jiff::SignedDuration;

use crate::hands::{QUARTER, deliver, interrupted, received, take_all};
use crate::scene::*;

fn open(world: &World) -> u64 {
    let totals = world.totals(&abc(), &zoho());
    totals.iter().map(|t| t.in_flight + t.waiting).sum()
}

fn part(body: &str, id: &str, reason: &str, keep: impl Fn(usize) -> bool) -> String {
    let mut body: serde_json::Value = serde_json::from_str(body).unwrap();
    let mut at = 0;
    body["entries"].as_array_mut().unwrap().retain(|_| {
        at += 1;
        keep(at - 1)
    });
    body["id"] = id.into();
    body["reason"] = reason.into();
    body.to_string()
}

/// Takes a message as its n-th receive; `true`: it is done.
fn take(world: &World, body: &str, receives: u32) -> bool {
    let batch = [received(world, body, receives)];
    let writer = world.writer_with(ConfiguredMapper);
    let handled = writer.handle(&batch, world.deadline());
    world.clock.block_on(handled).failed.is_empty()
}

/// A pack is torn, and another pack (a look of its own, or a release) settles the rest of its records. The second receive of
/// the torn one finds every link settled: the outcomes have to be there by then.
#[test]
fn a_torn_pack_whose_rest_another_pack_settles_leaves_no_outcome_out() {
    let mut wrong = Vec::new();
    for polls in 1.. {
        let world = world();
        for n in 0..6 {
            let key = customer(&format!("01-C{n:02}"));
            put_customer(&world, &key, &format!("Customer {n}"));
        }
        world.poll(&abc(), Entity::CUSTOMER).unwrap();
        let whole = take_all(&world).pop().unwrap();
        let whole = part(&whole, "pack-released", "released", |_| true);
        let rest = part(&whole, "pack-waiting", "waiting", |n| n >= 2);
        let message = received(&world, &whole, 1);
        let writer = world.writer_with(ConfiguredMapper);
        let batch = [message];
        let handled = writer.handle(&batch, world.deadline());
        if killed_after(&world.clock, polls, handled).is_some() {
            break;
        }
        deliver(&world, &rest);
        assert!(take(&world, &whole, 2), "acknowledged");
        world.drain();
        if open(&world) > 0 {
            wrong.push((polls, open(&world)));
        }
    }
    assert!(wrong.is_empty(), "await point, outcomes missing: {wrong:?}");
}

/// The poller leaves a record out between our call and our link, so that the CRM's record is added to its link afterwards. The
/// outcome goes with it: a later write that fails cannot keep it from being told.
#[test]
fn a_joined_link_whose_outcome_could_not_be_written_is_told_at_the_next_receive() {
    let mut wrong = Vec::new();
    for polls in 0.. {
        let world = world();
        let key = customer("01-ABF");
        put_customer(&world, &key, "One");
        world.poll(&abc(), Entity::CUSTOMER).unwrap();
        let body = take_all(&world).pop().unwrap();
        world.clock.advance(QUARTER);
        world.sage.edit(&key, &[("CustomerStatus", "I")]);
        let batch = [received(&world, &body, 1)];
        let writer = world.writer_with(ConfiguredMapper);
        let handled = writer.handle(&batch, world.deadline());
        let (report, was) = interrupted(&world, polls, handled, || {
            world.poll(&abc(), Entity::CUSTOMER).unwrap();
            world.faults.fail_calls_of("put_outcomes", 1);
        });
        world.faults.reset();
        if !was {
            break;
        }
        if !report.failed.is_empty() {
            assert!(take(&world, &body, 2), "acknowledged");
        }
        world.drain();
        if open(&world) > 0 {
            wrong.push(polls);
        }
    }
    assert!(wrong.is_empty(), "an outcome is missing: {wrong:?}");
}

/// During an outage a pack comes again and again; what cannot be read in it is set aside once the CRM can be called.
#[test]
fn a_record_that_cannot_be_read_is_not_set_aside_anew_at_each_receive_of_an_outage() {
    let world = world();
    put_customer(&world, &customer("01-ABF"), "One");
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    let body = take_all(&world).pop().unwrap();
    let mut body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let mut bad = body["entries"][0].clone();
    bad["k"] = "01-BAD".into();
    for part in ["a", "r", "as_of", "record"] {
        bad[part] = "no such thing".into();
    }
    body["entries"].as_array_mut().unwrap().push(bad);
    let body = body.to_string();
    let now = counterpart_delivery::ports::Clock::now(&world.clock);
    crm(&world).outage(now, now + SignedDuration::from_hours(12));
    for receives in 1..=20 {
        take(&world, &body, receives);
        world.clock.advance(std::time::Duration::from_secs(60));
    }
    let items = world.store.inner.parked_of("zoho", None, 10);
    let items = world.clock.block_on(items).unwrap();
    assert_eq!(items.len(), 1, "{items:?}");
    assert!(items[0].times <= 10, "set aside {} times", items[0].times);
}
