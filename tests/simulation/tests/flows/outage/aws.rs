//! What AWS gives is out of reach: a table, the configuration, a permission.

use counterpart_delivery::hand_back_all;

use super::*;

/// No function can read its configuration: each batch goes back as it came.
fn without_configuration(world: &World) {
    world.clock.block_on(async {
        let events = world.receive_events();
        let left = hand_back_all(&world.queue, &world.clock, &events).await;
        for message in events.iter().filter(|one| !left.contains(&one.id)) {
            world.events().delete(&message.receipt);
        }
        let jobs = world.receive_jobs();
        let left = hand_back_all(&world.queue, &world.clock, &jobs).await;
        assert_eq!(left.len(), jobs.len(), "a job keeps its place");
        let packs = world.receive(&zoho());
        let left = hand_back_all(&world.queue, &world.clock, &packs).await;
        for message in packs.iter().filter(|one| !left.contains(&one.id)) {
            world.writes(&zoho()).delete(&message.receipt);
        }
    });
}

#[test]
fn thirteen_days_without_a_configuration_that_can_be_read() {
    let world = shop();
    let mut deals = a_day_of_people(&world, 30);
    // Some work is as far as each of the queues.
    while world.transform_once().is_some() {}
    deals.extend(days(&world, 13, without_configuration));
    assert_alive(&world, "no configuration");
    assert_over(&world, &deals, "no configuration");
}

#[test]
fn thirteen_days_of_a_table_that_may_not_be_read() {
    for call in ["circuit", "links", "lease_intent"] {
        let world = shop();
        let mut deals = a_day_of_people(&world, 30);
        while world.transform_once().is_some() {}
        let denied = fault(Class::Configuration, "E_STORE_DENIED");
        world.faults.refuse_calls_of(call, denied.clone());
        deals.extend(days(&world, 13, work_off));
        assert_alive(&world, call);
        world.faults.refuse_calls_of("nothing", denied);
        assert_over(&world, &deals, call);
    }
}

/// Sent anew, and the old message stays all the same: the delete was lost. Both are taken, and it is one order.
#[test]
fn what_was_sent_anew_and_stayed_is_done_once() {
    let world = shop();
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    let now = world.clock.now();
    let end = now + DAY * 7 + SignedDuration::from_hours(2);
    crm(&world).outage(now, end);
    let lose_deletes = |world: &World| {
        let batch = world.receive_events();
        let transform = world.transform();
        let handled = transform.handle(&batch, world.deadline());
        let _ = world.clock.block_on(handled);
        while world.write_once(&zoho(), counterpart_delivery::ConfiguredMapper) {}
    };
    live_until(&world, end, lose_deletes);
    assert!(world.events().len() > 1, "it was never sent anew");
    live_until(&world, end + HOUR, work_off);
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
    assert_eq!(parked(&world), []);
}
