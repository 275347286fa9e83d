//! Parents before children.

use counterpart_delivery::ports::Parking as _;
use counterpart_domain::Entity;
use jiff::SignedDuration;
use std::time::Duration;

use crate::scene::*;

#[test]
fn contacts_that_come_first_wait_and_are_released_by_the_link() {
    let world = populated();
    world.poll(&abc(), Entity::CONTACT).unwrap();
    world.drain_within(SignedDuration::from_secs(60));
    assert!(crm(&world).records("Contacts").is_empty());
    assert_eq!(world.totals(&abc(), &zoho())[0].waiting, 12);
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    // Released by the link, not by looking again: well before the quarter of an hour is over.
    world.drain_within(SignedDuration::from_secs(60));
    assert_eq!(crm(&world).records("Contacts").len(), 12);
    world.drain();
    assert_at_rest(&world, "released");
}

#[test]
fn a_contact_whose_account_never_comes_is_parked_after_the_deadline_and_still_released() {
    let world = populated();
    let orphan = contact("01-LATE/MAIN");
    put_contact(&world, &orphan, "Lone Some");
    settle(&world);
    let item = world
        .clock
        .block_on(world.store.inner.parked("zoho", &orphan.storage()))
        .unwrap()
        .unwrap();
    assert_eq!(item.fault.code, "E_PARENT_MISSING");
    assert_at_rest_but(&world, std::slice::from_ref(&orphan), "one orphan");
    put_customer(&world, &customer("01-LATE"), "Late Company");
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    world.drain_within(SignedDuration::from_secs(60));
    assert_at_rest(&world, "the parent came");
}

#[test]
fn the_newest_of_several_waiting_observations_wins() {
    let world = populated();
    world.poll(&abc(), Entity::CONTACT).unwrap();
    world.drain_within(SignedDuration::from_secs(60));
    world.clock.advance(Duration::from_secs(120));
    put_contact(&world, &contact("01-C00/MAIN"), "Artie B. Johnson");
    world.poll(&abc(), Entity::CONTACT).unwrap();
    world.drain_within(SignedDuration::from_secs(60));
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    world.drain();
    assert_at_rest(&world, "the newest");
}
