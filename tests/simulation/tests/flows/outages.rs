//! An outage parks nothing.

use counterpart_delivery::ports::{Clock as _, Parking as _};
use counterpart_domain::Entity;
use jiff::SignedDuration;
use std::time::Duration;

use crate::scene::*;

#[test]
fn an_hour_of_503_parks_nothing_and_everything_is_delivered_afterwards() {
    let world = populated();
    let now = world.clock.now();
    crm(&world).outage(now, now + SignedDuration::from_hours(1));
    world.poll_all(&abc());
    assert!(!world.drain_within(SignedDuration::from_mins(55)));
    let calls = crm(&world).calls();
    assert!(calls < 60, "{calls} calls while the CRM was down");
    // Edits go on meanwhile.
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    world.poll_all(&abc());
    world.drain();
    assert_at_rest(&world, "after the outage");
    let late = world.clock.now().duration_since(now) - SignedDuration::from_hours(1);
    assert!(
        late < SignedDuration::from_mins(35),
        "delivered {late} after the outage"
    );
}

#[test]
fn a_day_and_a_half_of_503_parks_nothing_either() {
    let world = populated();
    let now = world.clock.now();
    crm(&world).outage(now, now + SignedDuration::from_hours(36));
    settle(&world);
    assert_at_rest(&world, "after a day and a half");
}

#[test]
fn an_agent_that_is_down_loses_no_edit() {
    let world = populated();
    settle(&world);
    let now = world.clock.now();
    world.sage.outage(now, now + SignedDuration::from_hours(8));
    for quarter in 0..32 {
        if quarter % 5 == 0 {
            world
                .sage
                .edit(&customer("01-C00"), &[("City", &format!("City {quarter}"))]);
            put_customer(&world, &customer(&format!("01-N{quarter:02}")), "New");
        }
        assert!(world.poll(&abc(), Entity::CUSTOMER).is_err());
        world.clock.advance(Duration::from_secs(900));
    }
    settle(&world);
    assert_at_rest(&world, "the agent is back");
    let parked = world
        .clock
        .block_on(world.store.inner.parked_of("zoho", None, 10))
        .unwrap();
    assert!(parked.is_empty());
}

#[test]
fn a_pack_that_calls_nobody_does_not_close_the_circuit() {
    use counterpart_delivery::ports::{Circuit, Settings as _};
    let world = populated();
    settle(&world);
    let tripped = Circuit {
        failures: 3,
        open_until: Some(world.clock.now()),
        reason: "E_CRM_UNAVAILABLE".to_owned(),
        ..Circuit::default()
    };
    let store = &world.store.inner;
    assert!(
        world
            .clock
            .block_on(store.put_circuit(&zoho(), &tripped))
            .unwrap()
    );
    // Nothing changed: the hint has nothing to write.
    world.hint(&[customer("01-C00")]).unwrap();
    world.drain();
    let circuit = world.clock.block_on(store.circuit(&zoho())).unwrap();
    assert_eq!(circuit.failures, 3, "nobody asked the CRM");
    assert_eq!(circuit.open_until, tripped.open_until, "nor took the probe");
}
