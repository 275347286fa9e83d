//! The plain path.

use counterpart_delivery::Stage;
use counterpart_delivery::ports::{Ledger as _, Links as _};
use counterpart_domain::{Entity, SageKey, Value};
use std::time::Duration;

use crate::events::redrives::redrive_all;
use crate::scene::*;

#[test]
fn customers_contacts_and_owners_reach_the_crm() {
    let world = populated();
    settle(&world);
    assert_at_rest(&world, "after the first import");
    assert_eq!(
        (
            crm(&world).records("Accounts").len(),
            crm(&world).records("Contacts").len()
        ),
        (12, 12)
    );
    let account = &crm(&world).with_key("Accounts", "ABC:01-C00")[0];
    assert_eq!(
        account.fields["Owner"],
        Value::Reference("user-1".to_owned())
    );
    let contact = &crm(&world).with_key("Contacts", "ABC:01-C00/MAIN")[0];
    assert_eq!(
        contact.fields["Account_Name"],
        Value::Reference(account.id.0.clone())
    );
}

#[test]
fn a_poll_without_changes_makes_no_crm_call() {
    let world = populated();
    settle(&world);
    let calls = crm(&world).calls();
    world.clock.advance(Duration::from_secs(900));
    settle(&world);
    assert_eq!(crm(&world).calls(), calls);
}

#[test]
fn the_first_import_twice_changes_nothing() {
    let world = populated();
    world.poll_all(&abc());
    world.poll_all(&abc());
    world.drain();
    assert_at_rest(&world, "imported twice");
    assert_eq!(crm(&world).records("Accounts").len(), 12);
}

#[test]
fn packs_are_full_over_page_borders() {
    // Pages of seven records; packs of a hundred.
    let world = world();
    for n in 0..250 {
        put_customer(&world, &customer(&format!("01-{n:04}")), "Some Company");
    }
    settle(&world);
    // Each is looked for before it is written.
    assert_eq!(crm(&world).calls(), 2 * 3);
    assert_at_rest(&world, "two hundred and fifty");
}

#[test]
fn accounts_that_carry_the_key_already_are_adopted_not_doubled() {
    let world = populated();
    let fields = [
        ("Account_Name".to_owned(), Value::text("Old name")),
        ("Website".to_owned(), Value::text("kept")),
    ];
    let id = crm(&world).put("Accounts", Some("ABC:01-C00"), fields.into());
    settle(&world);
    assert_at_rest(&world, "adopted");
    let account = &crm(&world).with_key("Accounts", "ABC:01-C00")[0];
    assert_eq!(
        (account.id.clone(), account.fields["Website"].clone()),
        (id, Value::text("kept"))
    );
}

#[test]
fn one_edit_is_one_row_with_only_what_changed() {
    let world = populated();
    settle(&world);
    world.clock.advance(Duration::from_secs(900));
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    let calls = crm(&world).calls();
    settle(&world);
    assert_eq!(crm(&world).calls(), calls + 1);
    assert_at_rest(&world, "after an edit");
    let history = world
        .clock
        .block_on(world.store.inner.history(&customer("01-C00"), 1))
        .unwrap();
    assert_eq!(history[0].changes.len(), 1);
    assert_eq!(
        (
            history[0].changes[0].before.as_str(),
            history[0].changes[0].after.as_str()
        ),
        ("Milwaukee", "Racine")
    );
}

#[test]
fn a_hint_brings_one_edit_without_a_poll() {
    let world = populated();
    settle(&world);
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    let unknown = customer("01-NOBODY");
    let report = world.hint(&[customer("01-C00"), unknown]).unwrap();
    assert_eq!(
        (report.sent, report.missing),
        (1, vec!["ABC:01-NOBODY".to_owned()])
    );
    world.drain();
    assert_at_rest(&world, "after a hint");
}

#[test]
fn two_companies_with_one_number_and_two_customers_of_one_name_never_mix() {
    let world = world();
    put_customer(&world, &customer("01-ABF"), "American Business Futures");
    put_customer(&world, &customer("02-ABF"), "American Business Futures");
    let other = SageKey::new(&xyz(), Entity::CUSTOMER, "01-ABF").unwrap();
    put_customer(&world, &other, "Another Company");
    world.sage.edit(&other, &[("SalespersonNo", "")]);
    world.poll_all(&abc());
    world.poll_all(&xyz());
    world.drain();
    assert_at_rest(&world, "two companies");
    let names: Vec<_> = crm(&world)
        .records("Accounts")
        .iter()
        .map(|held| held.fields["Account_Name"].to_string())
        .collect();
    assert_eq!(names.len(), 3);
    assert_eq!(
        crm(&world).with_key("Accounts", "XYZ:01-ABF")[0].fields["Account_Name"],
        Value::text("Another Company")
    );
}

#[test]
fn inactive_customers_and_their_contacts_stay_out_and_come_in_when_they_are_active() {
    let world = populated();
    world
        .sage
        .edit(&customer("01-C00"), &[("CustomerStatus", "I")]);
    settle(&world);
    assert!(crm(&world).with_key("Accounts", "ABC:01-C00").is_empty());
    assert!(
        crm(&world)
            .with_key("Contacts", "ABC:01-C00/MAIN")
            .is_empty()
    );
    let excluded: u64 = world
        .totals(&abc(), &zoho())
        .iter()
        .map(|totals| totals.excluded)
        .sum();
    assert_eq!(excluded, 2);
    world.clock.advance(Duration::from_secs(900));
    world
        .sage
        .edit(&customer("01-C00"), &[("CustomerStatus", "A")]);
    settle(&world);
    assert_eq!(crm(&world).with_key("Contacts", "ABC:01-C00/MAIN").len(), 1);
    assert_at_rest(&world, "active again");
}

#[test]
fn a_record_deleted_in_the_crm_comes_back_whole_when_a_person_says_so() {
    let world = populated();
    settle(&world);
    crm(&world).delete("Accounts", "ABC:01-C00");
    world.clock.advance(Duration::from_secs(900));
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    settle(&world);
    assert!(crm(&world).with_key("Accounts", "ABC:01-C00").is_empty());
    redrive_all(&world);
    world.drain();
    assert_at_rest(&world, "recreated");
    let account = &crm(&world).with_key("Accounts", "ABC:01-C00")[0];
    assert_eq!(account.fields["Phone"], Value::text("(414) 555-4787"));
}

#[test]
fn a_changed_mapping_reaches_every_record_without_an_edit() {
    let mut world = populated();
    settle(&world);
    let text = counterpart_simulation::world::CONFIG.replace(
        "Billing_City = \"City\"",
        "Billing_City = \"City\"\nZip = \"ZipCode\"",
    );
    world
        .sage
        .edit(&customer("01-C00"), &[("ZipCode", "53205")]);
    settle(&world);
    world.clock.advance(Duration::from_secs(60 * 60 * 24 * 30));
    world.config = counterpart_config::SyncConfig::parse(&text).unwrap();
    settle(&world);
    assert_at_rest(&world, "mapped anew");
    let links = world.store.inner.all_links();
    assert!(links.iter().all(|link| link.stage == Stage::Linked));
    let held = world
        .clock
        .block_on(
            world
                .store
                .inner
                .key_of(&zoho(), links[0].crm_id.as_ref().unwrap()),
        )
        .unwrap();
    assert_eq!(held.as_ref(), Some(&links[0].key));
}
