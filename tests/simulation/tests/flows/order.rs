//! Standard queues keep no order, and deliver more than once.

use counterpart_delivery::ports::{Clock as _, Outgoing, QueueName};
use counterpart_delivery::{ConfiguredMapper, Message};
use std::time::Duration;

use crate::scene::*;
use counterpart_simulation::world::World;

/// Three observations of one customer, each in a message of its own: the messages, taken out of the queue.
fn three_observations() -> (World, Vec<String>) {
    let world = world();
    let key = customer("01-ABF");
    for (city, credit) in [
        ("Milwaukee", "1.00"),
        ("Racine", "2.00"),
        ("Milwaukee", "3.00"),
    ] {
        put_customer(&world, &key, "American Business Futures");
        world
            .sage
            .edit(&key, &[("City", city), ("CreditLimit", credit)]);
        world.hint(std::slice::from_ref(&key)).unwrap();
        world.clock.advance(Duration::from_secs(1));
    }
    let bodies = world.writes(&zoho()).bodies();
    for message in world.receive(&zoho()) {
        world.writes(&zoho()).delete(&message.receipt);
    }
    assert_eq!(bodies.len(), 3);
    (world, bodies)
}

fn send(world: &World, bodies: &[&String]) {
    for body in bodies {
        let message = Outgoing::now((*body).clone());
        world.writes(&zoho()).send(&[message]).unwrap()[0]
            .clone()
            .unwrap();
    }
}

fn deliver(world: &World, body: &str, receive_count: u32) {
    let id = world.id();
    let message = Message {
        id: id.clone(),
        receipt: id,
        receive_count,
        sent: counterpart_delivery::Sent::once(world.clock.now()),
        queue: QueueName::CrmWrites(zoho()),
        group: None,
        body: body.to_owned(),
    };
    let report = world.clock.block_on(
        world
            .writer_with(ConfiguredMapper)
            .handle(&[message], world.deadline()),
    );
    assert!(report.failed.is_empty());
}

#[test]
fn any_order_of_arrival_ends_with_the_newest_observation() {
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let (world, bodies) = three_observations();
        for n in order {
            deliver(&world, &bodies[n], 1);
        }
        world.drain();
        assert_at_rest(&world, &format!("{order:?}"));
    }
}

#[test]
fn the_same_messages_any_number_of_times_have_one_effect() {
    let (world, bodies) = three_observations();
    for _ in 0..5 {
        send(&world, &bodies.iter().collect::<Vec<_>>());
    }
    world.drain();
    assert_at_rest(&world, "five times");
    let calls = crm(&world).calls();
    send(&world, &bodies.iter().rev().collect::<Vec<_>>());
    world.drain();
    assert_eq!(crm(&world).calls(), calls, "nothing more to write");
}

#[test]
fn an_older_observation_that_reached_the_crm_late_is_repaired() {
    let (world, bodies) = three_observations();
    deliver(&world, &bodies[0], 1);
    deliver(&world, &bodies[2], 1);
    // The second observation was written by a worker that died before it could say so.
    crm(&world).delete("Accounts", "nobody");
    let row = [(
        "Billing_City".to_owned(),
        counterpart_domain::Value::text("Racine"),
    )];
    let call = counterpart_delivery::ports::UpsertCall {
        module: "Accounts".to_owned(),
        key_field: "Sage_Key".to_owned(),
        rows: vec![counterpart_delivery::ports::UpsertRow {
            key: customer("01-ABF"),
            fields: row.into(),
        }],
    };
    use counterpart_delivery::ports::Crm as _;
    world.clock.block_on(crm(&world).upsert(&call)).unwrap();
    assert!(!world.faults_at_rest(&[]).is_empty());
    deliver(&world, &bodies[1], 2);
    let before = world.clock.now();
    world.drain();
    assert_at_rest(&world, "repaired");
    assert!(
        world.clock.now().duration_since(before).as_secs() < 60,
        "the time to repair is bounded"
    );
}

#[test]
fn a_parked_newer_observation_is_not_undone_by_an_older_one() {
    let (world, bodies) = three_observations();
    deliver(&world, &bodies[0], 1);
    crm(&world).refuse("3.00");
    deliver(&world, &bodies[2], 1);
    crm(&world).accept("3.00");
    deliver(&world, &bodies[1], 1);
    let account = &crm(&world).with_key("Accounts", "ABC:01-ABF")[0];
    assert_eq!(account.fields["Credit_Limit"].to_string(), "1.00");
    // The next edit goes through, and takes the parked item away.
    world.sage.edit(&customer("01-ABF"), &[("City", "Kenosha")]);
    world.hint(&[customer("01-ABF")]).unwrap();
    world.drain();
    assert_at_rest(&world, "edited again");
}
