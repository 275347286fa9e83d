//! One job that Sage never takes, told from a Sage that takes nobody's.

use counterpart_delivery::ports::Settings as _;
use counterpart_domain::TargetName;

use super::*;

const ODD: &str = "ODD-ITEM";

/// A deal over an item about which the agent cannot answer.
fn odd_deal(world: &World) -> CrmId {
    world.sage.put_item(&abc(), ODD, "45.50".parse().unwrap());
    let deal = won_deal(world, &client(world));
    crm(world).put_lines("Deals", &deal, "Sale_Items", lines(world, ODD));
    say(world, "Deals", &deal);
    deal
}

/// Another account that is linked: its jobs are a group of their own.
fn client(world: &World) -> CrmId {
    put_customer(world, &customer("01-ODD"), "Odd Ltd");
    let now = world.clock.now();
    live_until(world, now + SignedDuration::from_mins(5), work_off);
    crm(world).with_key("Accounts", "ABC:01-ODD")[0].id.clone()
}

fn failures(world: &World) -> u32 {
    let name = TargetName::new("sage-abc").unwrap();
    let circuit = world.store.inner.circuit(&name);
    world.clock.block_on(circuit).unwrap().failures
}

#[test]
fn one_odd_job_is_parked_and_keeps_nobody_waiting() {
    let world = shop();
    let contract = fault(Class::Configuration, "E_SAGE_CONTRACT");
    world.sage.misanswer_about(ODD, contract);
    let odd = odd_deal(&world);
    let mut deals = 0;
    while parked(&world).is_empty() {
        let deal = won_deal(&world, &account(&world));
        say(&world, "Deals", &deal);
        let now = world.clock.now();
        live_until(&world, now + SignedDuration::from_mins(2), work_off);
        deals += 1;
        let number = shown(&world, "Deals", &deal, "Sage_Order_No");
        assert_ne!(number, Value::Blank, "deal {deals} waits for the odd one");
        assert_eq!(failures(&world), 0, "the company's circuit is open");
        assert!(deals < 30, "it is never parked");
    }
    assert!(deals >= 2, "others had to get through in between");
    let code = "E_SAGE_CONTRACT".to_owned();
    assert_eq!(parked(&world), [(format!("order#{odd}"), code)]);
    assert_ne!(
        shown(&world, "Deals", &odd, "Sage_Status_Text"),
        Value::Blank
    );
    // Mended and redriven, it is an order as any other.
    world.sage.answer_about(ODD);
    crate::events::redrives::redrive_all(&world);
    let now = world.clock.now();
    live_until(&world, now + HOUR, work_off);
    assert_eq!(parked(&world), []);
    assert_eq!(world.sage.all_orders(&abc()).len(), deals + 1);
}

#[test]
fn an_agent_that_answers_nobody_as_it_should_opens_the_circuit_and_parks_nothing() {
    let world = shop();
    let now = world.clock.now();
    let contract = fault(Class::Configuration, "E_SAGE_CONTRACT");
    world.sage.outage_with(now, now + DAY * 13, contract);
    let deals = days(&world, 13, work_off);
    assert!(failures(&world) > 0);
    assert_alive(&world, "the contract");
    assert_over(&world, &deals, "the contract");
}

/// Nobody else is there to get through: nothing tells it from an outage, and it waits. Its queue would forget it: before that a
/// person is told.
#[test]
fn an_odd_job_that_is_alone_waits_and_is_parked_before_its_queue_forgets_it() {
    let world = shop();
    let large = fault(Class::Configuration, "E_SAGE_TOO_LARGE");
    world.sage.misanswer_about(ODD, large);
    let odd = odd_deal(&world);
    let now = world.clock.now();
    live_until(&world, now + DAY * 13, work_off);
    assert_alive(&world, "alone");
    assert_eq!(world.jobs().len(), 1);
    live_until(&world, now + DAY * 15, work_off);
    assert_eq!(world.jobs().expired(), [] as [String; 0]);
    let code = "E_JOB_EXPIRES".to_owned();
    assert_eq!(parked(&world), [(format!("order#{odd}"), code)]);
    // Mended and redriven, it is an order as any other.
    world.sage.answer_about(ODD);
    crate::events::redrives::redrive_all(&world);
    let now = world.clock.now();
    live_until(&world, now + HOUR, work_off);
    assert_eq!(parked(&world), []);
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
}

/// Jobs that never asked Sage say nothing of whether it answers.
#[test]
fn jobs_that_ask_nobody_get_through_no_outage() {
    let world = shop();
    let other = client(&world);
    put_customer(&world, &customer("01-THI"), "Third Ltd");
    let now = world.clock.now();
    live_until(&world, now + SignedDuration::from_mins(5), work_off);
    let its = crm(&world).with_key("Accounts", "ABC:01-THI")[0].id.clone();
    let third = won_deal(&world, &its);
    say(&world, "Deals", &third);
    let now = world.clock.now();
    live_until(&world, now + HOUR, work_off);
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
    let now = world.clock.now();
    let contract = fault(Class::Configuration, "E_SAGE_CONTRACT");
    world.sage.outage_with(now, now + DAY, contract);
    for account in [&other, &account(&world)] {
        let deal = won_deal(&world, account);
        say(&world, "Deals", &deal);
        let now = world.clock.now();
        live_until(&world, now + SignedDuration::from_mins(5), work_off);
    }
    for _ in 0..40 {
        for count in ["3", "2"] {
            let mut line = crm(&world).lines(&third, "Sale_Items").remove(0);
            line.insert("Quantity".to_owned(), number(count));
            crm(&world).put_lines("Deals", &third, "Sale_Items", vec![line]);
            crm(&world).edit("Deals", &third, "u", fields([("Deal_Name", text(count))]));
            say(&world, "Deals", &third);
            while world.transform_once().is_some() {}
            world.clock.advance(std::time::Duration::from_secs(30));
        }
        let now = world.clock.now();
        live_until(&world, now + SignedDuration::from_mins(20), work_off);
        assert_eq!(
            parked(&world),
            [],
            "an outage parks nothing (failures {})",
            failures(&world)
        );
    }
}
