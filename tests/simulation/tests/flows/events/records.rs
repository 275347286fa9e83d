//! Customers and contacts that were edited in the CRM, or came from there.

use counterpart_delivery::job::{ChangeRecord, CreateCustomer, Work};
use counterpart_delivery::ports::{Ledger as _, Links as _};
use counterpart_delivery::{Link, LinkWrite, Stage};
use counterpart_domain::{CrmId, SageKey, Value};
use counterpart_simulation::world::World;
use std::time::Duration;

use super::scene::*;
use crate::hands::QUARTER;

/// Phone is both sides', the credit limit is Sage's and reverted, the city Sage's and reported, the owner both sides'.
pub fn two_way() -> String {
    config()
        .replace(
            "Phone = \"TelephoneNo\"",
            "Phone = { from = \"TelephoneNo\", owner = \"both\" }",
        )
        .replace(
            "Credit_Limit = \"CreditLimit\"",
            "Credit_Limit = { from = \"CreditLimit\", foreign_edit = \"revert\" }",
        )
        .replace(
            "unmapped = \"park\"",
            "unmapped = \"park\"\ndirection = \"both\"",
        )
}

fn changes(world: &World) -> Vec<ChangeRecord> {
    let jobs = jobs(world).into_iter();
    jobs.filter_map(|job| match job.work {
        Work::ChangeRecord(change) => Some(*change),
        _ => None,
    })
    .collect()
}

fn creations(world: &World) -> Vec<CreateCustomer> {
    let jobs = jobs(world).into_iter();
    jobs.filter_map(|job| match job.work {
        Work::CreateCustomer(create) => Some(*create),
        _ => None,
    })
    .collect()
}

fn edit(world: &World, field: &str, value: Value) {
    let account = account(world);
    crm(world).edit("Accounts", &account, "u", fields([(field, value)]));
    say(world, "Accounts", &account);
    work(world);
}

fn told(world: &World) -> Vec<String> {
    let key = customer("01-ABF");
    let history = world.store.inner.history(&key, 100);
    let history = world.clock.block_on(history).unwrap();
    history.into_iter().filter_map(|item| item.code).collect()
}

#[test]
fn an_edit_of_a_field_that_both_may_change_goes_to_sage() {
    let world = sales_with(&two_way());
    let calls = crm(&world).calls();
    edit(&world, "Phone", text("(414) 555-0000"));
    let changes = changes(&world);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].key, customer("01-ABF"));
    assert_eq!(changes[0].crm["Phone"], text("(414) 555-0000"));
    assert_eq!(changes[0].link_rev, link(&world, &customer("01-ABF")).rev);
    assert_eq!(jobs(&world)[0].account, account(&world));
    assert_eq!(crm(&world).calls(), calls + 1, "read once, written never");
    // Sage has not taken it: the base is as it was, and the next look finds it again.
    say(&world, "Accounts", &account(&world));
    work(&world);
    assert_eq!(self::changes(&world).len(), 2);
}

#[test]
fn an_edit_of_sages_field_is_reverted_where_the_policy_says_so() {
    let world = sales_with(&two_way());
    edit(&world, "Credit_Limit", number("5"));
    let account = account(&world);
    assert_eq!(
        shown(&world, "Accounts", &account, "Credit_Limit"),
        number("120000.00")
    );
    assert!(jobs(&world).is_empty());
    assert_eq!(told(&world), ["FOREIGN_EDIT_REVERTED"]);
    let calls = crm(&world).calls();
    // Our own write comes back as an event: it is read, and that is all.
    say(&world, "Accounts", &account);
    work(&world);
    assert_eq!(crm(&world).calls(), calls + 1);
    assert!(jobs(&world).is_empty());
    assert_at_rest(&world, "reverted");
}

#[test]
fn an_edit_of_sages_field_is_reported_once_where_the_policy_says_so() {
    let world = sales_with(&two_way());
    edit(&world, "Billing_City", text("Chicago"));
    let account = account(&world);
    for _ in 0..3 {
        say(&world, "Accounts", &account);
        work(&world);
    }
    assert_eq!(
        shown(&world, "Accounts", &account, "Billing_City"),
        text("Chicago")
    );
    assert!(jobs(&world).is_empty());
    assert_eq!(told(&world), ["FOREIGN_EDIT_KEPT"]);
}

#[test]
fn a_revert_and_an_edit_for_sage_at_once_both_happen() {
    let world = sales_with(&two_way());
    let account = account(&world);
    let both = fields([
        ("Credit_Limit", number("5")),
        ("Phone", text("(414) 555-0000")),
    ]);
    crm(&world).edit("Accounts", &account, "u", both);
    say(&world, "Accounts", &account);
    work(&world);
    assert_eq!(
        shown(&world, "Accounts", &account, "Credit_Limit"),
        number("120000.00")
    );
    assert_eq!(
        shown(&world, "Accounts", &account, "Phone"),
        text("(414) 555-0000")
    );
    assert_eq!(changes(&world).len(), 1);
}

#[test]
fn our_own_writes_are_no_edits() {
    let world = sales_with(&two_way());
    let key = customer("01-ABF");
    for n in 0..4 {
        world.clock.advance(QUARTER);
        world
            .sage
            .edit(&key, &[("TelephoneNo", &format!("(414) 555-000{n}"))]);
        settle(&world);
        say(&world, "Accounts", &account(&world));
        work(&world);
    }
    assert!(jobs(&world).is_empty());
    assert!(told(&world).is_empty(), "{:?}", told(&world));
}

#[test]
fn an_owner_changed_in_the_crm_goes_to_sage_and_one_without_a_salesperson_is_told() {
    let world = sales_with(&two_way());
    world.map_rep(&zoho(), &rep("01-0200"), "user-2");
    edit(&world, "Owner", Value::Reference("user-2".to_owned()));
    assert_eq!(changes(&world).len(), 1);
    assert_eq!(
        changes(&world)[0].crm["Owner"],
        Value::Reference("user-2".to_owned())
    );
    edit(&world, "Owner", Value::Reference("user-9".to_owned()));
    assert_eq!(changes(&world).len(), 1);
    let account = account(&world);
    let id = format!("customer#{account}");
    assert_eq!(parked(&world), [(id, "E_REP_UNMAPPED".to_owned())]);
    let said = shown(&world, "Accounts", &account, "Sage_Status_Text").to_string();
    assert!(said.contains("user-9"), "{said}");
    edit(&world, "Owner", Value::Reference("user-1".to_owned()));
    assert!(parked(&world).is_empty());
    assert_eq!(
        shown(&world, "Accounts", &account, "Sage_Status_Text"),
        Value::Blank
    );
}

#[test]
fn an_edit_whose_event_was_lost_is_found_by_the_next_comparison() {
    let world = sales_with(&two_way());
    let account = account(&world);
    let phone = fields([("Phone", text("(414) 555-0000"))]);
    crm(&world).edit("Accounts", &account, "u", phone);
    world.clock.advance(QUARTER);
    world.sage.edit(&customer("01-ABF"), &[("City", "Racine")]);
    settle(&world);
    work(&world);
    assert_eq!(
        shown(&world, "Accounts", &account, "Billing_City"),
        text("Racine")
    );
    assert_eq!(
        shown(&world, "Accounts", &account, "Phone"),
        text("(414) 555-0000")
    );
    assert_eq!(changes(&world).len(), 1);
}

fn client(world: &World) -> CrmId {
    let fresh = fields([
        ("Account_Name", text("New Ltd")),
        ("Owner", Value::Reference("user-1".to_owned())),
        ("Account_Type", text("Client")),
        ("Phone", text("(414) 555-7777")),
    ]);
    crm(world).put("Accounts", None, fresh)
}

#[test]
fn an_account_becomes_a_customer_when_it_is_a_client() {
    let world = sales_with(&two_way());
    let account = client(&world);
    let prospect = fields([("Account_Type", text("Prospect"))]);
    crm(&world).edit("Accounts", &account, "u", prospect);
    say(&world, "Accounts", &account);
    work(&world);
    assert!(jobs(&world).is_empty());
    crm(&world).edit(
        "Accounts",
        &account,
        "u",
        fields([("Account_Type", text("Client"))]),
    );
    say(&world, "Accounts", &account);
    say(&world, "Accounts", &account);
    work(&world);
    let created = creations(&world);
    assert_eq!(created[0].customer.columns["CustomerName"], text("New Ltd"));
    assert_eq!(created[0].customer.columns["SalespersonNo"], text("0100"));
    // Both jobs are for one intent: the Sage writer makes it once.
    assert!(
        created
            .iter()
            .all(|create| create.intent == created[0].intent)
    );
}

/// Links an account to a customer that Sage is about to hold, as the Sage writer does first.
fn creating(world: &World, account: &CrmId) -> SageKey {
    let key = customer("01-0000101");
    let link = Link {
        key: key.clone(),
        stage: Stage::Creating,
        crm_id: Some(account.clone()),
        as_of: Default::default(),
        shadow: Default::default(),
        record: None,
        rep: None,
        last: None,
        rev: 0,
        sage_owned: true,
        key_unwritten: true,
        ..link(world, &customer("01-ABF"))
    };
    put(world, link, true);
    key
}

fn put(world: &World, link: Link, reverse: bool) {
    let write = LinkWrite {
        link,
        previous_crm_id: None,
        write_reverse: reverse,
    };
    world
        .clock
        .block_on(world.store.inner.put_link(&write))
        .unwrap();
}

#[test]
fn a_new_customer_is_written_to_its_own_account_once_its_creation_is_done() {
    let world = sales_with(&two_way());
    let account = client(&world);
    let key = creating(&world, &account);
    put_customer(&world, &key, "New Ltd");
    world.poll_all(&abc());
    world.drain_within(jiff::SignedDuration::from_mins(5));
    assert!(crm(&world).with_key("Accounts", &key.text()).is_empty());
    assert_eq!(
        crm(&world).records("Accounts").len(),
        2,
        "no second account"
    );
    let linked = Link {
        stage: Stage::Linked,
        ..link(&world, &key)
    };
    put(&world, linked, false);
    world.drain();
    let held = crm(&world).with_key("Accounts", &key.text());
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].id, account);
    assert_eq!(
        held[0].fields["Phone"],
        text("(414) 555-4787"),
        "Sage's, from now on"
    );
    assert!(!link(&world, &key).key_unwritten);
    assert_at_rest(&world, "created from the CRM");
    // It belongs to Sage now: an edit is reported, not taken.
    crm(&world).edit("Accounts", &account, "u", fields([("Phone", text("1"))]));
    say(&world, "Accounts", &account);
    work(&world);
    assert!(changes(&world).is_empty());
}

#[test]
fn a_creation_that_nobody_ends_is_parked_after_its_deadline() {
    let world = sales_with(&two_way());
    let account = client(&world);
    let key = creating(&world, &account);
    put_customer(&world, &key, "New Ltd");
    world.poll_all(&abc());
    assert!(world.drain_within(jiff::SignedDuration::from_hours(48)));
    let codes: Vec<_> = parked(&world).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["E_CREATION_UNCONFIRMED"]);
}

#[test]
fn a_key_that_another_account_has_is_for_a_person() {
    let world = sales_with(&two_way());
    let account = client(&world);
    let key = creating(&world, &account);
    put_customer(&world, &key, "New Ltd");
    let linked = Link {
        stage: Stage::Linked,
        ..link(&world, &key)
    };
    put(&world, linked, false);
    crm(&world).put(
        "Accounts",
        Some(&key.text()),
        fields([("Account_Name", text("A copy"))]),
    );
    settle(&world);
    let codes: Vec<_> = parked(&world).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["E_CRM_DUPLICATE"]);
    assert_eq!(link(&world, &key).stage, Stage::Conflict);
}

#[test]
fn an_account_that_is_deleted_before_it_held_its_key_is_for_a_person() {
    let world = sales_with(&two_way());
    let account = client(&world);
    let key = creating(&world, &account);
    put_customer(&world, &key, "New Ltd");
    let linked = Link {
        stage: Stage::Linked,
        ..link(&world, &key)
    };
    put(&world, linked, false);
    crm(&world).delete_record("Accounts", &account);
    settle(&world);
    let codes: Vec<_> = parked(&world).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["E_CRM_RECORD_GONE"]);
    assert!(crm(&world).with_key("Accounts", &key.text()).is_empty());
    super::redrives::redrive_all(&world);
    world.drain();
    assert_at_rest(&world, "deleted and created anew");
}

#[test]
fn a_contact_follows_its_account_to_sage() {
    let contacts = "[targets.zoho.contact]\nmodule = \"Contacts\"\nkey_field = \"Sage_Key\"\nparent_field = \"Account_Name\"";
    let create = format!(
        "{contacts}\ncreate_in_sage = {{ since = 2020-01-01, when = [{{ field = \"Sage_Contact\", equals = true }}], columns = {{ ContactName = {{ from = [\"First_Name\", \"Last_Name\"], with = \"join\" }} }} }}"
    );
    let world = sales_with(&two_way().replace(contacts, &create));
    let account = client(&world);
    let fresh = fields([
        ("Last_Name", text("Kim")),
        ("First_Name", text("Jo")),
        ("Sage_Contact", Value::Flag(true)),
        ("Account_Name", to(&account)),
    ]);
    let contact = crm(&world).put("Contacts", None, fresh);
    say(&world, "Contacts", &contact);
    say(&world, "Accounts", &account);
    work_within(&world, jiff::SignedDuration::from_mins(2));
    assert_eq!(jobs(&world).len(), 1, "the contact waits for its account");
    let key = creating(&world, &account);
    world.clock.advance(Duration::from_secs(60));
    work(&world);
    let jobs = jobs(&world);
    let Work::CreateChild(create) = &jobs[1].work else {
        panic!("another job");
    };
    assert_eq!(create.customer, key);
    assert_eq!(create.columns["ContactName"], text("Jo Kim"));
    assert_eq!(jobs[1].group(), jobs[0].group());
}
