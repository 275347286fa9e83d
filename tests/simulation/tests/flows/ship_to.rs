//! Ship-to addresses: children of customers as contacts are, in modules that the orgs have made themselves.

use counterpart_delivery::ports::{Cursors as _, Parking as _};
use counterpart_domain::{Class, Entity, Fault, SageKey};
use counterpart_simulation::world::{BOTH, World};
use jiff::SignedDuration;

use crate::scene::*;
use crate::targets::{org, salesforce};

const SHIP_TO: &str = r#"
[targets.zoho.ship_to]
module = "Ship_To_Addresses"
key_field = "Sage_Key"
parent_field = "Account"

[targets.zoho.ship_to.fields]
Name = { compute = 'ShipToName == "" ? ShipToCode : ShipToName' }
Street = { from = ["ShipToAddress1", "ShipToAddress2", "ShipToAddress3"], with = "address_lines" }
City = "ShipToCity"

[targets.salesforce.ship_to]
module = "Ship_To_Address__c"
key_field = "Sage_Key__c"
parent_field = "Account__c"

[targets.salesforce.ship_to.fields]
Name = { compute = 'ShipToName == "" ? ShipToCode : ShipToName' }
City__c = "ShipToCity"
"#;

fn ship_to(local: &str) -> SageKey {
    SageKey::new(&abc(), Entity::SHIP_TO, local).unwrap()
}

fn put_ship_to(world: &World, key: &SageKey, name: &str) {
    let (parent, code) = key.local.split_once('/').unwrap();
    let (division, number) = parent.split_once('-').unwrap();
    world.sage.edit(
        key,
        &[
            ("ARDivisionNo", division),
            ("CustomerNo", number),
            ("ShipToCode", code),
            ("ShipToName", name),
            ("ShipToAddress1", "5411 Kendrick Dr"),
            ("ShipToCity", "Racine"),
        ],
    );
}

/// Two targets that both want ship-to addresses; four customers, each with a contact and an address.
fn town() -> World {
    let world = World::with_config(1, &format!("{BOTH}\n{SHIP_TO}"));
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    world.map_rep(&salesforce(), &rep("01-0100"), "005user1");
    for n in 0..4 {
        let key = customer(&format!("01-C{n:02}"));
        put_customer(&world, &key, &format!("Customer {n}"));
        put_contact(
            &world,
            &contact(&format!("{}/MAIN", key.local)),
            "Artie Johnson",
        );
        put_ship_to(
            &world,
            &ship_to(&format!("{}/2", key.local)),
            &format!("Dock {n}"),
        );
    }
    world
}

/// How many there are in each CRM.
fn counts(world: &World) -> (usize, usize) {
    let zoho = crm(world).records("Ship_To_Addresses").len();
    (zoho, org(world).records("Ship_To_Address__c").len())
}

#[test]
fn they_reach_both_crms_hang_on_their_accounts_and_follow_edits() {
    let world = town();
    settle(&world);
    assert_eq!(counts(&world), (4, 4));
    assert_at_rest(&world, "imported");
    let key = ship_to("01-C02/2");
    let account = crm(&world).with_key("Accounts", "ABC:01-C02").remove(0);
    let held = crm(&world)
        .with_key("Ship_To_Addresses", &key.text())
        .remove(0);
    assert_eq!(held.fields["Account"].to_string(), account.id.0);
    let nameless = ship_to("01-C02/DOCK");
    put_ship_to(&world, &nameless, "");
    put_ship_to(&world, &key, "Back door");
    settle(&world);
    assert_eq!(counts(&world), (5, 5));
    for (key, name) in [(&key, "Back door"), (&nameless, "DOCK")] {
        let held = org(&world).with_key("Ship_To_Address__c", &key.text());
        assert_eq!(held[0].fields["Name"].to_string(), name);
    }
    assert_at_rest(&world, "edited");
}

#[test]
fn they_wait_for_their_account_as_contacts_do() {
    let world = town();
    world.poll(&abc(), Entity::SHIP_TO).unwrap();
    world.drain_within(SignedDuration::from_secs(60));
    assert_eq!(counts(&world), (0, 0));
    assert_eq!(world.totals(&abc(), &zoho())[0].waiting, 4);
    let orphan = ship_to("01-LATE/1");
    put_ship_to(&world, &orphan, "Late dock");
    settle(&world);
    assert_eq!(counts(&world), (4, 4));
    for target in ["zoho", "salesforce"] {
        let key = orphan.storage();
        let parked = world.store.inner.parked(target, &key);
        let item = world.clock.block_on(parked).unwrap().unwrap();
        assert_eq!(item.fault.code, "E_PARENT_MISSING");
    }
    put_customer(&world, &customer("01-LATE"), "Late Company");
    settle(&world);
    assert_eq!(counts(&world), (5, 5));
    assert_at_rest(&world, "the account came");
}

#[test]
fn a_customer_under_another_number_brings_his_along_and_what_sage_lost_stays_in_the_crm() {
    let world = town();
    settle(&world);
    let (old, new) = (ship_to("01-C01/2"), ship_to("01-NEW/2"));
    for key in [customer("01-C01"), contact("01-C01/MAIN"), old.clone()] {
        world.sage.remove(&key);
    }
    put_customer(&world, &customer("01-NEW"), "Customer 1");
    put_contact(&world, &contact("01-NEW/MAIN"), "Artie Johnson");
    put_ship_to(&world, &new, "Dock 1");
    settle(&world);
    // As with contacts: nothing is deleted in a CRM.
    for (module, old, new) in [
        ("Contacts", contact("01-C01/MAIN"), contact("01-NEW/MAIN")),
        ("Ship_To_Addresses", old, new),
    ] {
        for key in [old, new] {
            assert_eq!(crm(&world).with_key(module, &key.text()).len(), 1, "{key}");
        }
    }
    assert_eq!(counts(&world), (5, 5));
}

#[test]
fn an_agent_that_does_not_offer_them_says_so_and_everything_else_arrives() {
    let world = town();
    let fault = Fault::new(
        Class::Configuration,
        "E_SAGE_UNKNOWN_ENTITY",
        "The agent does not serve this entity: a newer agent is needed, or the entity has to leave sync.toml.",
    );
    for entity in [
        Entity::SALESPERSON,
        Entity::SHIP_TO,
        Entity::CUSTOMER,
        Entity::CONTACT,
    ] {
        if entity == Entity::SHIP_TO {
            world.faults.refuse_calls_of("sage.changes", fault.clone());
            assert_eq!(world.poll(&abc(), entity).unwrap_err(), fault);
            world.faults.refuse_calls_of("none", fault.clone());
        } else {
            world.poll(&abc(), entity).unwrap();
        }
    }
    world.drain();
    assert_eq!(
        (
            crm(&world).records("Accounts").len(),
            org(&world).records("Contact").len()
        ),
        (4, 4)
    );
    assert_eq!(counts(&world), (0, 0));
    // The agent is updated: they are read from the beginning.
    settle(&world);
    assert_eq!(counts(&world), (4, 4));
    assert_at_rest(&world, "a newer agent");
}

#[test]
fn a_target_without_a_table_of_theirs_is_sent_none_and_its_agent_is_not_asked() {
    let world = World::with_config(1, BOTH);
    put_ship_to(&world, &ship_to("01-C00/2"), "Dock");
    let report = world.poll(&abc(), Entity::SHIP_TO).unwrap();
    assert!(report.complete && report.pages == 0 && report.seen == 0);
    let company = abc();
    let cursor = world.store.inner.cursor(&company, Entity::SHIP_TO);
    let cursor = world.clock.block_on(cursor).unwrap();
    assert!(cursor.is_none_or(|cursor| cursor.watermark.is_none()));
    assert_eq!(counts(&world), (0, 0));
}
