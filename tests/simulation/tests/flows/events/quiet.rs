//! Several events of one save: an ordinary sale leaves nothing to wonder about, and one that Sage refuses is tried once.

use std::time::Duration;

use counterpart_domain::CrmId;
use counterpart_simulation::world::World;

use super::redrives::redrive_all;
use super::scene::*;
use super::whole::{ITEM, flow, selling};
use crate::logs::{captured, listened_to};

/// A save in the CRM is told by its stage, by its lines and by an event that somebody's automation publishes.
fn told_by_all(world: &World, deal: &CrmId) {
    for _ in 0..4 {
        say(world, "Deals", deal);
    }
}

/// Takes each event before its predecessor's job is done.
fn all_at_once(world: &World, deal: &CrmId) {
    told_by_all(world, deal);
    flow(world);
    // What we showed on the record is an edit, too.
    say(world, "Deals", deal);
    flow(world);
}

fn lines_of(log: &str, level: &str) -> Vec<String> {
    let level = format!(" {level} ");
    let lines = log.lines().filter(|line| line.contains(&level));
    lines.map(str::to_owned).collect()
}

fn calls(world: &World, name: &str) -> usize {
    let trace = world.faults.trace();
    trace.iter().filter(|call| **call == name).count()
}

#[test]
fn an_ordinary_sale_leaves_no_warning() {
    listened_to();
    let world = selling(&config());
    crm(&world).stamp_whole_seconds();
    let account = account(&world);
    let (_, log) = captured(|| {
        for _ in 0..3 {
            let deal = won_deal(&world, &account);
            all_at_once(&world, &deal);
            world.clock.advance(Duration::from_secs(30));
            // Two changes within one second of the CRM's clock.
            let edit = |po: &str| {
                crm(&world).edit("Deals", &deal, "person", fields([("PO_Number", text(po))]));
                say(&world, "Deals", &deal);
                world.transform_once();
            };
            edit("4712");
            edit("4713");
            all_at_once(&world, &deal);
        }
    });
    assert_eq!(world.sage.created().len(), 3);
    for level in ["WARN", "ERROR"] {
        assert_eq!(lines_of(&log, level), Vec::<String>::new(), "{level}");
    }
}

#[test]
fn a_sale_that_sage_refuses_is_tried_once_until_something_changes() {
    listened_to();
    let world = selling(&config());
    let sage = &world.sage;
    sage.refuse("4711");
    let account = account(&world);
    let deal = won_deal(&world, &account);
    let tried = || calls(&world, "sage.create_order");
    let numbers = || calls(&world, "sage.next_order_number");
    let ((), log) = captured(|| all_at_once(&world, &deal));
    assert_eq!(lines_of(&log, "ERROR").len(), 1, "{log}");
    assert_eq!(lines_of(&log, "WARN"), Vec::<String>::new());
    assert_eq!((tried(), numbers(), parked(&world).len()), (1, 1, 1));
    // Told once more an hour later, by nobody's save.
    world.clock.advance(Duration::from_secs(3600));
    all_at_once(&world, &deal);
    assert_eq!((tried(), parked(&world).len()), (1, 1));
    // Somebody saves it again, and nothing is mended: nobody is called twice for the same.
    let save = |po: &str| {
        let po = fields([("PO_Number", text(po))]);
        crm(&world).edit("Deals", &deal, "person", po);
    };
    save("4711");
    let ((), log) = captured(|| all_at_once(&world, &deal));
    assert_eq!((tried(), parked(&world).len()), (2, 1));
    assert_eq!(lines_of(&log, "ERROR"), Vec::<String>::new());
    // A redrive tries, whatever the record says.
    redrive_all(&world);
    flow(&world);
    assert_eq!((tried(), parked(&world).len()), (3, 1));
    // What is asked for is another thing now: at once.
    save("4712");
    all_at_once(&world, &deal);
    assert_eq!((tried(), numbers()), (4, 1));
    assert_eq!(parked(&world), []);
    assert_eq!(sage.all_orders(&abc()).len(), 1);
}

#[test]
fn what_is_refused_before_a_number_is_asked_for_costs_none() {
    listened_to();
    let world = selling(&config());
    let account = account(&world);
    let deal = won_deal(&world, &account);
    crm(&world).put_lines("Deals", &deal, "Sale_Items", lines(&world, "UNKNOWN"));
    let ((), log) = captured(|| all_at_once(&world, &deal));
    assert_eq!(lines_of(&log, "ERROR").len(), 1, "{log}");
    assert_eq!(calls(&world, "sage.items"), 1);
    assert_eq!(calls(&world, "sage.next_order_number"), 0);
    // The item is there now: saved again by somebody who was told, it goes.
    world
        .sage
        .put_item(&abc(), "UNKNOWN", "45.50".parse().unwrap());
    world.clock.advance(Duration::from_secs(600));
    crm(&world).edit("Deals", &deal, "person", fields([]));
    all_at_once(&world, &deal);
    assert_eq!(
        (parked(&world), world.sage.all_orders(&abc()).len()),
        (vec![], 1)
    );
    assert_eq!(ITEM, "1001-HON-H252");
}

/// An order that is there, and a change of it that Sage refuses.
#[test]
fn a_change_that_sage_refuses_is_tried_once() {
    listened_to();
    let world = selling(&config());
    let account = account(&world);
    let deal = won_deal(&world, &account);
    all_at_once(&world, &deal);
    world.clock.advance(Duration::from_secs(600));
    world.sage.refuse("4712");
    crm(&world).edit(
        "Deals",
        &deal,
        "person",
        fields([("PO_Number", text("4712"))]),
    );
    let ((), log) = captured(|| all_at_once(&world, &deal));
    assert_eq!(lines_of(&log, "ERROR").len(), 1, "{log}");
    assert_eq!(
        (calls(&world, "sage.update_order"), parked(&world).len()),
        (1, 1)
    );
    // Back to what it was.
    crm(&world).edit(
        "Deals",
        &deal,
        "person",
        fields([("PO_Number", text("4711"))]),
    );
    all_at_once(&world, &deal);
    assert_eq!(parked(&world), []);
}
