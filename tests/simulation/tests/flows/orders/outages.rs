//! Sage is down, or a record is locked: nothing is parked, nothing doubled, and each customer's order is kept.

use super::*;
use counterpart_delivery::Outcome;
use counterpart_domain::{Class, Fault};

#[test]
fn eight_hours_without_sage_and_500_orders_park_nothing_and_keep_each_customers_order() {
    // A company of this size allows for as many.
    let world = super::guard::guarded(600);
    for n in 0..20 {
        put_customer(&world, &customer(&format!("01-C{n:02}")), "Customer");
    }
    let now = world.clock.now();
    world.sage.outage(now, now + SignedDuration::from_hours(8));
    for n in 0..500_u64 {
        world.clock.advance(Duration::from_secs(55));
        let at = n % 20;
        let mut job = sale(&world, &format!("deal-{n:03}"));
        job.account = id(&format!("account-{at}"));
        let buyer = customer(&format!("01-C{at:02}"));
        place_of(&mut job).order.customer.key = Some(buyer);
        world.send_job(&job);
        if n % 10 == 0 {
            let _ = world.drain_jobs_within(SignedDuration::from_secs(1));
        }
    }
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (500, vec![]));
    for at in 0..20 {
        let buyer = customer(&format!("01-C{at:02}"));
        let own: Vec<_> = orders(&world)
            .into_iter()
            .filter(|order| order.customer == buyer)
            .map(|order| order.reference)
            .collect();
        let wanted: Vec<_> = (0..25)
            .map(|n| format!("deal-{:03}", at + 20 * n))
            .map(|root| {
                Reference::of(&zoho(), &abc(), &id(&root))
                    .as_str()
                    .to_owned()
            })
            .collect();
        // Numbers rise with the order of creation.
        assert_eq!(own, wanted, "{buyer}");
    }
    let late = world.clock.now().duration_since(now) - SignedDuration::from_hours(8);
    assert!(
        late < SignedDuration::from_mins(60),
        "{late} after the outage"
    );
    assert_sold(&world, "after the outage");
}

#[test]
fn an_outage_in_the_middle_of_a_create_that_did_nothing_outlasts_the_bound_and_is_not_parked() {
    let world = shop(1);
    // The create is refused as a whole: nothing was written, and Sage says so.
    world.faults.fail_calls_of("sage.create_order", 1);
    world.send_job(&sale(&world, "deal-1"));
    assert!(world.write_sage_once().is_some());
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Reserved);
    let now = world.clock.now();
    world
        .sage
        .outage(now, now + SignedDuration::from_hours(24 * 4));
    world.clock.advance(Duration::from_secs(4 * 24 * 3600));
    world.drain_jobs();
    let done = intent(&world, "deal-1");
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    assert_eq!((done.number.as_deref(), done.sends), (Some("0000181"), 1));
    assert_sold(&world, "nothing was written");
}

#[test]
fn a_gateway_that_answers_in_sages_place_leaves_it_open_and_is_called_less_and_less() {
    let world = shop(1);
    let fault = Fault::new(
        Class::Ambiguous,
        "E_SAGE_NO_VERDICT",
        "A page answered in Sage's place.",
    );
    world
        .faults
        .refuse_calls_of("sage.create_order", fault.clone());
    world.send_job(&sale(&world, "deal-1"));
    let _ = world.drain_jobs_within(SignedDuration::from_hours(3));
    let open = intent(&world, "deal-1");
    assert_eq!(open.stage, IntentStage::Sent, "it may be in Sage");
    assert!(open.sends < 30, "{} creates in three hours", open.sends);
    assert_eq!(parked(&world), []);
    // Somebody had passed one of them on, and a clerk has taken our mark away since.
    let mut order = counterpart_simulation::world::MemorySage::blank_order("0000181", &abf());
    order.lines = vec![counterpart_domain::sale::SalesOrderLine {
        key: "000001".to_owned(),
        item: "1001-HON-H252".to_owned(),
        quantity: Decimal::from(2),
        shipped: Decimal::ZERO,
        unit_price: Decimal::from(100),
        extension: Decimal::from(200),
        columns: Default::default(),
    }];
    world.sage.put_order(&abc(), order);
    world.faults.refuse_calls_of("nothing", fault);
    world.drain_jobs();
    assert_eq!(orders(&world).len(), 1, "a second order");
    let doubt = ("order#deal-1".to_owned(), "E_ORDER_AMBIGUOUS".to_owned());
    assert_eq!(parked(&world), [doubt]);
}

#[test]
fn a_lock_is_waited_for_and_stands_in_the_ledger_with_its_recovery() {
    let world = shop(1);
    world.sage.lock("0000181", 3);
    world.send_job(&sale(&world, "deal-1"));
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    let history = history(&world, &abf());
    let locks = history
        .iter()
        .filter(|item| item.code.as_deref() == Some("E_SAGE_LOCKED"));
    assert_eq!(locks.count(), 3, "{history:#?}");
    let recovered = history
        .iter()
        .find(|item| item.outcome == Outcome::Created)
        .unwrap();
    assert_eq!(recovered.attempts, 4);
    assert_eq!(recovered.notes[0].code, "N_SAGE_RECOVERED");
    assert_sold(&world, "a lock");
}

#[test]
fn a_locked_record_keeps_nobody_else_waiting() {
    let world = shop(1);
    world.sage.lock("0000181", 5);
    world.send_job(&sale(&world, "deal-1"));
    let mut other = sale(&world, "deal-2");
    other.account = id("account-2");
    world.send_job(&other);
    let mut behind = sale(&world, "deal-3");
    place_of(&mut behind).shown = shown("Deals", "deal-3");
    world.send_job(&behind);
    let batch = world.receive_jobs();
    let writer = world.sage_writer();
    let report = world
        .clock
        .block_on(writer.handle(&batch, world.deadline()));
    world.acknowledge_jobs(&batch, &report);
    // The first failed, its group waits behind it, the other group went on.
    assert_eq!(report.failed.len(), 2);
    assert_eq!(intent(&world, "deal-2").stage, IntentStage::Done);
    world.drain_jobs();
    assert_eq!(created(&world), 3);
    assert_eq!(intent(&world, "deal-3").number.as_deref(), Some("0000183"));
    assert_sold(&world, "a lock in one group");
}
