//! Kills, lost answers and random faults with two targets: what holds for one holds for both.

use counterpart_delivery::ConfiguredMapper;
use counterpart_delivery::ports::Ids as _;
use counterpart_domain::{Class, Entity, Fault};
use counterpart_simulation::world::{World, killed_after};
use std::time::Duration;

use super::*;
use crate::hands::QUARTER;

fn down() -> Fault {
    Fault::new(Class::Transient, "E_QUEUE_UNAVAILABLE", "Down.")
}

/// Something is in both queues, and Salesforce has fallen behind.
fn with_work() -> World {
    let world = both();
    fill(&world);
    world.writes(&salesforce()).break_down(down());
    world.poll(&abc(), Entity::CONTACT).unwrap();
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    world.writes(&salesforce()).mend();
    world.clock.advance(QUARTER);
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    world.faults.reset();
    world
}

fn bring_to_rest(world: &World, context: &str) {
    // The lease of the dead runs out.
    world.clock.advance(Duration::from_secs(1_200));
    settle(world);
    world.clock.advance(QUARTER);
    settle(world);
    assert_both_at_rest(world, context);
}

#[test]
fn the_poller_killed_at_any_await_point_while_one_target_is_behind() {
    let mut points = 0;
    for polls in 1.. {
        let world = with_work();
        let (poller, company) = (world.poller(), abc());
        let polled = killed_after(
            &world.clock,
            polls,
            poller.poll(&company, Entity::CUSTOMER, world.deadline()),
        );
        if polled.is_some() {
            break;
        }
        points += 1;
        bring_to_rest(&world, &format!("killed after {polls} polls"));
    }
    assert!(points > 40, "only {points} points were tried");
}

#[test]
fn the_poller_killed_at_any_await_point_while_one_target_falls_behind() {
    let mut points = 0;
    for polls in 1.. {
        let world = both();
        fill(&world);
        world.writes(&salesforce()).break_down(down());
        let (poller, company) = (world.poller(), abc());
        let polled = killed_after(
            &world.clock,
            polls,
            poller.poll(&company, Entity::CUSTOMER, world.deadline()),
        );
        if polled.is_some() {
            break;
        }
        points += 1;
        world.writes(&salesforce()).mend();
        bring_to_rest(&world, &format!("killed after {polls} polls"));
    }
    assert!(points > 30, "only {points} points were tried");
}

#[test]
fn the_writer_of_either_target_killed_at_any_await_point() {
    for target in [zoho(), salesforce()] {
        for polls in 1.. {
            let world = with_work();
            world.poll_all(&abc());
            let batch = world.receive(&target);
            assert!(!batch.is_empty());
            let writer = world.writer_with(ConfiguredMapper);
            let handling = writer.handle(&batch, world.deadline());
            let report = killed_after(&world.clock, polls, handling);
            if let Some(report) = report {
                world.acknowledge(&batch, &report);
                break;
            }
            bring_to_rest(&world, &format!("{target}: killed after {polls} polls"));
        }
    }
}

#[test]
fn every_call_failed_once_or_its_answer_lost_while_one_target_is_behind() {
    for lose in [false, true] {
        for n in 0.. {
            let world = with_work();
            if lose {
                world.faults.lose_answer(n);
            } else {
                world.faults.fail_before(n);
            }
            let _the_next_poll_goes_on = world.poll(&abc(), Entity::CUSTOMER);
            world.drain();
            let calls = world.faults.calls();
            world.faults.reset();
            bring_to_rest(&world, &format!("call {n} spoilt, lost {lose}"));
            if calls <= n {
                break;
            }
        }
    }
}

/// One seed: edits, hints, mappings, refusing queues and killed handlers, in an order that follows from it.
fn random(seed: u64) -> World {
    let mut world = both_of(seed);
    fill(&world);
    let below = |world: &World, n| world.clock.random_below(n);
    for round in 0..20u64 {
        let at = u32::try_from(below(&world, 12)).unwrap();
        world.sage.edit(
            &customer(&numbered(at)),
            &[("City", &format!("City {round}"))],
        );
        for target in [zoho(), salesforce()] {
            match below(&world, 6) {
                0 => world.writes(&target).break_down(down()),
                1..=3 => world.writes(&target).mend(),
                _ => {}
            }
        }
        if round == 12 {
            let text = BOTH.replace(
                "BillingCity = \"City\"",
                "BillingCity = \"City\"\nTown__c = \"City\"",
            );
            world.push(&text);
        }
        let entity =
            [Entity::CUSTOMER, Entity::CONTACT][usize::try_from(below(&world, 2)).unwrap()];
        let polls = 1 + below(&world, 200);
        let (poller, company) = (world.poller(), abc());
        let _ = killed_after(
            &world.clock,
            polls,
            poller.poll(&company, entity, world.deadline()),
        );
        for target in [zoho(), salesforce()] {
            let batch = world.receive(&target);
            // Six kills of one pack would be the pack's fault: most batches are left in peace.
            let polls = 1 + below(&world, 160) + if below(&world, 3) > 0 { 100_000 } else { 0 };
            let writer = world.writer_with(ConfiguredMapper);
            let handling = writer.handle(&batch, world.deadline());
            if let Some(report) = killed_after(&world.clock, polls, handling) {
                world.acknowledge(&batch, &report);
            }
        }
        world
            .clock
            .advance(Duration::from_secs(below(&world, 1_500)));
    }
    for target in [zoho(), salesforce()] {
        world.writes(&target).mend();
    }
    world
}

#[test]
fn random_faults_in_both_targets_leave_both_whole() {
    for seed in 0..40 {
        bring_to_rest(&random(seed), &format!("seed {seed}"));
    }
}

#[test]
fn one_seed_is_one_run() {
    let run = || {
        let world = random(7);
        let trace = world.faults.trace();
        (
            trace,
            crm(&world).calls(),
            org(&world).calls(),
            zoho_holds(&world),
        )
    };
    assert_eq!(run(), run());
}
