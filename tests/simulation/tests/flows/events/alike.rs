//! Accounts that become customers whom Sage may hold already: merged ones, and what a person says of them in the CRM.

use counterpart_delivery::{ConfiguredMapper, Stage};
use counterpart_domain::{CrmId, SageKey, Value};
use counterpart_simulation::world::{VISIBILITY, World, killed_after};

use super::records::two_way;
use super::redrives::{redrive_all, redrive_one};
use super::scene::*;
use super::whole::{assert_still, event_flow, flow, selling};

/// A client with the name and the telephone number that 01-ABF has.
fn twin(world: &World) -> CrmId {
    let fresh = fields([
        ("Account_Name", text("American Business Futures")),
        ("Owner", Value::Reference("user-1".to_owned())),
        ("Account_Type", text("Client")),
        ("Phone", text("(414) 555-4787")),
    ]);
    crm(world).put("Accounts", None, fresh)
}

fn waits(world: &World, account: &CrmId, code: &str) {
    assert_eq!(
        parked(world),
        [(format!("customer#{account}"), code.to_owned())]
    );
    let said = shown(world, "Accounts", account, "Sage_Status_Text").to_string();
    assert!(!said.is_empty(), "nobody is told");
}

fn enter(world: &World, account: &CrmId, key: &str) {
    crm(world).set_key("Accounts", account, Some(key).filter(|key| !key.is_empty()));
    event_flow(world, "Accounts", account);
}

fn is_linked(world: &World, account: &CrmId, key: &SageKey, context: &str) {
    let link = link(world, key);
    assert_eq!(link.stage, Stage::Linked, "{context}");
    assert_eq!(link.crm_id.as_ref(), Some(account), "{context}");
    let held = crm(world).with_key("Accounts", &key.text());
    assert_eq!(held.len(), 1, "{context}");
    assert_eq!(held[0].id, *account, "{context}");
    assert_eq!(parked(world), [], "{context}");
    assert_eq!(
        shown(world, "Accounts", account, "Sage_Status_Text"),
        Value::Blank,
        "{context}"
    );
}

/// The account of 01-ABF is merged into another one, which keeps its own, blank key.
fn merged() -> (World, CrmId) {
    let world = selling(&two_way());
    let survivor = twin(&world);
    let loser = account(&world);
    crm(&world).delete_record("Accounts", &loser);
    (world, survivor)
}

#[test]
fn the_survivor_of_a_merge_is_no_second_customer_and_its_key_brings_it_back() {
    let (world, survivor) = merged();
    let deal = won_deal(&world, &survivor);
    for _ in 0..2 {
        event_flow(&world, "Accounts", &survivor);
        event_flow(&world, "Deals", &deal);
    }
    assert_eq!(world.sage.created(), [""; 0]);
    let code = "E_CUSTOMER_MAY_EXIST".to_owned();
    let both = [
        (format!("customer#{survivor}"), code.clone()),
        (format!("order#{deal}"), code),
    ];
    assert_eq!(parked(&world), both);
    let said = shown(&world, "Accounts", &survivor, "Sage_Status_Text").to_string();
    assert!(
        said.contains("01-ABF American Business Futures") && said.contains("which belongs to"),
        "{said}"
    );

    crm(&world).set_key("Accounts", &survivor, Some("ABC:01-ABF"));
    event_flow(&world, "Accounts", &survivor);
    redrive_one(&world, &format!("order#{deal}"));
    flow(&world);
    is_linked(&world, &survivor, &customer("01-ABF"), "after the merge");
    let orders = world.sage.all_orders(&abc());
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].customer, customer("01-ABF"));
    assert_eq!(world.sage.created(), ["order 0000181"]);
    world.poll_all(&abc());
    flow(&world);
    assert_still(&world);
    assert_at_rest(&world, "after the merge");
}

/// A customer that the CRM has never seen.
fn unseen() -> (World, CrmId) {
    let world = selling(&two_way());
    put_customer(&world, &customer("01-OLD"), "Old Ltd");
    world
        .sage
        .edit(&customer("01-OLD"), &[("TelephoneNo", "(262) 555-0101")]);
    let fresh = fields([
        ("Account_Name", text("Old Limited")),
        ("Owner", Value::Reference("user-1".to_owned())),
        ("Account_Type", text("Client")),
        ("Phone", text("+1 262-555-0101")),
    ]);
    let account = crm(&world).put("Accounts", None, fresh);
    event_flow(&world, "Accounts", &account);
    waits(&world, &account, "E_CUSTOMER_MAY_EXIST");
    (world, account)
}

#[test]
fn an_account_that_is_given_the_key_of_a_customer_is_that_customers() {
    let (world, account) = unseen();
    enter(&world, &account, "ABC:01-OLD");
    is_linked(&world, &account, &customer("01-OLD"), "by hand");
    assert_eq!(crm(&world).records("Accounts").len(), 2, "a second account");
    assert_eq!(
        shown(&world, "Accounts", &account, "Account_Name"),
        text("Old Ltd")
    );
    assert_eq!(world.sage.created(), [""; 0]);
    // The key goes again, by mistake or not: the link stands, and nobody is created.
    enter(&world, &account, "");
    assert_eq!(world.sage.created(), [""; 0]);
}

#[test]
fn a_key_that_was_typed_in_small_letters_is_the_same_key() {
    let (world, account) = unseen();
    crm(&world).set_key("Accounts", &account, Some(" abc:01-old"));
    event_flow(&world, "Accounts", &account);
    is_linked(&world, &account, &customer("01-OLD"), "in small letters");
    assert_eq!(crm(&world).records("Accounts").len(), 2, "a second account");
    assert_eq!(world.sage.created(), [""; 0]);
}

#[test]
fn a_key_that_cannot_be_is_said_and_the_right_one_helps() {
    let (world, account) = unseen();
    enter(&world, &account, "OLD");
    waits(&world, &account, "E_KEY_INVALID");
    enter(&world, &account, "QQQ:01-OLD");
    waits(&world, &account, "E_KEY_INVALID");
    enter(&world, &account, "ABC:01-NOBODY");
    waits(&world, &account, "E_CUSTOMER_NOT_IN_SAGE");
    // That of a living account.
    enter(&world, &account, "ABC:01-ABF");
    waits(&world, &account, "E_CUSTOMER_OF_ANOTHER");
    let other = link(&world, &customer("01-ABF"));
    assert_ne!(other.crm_id.as_ref(), Some(&account));
    // None of them: as if nothing had been entered.
    enter(&world, &account, "");
    waits(&world, &account, "E_CUSTOMER_MAY_EXIST");
    enter(&world, &account, "ABC:01-OLD");
    is_linked(&world, &account, &customer("01-OLD"), "at last");
    assert_eq!(world.sage.created(), [""; 0]);
}

#[test]
fn a_redrive_of_the_parked_account_creates_it() {
    let (world, account) = unseen();
    event_flow(&world, "Accounts", &account);
    waits(&world, &account, "E_CUSTOMER_MAY_EXIST");
    redrive_all(&world);
    flow(&world);
    assert_eq!(world.sage.created(), ["customer ABC:01-0000101"]);
    assert_eq!(parked(&world), []);
    let held = crm(&world).record("Accounts", &account).unwrap();
    assert_eq!(held.key.as_deref(), Some("ABC:01-0000101"));
}

#[test]
fn a_number_that_was_reserved_is_given_up_for_the_key_that_a_person_enters() {
    let world = selling(&two_way());
    world.sage.refuse("Old Ltd");
    let fresh = fields([
        ("Account_Name", text("Old Ltd")),
        ("Owner", Value::Reference("user-1".to_owned())),
        ("Account_Type", text("Client")),
    ]);
    let account = crm(&world).put("Accounts", None, fresh);
    event_flow(&world, "Accounts", &account);
    waits(&world, &account, "E_SAGE_REFUSED");
    assert_eq!(link(&world, &customer("01-0000101")).stage, Stage::Creating);
    // Somebody enters it by hand meanwhile.
    put_customer(&world, &customer("01-HAND"), "Old Ltd");
    world.sage.accept("Old Ltd");
    event_flow(&world, "Accounts", &account);
    waits(&world, &account, "E_CUSTOMER_MAY_EXIST");
    enter(&world, &account, "ABC:01-HAND");
    is_linked(&world, &account, &customer("01-HAND"), "by hand");
    assert_eq!(link(&world, &customer("01-0000101")).crm_id, None);
    assert_eq!(world.sage.created(), [""; 0]);
}

/// Kills a handler at each of its await points while a merge is mended.
fn killed(kill: impl Fn(&World, u64) -> bool) {
    for polls in 0.. {
        let (world, survivor) = merged();
        event_flow(&world, "Accounts", &survivor);
        waits(&world, &survivor, "E_CUSTOMER_MAY_EXIST");
        crm(&world).set_key("Accounts", &survivor, Some("ABC:01-ABF"));
        say(&world, "Accounts", &survivor);
        if kill(&world, polls) {
            assert!(polls > 8, "killed nowhere");
            break;
        }
        world.clock.advance(VISIBILITY * 4);
        flow(&world);
        let context = format!("killed after {polls} polls");
        is_linked(&world, &survivor, &customer("01-ABF"), &context);
        assert_eq!(world.sage.created(), [""; 0], "{context}");
    }
}

#[test]
fn a_key_that_is_entered_arrives_wherever_the_transform_is_killed() {
    killed(|world, polls| {
        let batch = world.receive_events();
        let (transform, deadline) = (world.transform(), world.deadline());
        killed_after(&world.clock, polls, transform.handle(&batch, deadline)).is_some()
    });
}

#[test]
fn a_key_that_is_entered_arrives_wherever_the_sage_writer_is_killed() {
    killed(|world, polls| {
        while world.transform_once().is_some() {}
        let batch = world.receive_jobs();
        assert!(!batch.is_empty());
        let (writer, deadline) = (world.sage_writer(), world.deadline());
        killed_after(&world.clock, polls, writer.handle(&batch, deadline)).is_some()
    });
}

#[test]
fn a_key_that_is_entered_arrives_wherever_the_crm_writer_is_killed() {
    killed(|world, polls| {
        while world.transform_once().is_some() {}
        while world.write_sage_once().is_some() {}
        let batch = world.receive(&zoho());
        assert!(!batch.is_empty());
        let (writer, deadline) = (world.writer_with(ConfiguredMapper), world.deadline());
        killed_after(&world.clock, polls, writer.handle(&batch, deadline)).is_some()
    });
}
