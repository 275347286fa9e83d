//! Owners follow the salesperson, through the mapping.

use counterpart_delivery::ports::Parking as _;
use counterpart_domain::{Entity, Value};
use counterpart_simulation::world::{CONFIG, World};
use std::time::Duration;

use crate::scene::*;

fn unmapped(policy: &str) -> World {
    let text = CONFIG.replace("unmapped = \"park\"", &format!("unmapped = {policy}"));
    let world = World::with_config(1, &text);
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    put_customer(&world, &customer("01-ABF"), "American Business Futures");
    put_contact(&world, &contact("01-ABF/ARTIE JOHN"), "Artie Johnson");
    world
        .sage
        .edit(&customer("01-ABF"), &[("SalespersonNo", "0999")]);
    world
}

fn owner(world: &World) -> Option<Value> {
    crm(world)
        .with_key("Accounts", "ABC:01-ABF")
        .first()?
        .fields
        .get("Owner")
        .cloned()
}

fn user(id: &str) -> Option<Value> {
    Some(Value::Reference(id.to_owned()))
}

#[test]
fn an_unmapped_rep_parks_the_customer_and_a_mapping_brings_it_without_an_edit() {
    let world = unmapped("\"park\"");
    settle(&world);
    let item = world
        .clock
        .block_on(
            world
                .store
                .inner
                .parked("zoho", &customer("01-ABF").storage()),
        )
        .unwrap()
        .unwrap();
    assert_eq!(item.fault.code, "E_REP_UNMAPPED");
    assert!(
        item.fault.message.contains("01-0999"),
        "{}",
        item.fault.message
    );
    world.clock.advance(Duration::from_secs(60 * 60 * 24 * 3));
    world.map_rep(&zoho(), &rep("01-0999"), "user-9");
    settle(&world);
    assert_at_rest(&world, "mapped later");
    assert_eq!(owner(&world), user("user-9"));
}

#[test]
fn the_admin_user_is_set_at_creation_only() {
    let world = unmapped("{ admin = \"4150868000000225013\" }");
    let fields = [
        ("Account_Name".to_owned(), Value::text("There before")),
        ("Owner".to_owned(), Value::Reference("user-5".to_owned())),
    ];
    crm(&world).put("Accounts", Some("ABC:02-OLD"), fields.into());
    put_customer(&world, &customer("02-OLD"), "There before");
    world
        .sage
        .edit(&customer("02-OLD"), &[("SalespersonNo", "0999")]);
    settle(&world);
    assert_eq!(owner(&world), user("4150868000000225013"));
    assert_eq!(
        crm(&world).with_key("Accounts", "ABC:02-OLD")[0]
            .fields
            .get("Owner")
            .cloned(),
        user("user-5")
    );
    // An owner that somebody sets in the CRM stays while the rep is unmapped.
    let id = crm(&world).with_key("Accounts", "ABC:01-ABF")[0].clone();
    world.clock.advance(Duration::from_secs(900));
    world.sage.edit(&customer("01-ABF"), &[("City", "Racine")]);
    settle(&world);
    assert_eq!(crm(&world).with_key("Accounts", "ABC:01-ABF")[0].id, id.id);
    world.map_rep(&zoho(), &rep("01-0999"), "user-9");
    settle(&world);
    assert_eq!(owner(&world), user("user-9"));
}

#[test]
fn leaving_the_owner_alone_writes_none() {
    let world = unmapped("\"leave\"");
    settle(&world);
    assert_eq!(owner(&world), None);
    world.map_rep(&zoho(), &rep("01-0999"), "user-9");
    settle(&world);
    assert_eq!(owner(&world), user("user-9"));
}

#[test]
fn another_user_for_a_rep_reaches_all_of_its_customers_and_nobody_elses() {
    let world = populated();
    settle(&world);
    let calls = crm(&world).calls();
    world.clock.advance(Duration::from_secs(60 * 60 * 24 * 3));
    world.map_rep(&zoho(), &rep("01-0100"), "user-2");
    settle(&world);
    let owners: Vec<_> = crm(&world)
        .records("Accounts")
        .iter()
        .map(|held| held.fields["Owner"].to_string())
        .collect();
    assert_eq!(owners, vec!["user-2"; 12]);
    assert_eq!(crm(&world).calls(), calls + 1, "one pack, one call");
    // Until the change has settled the walk is done again, and finds nothing to do.
    world.clock.advance(Duration::from_secs(900));
    settle(&world);
    assert_eq!(crm(&world).calls(), calls + 1);
}

#[test]
fn another_rep_in_sage_is_another_owner() {
    let world = populated();
    world.map_rep(&zoho(), &rep("01-0200"), "user-2");
    settle(&world);
    world.clock.advance(Duration::from_secs(900));
    world
        .sage
        .edit(&customer("01-C00"), &[("SalespersonNo", "0200")]);
    settle(&world);
    assert_eq!(
        crm(&world).with_key("Accounts", "ABC:01-C00")[0].fields["Owner"].to_string(),
        "user-2"
    );
}

#[test]
fn a_poller_that_ends_anywhere_in_a_changed_mapping_leaves_nothing_in_flight() {
    let mapped = || {
        let world = unmapped("\"leave\"");
        world
            .sage
            .edit(&customer("01-ABF"), &[("SalespersonNo", "0100")]);
        settle(&world);
        world.clock.advance(Duration::from_secs(3600));
        world.map_rep(&zoho(), &rep("01-0100"), "user-7");
        world.faults.reset();
        world
    };
    let whole = mapped();
    whole.poll(&abc(), Entity::CUSTOMER).unwrap();
    for call in 1..=whole.faults.calls() {
        let world = mapped();
        // Dead from here on: nothing that it would still say gets through.
        world.faults.fail_from(call);
        let _ = world.poll(&abc(), Entity::CUSTOMER);
        world.faults.reset();
        for _ in 0..3 {
            world.clock.advance(Duration::from_secs(900));
            settle(&world);
        }
        assert_at_rest(&world, &format!("dead at call {call}"));
        assert_eq!(owner(&world), user("user-7"), "dead at call {call}");
        let totals = world.totals(&abc(), &zoho());
        let open: u64 = totals.iter().map(|totals| totals.in_flight).sum();
        assert_eq!(open, 0, "dead at call {call}");
    }
}
