//! As many creations within an hour as the company allows, and no more.

use counterpart_delivery::ports::Creations as _;
use counterpart_simulation::world::SALES;

use super::killed::everywhere;
use super::*;

/// A shop that creates so many within an hour.
pub fn guarded(most: u32) -> World {
    let with = format!("write = \"agent\"\ncreations_per_hour = {most}");
    let config =
        counterpart_config::SyncConfig::parse(&SALES.replacen("write = \"agent\"", &with, 1));
    let mut world = shop(1);
    world.config = config.unwrap();
    world
}

/// A sale of an account of its own, so that no other waits for it.
fn sale_by(world: &World, account: &str, root: &str) -> SageJob {
    let mut job = sale(world, root);
    job.account = id(account);
    place_of(&mut job).order.customer.account = id(account);
    job
}

fn counted(world: &World) -> u32 {
    let company = abc();
    let counted = world.store.inner.creations(&company, world.clock.now());
    world.clock.block_on(counted).unwrap()
}

/// Workers until the queue is empty or the time is over: how many creations were held, and the most receives of a job.
fn run(world: &World, minutes: i64) -> (u64, u32) {
    let end = later(world, minutes);
    let (mut held, mut receives) = (0, 0);
    while let Some(next) = world.jobs().next_visible().filter(|next| *next <= end) {
        world.clock.advance_to(next);
        loop {
            let batch = world.receive_jobs();
            if batch.is_empty() {
                break;
            }
            receives = batch
                .iter()
                .map(|job| job.receive_count)
                .fold(receives, u32::max);
            let writer = world.sage_writer();
            let handled = writer.handle(&batch, world.deadline());
            let report = world.clock.block_on(handled);
            held += report.held;
            world.acknowledge_jobs(&batch, &report);
        }
    }
    world.clock.advance_to(end);
    (held, receives)
}

#[test]
fn of_a_hundred_and_thirty_wins_in_an_hour_thirty_wait_and_none_is_lost() {
    let world = shop(1);
    for n in 0..130 {
        world.send_job(&sale_by(
            &world,
            &format!("account-{n}"),
            &format!("deal-{n}"),
        ));
    }
    let (held, _) = run(&world, 55);
    assert_eq!((created(&world), counted(&world)), (100, 100));
    assert!(held >= 30, "nobody hears of it: {held}");
    assert_eq!(parked(&world), []);
    let (_, receives) = run(&world, 60);
    assert_eq!(created(&world), 130);
    assert!(receives <= 4, "{receives} receives");
    assert_eq!(parked(&world), []);
    assert_sold(&world, "all of them");
}

#[test]
fn changes_and_cancellations_go_while_creations_wait() {
    let world = guarded(2);
    for n in 0..2 {
        world.send_job(&sale_by(
            &world,
            &format!("account-{n}"),
            &format!("deal-{n}"),
        ));
    }
    run(&world, 1);
    // The order of what one account asks for stays as it is.
    world.send_job(&sale_by(&world, "account-2", "deal-2"));
    wait(&world, 1);
    let mut more = sale_by(&world, "account-2", "deal-2");
    place_of(&mut more).order.lines = vec![line("2480-8-50", 7)];
    world.send_job(&more);
    let mut change = sale_by(&world, "account-0", "deal-0");
    place_of(&mut change).order.lines = vec![line("1001-HON-H252", 9)];
    world.send_job(&change);
    let mut cancel = cancellation(&world, "deal-1");
    cancel.account = id("account-1");
    world.send_job(&cancel);
    run(&world, 5);
    assert_eq!(created(&world), 2);
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Cancelled);
    assert_eq!(orders(&world)[0].lines[0].quantity, Decimal::from(9));
    world.drain_jobs();
    assert_eq!(created(&world), 3);
    let third = intent(&world, "deal-2").number;
    let third = orders(&world)
        .into_iter()
        .find(|order| Some(&order.number) == third.as_ref());
    assert_eq!(third.unwrap().lines[0].item, "2480-8-50");
}

#[test]
fn what_sage_would_never_take_uses_nothing_up() {
    let world = guarded(2);
    for n in 0..10 {
        let root = format!("deal-{n}");
        let mut job = sale_by(&world, &format!("account-{n}"), &root);
        place_of(&mut job).order.lines = vec![line("NO-SUCH-ITEM", 1)];
        world.send_job(&job);
    }
    run(&world, 5);
    assert_eq!(
        (parked(&world).len(), created(&world), counted(&world)),
        (10, 0, 0)
    );
    for root in ["deal-x", "deal-y"] {
        world.send_job(&sale_by(&world, root, root));
    }
    run(&world, 5);
    assert_eq!((created(&world), counted(&world)), (2, 2));
}

#[test]
fn customers_count_as_well_and_an_order_that_brings_its_own_gets_through() {
    let world = guarded(1);
    let mut job = sale_by(&world, "account-9", "deal-9");
    place_of(&mut job).order.customer = SaleCustomer {
        account: id("account-9"),
        key: None,
        create: Some(new_customer("Breslin Parts Supply")),
    };
    world.send_job(&job);
    world.send_job(&client(&world, "account-8", "Another One"));
    run(&world, 30);
    assert_eq!(created(&world), 1, "{:?}", world.sage.created());
    world.drain_jobs();
    assert_eq!(created(&world), 3, "{:?}", world.sage.created());
    assert_eq!(parked(&world), []);
}

#[test]
fn a_job_that_is_killed_anywhere_is_counted_once() {
    let prepare = || {
        let world = guarded(2);
        world.send_job(&sale_by(&world, "account-1", "deal-1"));
        world
    };
    everywhere(prepare, |world, context| {
        assert_eq!(created(world), 1, "{context}");
        assert_eq!(counted(world), 1, "{context}");
        for root in ["deal-2", "deal-3"] {
            world.send_job(&sale_by(world, root, root));
        }
        // The seat of a worker that was killed falls free by itself.
        run(world, 20);
        assert_eq!((created(world), counted(world)), (2, 2), "{context}");
        world.drain_jobs();
        assert_eq!(created(world), 3, "{context}");
        assert_eq!(parked(world), [], "{context}");
        assert_sold(world, context);
    });
}

#[test]
fn what_an_outage_kept_back_counts_for_the_hours_in_which_it_was_asked_for() {
    let world = guarded(2);
    // Nobody works for three days.
    for hour in 0..70 {
        for n in 0..2 {
            let root = format!("deal-{hour}-{n}");
            world.send_job(&sale_by(&world, &root, &root));
        }
        wait(&world, 60);
    }
    run(&world, 50);
    assert_eq!((created(&world), parked(&world)), (140, vec![]));
    assert_sold(&world, "all of them within the hour");
}

#[test]
fn a_flood_that_came_during_an_outage_is_held_all_the_same() {
    let world = guarded(2);
    for n in 0..30 {
        world.send_job(&sale_by(&world, &format!("deal-{n}"), &format!("deal-{n}")));
    }
    wait(&world, 10 * 60);
    run(&world, 50);
    assert_eq!(created(&world), 4, "its own hour's, and this one's");
    run(&world, 60);
    assert!(created(&world) <= 6, "{}", created(&world));
}

#[test]
fn a_flood_does_not_get_its_hour_twice() {
    let world = guarded(2);
    for n in 0..30 {
        world.send_job(&sale_by(&world, &format!("deal-{n}"), &format!("deal-{n}")));
    }
    for hour in 1..5 {
        run(&world, 60);
        assert!(created(&world) <= 2 * hour + 2, "{}", created(&world));
    }
}
