//! A call that is too much for the CRM, and a row that a whole call fails for.

use std::time::Duration;

use counterpart_delivery::ConfiguredMapper;
use counterpart_delivery::ports::{Circuit, Clock as _, Parking as _, Settings as _};
use counterpart_domain::Entity;
use counterpart_simulation::world::{World, killed_after};
use jiff::SignedDuration;

use crate::scene::*;

const CUSTOMERS: usize = 100;

fn crowd(world: &World) {
    for n in 0..CUSTOMERS {
        put_customer(world, &customer(&format!("01-S{n:03}")), "Slow");
    }
}

fn parked(world: &World) -> usize {
    let page = world.store.inner.parked_of("zoho", None, 100);
    world.clock.block_on(page).unwrap().len()
}

fn most_rows(world: &World) -> Option<usize> {
    let target = zoho();
    let circuit = world.store.inner.circuit(&target);
    world.clock.block_on(circuit).unwrap().most_rows
}

#[test]
fn a_call_that_takes_too_long_is_made_smaller_until_it_passes_and_then_larger_again() {
    let world = populated();
    settle(&world);
    crowd(&world);
    // A full call would take 100 seconds, and nobody waits longer than 30.
    crm(&world).slow(Duration::from_secs(1), Duration::from_secs(30));
    let began = world.clock.now();
    settle(&world);
    assert_at_rest(&world, "every customer is there");
    assert_eq!(parked(&world), 0);
    let took = world.clock.now().duration_since(began);
    assert!(took < SignedDuration::from_mins(30), "took {took}");
    assert!((13..=30).contains(&crm(&world).largest_write()));

    crm(&world).quick();
    for round in ["Racine", "Kenosha", "Beloit", "Janesville"] {
        for n in 0..CUSTOMERS {
            world
                .sage
                .edit(&customer(&format!("01-S{n:03}")), &[("City", round)]);
        }
        settle(&world);
    }
    assert_eq!(crm(&world).largest_write(), CUSTOMERS, "full calls again");
    assert_eq!(most_rows(&world), None);
}

#[test]
fn an_outage_by_silence_leaves_calls_of_ten_rows_and_parks_nothing() {
    let world = populated();
    settle(&world);
    crowd(&world);
    crm(&world).slow(Duration::from_secs(3600), Duration::from_secs(30));
    world.poll_all(&abc());
    assert!(!world.drain_within(SignedDuration::from_hours(8)));
    assert_eq!(most_rows(&world), Some(10));
    crm(&world).quick();
    settle(&world);
    assert_at_rest(&world, "after the silence");
    assert_eq!(parked(&world), 0);
}

#[test]
fn a_row_that_a_whole_call_fails_for_waits_alone_and_is_parked_in_the_end() {
    let world = populated();
    settle(&world);
    crowd(&world);
    let poisoned = customer("01-S037");
    crm(&world).poison(&poisoned.text());
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    assert!(!world.drain_within(SignedDuration::from_mins(2)));
    let there = |key: &counterpart_domain::SageKey| {
        !crm(&world).with_key("Accounts", &key.text()).is_empty()
    };
    for n in (0..CUSTOMERS).filter(|n| *n != 37) {
        assert!(
            there(&customer(&format!("01-S{n:03}"))),
            "{n} waits for its neighbour"
        );
    }
    assert!(!there(&poisoned));
    // It does not keep others waiting either, but for the circuit's pause where it stood alone.
    put_customer(&world, &customer("01-T001"), "Later");
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    assert!(!world.drain_within(SignedDuration::from_mins(5)));
    assert!(there(&customer("01-T001")));
    world.drain();
    assert_eq!(parked(&world), 1, "after a day of tries");
    crm(&world).heal(&poisoned.text());
    world.sage.edit(&poisoned, &[("City", "Racine")]);
    settle(&world);
    assert!(there(&poisoned));
}

#[test]
fn an_org_that_fails_without_a_word_parks_nothing() {
    let world = populated();
    settle(&world);
    crowd(&world);
    let now = world.clock.now();
    let fault = counterpart_domain::Fault::new(
        counterpart_domain::Class::Transient,
        "E_CRM_UNEXPLAINED",
        "The CRM failed without saying why.",
    );
    crm(&world).refuse_calls(now, now + SignedDuration::from_hours(8), fault);
    let before = crm(&world).calls();
    settle(&world);
    assert_at_rest(&world, "after eight hours");
    assert_eq!(parked(&world), 0);
    let calls = crm(&world).calls() - before;
    assert!(calls < 300, "{calls} calls");
}

/// One pack of 30 records for calls of ten rows, each of which takes ten seconds.
fn in_small_calls(fails_after: Option<SignedDuration>) -> World {
    let world = populated();
    settle(&world);
    for n in 0..30 {
        put_customer(&world, &customer(&format!("01-S{n:03}")), "Slow");
    }
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    let small = Circuit {
        most_rows: Some(10),
        ..Circuit::default()
    };
    let target = zoho();
    let put = world.store.inner.put_circuit(&target, &small);
    assert!(world.clock.block_on(put).unwrap());
    crm(&world).slow(Duration::from_secs(1), Duration::from_secs(30));
    if let Some(after) = fails_after {
        let now = world.clock.now();
        let fault = counterpart_domain::Fault::new(
            counterpart_domain::Class::Transient,
            "E_CRM_UNAVAILABLE",
            "The CRM answered 503.",
        );
        crm(&world).refuse_calls(now + after, now + SignedDuration::from_mins(2), fault);
    }
    world.faults.reset();
    world
}

#[test]
fn a_pack_that_stops_half_way_is_not_lost_wherever_the_writer_is_killed() {
    for fails_after in [None, Some(SignedDuration::from_secs(5))] {
        let mut points = 0;
        let stopped_half_way = loop {
            points += 1;
            let world = in_small_calls(fails_after);
            let batch = world.receive(&zoho());
            let writer = world.writer_with(ConfiguredMapper);
            let handled = killed_after(
                &world.clock,
                points,
                writer.handle(&batch, world.deadline()),
            );
            let done = handled.map(|report| {
                world.acknowledge(&batch, &report);
                let accounts = crm(&world).records("Accounts");
                let slow = Some(counterpart_domain::Value::text("Slow"));
                let written = accounts
                    .iter()
                    .filter(|held| held.fields.get("Account_Name") == slow.as_ref());
                written.count()
            });
            settle(&world);
            assert_at_rest(&world, &format!("killed after {points} polls"));
            assert_eq!(parked(&world), 0);
            if let Some(written) = done {
                break written;
            }
        };
        assert!(points > 30, "only {points} points were tried");
        assert!((10..30).contains(&stopped_half_way), "{stopped_half_way}");
    }
}
