//! Nothing stays parked, waiting, refused or in flight that need not.

use counterpart_delivery::ports::{Clock as _, Parking as _};
use counterpart_delivery::{ConfiguredMapper, Outcome, Stage};
use counterpart_domain::Entity;
use counterpart_simulation::world::{CONFIG, World, killed_after};
use std::time::Duration;

use crate::events::redrives::redrive_all;
use crate::hands::{QUARTER, parked, send, take_all};
use crate::scene::*;

#[test]
fn an_unreadable_record_that_is_mended_is_no_longer_parked() {
    let world = populated();
    world
        .sage
        .edit(&customer("01-C00"), &[("CreditLimit", "much")]);
    settle(&world);
    let found = world.store.inner.parked_of("zoho", None, 10);
    let found = world.clock.block_on(found).unwrap();
    let item = found.iter().find(|item| item.id == "customer#ABC:01-C00");
    let item = item.unwrap();
    // A person sees what came of it, and which column it is about.
    assert!(
        item.payload.contains("\"CreditLimit\": \"much\""),
        "{item:?}"
    );
    assert!(item.fault.detail.contains("CreditLimit"), "{item:?}");
    world.clock.advance(QUARTER);
    world
        .sage
        .edit(&customer("01-C00"), &[("CreditLimit", "1.00")]);
    settle(&world);
    assert_at_rest(&world, "mended");
}

#[test]
fn a_parked_record_that_becomes_inactive_is_no_longer_parked() {
    let world = world();
    put_customer(&world, &customer("01-ABF"), "Bad");
    crm(&world).refuse("Bad");
    settle(&world);
    world.clock.advance(QUARTER);
    world
        .sage
        .edit(&customer("01-ABF"), &[("CustomerStatus", "I")]);
    settle(&world);
    assert_at_rest(&world, "left out");
}

#[test]
fn a_configuration_that_the_writer_learns_late_still_reaches_every_record() {
    let mut world = populated();
    settle(&world);
    world.clock.advance(Duration::from_secs(60 * 60 * 24 * 30));
    let old = world.config.clone();
    let text = CONFIG.replace(
        "Billing_City = \"City\"",
        "Billing_City = \"City\"\nTown = \"City\"",
    );
    world.config = counterpart_config::SyncConfig::parse(&text).unwrap();
    world.config_version = 2;
    world.poll_all(&abc());
    // A warm writer keeps the configuration for up to a minute.
    world.config_version = 1;
    let new = std::mem::replace(&mut world.config, old);
    while world.write_once(&zoho(), ConfiguredMapper) {}
    world.config = new;
    world.config_version = 2;
    world.clock.advance(Duration::from_secs(60));
    for _ in 0..4 {
        world.clock.advance(Duration::from_secs(60 * 60 * 12));
        settle(&world);
    }
    assert_at_rest(&world, "a day later");
}

#[test]
fn an_entity_that_the_writer_learns_late_is_not_lost() {
    let mut world = populated();
    let without = CONFIG.split("[targets.zoho.contact]").next().unwrap();
    let old = counterpart_config::SyncConfig::parse(without).unwrap();
    let new = std::mem::replace(&mut world.config, old);
    settle(&world);
    world.clock.advance(Duration::from_secs(60 * 60 * 24 * 30));
    let old = std::mem::replace(&mut world.config, new);
    world.config_version = 2;
    world.poll_all(&abc());
    world.config_version = 1;
    let new = std::mem::replace(&mut world.config, old);
    while world.write_once(&zoho(), ConfiguredMapper) {}
    world.config = new;
    world.config_version = 2;
    for _ in 0..4 {
        world.clock.advance(Duration::from_secs(60 * 60 * 12));
        settle(&world);
    }
    assert_at_rest(&world, "contacts were added");
}

#[test]
fn an_older_active_state_does_not_bring_in_a_customer_that_is_inactive_again() {
    let world = world();
    let key = customer("01-ABF");
    put_customer(&world, &key, "One");
    for status in ["I", "A", "I"] {
        world.sage.edit(&key, &[("CustomerStatus", status)]);
        world.poll(&abc(), Entity::CUSTOMER).unwrap();
        world.clock.advance(QUARTER);
    }
    world.drain();
    assert!(crm(&world).with_key("Accounts", "ABC:01-ABF").is_empty());
}

#[test]
fn packs_handed_back_for_lack_of_time_are_not_taken_for_killers() {
    let world = populated();
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    for _ in 0..4 {
        world.clock.advance(Duration::from_secs(10));
        let batch = world.receive(&zoho());
        assert_eq!(batch.len(), 1);
        // Nine seconds are left of the function's time.
        let soon = world.clock.now() + jiff::SignedDuration::from_secs(9);
        let report = world
            .clock
            .block_on(world.writer_with(ConfiguredMapper).handle(&batch, soon));
        world.acknowledge(&batch, &report);
    }
    world.drain();
    assert_eq!(crm(&world).calls(), 2, "one pack, one look, one write");
}

#[test]
fn a_lock_right_after_a_long_outage_is_waited_for() {
    let world = populated();
    settle(&world);
    let now = world.clock.now();
    crm(&world).outage(now, now + jiff::SignedDuration::from_hours(25));
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    crm(&world).lock("ABC:01-C00");
    world.drain_within(jiff::SignedDuration::from_hours(26));
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
}

#[test]
fn a_day_and_a_half_of_503_parks_nothing_at_any_time() {
    let world = populated();
    let now = world.clock.now();
    crm(&world).outage(now, now + jiff::SignedDuration::from_hours(36));
    settle(&world);
    let outcomes = world.store.inner.all_outcomes();
    let parked: Vec<_> = outcomes
        .iter()
        .filter(|o| o.outcome == Outcome::Parked)
        .map(|o| (o.key.text(), o.code.clone()))
        .collect();
    assert!(parked.is_empty(), "{parked:?}");
}

#[test]
fn a_contact_whose_account_was_deleted_in_the_crm_follows_when_a_person_has_it_come_back() {
    let world = populated();
    settle(&world);
    crm(&world).delete("Accounts", "ABC:01-C00");
    crm(&world).delete("Contacts", "ABC:01-C00/MAIN");
    world.clock.advance(QUARTER);
    put_contact(&world, &contact("01-C00/MAIN"), "Artie B. Johnson");
    for _ in 0..3 {
        settle(&world);
        world.clock.advance(Duration::from_secs(60 * 60 * 48));
    }
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    settle(&world);
    assert!(crm(&world).with_key("Accounts", "ABC:01-C00").is_empty());
    for _ in 0..3 {
        redrive_all(&world);
        world.drain();
    }
    assert_at_rest(&world, "both are back");
}

#[test]
fn a_remap_leaves_contacts_with_an_owner_of_their_own_in_peace() {
    let text = CONFIG.replace("SalespersonNo", "UDF_REP").replace(
        "[targets.zoho.contact.fields]",
        "[targets.zoho.contact.owner]\nfield = \"Owner\"\ncolumn = \"UDF_REP\"\nunmapped = \"leave\"\n\n[targets.zoho.contact.fields]",
    );
    let world = World::with_config(1, &text);
    world.map_rep(&zoho(), &rep("SMITH"), "user-1");
    put_customer(&world, &customer("01-ABF"), "One");
    put_contact(&world, &contact("01-ABF/MAIN"), "Artie Johnson");
    world
        .sage
        .edit(&customer("01-ABF"), &[("UDF_REP", "SMITH")]);
    world
        .sage
        .edit(&contact("01-ABF/MAIN"), &[("UDF_REP", "SMITH")]);
    settle(&world);
    assert_at_rest(&world, "before");
    world.clock.advance(Duration::from_secs(60 * 60 * 24 * 3));
    world.map_rep(&zoho(), &rep("SMITH"), "user-2");
    for _ in 0..3 {
        settle(&world);
        world.clock.advance(QUARTER);
    }
    assert_at_rest(&world, "remapped");
    let held = &crm(&world).with_key("Contacts", "ABC:01-ABF/MAIN")[0];
    assert_eq!(held.fields["Owner"].to_string(), "user-2");
}

#[test]
fn a_circuit_is_not_held_by_packs_that_call_nobody() {
    let world = populated();
    settle(&world);
    for n in 0..40 {
        put_contact(
            &world,
            &contact(&format!("01-LATE{n:02}/MAIN")),
            "Lone Some",
        );
        world
            .hint(&[contact(&format!("01-LATE{n:02}/MAIN"))])
            .unwrap();
    }
    let now = world.clock.now();
    crm(&world).outage(now, now + jiff::SignedDuration::from_secs(30));
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    world.hint(&[customer("01-C00")]).unwrap();
    // The edit is tried first, and opens the circuit.
    let bodies = take_all(&world);
    send(&world, bodies.last().unwrap());
    bodies[..40].iter().for_each(|body| send(&world, body));
    world.drain_within(jiff::SignedDuration::from_mins(10));
    assert_eq!(
        crm(&world).with_key("Accounts", "ABC:01-C00")[0].fields["Billing_City"].to_string(),
        "Racine"
    );
}

#[test]
fn a_second_poll_writes_nothing_also_while_a_record_is_parked() {
    let world = populated();
    crm(&world).refuse("Customer 3");
    // Edited well before the poll: within the lag, a record is read once more.
    world.clock.advance(Duration::from_secs(60));
    settle(&world);
    let calls = crm(&world).calls();
    world.clock.advance(QUARTER);
    settle(&world);
    assert_eq!(crm(&world).calls(), calls);
}

#[test]
fn a_run_that_was_given_up_leaves_nothing_in_flight() {
    let mut wrong = Vec::new();
    for polls in 1.. {
        let world = populated();
        world.faults.reset();
        let (poller, company) = (world.poller(), abc());
        if killed_after(
            &world.clock,
            polls,
            poller.poll(&company, Entity::CUSTOMER, world.deadline()),
        )
        .is_some()
        {
            break;
        }
        world.clock.advance(Duration::from_secs(1_200));
        settle(&world);
        let open: u64 = world
            .totals(&abc(), &zoho())
            .iter()
            .map(|t| t.in_flight)
            .sum();
        if open > 0 {
            wrong.push(format!("killed after {polls}: {open} in flight for ever"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_pack_that_is_parked_whole_is_kept_whole() {
    let world = world();
    let long = "Ä".repeat(3_000);
    for n in 0..60 {
        let key = customer(&format!("01-{n:04}"));
        put_customer(&world, &key, "One");
        world.sage.edit(&key, &[("UDF_NOTE", &long)]);
    }
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    let bodies = take_all(&world);
    for body in &bodies {
        send(
            &world,
            &body.replace("\"company\":\"ABC\"", "\"company\":\"QQQ\""),
        );
    }
    world.drain();
    for item in world
        .clock
        .block_on(world.store.inner.parked_of("zoho", None, 100))
        .unwrap()
    {
        assert!(
            serde_json::from_str::<serde_json::Value>(&item.payload).is_ok(),
            "{} characters, cut",
            item.payload.chars().count()
        );
    }
    let _ = Stage::Linked;
}

/// A record that is killed while being read record by record because the function's time is over.
#[test]
fn odd_keys_and_a_refused_read_do_not_stop_a_target() {
    let text = CONFIG.replace(
        "Phone = \"TelephoneNo\"",
        "Phone = { from = \"TelephoneNo\", foreign_edit = \"revert\" }",
    );
    let world = World::with_config(1, &text);
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    put_customer(&world, &customer("01-O'DD"), "Odd");
    put_customer(&world, &customer("01-ABF"), "One");
    crm(&world).refuse_read("ABC:01-O'DD");
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    world.drain_within(jiff::SignedDuration::from_hours(30));
    assert_eq!(crm(&world).with_key("Accounts", "ABC:01-ABF").len(), 1);
}

#[test]
fn a_waiting_record_looks_again_once_however_often_it_is_read() {
    let world = world();
    put_contact(&world, &contact("01-LATE/MAIN"), "Lone Some");
    for _ in 0..9 {
        world.poll(&abc(), Entity::CONTACT).unwrap();
        world.drain_within(jiff::SignedDuration::from_secs(1));
        world.clock.advance(QUARTER);
        world.drain_within(jiff::SignedDuration::from_secs(1));
    }
    assert!(
        world.writes(&zoho()).len() <= 2,
        "{} packs for one record",
        world.writes(&zoho()).len()
    );
}
