//! What a pack leaves, torn between its transactions: by the end of one worker, of two on the same pack, by failures and lost
//! answers. At rest every window closes, and what is parked is what the links say.

use std::collections::BTreeSet;
use std::time::Duration;

use counterpart_delivery::{ConfiguredMapper, Message};
use counterpart_domain::Entity;
use counterpart_simulation::world::{World, killed_after};

use crate::scene::*;

/// A pack of a new record, an edited one, an unchanged one, one that the CRM refuses, one whose rep nobody mapped, and
/// children of theirs.
fn with_all_sorts() -> World {
    let world = world();
    for n in 0..3 {
        put_customer(&world, &customer(&format!("01-OLD{n}")), "Old");
    }
    settle(&world);
    world.clock.advance(Duration::from_secs(900));
    world.sage.edit(&customer("01-OLD0"), &[("City", "Racine")]);
    world.sage.edit(&customer("01-OLD1"), &[("Comment", "-")]);
    for n in 0..3 {
        put_customer(&world, &customer(&format!("01-NEW{n}")), "New");
    }
    put_customer(&world, &customer("01-BAD"), "Refused");
    crm(&world).refuse("Refused");
    put_customer(&world, &customer("01-REP"), "Nobody's");
    let nobody = [("SalespersonNo", "0999")];
    world.sage.edit(&customer("01-REP"), &nobody);
    for parent in ["01-NEW0", "01-BAD", "01-OLD0"] {
        put_contact(&world, &contact(&format!("{parent}/MAIN")), "Artie");
    }
    world.poll(&abc(), Entity::CONTACT).unwrap();
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    world.faults.reset();
    world
}

/// A pack of new records with nothing against them: whoever finds all of them linked has nothing left to do.
fn with_new_ones() -> World {
    let world = world();
    for n in 0..7 {
        put_customer(&world, &customer(&format!("01-NEW{n}")), "New");
    }
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    world.faults.reset();
    world
}

/// Everything is where it has to be, and nothing is said to be on its way.
fn assert_closed(world: &World, context: &str) {
    let parked = ["01-BAD", "01-REP"].map(customer);
    let parked = [parked.to_vec(), vec![contact("01-BAD/MAIN")]].concat();
    assert_at_rest_but(world, &parked, context);
    for (run, totals) in world.totals(&abc(), &zoho()).iter().enumerate() {
        assert_eq!(totals.in_flight, 0, "{context}: run {run}: {totals:?}");
    }
    let items = world.store.inner.all_parked();
    let items: BTreeSet<_> = items.into_iter().filter_map(|item| item.key).collect();
    let links = world.store.inner.all_links();
    let marked = links.into_iter().filter(|link| link.parked.is_some());
    let marked: BTreeSet<_> = marked.map(|link| link.key).collect();
    assert_eq!(items, marked, "{context}");
}

/// Has a worker begin the next batch and end after so many steps. `true`: it came to its end before.
fn killed(world: &World, polls: u64) -> bool {
    let batch: Vec<Message> = world.receive(&zoho());
    let writer = world.writer_with(ConfiguredMapper);
    let handled = killed_after(&world.clock, polls, writer.handle(&batch, world.deadline()));
    if let Some(report) = &handled {
        world.acknowledge(&batch, report);
    }
    handled.is_some()
}

#[test]
fn two_workers_that_end_anywhere_in_one_pack_leave_no_outcome_untold() {
    let mut pairs = 0;
    for first in (1..).step_by(2) {
        let mut over = false;
        for second in (1..).step_by(7) {
            let world = with_all_sorts();
            over = killed(&world, first);
            world.clock.advance(Duration::from_secs(400));
            let last = killed(&world, second);
            world.clock.advance(Duration::from_secs(400));
            world.drain();
            settle(&world);
            assert_closed(&world, &format!("ended after {first} and {second} steps"));
            pairs += 1;
            if last || over {
                break;
            }
        }
        if over {
            break;
        }
    }
    assert!(pairs > 100, "only {pairs} pairs were tried");
}

/// Both have the pack from one receive, as a standard queue may give it twice, and go on by turns until both end.
#[test]
fn two_workers_at_once_on_one_pack_that_both_end_anywhere_leave_no_outcome_untold() {
    for first in (4..40).step_by(2) {
        for second in (4..40).step_by(2) {
            for more in [0, 5] {
                let world = with_new_ones();
                let batch = world.receive(&zoho());
                let workers = [(); 2].map(|()| world.writer_with(ConfiguredMapper));
                let [one, two] = workers
                    .each_ref()
                    .map(|worker| Box::pin(worker.handle(&batch, world.deadline())));
                let turns = [(0, first), (1, second), (0, more)];
                let mut handling = [one, two];
                for (whose, polls) in turns {
                    let report = killed_after(&world.clock, polls, handling[whose].as_mut());
                    if let Some(report) = report {
                        world.acknowledge(&batch, &report);
                        break;
                    }
                }
                drop(handling);
                world.clock.advance(Duration::from_secs(400));
                world.drain();
                settle(&world);
                assert_closed(&world, &format!("{first}, {second}, {more} steps"));
            }
        }
    }
}

#[test]
fn each_transaction_of_a_pack_failed_or_its_answer_lost_leaves_no_outcome_untold() {
    for lost in [false, true] {
        for n in 0.. {
            let world = with_all_sorts();
            if lost {
                world.faults.lose_answer(n);
            } else {
                world.faults.fail_before(n);
            }
            let _one = killed(&world, u64::MAX);
            let calls = world.faults.calls();
            world.faults.reset();
            world.clock.advance(Duration::from_secs(400));
            world.drain();
            settle(&world);
            assert_closed(&world, &format!("call {n}, answer lost: {lost}"));
            if calls <= n {
                break;
            }
        }
    }
}

/// It is set aside once, with the beginning of its content for people to see; Sage has it. Shortened there, it gets through.
#[test]
fn a_record_that_no_item_can_hold_is_parked_and_takes_no_other_along() {
    let world = world();
    for n in 0..5 {
        put_customer(&world, &customer(&format!("01-C{n}")), "New");
    }
    let long = "x".repeat(3_000);
    world.sage.edit(&customer("01-C2"), &[("Comment", &long)]);
    world.store.inner.limit_items_to(3_000);
    settle(&world);
    assert_at_rest_but(&world, &[customer("01-C2")], "too large");
    let item = &world.store.inner.all_parked()[0];
    assert_eq!(item.fault.code, "E_STORE_ITEM_TOO_LARGE");
    assert_eq!(item.times, 1);
    assert!(item.payload.starts_with("{\"k\":\"01-C2\""), "{item:?}");
    assert_windows_closed(&world, "too large");
    world.clock.advance(Duration::from_secs(900));
    world.sage.edit(&customer("01-C2"), &[("Comment", "short")]);
    settle(&world);
    assert_at_rest(&world, "shortened");
}
