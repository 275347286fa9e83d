//! Jobs that come late, or for another company than the sale was begun in; and what one job's trouble means to the others.

use super::*;
use counterpart_domain::{Class, Company, Entity, Fault};

fn elsewhere(world: &World, root: &str) -> SageJob {
    let xyz = Company::new("XYZ").unwrap();
    let mut job = sale(world, root);
    let place = place_of(&mut job);
    place.order.company = xyz.clone();
    place.order.reference = Reference::of(&zoho(), &xyz, &id(root));
    place.order.customer.key = Some(SageKey::new(&xyz, Entity::CUSTOMER, "01-ABF").unwrap());
    job
}

/// A second company that sells the same.
fn two_companies() -> World {
    let second = "[companies.XYZ]\nagent_url = \"https://agent.example.com\"\nwrite = \"agent\"\n";
    let both = SALES.replacen("companies = [\"ABC\"]", "companies = [\"ABC\", \"XYZ\"]", 1);
    let world = World::with_config(1, &format!("{second}\n{both}"));
    put_customer(&world, &abf(), "American Business Futures");
    let xyz = Company::new("XYZ").unwrap();
    let there = SageKey::new(&xyz, Entity::CUSTOMER, "01-ABF").unwrap();
    put_customer(&world, &there, "American Business Futures");
    for company in [abc(), xyz] {
        world
            .sage
            .put_item(&company, "1001-HON-H252", Decimal::from(100));
    }
    world
}

#[test]
fn a_sale_that_may_be_in_one_company_is_never_sent_to_another() {
    let world = two_companies();
    // Sage has the order, and nobody knows.
    world.faults.lose_answers_of("sage.create_order", 1);
    world.faults.fail_calls_after("sage.orders", 1, 1);
    world.send_job(&sale(&world, "deal-1"));
    let _ = world.write_sage_once();
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Sent);
    wait(&world, 5);
    world.send_job(&elsewhere(&world, "deal-1"));
    world.drain_jobs();
    assert_eq!(created(&world), 1, "{:?}", world.sage.created());
    assert_eq!(intent(&world, "deal-1").company, abc());
    let code = "E_ORDER_COMPANY_CHANGED".to_owned();
    assert_eq!(parked(&world), [("order#deal-1".to_owned(), code)]);
}

#[test]
fn an_order_of_another_company_is_not_changed_under_the_same_number() {
    let world = two_companies();
    world.send_job(&sale(&world, "deal-1"));
    world.drain_jobs();
    let xyz = Company::new("XYZ").unwrap();
    let theirs = SageKey::new(&xyz, Entity::CUSTOMER, "01-ABF").unwrap();
    let number = intent(&world, "deal-1").number.unwrap();
    let by_hand = counterpart_simulation::world::MemorySage::blank_order(&number, &theirs);
    world.sage.put_order(&xyz, by_hand);
    wait(&world, 5);
    let mut moved = elsewhere(&world, "deal-1");
    place_of(&mut moved).order.lines = vec![line("1001-HON-H252", 7)];
    world.send_job(&moved);
    world.drain_jobs();
    assert!(world.sage.changed_by_us().is_empty());
    let code = "E_ORDER_COMPANY_CHANGED".to_owned();
    assert_eq!(parked(&world), [("order#deal-1".to_owned(), code)]);
}

#[test]
fn a_sale_that_was_never_sent_may_still_go_to_another_company() {
    let world = two_companies();
    world.sage.set_inactive(&abc(), "1001-HON-H252", true);
    world.send_job(&sale(&world, "deal-1"));
    world.drain_jobs();
    assert_eq!(parked(&world).len(), 1);
    wait(&world, 5);
    world.send_job(&elsewhere(&world, "deal-1"));
    world.drain_jobs();
    assert_eq!(created(&world), 1);
    assert_eq!(parked(&world), []);
    assert_eq!(intent(&world, "deal-1").company.as_str(), "XYZ");
}

#[test]
fn a_late_job_leaves_what_is_parked() {
    let world = shop(1);
    let late = sale(&world, "deal-1");
    wait(&world, 5);
    world.send_job(&sale_of(&world, "deal-1", vec![line("NO-SUCH-ITEM", 1)]));
    world.drain_jobs();
    let code = "E_ITEM_UNKNOWN".to_owned();
    let wanted = [("order#deal-1".to_owned(), code)];
    assert_eq!(parked(&world), wanted);
    // The transform took the parked item away before it sent this job, which another one overtook.
    world.send_job(&late);
    world.drain_jobs();
    assert_eq!(parked(&world), wanted);
    assert_eq!(created(&world), 0);
}

#[test]
fn what_an_agent_does_not_offer_stops_that_work_alone() {
    let world = shop(1);
    let not_offered = Fault::new(
        Class::Configuration,
        "E_SAGE_NOT_OFFERED",
        "The agent does not offer this.",
    );
    world
        .faults
        .refuse_calls_of("sage.create_record", not_offered);
    world.send_job(&client(&world, "account-9", "New Ltd"));
    world.send_job(&sale(&world, "deal-1"));
    let end = world.clock.now() + SignedDuration::from_mins(2);
    assert!(world.drain_jobs_within(SignedDuration::from_mins(2)));
    assert!(world.clock.now() <= end);
    assert_eq!(orders(&world).len(), 1);
    let code = "E_SAGE_NOT_OFFERED".to_owned();
    assert_eq!(parked(&world), [("customer#account-9".to_owned(), code)]);
}

#[test]
fn a_lost_sale_that_was_refused_after_a_lost_answer_is_cancelled_where_it_stands() {
    let world = shop(1);
    world.faults.lose_answers_of("sage.create_order", 1);
    world.faults.fail_calls_after("sage.orders", 1, 1);
    world.send_job(&sale(&world, "deal-1"));
    let _ = world.write_sage_once();
    assert_eq!(created(&world), 1);
    wait(&world, 5);
    world.send_job(&cancellation(&world, "deal-1"));
    world.drain_jobs();
    assert!(orders(&world).is_empty());
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Cancelled);
}

#[test]
fn an_order_that_carries_the_mark_of_another_sale_is_not_taken_over() {
    use counterpart_delivery::intent::SaleTrace;
    let world = shop(1);
    // The sale has come to a sales order that was, or is, a sale of its own.
    let mut job = sale(&world, "deal-1");
    job.event.record = id("order-9");
    let mark = Reference::of(&zoho(), &abc(), &id("order-9"));
    let (target, other) = (zoho(), order_id("order-9"));
    let trace = SaleTrace::Mark(mark.clone());
    let claimed = world.store.inner.claim_for_sale(&target, &trace, &other);
    world.clock.block_on(claimed).unwrap();
    let mut there = counterpart_simulation::world::MemorySage::blank_order("0000042", &abf());
    mark.as_str().clone_into(&mut there.reference);
    world.sage.put_order(&abc(), there.clone());
    world.send_job(&job);
    world.drain_jobs();
    let code = "E_ORDER_OF_ANOTHER_SALE".to_owned();
    assert_eq!(parked(&world), [("order#deal-1".to_owned(), code)]);
    assert_eq!((created(&world), orders(&world)), (0, vec![there.clone()]));
    // It is another sale, says a person.
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    assert_ne!(intent(&world, "deal-1").number, Some(there.number));
    let mark = Reference::of(&zoho(), &abc(), &id("deal-1"));
    assert_eq!(intent(&world, "deal-1").reference, Some(mark));
}
