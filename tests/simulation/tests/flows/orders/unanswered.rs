//! An update without an answer may still arrive: what is sent meanwhile must not make it count twice.

use std::rc::Rc;

use super::money::Late;
use super::*;

const CHAIR: &str = "1001-HON-H252";
const PAPER: &str = "2480-8-50";

/// The sale as it is a minute later.
fn sold(world: &World, items: &[&str]) -> SageJob {
    wait(world, 1);
    edited(world, items)
}

/// The sale as it is now: one of each item, under the CRM's ids of its lines.
fn edited(world: &World, items: &[&str]) -> SageJob {
    let lines = items.iter().enumerate().map(|(at, item)| SaleLine {
        id: Some(id(&format!("line-{at}"))),
        ..line(item, 1)
    });
    sale_of(world, "deal-1", lines.collect())
}

/// The items of the order, in its own order.
fn items(world: &World) -> Vec<String> {
    let lines = orders(world).remove(0).lines.into_iter();
    lines.map(|line| line.item).collect()
}

/// Sends a job whose update is still on its way when it is given up.
fn sent_late(world: &World, job: &SageJob) {
    world.faults.decided_by(Some(Rc::new(Late)));
    world.send_job(job);
    assert!(world.write_sage_once().is_some());
    world.faults.decided_by(None);
}

/// All that is on its way arrives.
fn at_rest(world: &World) {
    world.jobs().time_out();
    world.drain_jobs();
    wait(world, 30);
    world.sage.land();
}

#[test]
fn a_line_that_an_unanswered_update_adds_is_not_added_again_before_it_may_arrive() {
    let world = shop(1);
    world.send_job(&sold(&world, &[CHAIR]));
    world.drain_jobs();
    sent_late(&world, &sold(&world, &[CHAIR, PAPER]));
    at_rest(&world);
    assert_eq!(items(&world), [CHAIR, PAPER]);
    assert_eq!(parked(&world), vec![]);
    assert_sold(&world, "a line once");
}

#[test]
fn a_line_that_never_arrived_is_added_once_it_no_longer_can() {
    let world = shop(1);
    world.send_job(&sold(&world, &[CHAIR]));
    world.drain_jobs();
    world.faults.be_vague(true);
    world.faults.fail_calls_of("sage.update_order", 1);
    world.send_job(&sold(&world, &[CHAIR, PAPER]));
    at_rest(&world);
    assert_eq!(items(&world), [CHAIR, PAPER]);
    // What is sent next waits for nothing: all that was sent is accounted for.
    let before = world.clock.now();
    world.send_job(&sold(&world, &[CHAIR, PAPER, PAPER]));
    world.drain_jobs();
    assert_eq!(items(&world), [CHAIR, PAPER, PAPER]);
    assert!(world.clock.now() < before + SignedDuration::from_mins(6));
    assert_eq!(parked(&world), vec![]);
}

#[test]
fn of_an_order_too_long_to_be_kept_nothing_is_sent_before_the_last_update_may_arrive() {
    let world = shop(1);
    let mut long = vec![PAPER; 201];
    world.send_job(&sold(&world, &long));
    world.drain_jobs();
    long.push(CHAIR);
    sent_late(&world, &sold(&world, &long));
    world.jobs().time_out();
    let batch = world.receive_jobs();
    world.jobs().delete(&batch[0].receipt);
    // Another one comes, before anybody knows of the first.
    long.push(PAPER);
    world.clock.advance(Duration::from_secs(5));
    world.send_job(&edited(&world, &long));
    at_rest(&world);
    let items = items(&world);
    let chairs = items.iter().filter(|item| *item == CHAIR).count();
    assert_eq!((chairs, items.len()), (1, 203));
}

#[test]
fn an_update_that_never_arrived_is_not_taken_for_done_because_a_clerk_did_a_part_of_it() {
    let world = shop(1);
    world.send_job(&sold(&world, &[CHAIR, PAPER]));
    world.drain_jobs();
    // The customer called the clerk as well as the sales person.
    world.sage.clerk_removes_line(&abc(), "0000181", "000002");
    wait(&world, 1);
    let mut job = edited(&world, &[CHAIR]);
    let Work::PlaceOrder(place) = &mut job.work else {
        panic!("an order");
    };
    let comment = ("CommentText".to_owned(), Value::text("As agreed"));
    place.order.lines[0].columns.extend([comment]);
    world.faults.be_vague(true);
    world.faults.fail_calls_of("sage.update_order", 1);
    world.send_job(&job);
    at_rest(&world);
    let row = world.sage.order_row(&abc(), "0000181").unwrap();
    let columns = row.lines.get("000001");
    let comment = columns.and_then(|columns| columns.get("CommentText"));
    assert_eq!(comment, Some(&Value::text("As agreed")));
    assert_eq!(
        (items(&world), parked(&world)),
        (vec![CHAIR.to_owned()], vec![])
    );
}
