//! The same sale, again and again: one order.

use super::*;
use futures_util::future::join;

#[test]
fn a_sale_becomes_one_order_with_our_mark_and_its_number_goes_back() {
    let world = shop(1);
    world.send_job(&sale(&world, "deal-1"));
    world.drain_jobs();
    let orders = orders(&world);
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].customer, abf());
    let done = intent(&world, "deal-1");
    assert_eq!(done.stage, IntentStage::Done);
    assert_eq!(done.number.as_deref(), Some("0000181"));
    assert_eq!(done.sage_status, "New");
    assert_eq!(done.sage_total, Some(Decimal::from(200)));
    assert_eq!(done.status_text, "Order 0000181 is in Sage 100.");
    let stock = write_backs(&world)
        .into_iter()
        .find_map(|message| match message.write_back {
            counterpart_delivery::Show::Stock { rows, .. } => Some(rows),
            counterpart_delivery::Show::Intents(_) => None,
        });
    assert_eq!(stock.unwrap()[0].on_hand, Decimal::from(100));
    assert_sold(&world, "one sale");
}

#[test]
fn the_same_event_five_times_is_one_order_and_writes_back_once() {
    let world = shop(1);
    let first = sale(&world, "deal-1");
    for _ in 0..5 {
        world.send_job(&again(&world, &first));
    }
    world.drain_jobs();
    assert_eq!(created(&world), 1);
    assert_eq!(world.sage.changed_by_us(), Vec::<String>::new());
    // The CRM writer has shown it; five more say nothing new.
    let rev = intent(&world, "deal-1").rev;
    let (target, id) = (zoho(), order_id("deal-1"));
    let noted = world.store.inner.mark_written_back(&target, &id, rev);
    world.clock.block_on(noted).unwrap();
    let before = write_backs(&world).len();
    wait(&world, 10);
    for _ in 0..5 {
        let mut job = again(&world, &first);
        // Our own write-back modified the record.
        place_of(&mut job).modified = Some(world.clock.now());
        world.send_job(&job);
    }
    world.drain_jobs();
    assert_eq!(write_backs(&world).len(), before, "an echo");
    assert_eq!(created(&world), 1);
    assert_sold(&world, "ten events");
}

#[test]
fn older_jobs_that_come_late_change_nothing() {
    let world = shop(1);
    let older = sale_of(&world, "deal-1", vec![line("1001-HON-H252", 1)]);
    wait(&world, 1);
    let newer = sale_of(&world, "deal-1", vec![line("1001-HON-H252", 3)]);
    wait(&world, 1);
    // The same content at a later time: what lies between is overtaken by it as well.
    let newest = sale_of(&world, "deal-1", vec![line("1001-HON-H252", 1)]);
    for job in [&older, &newest, &newer] {
        world.send_job(job);
    }
    world.drain_jobs();
    assert_eq!(created(&world), 1);
    assert_eq!(orders(&world)[0].lines[0].quantity, Decimal::ONE);
    assert_eq!(world.sage.changed_by_us(), Vec::<String>::new());
    assert_sold(&world, "out of order");
}

#[test]
fn a_deal_and_its_sales_order_are_one_intent_and_both_show_it() {
    let world = shop(1);
    let deal = sale(&world, "deal-1");
    wait(&world, 1);
    let mut order = again(&world, &deal);
    order.event.module = "Sales_Orders".to_owned();
    order.event.record = id("so-9");
    place_of(&mut order).shown = shown("Sales_Orders", "so-9");
    // The older of the two, even: it has nothing to say but who shows the number.
    place_of(&mut order).modified = Some(later(&world, -30));
    world.send_job(&deal);
    world.send_job(&order);
    world.drain_jobs();
    assert_eq!(created(&world), 1);
    let shown: Vec<_> = intent(&world, "deal-1").shown;
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert_sold(&world, "two records");
}

#[test]
fn two_workers_with_the_same_sale_at_once_make_one_order() {
    for seed in 0..40 {
        let world = shop(seed);
        let first = sale(&world, "deal-1");
        world.send_job(&first);
        let one = world.receive_jobs();
        // A visibility time-out that ran out: the queue gives the job to a second worker.
        world.jobs().time_out();
        let two = world.receive_jobs();
        assert_eq!((one.len(), two.len()), (1, 1));
        world.sage.slow_writes(Duration::from_secs(seed % 7));
        let writer = world.sage_writer();
        let deadline = world.deadline();
        let both = join(writer.handle(&one, deadline), writer.handle(&two, deadline));
        let (first, second) = world.clock.block_on(both);
        world.acknowledge_jobs(&one, &first);
        world.acknowledge_jobs(&two, &second);
        world.drain_jobs();
        assert_eq!(created(&world), 1, "seed {seed}");
        assert!(world.sage.most_at_once() <= 1, "two writes at once");
        assert_sold(&world, &format!("seed {seed}"));
    }
}

#[test]
fn two_workers_with_two_sales_write_to_the_company_one_after_the_other() {
    let world = shop(1);
    world.sage.slow_writes(Duration::from_secs(3));
    let mut batches = Vec::new();
    for n in 1..=2 {
        let mut job = sale(&world, &format!("deal-{n}"));
        job.account = id(&format!("account-{n}"));
        world.send_job(&job);
        batches.push(world.receive_jobs());
    }
    let (writer, deadline) = (world.sage_writer(), world.deadline());
    let both = join(
        writer.handle(&batches[0], deadline),
        writer.handle(&batches[1], deadline),
    );
    let (first, second) = world.clock.block_on(both);
    // Who got no seat is handed back.
    assert_eq!(first.failed.len() + second.failed.len(), 1);
    world.acknowledge_jobs(&batches[0], &first);
    world.acknowledge_jobs(&batches[1], &second);
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (2, vec![]));
    assert_eq!(world.sage.most_at_once(), 1, "two writes at once");
    assert_sold(&world, "two sales");
}

#[test]
fn a_slow_worker_whose_lease_ran_out_saves_nothing_and_makes_no_second_order() {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};
    let mut overtaken = 0;
    for polls in 1..80 {
        let world = shop(1);
        world.send_job(&sale(&world, "deal-1"));
        let batch = world.receive_jobs();
        let writer = world.sage_writer();
        let mut slow = pin!(writer.handle(&batch, world.deadline()));
        let mut context = Context::from_waker(Waker::noop());
        let done = (0..polls).any(|_| slow.as_mut().poll(&mut context).is_ready());
        if done {
            break;
        }
        // It stops for an hour; lease and seat run out, and another worker does the job.
        wait(&world, 60);
        world.drain_jobs();
        for _ in 0..1_000 {
            if let Poll::Ready(report) = slow.as_mut().poll(&mut context) {
                world.acknowledge_jobs(&batch, &report);
                break;
            }
            if let Some(next) = world.clock.next_timer() {
                world.clock.advance_to(next);
            }
        }
        world.drain_jobs();
        overtaken += 1;
        assert_eq!(created(&world), 1, "stopped after {polls} polls");
        assert_sold(&world, &format!("stopped after {polls} polls"));
    }
    assert!(overtaken > 15, "only {overtaken} places");
}
