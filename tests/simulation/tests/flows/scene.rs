//! Small scenes that the tests start from.

use counterpart_domain::{Company, Entity, RepKey, SageKey, TargetName};
use counterpart_simulation::world::{MemoryCrm, World};

pub fn abc() -> Company {
    Company::new("ABC").unwrap()
}

pub fn xyz() -> Company {
    Company::new("XYZ").unwrap()
}

pub fn zoho() -> TargetName {
    TargetName::new("zoho").unwrap()
}

pub fn customer(number: &str) -> SageKey {
    SageKey::new(&abc(), Entity::CUSTOMER, number).unwrap()
}

pub fn contact(local: &str) -> SageKey {
    SageKey::new(&abc(), Entity::CONTACT, local).unwrap()
}

pub fn rep(rep: &str) -> RepKey {
    RepKey {
        company: abc(),
        rep: rep.to_owned(),
    }
}

pub fn crm(world: &World) -> &MemoryCrm {
    &world.crms[&zoho()]
}

/// Writes a customer into Sage; the rep is 01-0100, mapped by [`world`].
pub fn put_customer(world: &World, key: &SageKey, name: &str) {
    let (division, number) = key.local.split_once('-').unwrap();
    world.sage.edit(
        key,
        &[
            ("ARDivisionNo", division),
            ("CustomerNo", number),
            ("CustomerName", name),
            ("TelephoneNo", "(414) 555-4787"),
            ("City", "Milwaukee"),
            ("CreditLimit", "120000.00"),
            ("CustomerStatus", "A"),
            ("SalespersonDivisionNo", "01"),
            ("SalespersonNo", "0100"),
        ],
    );
}

pub fn put_contact(world: &World, key: &SageKey, name: &str) {
    let (parent, code) = key.local.split_once('/').unwrap();
    let (division, number) = parent.split_once('-').unwrap();
    world.sage.edit(
        key,
        &[
            ("ARDivisionNo", division),
            ("CustomerNo", number),
            ("ContactCode", code),
            ("ContactName", name),
            ("EmailAddress", "artie@sage.sample.com"),
        ],
    );
}

/// A world in which the rep of every customer is mapped.
pub fn world() -> World {
    let world = World::new(1);
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    world
}

/// A world with twelve customers in two divisions and a contact each, nothing polled yet.
pub fn populated() -> World {
    let world = world();
    for n in 0..12 {
        let key = customer(&format!("0{}-C{n:02}", n % 2 + 1));
        put_customer(&world, &key, &format!("Customer {n}"));
        put_contact(
            &world,
            &contact(&format!("{}/MAIN", key.local)),
            "Artie Johnson",
        );
    }
    world
}

/// Everything in both systems is as it must be at rest, with nothing parked but `parked`.
pub fn assert_at_rest_but(world: &World, parked: &[SageKey], context: &str) {
    let wrong = world.faults_at_rest(parked);
    assert!(wrong.is_empty(), "{context}: {wrong:#?}");
    let _ = world.totals(&abc(), &zoho());
}

/// Every record that was sent has its outcome. The totals' own identity cannot tell: whatever has none counts as in flight.
pub fn assert_windows_closed(world: &World, context: &str) {
    for totals in world.totals(&abc(), &zoho()) {
        let open = totals.in_flight + totals.waiting;
        assert_eq!(open, 0, "{context}: a window does not close: {totals:?}");
    }
}

pub fn assert_at_rest(world: &World, context: &str) {
    assert_at_rest_but(world, &[], context);
}

/// Polls and writes until nothing is left to do.
pub fn settle(world: &World) {
    world.poll_all(&abc());
    world.drain();
}
