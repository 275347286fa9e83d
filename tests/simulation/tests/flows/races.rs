//! Handlers that are overtaken by others at any await point.

use counterpart_delivery::ConfiguredMapper;
use counterpart_domain::Entity;
use counterpart_simulation::world::killed_after;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use crate::hands::{QUARTER, deliver, interrupted, received, send, take_all, writer_interrupted};
use crate::scene::*;

#[test]
fn a_writer_overtaken_by_a_newer_observation_at_any_await_point() {
    for edit in [false, true] {
        let wrong = writer_interrupted(
            || {
                let world = world();
                let key = customer("01-ABF");
                put_customer(&world, &key, "One");
                if edit {
                    settle(&world);
                    world.sage.edit(&key, &[("City", "Racine")]);
                }
                world.hint(std::slice::from_ref(&key)).unwrap();
                let body = take_all(&world).pop().unwrap();
                world
                    .sage
                    .edit(&key, &[("City", "Kenosha"), ("TelephoneNo", "")]);
                world.hint(&[key]).unwrap();
                (world, body)
            },
            |world| {
                world.write_once(&zoho(), ConfiguredMapper);
            },
            &[],
        );
        assert!(wrong.is_empty(), "edit {edit}: {wrong:#?}");
    }
}

#[test]
fn a_writer_overtaken_by_an_older_observation_at_any_await_point() {
    let wrong = writer_interrupted(
        || {
            let world = world();
            let key = customer("01-ABF");
            put_customer(&world, &key, "One");
            settle(&world);
            world.sage.edit(&key, &[("City", "Racine")]);
            world.hint(std::slice::from_ref(&key)).unwrap();
            let older = take_all(&world).pop().unwrap();
            world
                .sage
                .edit(&key, &[("City", "Kenosha"), ("TelephoneNo", "")]);
            world.hint(&[key]).unwrap();
            let body = take_all(&world).pop().unwrap();
            send(&world, &older);
            (world, body)
        },
        |world| {
            world.write_once(&zoho(), ConfiguredMapper);
        },
        &[],
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_writer_overtaken_by_the_pollers_exclusion_at_any_await_point() {
    let wrong = writer_interrupted(
        || {
            let world = world();
            let key = customer("01-ABF");
            put_customer(&world, &key, "One");
            world.poll(&abc(), Entity::CUSTOMER).unwrap();
            let body = take_all(&world).pop().unwrap();
            world.clock.advance(QUARTER);
            world.sage.edit(&key, &[("CustomerStatus", "I")]);
            (world, body)
        },
        |world| {
            world.poll(&abc(), Entity::CUSTOMER).unwrap();
        },
        &[],
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_writer_overtaken_by_one_that_parks_something_newer_at_any_await_point() {
    // The newer one is refused; then the CRM accepts it with its next edit. Nothing may be left over.
    let mut wrong = Vec::new();
    for (first_newer, polls) in (0..60).flat_map(|n| [(false, n), (true, n)]) {
        let world = world();
        let key = customer("01-ABF");
        put_customer(&world, &key, "One");
        world.hint(std::slice::from_ref(&key)).unwrap();
        let a = take_all(&world).pop().unwrap();
        put_customer(&world, &key, "Bad");
        world.hint(std::slice::from_ref(&key)).unwrap();
        let b = take_all(&world).pop().unwrap();
        crm(&world).refuse("Bad");
        let (body, other) = if first_newer { (b, a) } else { (a, b) };
        let writer = world.writer_with(ConfiguredMapper);
        let batch = [received(&world, &body, 1)];
        let (report, was) = interrupted(
            &world,
            polls,
            writer.handle(&batch, world.deadline()),
            || deliver(&world, &other),
        );
        if !was {
            continue;
        }
        if !report.failed.is_empty() {
            send(&world, &body);
        }
        world.drain();
        world
            .sage
            .edit(&key, &[("CustomerName", "Good"), ("TelephoneNo", "")]);
        world.hint(&[key]).unwrap();
        world.drain();
        let faults = world.faults_at_rest(&[]);
        if !faults.is_empty() {
            wrong.push(format!("{first_newer} {polls}: {faults:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_writer_that_parks_is_overtaken_by_one_that_applies_something_newer() {
    let mut wrong = Vec::new();
    for polls in 0..60 {
        let world = world();
        let key = customer("01-ABF");
        put_customer(&world, &key, "Bad");
        world.hint(std::slice::from_ref(&key)).unwrap();
        let a = take_all(&world).pop().unwrap();
        put_customer(&world, &key, "Good");
        world.hint(std::slice::from_ref(&key)).unwrap();
        let b = take_all(&world).pop().unwrap();
        crm(&world).refuse("Bad");
        let writer = world.writer_with(ConfiguredMapper);
        let batch = [received(&world, &a, 1)];
        let (report, was) = interrupted(
            &world,
            polls,
            writer.handle(&batch, world.deadline()),
            || deliver(&world, &b),
        );
        if !was {
            continue;
        }
        if !report.failed.is_empty() {
            send(&world, &a);
        }
        world.drain();
        // The next edit, too.
        world.sage.edit(&key, &[("City", "Racine")]);
        world.hint(&[key]).unwrap();
        world.drain();
        let faults = world.faults_at_rest(&[]);
        if !faults.is_empty() {
            wrong.push(format!("{polls}: {faults:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A writer with the older of two observations stops `first` polls into its work. Another applies the newer one, the older
/// one is delivered a second time, and the repair that this asks for stops `second` polls into its own work. Then the first
/// writer goes on, and its old values may land last: it ends, or is frozen for good `frozen` polls later and its message is
/// delivered a third time. None: there is no such await point.
fn three_writers(first: u64, second: u64, frozen: Option<u64>) -> Option<Vec<String>> {
    let world = world();
    let key = customer("01-ABF");
    put_customer(&world, &key, "One");
    settle(&world);
    world.sage.edit(&key, &[("City", "Racine")]);
    world.hint(std::slice::from_ref(&key)).unwrap();
    let older = take_all(&world).pop().unwrap();
    world.sage.edit(&key, &[("City", "Kenosha")]);
    world.hint(&[key]).unwrap();
    let newer = take_all(&world).pop().unwrap();
    let (writer, deadline) = (world.writer_with(ConfiguredMapper), world.deadline());
    let batch = [received(&world, &older, 1)];
    let mut slow = pin!(writer.handle(&batch, deadline));
    if !polled(slow.as_mut(), first) {
        return None;
    }
    deliver(&world, &newer);
    let again = |receive| {
        let batch = [received(&world, &older, receive)];
        let report = world.clock.block_on(writer.handle(&batch, deadline));
        assert!(report.failed.is_empty());
    };
    again(2);
    let repairs = world.receive(&zoho());
    let mut repair = pin!(writer.handle(&repairs, deadline));
    if !polled(repair.as_mut(), second) {
        return None;
    }
    match frozen {
        Some(polls) if !polled(slow.as_mut(), polls) => return None,
        Some(_) => again(3),
        None => {
            let report = world.clock.block_on(slow);
            if !report.failed.is_empty() {
                send(&world, &older);
            }
        }
    }
    let report = world.clock.block_on(repair);
    world.acknowledge(&repairs, &report);
    world.drain();
    let faults = world.faults_at_rest(&[]);
    let said = faults
        .iter()
        .map(|fault| format!("{first} {second} {frozen:?}: {fault}"));
    Some(said.collect())
}

/// Whether a future still has something to do after so many polls.
fn polled<T>(mut future: std::pin::Pin<&mut impl Future<Output = T>>, polls: u64) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    (0..polls).all(|_| future.as_mut().poll(&mut context).is_pending())
}

#[test]
fn an_old_write_that_lands_last_among_three_writers_is_repaired() {
    let (mut tried, mut wrong) = (0, Vec::new());
    for first in 0..60 {
        for second in 0..60 {
            let Some(said) = three_writers(first, second, None) else {
                break;
            };
            tried += 1;
            wrong.extend(said);
        }
    }
    assert!(tried > 50, "only {tried} interleavings");
    assert!(wrong.is_empty(), "{} of {tried}: {wrong:#?}", wrong.len());
}

#[test]
fn an_old_write_of_a_writer_that_is_never_heard_of_again_is_repaired() {
    let (mut tried, mut wrong) = (0, Vec::new());
    for first in 0..60 {
        for second in 0..60 {
            if three_writers(first, second, Some(0)).is_none() {
                break;
            }
            for said in (1..60).map_while(|frozen| three_writers(first, second, Some(frozen))) {
                tried += 1;
                wrong.extend(said);
            }
        }
    }
    assert!(tried > 200, "only {tried} interleavings");
    assert!(wrong.is_empty(), "{} of {tried}: {wrong:#?}", wrong.len());
}

/// A contact's writer finds its account parked (or left out); the account comes while it says so.
fn contact_overtaken_by_its_account(status: &str) {
    let mut wrong = Vec::new();
    for polls in 0..80 {
        let world = world();
        let key = customer("01-ABF");
        let child = contact("01-ABF/MAIN");
        put_customer(&world, &key, "Bad");
        world.sage.edit(&key, &[("CustomerStatus", status)]);
        put_contact(&world, &child, "Artie Johnson");
        crm(&world).refuse("Bad");
        // Before anybody knows that its account is left out.
        world.hint(std::slice::from_ref(&child)).unwrap();
        let body = take_all(&world).pop().unwrap();
        world.poll(&abc(), Entity::CUSTOMER).unwrap();
        world.drain();
        put_customer(&world, &key, "Good");
        world.hint(std::slice::from_ref(&key)).unwrap();
        let account = take_all(&world).pop().unwrap();
        let writer = world.writer_with(ConfiguredMapper);
        let batch = [received(&world, &body, 1)];
        let (report, was) = interrupted(
            &world,
            polls,
            writer.handle(&batch, world.deadline()),
            || deliver(&world, &account),
        );
        if !was {
            continue;
        }
        if !report.failed.is_empty() {
            send(&world, &body);
        }
        world.drain();
        let faults = world.faults_at_rest(&[]);
        if !faults.is_empty() {
            wrong.push(format!("{polls}: {faults:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_contact_overtaken_by_its_account_that_was_parked() {
    contact_overtaken_by_its_account("A");
}

#[test]
fn a_contact_overtaken_by_its_account_that_was_left_out() {
    contact_overtaken_by_its_account("I");
}

#[test]
fn a_writer_killed_between_link_and_release_still_releases_parked_and_excluded_children() {
    let mut wrong = Vec::new();
    for status in ["A", "I"] {
        for polls in 1.. {
            let world = world();
            let key = customer("01-ABF");
            put_customer(&world, &key, "Bad");
            world.sage.edit(&key, &[("CustomerStatus", status)]);
            put_contact(&world, &contact("01-ABF/MAIN"), "Artie Johnson");
            crm(&world).refuse("Bad");
            settle(&world);
            world.clock.advance(QUARTER);
            put_customer(&world, &key, "Good");
            world.poll(&abc(), Entity::CUSTOMER).unwrap();
            let batch = world.receive(&zoho());
            let writer = world.writer_with(ConfiguredMapper);
            if killed_after(&world.clock, polls, writer.handle(&batch, world.deadline())).is_some()
            {
                break;
            }
            world.drain();
            let faults = world.faults_at_rest(&[]);
            let missing = crm(&world).with_key("Contacts", "ABC:01-ABF/MAIN").len();
            if !faults.is_empty() || missing != 1 {
                wrong.push(format!("{status} {polls}: {faults:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn one_failed_link_write_does_not_keep_the_others_children_waiting() {
    let mut wrong = Vec::new();
    for n in 0..40 {
        let world = world();
        for name in ["01-A", "01-B"] {
            put_customer(&world, &customer(name), "Bad");
            put_contact(&world, &contact(&format!("{name}/MAIN")), "Artie Johnson");
        }
        crm(&world).refuse("Bad");
        settle(&world);
        world.clock.advance(QUARTER);
        for name in ["01-A", "01-B"] {
            put_customer(&world, &customer(name), "Good");
        }
        world.poll(&abc(), Entity::CUSTOMER).unwrap();
        world.faults.fail_before(n);
        world.write_once(&zoho(), ConfiguredMapper);
        let done = world.faults.trace().get(n as usize).copied();
        world.faults.reset();
        world.drain();
        let faults = world.faults_at_rest(&[]);
        if !faults.is_empty() {
            wrong.push(format!("{n} {done:?}: {faults:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn two_workers_with_two_states_of_the_rep_mapping() {
    let mut wrong = Vec::new();
    for polls in 0..40 {
        let world = world();
        let key = customer("01-ABF");
        put_customer(&world, &key, "One");
        for _ in 0..2 {
            settle(&world);
            // So long that the overlap of the polls does not read the customer again.
            world.clock.advance(Duration::from_secs(60 * 60 * 24 * 3));
        }
        settle(&world);
        world.clock.advance(QUARTER);
        world.map_rep(&zoho(), &rep("01-0100"), "user-2");
        world.poll(&abc(), Entity::CUSTOMER).unwrap();
        let a = take_all(&world).pop().unwrap();
        let writer = world.writer_with(ConfiguredMapper);
        let batch = [received(&world, &a, 1)];
        let (_, was) = interrupted(
            &world,
            polls,
            writer.handle(&batch, world.deadline()),
            || {
                world.map_rep(&zoho(), &rep("01-0100"), "user-3");
                world.poll(&abc(), Entity::CUSTOMER).unwrap();
                world.write_once(&zoho(), ConfiguredMapper);
            },
        );
        if !was {
            continue;
        }
        for _ in 0..4 {
            world.clock.advance(QUARTER);
            settle(&world);
        }
        let owner = crm(&world).with_key("Accounts", "ABC:01-ABF")[0].fields["Owner"].to_string();
        if owner != "user-3" {
            wrong.push(format!("{polls}: {owner}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_poller_that_leaves_out_is_overtaken_by_the_writer_at_any_await_point() {
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for polls in 0..60 {
        let world = world();
        let key = customer("01-ABF");
        put_customer(&world, &key, "One");
        world.poll(&abc(), Entity::CUSTOMER).unwrap();
        let body = take_all(&world).pop().unwrap();
        world.clock.advance(QUARTER);
        world.sage.edit(&key, &[("CustomerStatus", "I")]);
        let poller = world.poller();
        let abc = abc();
        let polling = poller.poll(&abc, Entity::CUSTOMER, world.deadline());
        let (report, was) = interrupted(&world, polls, polling, || deliver(&world, &body));
        report.unwrap();
        if !was {
            continue;
        }
        tried += 1;
        world.drain();
        for _ in 0..3 {
            world.clock.advance(QUARTER);
            world.poll(&abc, Entity::CUSTOMER).unwrap();
            world.drain();
        }
        let faults = world.faults_at_rest(&[]);
        if !faults.is_empty() {
            wrong.push(format!("{polls}: {faults:?}"));
        }
    }
    assert!(tried > 3);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
