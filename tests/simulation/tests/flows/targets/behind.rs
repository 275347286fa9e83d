//! A target that the poller cannot serve falls behind alone, and catches up by itself.

use counterpart_delivery::Kind;
use counterpart_delivery::ports::{Clock as _, Ledger as _};
use counterpart_domain::{Class, Entity, Fault};
use counterpart_simulation::world::World;

use super::*;
use crate::hands::QUARTER;

/// What a deployment says whose template was not given the new target yet.
fn no_queue() -> Fault {
    Fault::new(
        Class::Configuration,
        "E_QUEUE_UNKNOWN_TARGET",
        "The target has no crm-writes queue in this deployment.",
    )
}

fn unreachable() -> Fault {
    Fault::new(
        Class::Transient,
        "E_QUEUE_UNAVAILABLE",
        "The queue cannot be reached.",
    )
}

/// A day of edits while something of Salesforce's is broken in the middle of it. What Zoho came to.
fn a_day(world: &World, breaks: impl Fn(&World), mends: impl Fn(&World)) -> (u64, Vec<Held>) {
    fill(world);
    for quarter in 0..24u32 {
        if quarter == 3 {
            breaks(world);
        }
        if quarter == 18 {
            mends(world);
        }
        let key = customer(&numbered(quarter % 12));
        world
            .sage
            .edit(&key, &[("City", &format!("City {quarter}"))]);
        if quarter % 5 == 0 {
            put_customer(world, &customer(&format!("01-N{quarter:02}")), "New");
        }
        for entity in [Entity::CUSTOMER, Entity::CONTACT] {
            let polled = world.poll(&abc(), entity);
            polled.unwrap_or_else(|fault| unreachable!("one target is served: {fault}"));
        }
        world.drain_within(jiff::SignedDuration::from_secs(1));
        world.clock.advance(QUARTER);
    }
    let zoho = (crm(world).calls(), zoho_holds(world));
    settle(world);
    (zoho.0, zoho.1)
}

fn assert_zoho_does_not_notice(what: &str, breaks: impl Fn(&World), mends: impl Fn(&World)) {
    let quiet = both();
    let undisturbed = a_day(&quiet, |_| {}, |_| {});
    let world = both();
    let disturbed = a_day(&world, breaks, mends);
    assert_eq!(disturbed, undisturbed, "{what}: Zoho was held up");
    assert_eq!(
        outcomes(&world, &zoho()),
        outcomes(&quiet, &zoho()),
        "{what}"
    );
    assert_both_at_rest(&world, what);
    assert_eq!(parked_in(&world, &salesforce()), [], "{what}");
}

#[test]
fn a_queue_that_cannot_be_reached_holds_up_nobody_else() {
    assert_zoho_does_not_notice(
        "the queue is down",
        |world| world.writes(&salesforce()).break_down(unreachable()),
        |world| world.writes(&salesforce()).mend(),
    );
}

#[test]
fn a_target_without_a_queue_holds_up_nobody_else() {
    assert_zoho_does_not_notice(
        "no queue in the deployment",
        |world| world.writes(&salesforce()).break_down(no_queue()),
        |world| world.writes(&salesforce()).mend(),
    );
}

#[test]
fn rows_that_cannot_be_stored_hold_up_nobody_else() {
    for calls in [
        &["put_manifest"][..],
        &["links"][..],
        &["reps"][..],
        &["put_manifest", "links", "reps", "put_link"][..],
    ] {
        let calls: &'static [&'static str] = match calls {
            ["put_manifest"] => &["put_manifest"],
            ["links"] => &["links"],
            ["reps"] => &["reps"],
            _ => &["put_manifest", "links", "reps", "put_link"],
        };
        assert_zoho_does_not_notice(
            &format!("{calls:?}"),
            |world| world.faults.fail_about(calls, "\"salesforce\""),
            |world| world.faults.spare(),
        );
    }
}

#[test]
fn a_queue_that_was_never_there_holds_up_no_first_import() {
    let world = both();
    fill(&world);
    world.writes(&salesforce()).break_down(no_queue());
    for entity in [Entity::CUSTOMER, Entity::CONTACT] {
        let report = world.poll(&abc(), entity).unwrap();
        assert!(!report.complete);
        assert_eq!(report.failed[0].target, salesforce());
        assert_eq!(report.failed[0].fault.code, "E_QUEUE_UNKNOWN_TARGET");
    }
    world.drain();
    assert_eq!(crm(&world).records("Accounts").len(), 12);
    assert_eq!(crm(&world).records("Contacts").len(), 12);
    let calls = crm(&world).calls();
    world.writes(&salesforce()).mend();
    world.clock.advance(QUARTER);
    settle(&world);
    assert_both_at_rest(&world, "deployed");
    assert_eq!(crm(&world).calls(), calls, "Zoho was written again");
}

#[test]
fn the_run_of_a_target_that_is_behind_is_open_until_it_has_caught_up() {
    let world = both();
    fill(&world);
    world.writes(&salesforce()).break_down(unreachable());
    let run = world.poll(&abc(), Entity::CUSTOMER).unwrap().run.unwrap();
    world.drain();
    let store = &world.store.inner;
    let totals = |target| world.clock.block_on(store.totals(&run, &target)).unwrap();
    let is_open = || {
        let runs = store.all_runs();
        let of = runs.iter().find(|of| of.id == run).unwrap();
        (of.finished_at.is_none(), of.stopped.is_some())
    };
    assert_eq!(totals(zoho()).created, 12);
    let behind = totals(salesforce());
    assert_eq!((behind.in_flight, behind.unexplained()), (behind.seen, 0));
    assert_eq!(is_open(), (true, true));
    world.writes(&salesforce()).mend();
    world.clock.advance(QUARTER);
    settle(&world);
    assert_eq!(
        (totals(salesforce()).created, is_open()),
        (12, (false, false))
    );
    assert_both_at_rest(&world, "caught up");
}

#[test]
fn a_target_that_is_taken_out_while_it_is_behind_leaves_no_run_open() {
    let mut world = both();
    fill(&world);
    world.writes(&salesforce()).break_down(unreachable());
    settle(&world);
    world.clock.advance(QUARTER);
    world.push(counterpart_simulation::world::CONFIG);
    settle(&world);
    assert_at_rest(&world, "Zoho alone");
    let runs = world.store.inner.all_runs();
    assert!(runs.iter().all(|run| run.finished_at.is_some()), "{runs:?}");
}

#[test]
fn a_target_that_is_taken_out_in_the_middle_of_its_window_leaves_no_run_open() {
    let mut world = both();
    fill(&world);
    world.writes(&salesforce()).break_down(unreachable());
    world.poll_all(&abc());
    // Salesforce is behind; now Zoho, too, stands in the middle of a window.
    world.writes(&zoho()).break_down(unreachable());
    world.clock.advance(QUARTER);
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    world.poll(&abc(), Entity::CUSTOMER).unwrap_err();
    world.drain();
    let (head, _) = BOTH.split_once("[targets.zoho]").unwrap();
    let (_, org) = BOTH.split_once("[targets.salesforce]").unwrap();
    world.push(&format!("{head}[targets.salesforce]{org}"));
    for target in [zoho(), salesforce()] {
        world.writes(&target).mend();
    }
    settle(&world);
    world.clock.advance(QUARTER);
    settle(&world);
    let runs = world.store.inner.all_runs();
    assert!(runs.iter().all(|run| run.finished_at.is_some()), "{runs:?}");
    world.push(BOTH);
    settle(&world);
    world.clock.advance(QUARTER);
    settle(&world);
    assert_at_rest(&world, "Zoho is back");
}

/// Zoho, and two orgs that are behind.
fn two_behind() -> World {
    let second = include_str!("../../../src/world/salesforce.toml")
        .replace("targets.salesforce", "targets.emea")
        .replace("acme.my", "acme-emea.my")
        .replace("crm = ", "secret = \"emea\"\ncrm = ");
    let world = World::with_config(1, &format!("{BOTH}\n{second}"));
    let emea = counterpart_domain::TargetName::new("emea").unwrap();
    fill(&world);
    for target in [zoho(), salesforce(), emea.clone()] {
        world.map_rep(&target, &rep("01-0100"), "user-1");
    }
    for target in [salesforce(), emea.clone()] {
        world.writes(&target).break_down(unreachable());
    }
    world.poll_all(&abc());
    for target in [salesforce(), emea] {
        world.writes(&target).mend();
    }
    world.clock.advance(QUARTER);
    world.faults.reset();
    world
}

#[test]
fn a_page_that_sage_does_not_have_for_one_that_is_behind_holds_up_no_other() {
    // The first of the two in order; each of its readings fails in turn.
    let undisturbed = two_behind();
    undisturbed.poll(&abc(), Entity::CUSTOMER).unwrap();
    let trace = undisturbed.faults.trace();
    let reads = (0_u64..)
        .zip(trace)
        .filter(|(_, call)| *call == "sage.changes");
    let mut of_the_first = 0;
    for (n, _) in reads {
        let world = two_behind();
        world.faults.fail_before(n);
        assert!(world.poll(&abc(), Entity::CUSTOMER).is_err(), "call {n}");
        let cursor = world
            .clock
            .block_on(world.store.inner.cursor(&abc(), Entity::CUSTOMER));
        let behind = cursor.unwrap().unwrap().apart;
        let behind: Vec<_> = behind.keys().map(TargetName::as_str).collect();
        of_the_first += u32::from(behind == ["emea"]);
    }
    assert!(of_the_first > 0, "the second one waited for the first");
}

#[test]
fn the_other_target_alone_goes_on_when_one_that_is_not_behind_is_taken_out() {
    let mut world = both();
    fill(&world);
    world.writes(&salesforce()).break_down(unreachable());
    settle(&world);
    world.clock.advance(QUARTER);
    let alone = BOTH.replace("[targets.zoho", "[targets.other");
    world.push(&alone);
    let other = counterpart_domain::TargetName::new("other").unwrap();
    world.map_rep(&other, &rep("01-0100"), "user-1");
    world.writes(&salesforce()).mend();
    for _ in 0..2 {
        settle(&world);
        world.clock.advance(QUARTER);
    }
    assert_at_rest(&world, "another Zoho");
    assert_eq!(org(&world).records("Account").len(), 12);
    assert_eq!(world.crms[&other].records("Accounts").len(), 12);
}

#[test]
fn once_caught_up_sage_is_read_once_for_both_again() {
    let world = both();
    fill(&world);
    settle(&world);
    let reads = |world: &World| {
        world.faults.reset();
        world.clock.advance(QUARTER);
        world.poll(&abc(), Entity::CUSTOMER).unwrap();
        let trace = world.faults.trace();
        trace.iter().filter(|call| **call == "sage.changes").count()
    };
    let usual = reads(&world);
    world.writes(&salesforce()).break_down(unreachable());
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    assert!(reads(&world) >= usual);
    assert!(reads(&world) > usual, "Salesforce is read for by itself");
    world.writes(&salesforce()).mend();
    reads(&world);
    assert_eq!(reads(&world), usual);
    world.drain();
    assert_both_at_rest(&world, "together again");
}

#[test]
fn both_queues_down_is_a_fault_of_the_poll_and_loses_nothing() {
    let world = both();
    fill(&world);
    for target in [zoho(), salesforce()] {
        world.writes(&target).break_down(unreachable());
    }
    for _ in 0..3 {
        let fault = world.poll(&abc(), Entity::CUSTOMER).unwrap_err();
        assert_eq!(fault.code, "E_QUEUE_UNAVAILABLE");
        world.clock.advance(QUARTER);
    }
    world.writes(&zoho()).mend();
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    world.writes(&salesforce()).mend();
    world.clock.advance(QUARTER);
    settle(&world);
    assert_both_at_rest(&world, "both are back");
}

#[test]
fn a_hint_reaches_the_target_that_can_be_served() {
    let world = both();
    fill(&world);
    settle(&world);
    world.clock.advance(QUARTER);
    world.writes(&salesforce()).break_down(unreachable());
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    let report = world.hint(&[customer("01-C00")]).unwrap();
    assert_eq!(report.failed[0].target, salesforce());
    world.drain();
    let held = &crm(&world).with_key("Accounts", "ABC:01-C00")[0];
    assert_eq!(held.fields["Billing_City"].to_string(), "Racine");
    world.writes(&zoho()).break_down(unreachable());
    assert!(world.hint(&[customer("01-C00")]).is_err(), "nobody took it");
    for target in [zoho(), salesforce()] {
        world.writes(&target).mend();
    }
    settle(&world);
    assert_both_at_rest(&world, "the schedule came by");
    let runs = world
        .clock
        .block_on(world.store.inner.runs(&abc(), 100))
        .unwrap();
    assert!(runs.iter().any(|run| run.kind == Kind::Hint));
    let _ = world.clock.now();
}

#[test]
fn two_that_are_behind_find_together_when_nobody_else_is_left() {
    let second = include_str!("../../../src/world/salesforce.toml")
        .replace("targets.salesforce", "targets.emea")
        .replace("acme.my", "acme-emea.my")
        .replace(
            "crm = \"salesforce\"",
            "crm = \"salesforce\"\nsecret = \"emea\"",
        );
    let with_zoho = format!("{BOTH}\n{second}");
    let (_, orgs) = BOTH.split_once("[targets.salesforce]").unwrap();
    let (head, _) = BOTH.split_once("[targets.zoho]").unwrap();
    let without = format!("{head}[targets.salesforce]{orgs}\n{second}");
    let mut world = World::with_config(1, &with_zoho);
    let emea = counterpart_domain::TargetName::new("emea").unwrap();
    for target in [zoho(), salesforce(), emea.clone()] {
        world.map_rep(&target, &rep("01-0100"), "user-1");
    }
    fill(&world);
    for target in [salesforce(), emea.clone()] {
        world.writes(&target).break_down(unreachable());
    }
    settle(&world);
    world.clock.advance(QUARTER);
    world.push(&without);
    for target in [salesforce(), emea.clone()] {
        world.writes(&target).mend();
    }
    settle(&world);
    assert_at_rest(&world, "both orgs");
    let store = &world.store.inner;
    let cursor = world.clock.block_on(store.cursor(&abc(), Entity::CUSTOMER));
    let cursor = cursor.unwrap().unwrap();
    assert!(cursor.apart.is_empty(), "{cursor:?}");
    let together: Vec<_> = cursor.mappings.keys().cloned().collect();
    assert_eq!(together, [emea, salesforce()]);
}
