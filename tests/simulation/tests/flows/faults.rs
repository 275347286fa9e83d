//! Killed at every await point; each port's answer lost once; each call failed once before it did anything.

use counterpart_delivery::ConfiguredMapper;
use counterpart_domain::Entity;
use counterpart_simulation::world::{World, killed_after};
use std::time::Duration;

use crate::scene::*;

/// A world with work in the queue: a first import, or an edit of something that is linked.
fn with_work(edit: bool) -> World {
    let world = populated();
    put_customer(&world, &customer("02-ODD"), "Odd One");
    world
        .sage
        .edit(&customer("02-ODD"), &[("CustomerStatus", "I")]);
    // Contacts first: they have to wait for their accounts.
    world.poll(&abc(), Entity::CONTACT).unwrap();
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    if edit {
        world.drain();
        world.clock.advance(Duration::from_secs(900));
        for n in ["01-C00", "02-C01"] {
            world
                .sage
                .edit(&customer(n), &[("City", "Racine"), ("CreditLimit", "")]);
        }
        put_contact(&world, &contact("01-C00/MAIN"), "Artie B. Johnson");
        world.poll_all(&abc());
    }
    world.faults.reset();
    world
}

/// Kills the writer at its n-th await point, for every n, and lets others finish the work.
fn kill_the_writer_everywhere(edit: bool) -> u64 {
    for polls in 1.. {
        let world = with_work(edit);
        let batch = world.receive(&zoho());
        let writer = world.writer_with(ConfiguredMapper);
        let handled = killed_after(&world.clock, polls, writer.handle(&batch, world.deadline()));
        let Some(report) = handled else {
            world.drain();
            assert_at_rest(
                &world,
                &format!(
                    "killed after {polls} polls: {:?}",
                    world.faults.trace().last()
                ),
            );
            assert_windows_closed(&world, &format!("killed after {polls} polls"));
            continue;
        };
        world.acknowledge(&batch, &report);
        return polls;
    }
    unreachable!("some number of polls is enough")
}

#[test]
fn the_writer_killed_at_any_await_point_of_a_first_import_loses_and_doubles_nothing() {
    let points = kill_the_writer_everywhere(false);
    assert!(points > 30, "only {points} points were tried");
}

#[test]
fn the_writer_killed_at_any_await_point_of_an_update_loses_and_doubles_nothing() {
    let points = kill_the_writer_everywhere(true);
    assert!(points > 15, "only {points} points were tried");
}

#[test]
fn the_poller_killed_at_any_await_point_loses_nothing() {
    let mut points = 0;
    for entity in [Entity::CUSTOMER, Entity::CONTACT] {
        for polls in 1.. {
            let world = populated();
            world.faults.reset();
            let poller = world.poller();
            let company = abc();
            let polled = killed_after(
                &world.clock,
                polls,
                poller.poll(&company, entity, world.deadline()),
            );
            if polled.is_some() {
                break;
            }
            points += 1;
            // The lease of the dead runs out.
            world.clock.advance(Duration::from_secs(1_200));
            settle(&world);
            assert_at_rest(&world, &format!("{entity} poll killed after {polls} polls"));
        }
    }
    assert!(points > 20, "only {points} points were tried");
}

/// Spoils the n-th port call of polls and writes, for every n, and has the work finished.
fn spoil_everywhere(spoil: impl Fn(&World, u64)) -> u64 {
    for n in 0.. {
        let world = with_work(true);
        world.sage.edit(&customer("02-C03"), &[("City", "Kenosha")]);
        spoil(&world, n);
        let _the_next_poll_goes_on = world.poll(&abc(), Entity::CUSTOMER);
        world.drain();
        let calls = world.faults.calls();
        let trace = world.faults.trace();
        world.faults.reset();
        world.clock.advance(Duration::from_secs(1_200));
        settle(&world);
        let spoilt = usize::try_from(n).ok().and_then(|n| trace.get(n));
        assert_at_rest(&world, &format!("call {n} spoilt: {spoilt:?}"));
        assert_windows_closed(&world, &format!("call {n} spoilt: {spoilt:?}"));
        if calls <= n {
            return n;
        }
    }
    unreachable!("some number of calls is enough")
}

#[test]
fn every_ports_answer_lost_once_loses_and_doubles_nothing() {
    let calls = spoil_everywhere(|world, n| world.faults.lose_answer(n));
    assert!(calls > 30, "only {calls} calls were tried");
}

#[test]
fn every_call_failed_once_loses_and_doubles_nothing() {
    let calls = spoil_everywhere(|world, n| world.faults.fail_before(n));
    assert!(calls > 30, "only {calls} calls were tried");
}

#[test]
fn killed_again_and_again_at_random_places_everything_arrives_in_the_end() {
    for seed in 0..60 {
        let world = World::new(seed);
        world.map_rep(&zoho(), &rep("01-0100"), "user-1");
        for n in 0..30 {
            let key = customer(&format!("01-C{n:02}"));
            put_customer(&world, &key, &format!("Customer {n}"));
            put_contact(
                &world,
                &contact(&format!("{}/MAIN", key.local)),
                "Artie Johnson",
            );
        }
        use counterpart_delivery::ports::Ids as _;
        for round in 0..12u32 {
            let at = format!("01-C{:02}", world.clock.random_below(30));
            world
                .sage
                .edit(&customer(&at), &[("City", &format!("City {round}"))]);
            let entity = if round % 2 == 0 {
                Entity::CONTACT
            } else {
                Entity::CUSTOMER
            };
            let polls = 1 + world.clock.random_below(60);
            let (poller, company) = (world.poller(), abc());
            let _ = killed_after(
                &world.clock,
                polls,
                poller.poll(&company, entity, world.deadline()),
            );
            let batch = world.receive(&zoho());
            let polls = 1 + world.clock.random_below(120);
            let writer = world.writer_with(ConfiguredMapper);
            if let Some(report) =
                killed_after(&world.clock, polls, writer.handle(&batch, world.deadline()))
            {
                world.acknowledge(&batch, &report);
            }
            world
                .clock
                .advance(Duration::from_secs(world.clock.random_below(900)));
        }
        world.clock.advance(Duration::from_secs(1_200));
        settle(&world);
        assert_at_rest(&world, &format!("seed {seed}"));
        assert_windows_closed(&world, &format!("seed {seed}"));
    }
}

#[test]
fn a_hint_that_ends_anywhere_leaves_nothing_in_flight() {
    let hinted = || {
        let world = World::new(1);
        world.map_rep(&zoho(), &rep("01-0100"), "user-1");
        put_customer(&world, &customer("01-ABF"), "American Business Futures");
        world.faults.reset();
        world
    };
    let key = [customer("01-ABF")];
    let whole = hinted();
    whole.hint(&key).unwrap();
    for call in 1..=whole.faults.calls() {
        let world = hinted();
        // Dead from here on: nothing that it would still say gets through.
        world.faults.fail_from(call);
        let _ = world.hint(&key);
        world.faults.reset();
        world.drain();
        settle(&world);
        assert_at_rest(&world, &format!("dead at call {call}"));
        let totals = world.totals(&abc(), &zoho());
        let open: u64 = totals.iter().map(|totals| totals.in_flight).sum();
        assert_eq!(open, 0, "dead at call {call}");
    }
}
