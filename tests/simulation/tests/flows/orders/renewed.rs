//! A sale whose order was cancelled in Sage asks for one again: a person is asked, and a redrive makes it, once.

use super::*;

fn code() -> Vec<(String, String)> {
    let code = "E_ORDER_CANCELLED".to_owned();
    vec![("order#deal-1".to_owned(), code)]
}

/// A person sends it again; its record is read anew, and asks for the same.
fn answer(world: &World, job: &SageJob) {
    let before = created(world);
    world.send_job(&redriven(world, job));
    world.drain_jobs();
    assert_eq!((created(world), parked(world)), (before, vec![]));
    assert!(!world.events().is_empty(), "nobody reads it again");
    world.send_job(&redriven_for(world, job, Some("E_ORDER_CANCELLED")));
    world.drain_jobs();
}

/// A sale whose order was made and cancelled.
fn cancelled(world: &World) {
    wait(world, 5);
    world.send_job(&cancellation(world, "deal-1"));
    world.drain_jobs();
    assert_eq!(intent(world, "deal-1").stage, IntentStage::Cancelled);
}

#[test]
fn a_sale_that_asks_again_after_its_order_was_cancelled_is_for_a_person() {
    let world = shop(1);
    let first = sale(&world, "deal-1");
    world.send_job(&first);
    world.drain_jobs();
    cancelled(&world);
    // What was asked for before changes nothing.
    world.send_job(&again(&world, &first));
    world.drain_jobs();
    assert_eq!(parked(&world), []);
    wait(&world, 5);
    world.send_job(&sale(&world, "deal-1"));
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (1, code()));
    assert!(intent(&world, "deal-1").status_text.contains("0000181"));
    // An edit, and a redrive of something else, do not answer.
    wait(&world, 5);
    let edited = sale(&world, "deal-1");
    world.send_job(&edited);
    world.send_job(&redriven_for(&world, &edited, Some("E_ORDER_MOVED")));
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (1, code()));
    let other = sale_of(&world, "deal-1", vec![line("2480-8-50", 3)]);
    answer(&world, &other);
    assert_eq!((created(&world), parked(&world)), (2, vec![]));
    let done = intent(&world, "deal-1");
    assert_eq!((done.stage, done.code), (IntentStage::Done, None));
    assert_eq!(orders(&world).len(), 1);
    assert_eq!(orders(&world)[0].lines[0].item, "2480-8-50");
    assert_sold(&world, "made anew");
    // It is the sale's order from then on.
    wait(&world, 5);
    world.send_job(&sale_of(&world, "deal-1", vec![line("2480-8-50", 4)]));
    world.drain_jobs();
    assert_eq!(orders(&world)[0].lines[0].quantity, Decimal::from(4));
    assert_eq!((created(&world), parked(&world)), (2, vec![]));
    // And may be cancelled and made anew once more.
    cancelled(&world);
    wait(&world, 5);
    let third = sale(&world, "deal-1");
    world.send_job(&third);
    world.drain_jobs();
    answer(&world, &third);
    assert_eq!((created(&world), parked(&world)), (3, vec![]));
    assert_sold(&world, "and once more");
}

#[test]
fn a_cancelled_order_that_sage_keeps_is_not_taken_for_the_new_one() {
    let world = shop(1);
    world.send_job(&sale(&world, "deal-1"));
    world.drain_jobs();
    let kept = orders(&world).remove(0);
    cancelled(&world);
    // A site that keeps what was cancelled.
    world.sage.put_order(
        &abc(),
        SalesOrder {
            file: counterpart_domain::sale::OrderFile::History,
            status: counterpart_domain::sale::OrderStatus::Cancelled,
            ..kept.clone()
        },
    );
    wait(&world, 5);
    let job = sale(&world, "deal-1");
    world.send_job(&job);
    world.drain_jobs();
    answer(&world, &job);
    assert_eq!((created(&world), parked(&world)), (2, vec![]));
    assert_ne!(intent(&world, "deal-1").number, Some(kept.number));
    assert_sold(&world, "beside the cancelled one");
}

#[test]
fn what_a_person_sends_again_is_made_once_wherever_its_worker_is_killed() {
    super::killed::everywhere(
        || {
            let world = shop(1);
            world.send_job(&sale(&world, "deal-1"));
            world.drain_jobs();
            cancelled(&world);
            wait(&world, 5);
            let job = sale(&world, "deal-1");
            world.send_job(&job);
            world.drain_jobs();
            world.send_job(&redriven(&world, &job));
            world
        },
        |world, context| {
            // Its record is read again.
            let again = sale(world, "deal-1");
            world.send_job(&redriven_for(world, &again, Some("E_ORDER_CANCELLED")));
            world.drain_jobs();
            assert_eq!(created(world), 2, "{context}");
            assert_eq!(parked(world), [], "{context}");
            assert_sold(world, context);
        },
    );
}
