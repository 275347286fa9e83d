//! Which CRM record belongs to which Sage record says the link, by the CRM's own id: whatever becomes of the key field, there
//! is no twin on either side.

use counterpart_delivery::{ConfiguredMapper, Stage};
use counterpart_domain::{CrmId, Value};
use counterpart_simulation::world::{CONFIG, VISIBILITY, World, killed_after};

use super::records::two_way;
use super::redrives::redrive_all;
use super::scene::*;
use super::whole::{assert_still, event_flow, flow, selling};
use crate::hands::QUARTER;

const KEY: &str = "ABC:01-ABF";

/// Nothing is read before it is written; everything is.
fn configs() -> [String; 2] {
    let phone = "Phone = \"TelephoneNo\"";
    let both = "Phone = { from = \"TelephoneNo\", owner = \"both\" }";
    assert!(CONFIG.contains(phone));
    [CONFIG.to_owned(), CONFIG.replace(phone, both)]
}

/// A customer with a contact, both linked.
fn linked(config: &str) -> (World, CrmId) {
    let world = World::with_config(1, config);
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    put_customer(&world, &customer("01-ABF"), "American Business Futures");
    put_contact(&world, &contact("01-ABF/MAIN"), "Artie Johnson");
    settle(&world);
    settle(&world);
    let id = crm(&world).with_key("Accounts", KEY)[0].id.clone();
    world.clock.advance(QUARTER);
    (world, id)
}

fn moved(world: &World, city: &str) {
    world.clock.advance(QUARTER);
    world.sage.edit(&customer("01-ABF"), &[("City", city)]);
    settle(world);
}

fn city(world: &World, id: &CrmId) -> Value {
    let held = crm(world).record("Accounts", id).unwrap();
    held.fields["Billing_City"].clone()
}

fn codes(world: &World) -> Vec<String> {
    parked(world).into_iter().map(|(_, code)| code).collect()
}

fn accounts(world: &World) -> usize {
    crm(world).records("Accounts").len()
}

#[test]
fn a_record_whose_key_was_emptied_is_written_by_its_id_and_gets_its_key_again() {
    for config in configs() {
        let (world, id) = linked(&config);
        crm(&world).set_key("Accounts", &id, None);
        moved(&world, "Racine");
        assert_eq!((accounts(&world), city(&world, &id)), (1, text("Racine")));
        assert_at_rest(&world, "the key is there again");
    }
}

#[test]
fn a_clone_is_left_alone() {
    for config in configs() {
        for key in [None, Some("ABC:01-OLD"), Some(KEY)] {
            let (world, id) = linked(&config);
            if key == Some(KEY) {
                // It has the key, and the record itself has none.
                crm(&world).set_key("Accounts", &id, None);
            }
            let copied = fields([("Account_Name", text("American Business Futures (copy)"))]);
            let clone = crm(&world).put("Accounts", key, copied.clone());
            moved(&world, "Racine");
            assert_eq!(accounts(&world), 2);
            assert_eq!(
                crm(&world).record("Accounts", &clone).unwrap().fields,
                copied
            );
            let stored = link(&world, &customer("01-ABF"));
            assert_eq!(stored.crm_id.as_ref(), Some(&id), "{key:?}");
            if key == Some(KEY) {
                assert_eq!(codes(&world), ["E_CRM_DUPLICATE"]);
                assert_eq!(stored.stage, Stage::Conflict);
                crm(&world).delete_record("Accounts", &clone);
                redrive_all(&world);
                world.drain();
            }
            assert_eq!(city(&world, &id), text("Racine"));
            assert_at_rest(&world, "the clone is away");
        }
    }
}

#[test]
fn a_record_that_was_deleted_in_the_crm_waits_for_a_person() {
    for config in configs() {
        let (world, id) = linked(&config);
        let was = crm(&world).record("Accounts", &id).unwrap();
        crm(&world).delete_record("Accounts", &id);
        for name in ["Racine", "Kenosha"] {
            moved(&world, name);
            assert_eq!(accounts(&world), 0, "it does not come back by itself");
            assert!(codes(&world).contains(&"E_CRM_RECORD_GONE".to_owned()));
        }
        // Restored: it is the same one.
        crm(&world).put_as("Accounts", &id.0, was.key.as_deref(), was.fields);
        redrive_all(&world);
        world.drain();
        assert_eq!((accounts(&world), city(&world, &id)), (1, text("Kenosha")));
        redrive_all(&world);
        world.drain();
        assert_at_rest(&world, "restored");
    }
}

#[test]
fn a_record_that_was_deleted_in_the_crm_is_created_anew_when_a_person_says_so() {
    for config in configs() {
        let (world, id) = linked(&config);
        crm(&world).delete_record("Accounts", &id);
        moved(&world, "Racine");
        assert_eq!(codes(&world), ["E_CRM_RECORD_GONE"]);
        for _ in 0..3 {
            redrive_all(&world);
            world.drain();
        }
        let again = crm(&world).with_key("Accounts", KEY);
        assert_eq!((again.len(), accounts(&world)), (1, 1));
        assert_ne!(again[0].id, id);
        world.clock.advance(QUARTER);
        let phone = [("TelephoneNo1", "(414) 555-0000")];
        world.sage.edit(&contact("01-ABF/MAIN"), &phone);
        settle(&world);
        assert_at_rest(&world, "created anew");
    }
}

#[test]
fn what_was_deleted_is_read_once_for_all_records_of_a_pack() {
    let world = world();
    let keys: Vec<_> = (0..9).map(|at| customer(&format!("01-{at}"))).collect();
    for key in &keys {
        put_customer(&world, key, &key.local);
    }
    settle(&world);
    world.clock.advance(QUARTER);
    assert_eq!(accounts(&world), keys.len());
    for key in &keys {
        crm(&world).delete("Accounts", &key.text());
        world.sage.edit(key, &[("City", "Racine")]);
    }
    settle(&world);
    assert_eq!(codes(&world), vec!["E_CRM_RECORD_GONE"; keys.len()]);
    assert_eq!(crm(&world).deletion_lists(), 1);
}

#[test]
fn a_record_that_is_hidden_from_us_is_neither_gone_nor_made_anew() {
    for config in configs() {
        let (world, id) = linked(&config);
        crm(&world).hide(&id, true);
        for name in ["Racine", "Kenosha"] {
            moved(&world, name);
            redrive_all(&world);
            world.drain();
            assert_eq!(accounts(&world), 1, "{:?}", codes(&world));
            let code = codes(&world).remove(0);
            assert!(
                ["E_CRM_PERMISSION", "E_CRM_RECORD_GONE"].contains(&code.as_str()),
                "{code}"
            );
        }
        // Not even where its key was emptied, and nothing tells it from one that is gone.
        crm(&world).set_key("Accounts", &id, None);
        moved(&world, "Madison");
        redrive_all(&world);
        world.drain();
        assert_eq!(accounts(&world), 1, "{:?}", codes(&world));
        crm(&world).hide(&id, false);
        redrive_all(&world);
        world.drain();
        assert_eq!((accounts(&world), city(&world, &id)), (1, text("Madison")));
        assert_at_rest(&world, "shared with us");
    }
}

#[test]
fn a_record_that_was_deleted_long_ago_is_created_anew_once_its_link_is_released() {
    let (world, id) = linked(CONFIG);
    crm(&world).delete_record("Accounts", &id);
    crm(&world).forget_deletions();
    moved(&world, "Racine");
    redrive_all(&world);
    world.drain();
    assert_eq!(
        (accounts(&world), codes(&world)),
        (0, vec!["E_CRM_RECORD_GONE".to_owned()])
    );
    crate::relink::release(&world, &customer("01-ABF"));
    redrive_all(&world);
    world.drain();
    assert_eq!(accounts(&world), 1);
    redrive_all(&world);
    world.drain();
    assert_at_rest(&world, "created anew");
}

#[test]
fn a_link_follows_the_record_that_its_own_was_merged_into() {
    // The CRM tells which one that is; or that one took the key over.
    for config in configs() {
        for told in [true, false] {
            let (world, id) = linked(&config);
            let key = (!told).then_some(KEY);
            let other = fields([("Account_Name", text("ABF Inc.")), ("Phone", text("555"))]);
            let survivor = crm(&world).put("Accounts", key, other);
            crm(&world).merge("Accounts", &id, &survivor, told);
            moved(&world, "Racine");
            assert_eq!(accounts(&world), 1, "told {told}");
            assert!(
                codes(&world).is_empty(),
                "{told} {:?}",
                world.store.inner.all_parked()
            );
            assert_eq!(city(&world, &survivor), text("Racine"));
            let stored = link(&world, &customer("01-ABF"));
            assert_eq!(stored.crm_id.as_ref(), Some(&survivor), "told {told}");
            assert!(codes(&world).is_empty(), "{:?}", codes(&world));
            assert_eq!(world.sage.changed_by_us(), Vec::<String>::new());
            world.clock.advance(QUARTER);
            let phone = [("TelephoneNo1", "(414) 555-0000")];
            world.sage.edit(&contact("01-ABF/MAIN"), &phone);
            settle(&world);
            assert_at_rest(&world, "merged");
        }
    }
}

#[test]
fn two_linked_records_that_were_merged_are_for_a_person() {
    for config in configs() {
        let (world, id) = linked(&config);
        put_customer(&world, &customer("01-OTHER"), "Another");
        world.poll_all(&abc());
        world.drain();
        let other = crm(&world).with_key("Accounts", "ABC:01-OTHER")[0].clone();
        crm(&world).merge("Accounts", &id, &other.id, true);
        moved(&world, "Racine");
        assert_eq!(codes(&world), ["E_CRM_MERGED"]);
        let held = crm(&world).record("Accounts", &other.id).unwrap();
        assert_eq!(held, other, "it stays what it was");
        assert_eq!(accounts(&world), 1);
    }
}

#[test]
fn a_merge_is_followed_wherever_the_writer_is_killed() {
    let mut wrong = Vec::new();
    for config in configs() {
        for polls in 0.. {
            let (world, id) = linked(&config);
            let other = fields([("Account_Name", text("ABF Inc."))]);
            let survivor = crm(&world).put("Accounts", None, other);
            crm(&world).merge("Accounts", &id, &survivor, true);
            world.sage.edit(&customer("01-ABF"), &[("City", "Racine")]);
            world.poll_all(&abc());
            let batch = world.receive(&zoho());
            let (writer, deadline) = (world.writer_with(ConfiguredMapper), world.deadline());
            let report = killed_after(&world.clock, polls, writer.handle(&batch, deadline));
            if let Some(report) = &report {
                world.acknowledge(&batch, report);
            }
            world.drain();
            let faults = world.faults_at_rest(&[]);
            let followed = link(&world, &customer("01-ABF")).crm_id == Some(survivor.clone());
            if !faults.is_empty() || !followed || accounts(&world) != 1 {
                wrong.push(format!("{polls}: {faults:?} {:?}", codes(&world)));
            }
            if report.is_some() {
                assert!(polls > 10, "killed nowhere");
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A client of the usual shop, and its Sage customer.
fn shop() -> (World, CrmId) {
    let world = selling(&two_way());
    let account = super::scene::account(&world);
    let client = fields([("Account_Type", text("Client"))]);
    crm(&world).edit("Accounts", &account, "u", client);
    event_flow(&world, "Accounts", &account);
    (world, account)
}

fn sold_once(world: &World, context: &str) {
    let orders = world.sage.all_orders(&abc());
    assert_eq!(
        world.sage.created().len(),
        1,
        "{context}: {:?}",
        world.sage.created()
    );
    assert_eq!(orders[0].customer, customer("01-ABF"), "{context}");
    assert!(codes(world).is_empty(), "{context}: {:?}", codes(world));
}

#[test]
fn an_account_whose_key_was_emptied_is_its_customer_all_the_same() {
    let (world, account) = shop();
    crm(&world).set_key("Accounts", &account, None);
    event_flow(&world, "Accounts", &account);
    assert!(
        world.sage.created().is_empty(),
        "{:?}",
        world.sage.created()
    );
    let deal = won_deal(&world, &account);
    event_flow(&world, "Deals", &deal);
    sold_once(&world, "emptied");
    assert_still(&world);
}

#[test]
fn a_merged_account_is_its_customer_wherever_the_transform_is_killed() {
    for polls in 0.. {
        let (world, account) = shop();
        let prospect = fields([
            ("Account_Name", text("ABF Inc.")),
            ("Account_Type", text("Client")),
            ("Owner", Value::Reference("user-1".to_owned())),
        ]);
        let survivor = crm(&world).put("Accounts", None, prospect);
        crm(&world).merge("Accounts", &account, &survivor, true);
        let deal = won_deal(&world, &survivor);
        say(&world, "Deals", &deal);
        let batch = world.receive_events();
        let (transform, deadline) = (world.transform(), world.deadline());
        let report = killed_after(&world.clock, polls, transform.handle(&batch, deadline));
        world.clock.advance(VISIBILITY * 4);
        flow(&world);
        event_flow(&world, "Accounts", &survivor);
        sold_once(&world, &format!("killed after {polls}"));
        let held = crm(&world).record("Accounts", &survivor).unwrap();
        assert_eq!(held.key.as_deref(), Some(KEY), "killed after {polls}");
        if report.is_some() {
            assert!(polls > 10, "killed nowhere");
            break;
        }
    }
}

#[test]
fn an_account_that_a_customers_was_merged_into_is_that_customer() {
    for deal_first in [false, true] {
        let (world, account) = shop();
        let prospect = fields([
            ("Account_Name", text("ABF Inc.")),
            ("Account_Type", text("Client")),
            ("Owner", Value::Reference("user-1".to_owned())),
        ]);
        let survivor = crm(&world).put("Accounts", None, prospect);
        crm(&world).merge("Accounts", &account, &survivor, true);
        let deal = won_deal(&world, &survivor);
        if deal_first {
            event_flow(&world, "Deals", &deal);
        }
        event_flow(&world, "Accounts", &survivor);
        event_flow(&world, "Deals", &deal);
        sold_once(&world, "merged");
        let held = crm(&world).record("Accounts", &survivor).unwrap();
        assert_eq!(held.key.as_deref(), Some(KEY));
        flow(&world);
        assert_still(&world);
    }
}
