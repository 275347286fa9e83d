//! Typed by hand on the other side: whoever is new in one system is looked for in the other first, and a person says whether it is
//! that one.

use counterpart_delivery::ConfiguredMapper;
use counterpart_delivery::ports::Settings as _;
use counterpart_domain::{CrmId, Value};
use counterpart_simulation::world::{CONFIG, World};

use crate::events::redrives::redrive_all;
use crate::events::scene::{fields, link, text};
use crate::hands::{QUARTER, parked};
use crate::relink::move_link;
use crate::scene::*;

const NAME: &str = "American Business Futures";

fn accounts(world: &World) -> usize {
    crm(world).records("Accounts").len()
}

fn codes(world: &World) -> Vec<String> {
    parked(world).into_iter().map(|(_, code)| code).collect()
}

fn typed(world: &World, name: &str) -> CrmId {
    crm(world).put("Accounts", None, fields([("Account_Name", text(name))]))
}

fn customer_comes(world: &World) {
    put_customer(world, &customer("01-ABF"), NAME);
    put_contact(world, &contact("01-ABF/MAIN"), "Artie Johnson");
    for _ in 0..2 {
        settle(world);
        world.clock.advance(QUARTER);
    }
}

#[test]
fn an_account_that_was_typed_by_hand_is_linked_by_a_person_and_not_doubled() {
    // CRMs compare without regard to case.
    for name in [NAME, "AMERICAN Business futures"] {
        let world = world();
        let account = typed(&world, name);
        customer_comes(&world);
        assert_eq!(
            (accounts(&world), codes(&world)),
            (
                1,
                vec!["E_PARENT_PARKED".to_owned(), "E_CRM_MAY_EXIST".to_owned()]
            )
        );
        // Nothing changes that by itself, nor a redrive of everything that waits for something else.
        world.sage.edit(&customer("01-ABF"), &[("City", "Racine")]);
        settle(&world);
        assert_eq!(accounts(&world), 1);
        move_link(&world, &account, &customer("01-ABF"));
        world.drain();
        assert_eq!(
            codes(&world),
            [""; 0],
            "{:?}",
            world.store.inner.all_parked()
        );
        assert_eq!(accounts(&world), 1);
        assert_eq!(link(&world, &customer("01-ABF")).crm_id, Some(account));
        assert_eq!(
            crm(&world).records("Contacts").len(),
            1,
            "its contact followed"
        );
        assert_at_rest(&world, "linked by a person");
    }
}

#[test]
fn another_account_of_that_name_is_created_when_a_person_says_so_or_the_configuration() {
    let world = world();
    typed(&world, NAME);
    customer_comes(&world);
    assert_eq!(codes(&world).len(), 2);
    for _ in 0..2 {
        redrive_all(&world);
        world.drain();
    }
    assert_eq!((accounts(&world), codes(&world)), (2, vec![]));
    assert_at_rest(&world, "redriven");

    let config = CONFIG.replace(
        "inactive = \"exclude\"",
        "inactive = \"exclude\"\nalike = \"create\"",
    );
    let world = World::with_config(1, &config);
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    typed(&world, NAME);
    customer_comes(&world);
    assert_eq!((accounts(&world), codes(&world)), (2, vec![]));
}

#[test]
fn the_key_that_a_person_enters_is_taken_by_a_redrive() {
    let world = world();
    let account = typed(&world, NAME);
    customer_comes(&world);
    crm(&world).set_key("Accounts", &account, Some("ABC:01-ABF"));
    for _ in 0..2 {
        redrive_all(&world);
        world.drain();
    }
    assert_eq!((accounts(&world), codes(&world)), (1, vec![]));
    assert_eq!(link(&world, &customer("01-ABF")).crm_id, Some(account));
}

/// Whatever else looks like it: the record that holds the key is the one, be its link lost, or of a product of before.
#[test]
fn who_holds_the_key_already_is_taken_whoever_else_has_the_name() {
    let world = world();
    typed(&world, NAME);
    let ours = fields([("Account_Name", text(NAME))]);
    let ours = crm(&world).put("Accounts", Some("ABC:01-ABF"), ours);
    customer_comes(&world);
    assert_eq!((accounts(&world), codes(&world)), (2, vec![]));
    assert_eq!(link(&world, &customer("01-ABF")).crm_id, Some(ours));
    assert_at_rest(&world, "it holds the key");
}

#[test]
fn shops_of_one_chain_and_records_that_are_linked_are_nobodys_twins() {
    let world = world();
    customer_comes(&world);
    let first = crm(&world).with_key("Accounts", "ABC:01-ABF")[0].id.clone();
    // Not even where its key was emptied.
    for emptied in [false, true] {
        if emptied {
            crm(&world).set_key("Accounts", &first, None);
        }
        let number = if emptied { "01-SHOP2" } else { "01-SHOP1" };
        put_customer(&world, &customer(number), NAME);
        settle(&world);
        assert_eq!(codes(&world), [""; 0], "{number}");
        assert_eq!(
            crm(&world)
                .with_key("Accounts", &format!("ABC:{number}"))
                .len(),
            1
        );
        world.clock.advance(QUARTER);
    }
    assert_eq!(accounts(&world), 3);
}

#[test]
fn a_contact_is_looked_for_below_its_own_account() {
    for (name, mail, alike) in [
        ("Johnson", "", true),
        ("Smith", "ARTIE@sage.sample.com", true),
        ("Smith", "other@sage.sample.com", false),
    ] {
        let world = world();
        put_customer(&world, &customer("01-ABF"), NAME);
        put_customer(&world, &customer("01-OTHER"), "Another");
        settle(&world);
        world.clock.advance(QUARTER);
        let below =
            |key: &str| Value::Reference(crm(&world).with_key("Accounts", key)[0].id.0.clone());
        let by_hand = |account: &str| {
            let person = fields([
                ("Last_Name", text(name)),
                ("First_Name", text("Artie")),
                ("Email", text(mail)),
                ("Account_Name", below(account)),
            ]);
            crm(&world).put("Contacts", None, person)
        };
        let typed = by_hand("ABC:01-ABF");
        by_hand("ABC:01-OTHER");
        put_contact(&world, &contact("01-ABF/MAIN"), "Artie Johnson");
        settle(&world);
        let wanted: &[&str] = if alike { &["E_CRM_MAY_EXIST"] } else { &[] };
        assert_eq!(codes(&world), wanted, "{name} {mail}");
        if alike {
            move_link(&world, &typed, &contact("01-ABF/MAIN"));
            assert_eq!(crm(&world).records("Contacts").len(), 2);
            assert_eq!(codes(&world), [""; 0]);
            assert_at_rest(&world, "linked by a person");
        }
    }
}

/// Whether the target is called.
fn is_called(world: &World) -> bool {
    let target = zoho();
    let circuit = world.store.inner.circuit(&target);
    world.clock.block_on(circuit).unwrap().failures == 0
}

#[test]
fn a_name_that_the_crm_refuses_to_be_asked_for_is_one_customers_own() {
    for others in [0, 1, 9] {
        let world = world();
        crm(&world).refuse_read("O\u{2019}Refused");
        put_customer(&world, &customer("01-REFUSED"), "O\u{2019}Refused");
        for n in 0..others {
            put_customer(&world, &customer(&format!("01-C{n}")), &format!("Shop {n}"));
        }
        settle(&world);
        assert!(is_called(&world), "{others}");
        assert_eq!(codes(&world), ["E_CRM_MAY_EXIST"], "{others}");
        assert_eq!(accounts(&world), others);
        redrive_all(&world);
        world.drain();
        assert_eq!((accounts(&world), codes(&world)), (others + 1, vec![]));
    }
}

#[test]
fn our_own_store_out_of_reach_is_no_fault_of_the_crm() {
    let world = world();
    typed(&world, NAME);
    put_customer(&world, &customer("01-ABF"), NAME);
    world.poll_all(&abc());
    world.faults.fail_calls_of("key_of", 1);
    world.write_once(&zoho(), ConfiguredMapper);
    assert!(world.faults.trace().contains(&"key_of"));
    assert!(is_called(&world));
    world.faults.reset();
    world.drain();
    assert_eq!(codes(&world), ["E_CRM_MAY_EXIST"]);
}

#[test]
fn namesakes_that_are_too_many_to_look_through_are_for_a_person() {
    let world = world();
    for _ in 0..1001 {
        typed(&world, NAME);
    }
    put_customer(&world, &customer("01-ABF"), NAME);
    put_customer(&world, &customer("01-SHOP"), "Another");
    world.poll_all(&abc());
    world.faults.reset();
    world.drain();
    let asked = world.faults.trace();
    let asked = asked.iter().filter(|call| **call == "key_of").count();
    assert!(asked < 10, "{asked} questions to the store");
    assert_eq!(codes(&world), ["E_CRM_MAY_EXIST"]);
    assert_eq!(accounts(&world), 1002);
    redrive_all(&world);
    world.drain();
    assert_eq!((accounts(&world), codes(&world)), (1003, vec![]));
}

#[test]
fn what_a_person_answered_stays_answered_while_it_waits() {
    let world = world();
    typed(&world, NAME);
    customer_comes(&world);
    let key = "ABC:01-ABF";
    crm(&world).lock(key);
    redrive_all(&world);
    world.write_once(&zoho(), ConfiguredMapper);
    assert_eq!(accounts(&world), 1, "it is locked");
    crm(&world).accept(key);
    world.drain();
    assert_eq!(crm(&world).with_key("Accounts", key).len(), 1);
    assert_eq!((accounts(&world), codes(&world)), (2, vec![]));
    assert_at_rest(&world, "redriven, and locked for a while");
}
