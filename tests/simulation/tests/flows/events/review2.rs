//! Contacts of an account that turns out to be a customer of old.

use counterpart_domain::{CrmId, Entity, Value};
use counterpart_simulation::world::World;

use super::records::two_way;
use super::scene::*;
use super::whole::{event_flow, flow, selling};

/// Contacts are created in Sage, too.
fn with_contacts() -> World {
    let contacts = "[targets.zoho.contact]\nmodule = \"Contacts\"\nkey_field = \"Sage_Key\"\nparent_field = \"Account_Name\"";
    let create = format!(
        "{contacts}\ncreate_in_sage = {{ since = 2020-01-01, when = [{{ field = \"Sage_Contact\", equals = true }}], columns = {{ ContactName = {{ from = [\"First_Name\", \"Last_Name\"], with = \"join\" }} }} }}"
    );
    selling(&two_way().replace(contacts, &create))
}

fn contact_of(world: &World, account: &CrmId) -> CrmId {
    let fresh = fields([
        ("Last_Name", text("Kim")),
        ("First_Name", text("Jo")),
        ("Sage_Contact", Value::Flag(true)),
        ("Account_Name", to(account)),
    ]);
    crm(world).put("Contacts", None, fresh)
}

/// An account that looks like customer 01-OLD, which the CRM has never seen. `kind`: its type.
fn unseen(world: &World, kind: &str) -> CrmId {
    put_customer(world, &customer("01-OLD"), "Old Ltd");
    world
        .sage
        .edit(&customer("01-OLD"), &[("TelephoneNo", "(262) 555-0101")]);
    let fresh = fields([
        ("Account_Name", text("Old Limited")),
        ("Owner", Value::Reference("user-1".to_owned())),
        ("Account_Type", text(kind)),
        ("Phone", text("+1 262-555-0101")),
    ]);
    crm(world).put("Accounts", None, fresh)
}

fn contacts_created(world: &World) -> usize {
    let created = world.sage.created();
    created
        .iter()
        .filter(|what| what.contains("contact"))
        .count()
}

#[test]
fn a_contact_that_may_be_one_that_waits_for_a_person_is_not_created_meanwhile() {
    let world = with_contacts();
    let account = account(&world);
    let typed = contact_of(&world, &account);
    crate::scene::put_contact(&world, &crate::scene::contact("01-ABF/MAIN"), "Jo Kim");
    world.poll_all(&abc());
    flow(&world);
    let codes = || -> Vec<String> { parked(&world).into_iter().map(|(_, code)| code).collect() };
    assert_eq!(codes(), ["E_CRM_MAY_EXIST"]);
    for _ in 0..2 {
        event_flow(&world, "Contacts", &typed);
    }
    assert_eq!(contacts_created(&world), 0);
    assert_eq!(codes(), ["E_RECORD_MAY_EXIST", "E_CRM_MAY_EXIST"]);
    // It is that one.
    crate::relink::move_link(&world, &typed, &crate::scene::contact("01-ABF/MAIN"));
    super::redrives::redrive_all(&world);
    flow(&world);
    assert_eq!((contacts_created(&world), parked(&world)), (0, vec![]));
    assert_eq!(crm(&world).records("Contacts").len(), 1);
}

#[test]
fn a_contact_that_comes_while_its_account_is_being_linked_follows_it() {
    let world = with_contacts();
    let account = unseen(&world, "Client");
    event_flow(&world, "Accounts", &account);
    let contact = contact_of(&world, &account);
    crm(&world).set_key("Accounts", &account, Some("ABC:01-OLD"));
    // Its event is faster than the one of its account.
    say(&world, "Contacts", &contact);
    while world.transform_once().is_some() {}
    event_flow(&world, "Accounts", &account);
    assert_eq!(contacts_created(&world), 1, "{:?}", parked(&world));
    assert_eq!(parked(&world), []);
}

#[test]
fn a_contact_that_waited_follows_its_account_once_that_is_linked() {
    let world = with_contacts();
    let account = unseen(&world, "Prospect");
    let contact = contact_of(&world, &account);
    event_flow(&world, "Contacts", &contact);
    world.clock.advance(std::time::Duration::from_secs(60));
    crm(&world).edit(
        "Accounts",
        &account,
        "u",
        fields([("Account_Type", text("Client"))]),
    );
    event_flow(&world, "Accounts", &account);
    assert_eq!(parked(&world)[0].1, "E_CUSTOMER_MAY_EXIST");
    crm(&world).set_key("Accounts", &account, Some("ABC:01-OLD"));
    event_flow(&world, "Accounts", &account);
    flow(&world);
    assert_eq!(contacts_created(&world), 1, "{:?}", parked(&world));
    assert_eq!(parked(&world), []);
}

#[test]
fn of_more_contacts_than_can_wait_for_their_account_none_is_forgotten() {
    let world = with_contacts();
    let account = unseen(&world, "Prospect");
    let mut intent = counterpart_delivery::Intent::new(
        zoho(),
        counterpart_delivery::IntentId {
            kind: counterpart_delivery::IntentKind::Record(Entity::CUSTOMER),
            root: account.clone(),
        },
        abc(),
        counterpart_delivery::ports::Clock::now(&world.clock),
    );
    // They were deleted since.
    let gone = (0..500).map(|_| {
        let id = crm(&world).put("Contacts", None, fields([]));
        crm(&world).delete_record("Contacts", &id);
        id.0.into()
    });
    intent.waiting = gone.collect();
    save(&world, &intent);
    let contact = contact_of(&world, &account);
    event_flow(&world, "Contacts", &contact);
    let asked = vec![(
        format!("contact#{contact}"),
        "E_CONTACTS_WAITING".to_owned(),
    )];
    assert_eq!(parked(&world), asked);
    event_flow(&world, "Contacts", &contact);
    assert_eq!(parked(&world), asked);
    world.clock.advance(std::time::Duration::from_secs(60));
    let client = fields([("Account_Type", text("Client"))]);
    crm(&world).edit("Accounts", &account, "u", client);
    event_flow(&world, "Accounts", &account);
    crm(&world).set_key("Accounts", &account, Some("ABC:01-OLD"));
    event_flow(&world, "Accounts", &account);
    flow(&world);
    assert_eq!(parked(&world), asked);
    super::redrives::redrive_all(&world);
    flow(&world);
    assert_eq!((contacts_created(&world), parked(&world)), (1, vec![]));
}
