//! The whole way with the real handlers in one world: event, transform, Sage writer, CRM writer, poller.

use counterpart_delivery::ConfiguredMapper;
use counterpart_delivery::ports::Clock as _;
use counterpart_domain::sale::OrderFile;
use counterpart_domain::{CrmId, Entity, Value};
use counterpart_simulation::world::{VISIBILITY, World, killed_after};
use jiff::SignedDuration;

use super::records::two_way;
use super::redrives::redrive_all;
use super::scene::*;
use crate::hands::QUARTER;

pub const ITEM: &str = "1001-HON-H252";

/// All handlers until every queue is empty.
pub fn flow(world: &World) {
    let end = world.clock.now() + SignedDuration::from_hours(12);
    loop {
        while world.transform_once().is_some() {}
        while world.write_sage_once().is_some() {}
        while world.write_once(&zoho(), ConfiguredMapper) {}
        let next = [
            world.events().next_visible(),
            world.queue.inner.next_write(),
            world.jobs().next_visible(),
        ];
        let Some(next) = next.into_iter().flatten().min() else {
            return;
        };
        assert!(next <= end, "the queues do not empty");
        world.clock.advance_to(next);
    }
}

/// All handlers until nothing is left to do within this time.
pub fn flow_within(world: &World, within: SignedDuration) {
    let end = world.clock.now() + within;
    loop {
        while world.transform_once().is_some() {}
        while world.write_sage_once().is_some() {}
        while world.write_once(&zoho(), ConfiguredMapper) {}
        let next = [
            world.events().next_visible(),
            world.queue.inner.next_write(),
            world.jobs().next_visible(),
        ];
        let Some(next) = next.into_iter().flatten().min().filter(|next| *next <= end) else {
            return;
        };
        world.clock.advance_to(next);
    }
}

pub fn event_flow(world: &World, module: &str, id: &CrmId) {
    say(world, module, id);
    flow(world);
}

/// Polls and repeats the events of all records: nothing may be written on either side any more.
pub fn assert_still(world: &World) {
    let written = |world: &World| {
        let deals: Vec<_> = ["Accounts", "Contacts", "Deals"]
            .iter()
            .flat_map(|module| crm(world).records(module))
            .map(|held| (held.id, held.modified))
            .collect();
        (deals, world.sage.changed_by_us(), world.sage.created())
    };
    let before = written(world);
    for _ in 0..3 {
        for module in ["Accounts", "Deals"] {
            for held in crm(world).records(module) {
                event_flow(world, module, &held.id);
            }
        }
        world.clock.advance(QUARTER);
        world.poll_all(&abc());
        flow(world);
    }
    assert_eq!(written(world), before, "an echo");
}

pub fn selling(config: &str) -> World {
    let world = sales_with(config);
    world.sage.put_item(&abc(), ITEM, "45.50".parse().unwrap());
    world
}

#[test]
fn a_won_deal_is_one_order_and_its_number_is_back_in_the_crm() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    for _ in 0..5 {
        say(&world, "Deals", &deal);
    }
    flow(&world);
    let orders = world.sage.all_orders(&abc());
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].customer, customer("01-ABF"));
    assert_eq!(orders[0].lines[0].item, ITEM);
    let number = shown(&world, "Deals", &deal, "Sage_Order_No");
    assert_eq!(number, text(&orders[0].number));
    assert_eq!(shown(&world, "Deals", &deal, "Sage_Status"), text("New"));
    assert_eq!(
        shown(&world, "Deals", &deal, "Sage_Total"),
        super::scene::number("91.00")
    );
    assert!(parked(&world).is_empty());
    assert_still(&world);
    // A sales order of the deal is the same sale.
    let order = sales_order(&world, &account(&world), &deal);
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
    assert_eq!(
        shown(&world, "Sales_Orders", &order, "Sage_Order_No"),
        number
    );
    // Invoiced, and tried again by an operator: still one.
    world.sage.invoice(&abc(), &orders[0].number);
    event_flow(&world, "Deals", &deal);
    event_flow(&world, "Sales_Orders", &order);
    let orders = world.sage.all_orders(&abc());
    assert_eq!((orders.len(), orders[0].file), (1, OrderFile::History));
}

/// A deal that Sage's own state refuses, then mended and redriven.
fn refused(code: &str, config: &str, spoil: impl Fn(&World), mend: impl Fn(&World)) {
    let world = selling(config);
    spoil(&world);
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    assert_eq!(parked(&world), [(format!("order#{deal}"), code.to_owned())]);
    assert!(world.sage.created().is_empty(), "{code}: half written");
    let said = shown(&world, "Deals", &deal, "Sage_Status_Text").to_string();
    assert!(said.ends_with(['.', '…']), "{code}: {said:?}");
    assert_eq!(shown(&world, "Deals", &deal, "Sage_Order_No"), Value::Blank);
    event_flow(&world, "Deals", &deal);
    assert_eq!(parked(&world).len(), 1, "{code}: still so");
    mend(&world);
    redrive_all(&world);
    flow(&world);
    assert!(parked(&world).is_empty(), "{code}: {:?}", parked(&world));
    let orders = world.sage.all_orders(&abc());
    assert_eq!(orders.len(), 1, "{code}");
    assert_eq!(
        shown(&world, "Deals", &deal, "Sage_Order_No"),
        text(&orders[0].number)
    );
    redrive_all(&world);
    assert_still(&world);
}

#[test]
fn an_unknown_item() {
    let config = config();
    let sold = |world: &World| world.sage.put_item(&abc(), ITEM, "45.50".parse().unwrap());
    let world = sales_with(&config);
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    let code = "E_ITEM_UNKNOWN".to_owned();
    assert_eq!(parked(&world), [(format!("order#{deal}"), code)]);
    assert!(world.sage.created().is_empty());
    sold(&world);
    redrive_all(&world);
    flow(&world);
    assert!(parked(&world).is_empty());
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
}

#[test]
fn an_inactive_item() {
    refused(
        "E_ITEM_INACTIVE",
        &config(),
        |world| world.sage.set_inactive(&abc(), ITEM, true),
        |world| world.sage.set_inactive(&abc(), ITEM, false),
    );
}

#[test]
fn a_customer_on_hold() {
    let hold = |on: &'static str| {
        move |world: &World| world.sage.edit(&customer("01-ABF"), &[("CreditHold", on)])
    };
    refused("E_CUSTOMER_ON_HOLD", &config(), hold("Y"), hold("N"));
}

#[test]
fn a_customer_over_the_credit_limit() {
    let refuse = config().replace("prices = \"crm\"", "prices = \"crm\"\ncredit = \"refuse\"");
    let due = |due: &'static str| {
        move |world: &World| {
            let limit = "1000".parse().unwrap();
            world
                .sage
                .set_credit(&customer("01-ABF"), limit, due.parse().unwrap());
        }
    };
    refused("E_CREDIT_EXCEEDED", &refuse, due("950"), due("10"));
}

pub fn client(world: &World) -> CrmId {
    let fresh = fields([
        ("Account_Name", text("New Ltd")),
        ("Owner", Value::Reference("user-1".to_owned())),
        ("Account_Type", text("Client")),
        ("Phone", text("(414) 555-7777")),
    ]);
    crm(world).put("Accounts", None, fresh)
}

#[test]
fn a_client_becomes_a_customer_once_and_turns_sage_owned() {
    let world = selling(&two_way());
    let account = client(&world);
    say(&world, "Accounts", &account);
    say(&world, "Accounts", &account);
    flow(&world);
    let created: Vec<_> = world.sage.created();
    assert_eq!(created.len(), 1, "{created:?}");
    let rows = world.sage.rows(&abc(), Entity::CUSTOMER);
    let (key, _) = rows
        .iter()
        .find(|(key, _)| *key != customer("01-ABF"))
        .unwrap();
    assert_eq!(world.sage.column(key, "CustomerName"), "New Ltd");
    assert_eq!(world.sage.column(key, "SalespersonNo"), "0100");
    let held = crm(&world).record("Accounts", &account).unwrap();
    assert_eq!(held.key, Some(key.text()));
    assert_eq!(crm(&world).records("Accounts").len(), 2);
    assert!(link(&world, key).sage_owned);
    world.poll_all(&abc());
    flow(&world);
    assert_still(&world);
    assert_at_rest(&world, "created from the CRM");
    // From now on its telephone number is Sage's.
    crm(&world).edit(
        "Accounts",
        &account,
        "u",
        fields([("Phone", text("(414) 555-0000"))]),
    );
    event_flow(&world, "Accounts", &account);
    assert_eq!(world.sage.column(key, "TelephoneNo"), "(414) 555-7777");
}

#[test]
fn a_won_deal_of_a_new_client_brings_its_customer_along() {
    let world = selling(&two_way());
    let account = client(&world);
    let deal = won_deal(&world, &account);
    for _ in 0..2 {
        say(&world, "Deals", &deal);
        say(&world, "Accounts", &account);
    }
    flow(&world);
    assert_eq!(world.sage.created().len(), 2, "{:?}", world.sage.created());
    let orders = world.sage.all_orders(&abc());
    assert_eq!(orders.len(), 1);
    let held = crm(&world).record("Accounts", &account).unwrap();
    assert_eq!(held.key, Some(orders[0].customer.text()));
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    assert_still(&world);
}

#[test]
fn an_account_manager_goes_from_the_crm_to_sage_and_back() {
    let world = selling(&two_way());
    world.map_rep(&zoho(), &rep("01-0200"), "user-2");
    let (account, key) = (account(&world), customer("01-ABF"));
    let owner = |user: &str| Value::Reference(user.to_owned());
    crm(&world).edit(
        "Accounts",
        &account,
        "u",
        fields([("Owner", owner("user-2"))]),
    );
    event_flow(&world, "Accounts", &account);
    assert_eq!(world.sage.column(&key, "SalespersonNo"), "0200");
    assert_eq!(
        shown(&world, "Accounts", &account, "Owner"),
        owner("user-2")
    );
    assert_still(&world);
    world.sage.edit(&key, &[("SalespersonNo", "0100")]);
    world.poll_all(&abc());
    flow(&world);
    assert_eq!(
        shown(&world, "Accounts", &account, "Owner"),
        owner("user-1")
    );
    assert_eq!(world.sage.column(&key, "SalespersonNo"), "0100");
    assert_still(&world);
    assert_at_rest(&world, "there and back");
}

#[test]
fn a_field_that_both_may_change_goes_both_ways() {
    let world = selling(&two_way());
    let (account, key) = (account(&world), customer("01-ABF"));
    for n in 0..3 {
        let phone = format!("(414) 555-000{n}");
        let edited = fields([("Phone", text(&phone))]);
        crm(&world).edit("Accounts", &account, "u", edited);
        event_flow(&world, "Accounts", &account);
        assert_eq!(world.sage.column(&key, "TelephoneNo"), phone);
        assert_still(&world);
        let phone = format!("(414) 555-100{n}");
        world.sage.edit(&key, &[("TelephoneNo", &phone)]);
        world.poll_all(&abc());
        flow(&world);
        assert_eq!(shown(&world, "Accounts", &account, "Phone"), text(&phone));
        assert_still(&world);
    }
    assert_at_rest(&world, "both ways");
}

#[test]
fn an_edit_whose_event_was_lost_reaches_sage_by_the_next_poll() {
    let world = selling(&two_way());
    let (account, key) = (account(&world), customer("01-ABF"));
    let edited = fields([("Phone", text("(414) 555-0000"))]);
    crm(&world).edit("Accounts", &account, "u", edited);
    world.clock.advance(QUARTER);
    world.sage.edit(&key, &[("City", "Racine")]);
    world.poll_all(&abc());
    flow(&world);
    assert_eq!(world.sage.column(&key, "TelephoneNo"), "(414) 555-0000");
    assert_eq!(
        shown(&world, "Accounts", &account, "Billing_City"),
        text("Racine")
    );
    assert_still(&world);
}

#[test]
fn an_outage_of_sage_delays_and_parks_nothing() {
    let world = selling(&config());
    let now = world.clock.now();
    world.sage.outage(now, now + SignedDuration::from_hours(8));
    let account = account(&world);
    let deals: Vec<_> = (0..20).map(|_| won_deal(&world, &account)).collect();
    for deal in &deals {
        say(&world, "Deals", deal);
    }
    flow(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    assert_eq!(world.sage.all_orders(&abc()).len(), 20);
}

/// Kills one handler at each of its await points, lets all go on, and counts.
fn killed(kill: impl Fn(&World, u64) -> bool) {
    let mut wrong = Vec::new();
    for polls in 0.. {
        let world = selling(&two_way());
        let account = client(&world);
        let deal = won_deal(&world, &account);
        say(&world, "Deals", &deal);
        if kill(&world, polls) {
            assert!(polls > 10, "killed nowhere");
            break;
        }
        world.clock.advance(VISIBILITY * 4);
        flow(&world);
        world.poll_all(&abc());
        flow(&world);
        let created = world.sage.created();
        let number = shown(&world, "Deals", &deal, "Sage_Order_No");
        let key = crm(&world).record("Accounts", &account).unwrap().key;
        if created.len() != 2
            || number == Value::Blank
            || key.is_none()
            || !parked(&world).is_empty()
        {
            wrong.push(format!(
                "{polls}: {created:?} {number} {key:?} {:?}",
                parked(&world)
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn one_customer_and_one_order_wherever_the_transform_is_killed() {
    killed(|world, polls| {
        let batch = world.receive_events();
        let (transform, deadline) = (world.transform(), world.deadline());
        killed_after(&world.clock, polls, transform.handle(&batch, deadline)).is_some()
    });
}

#[test]
fn one_customer_and_one_order_wherever_the_sage_writer_is_killed() {
    killed(|world, polls| {
        while world.transform_once().is_some() {}
        let batch = world.receive_jobs();
        let (writer, deadline) = (world.sage_writer(), world.deadline());
        killed_after(&world.clock, polls, writer.handle(&batch, deadline)).is_some()
    });
}

#[test]
fn one_customer_and_one_order_wherever_the_crm_writer_is_killed() {
    killed(|world, polls| {
        while world.transform_once().is_some() {}
        while world.write_sage_once().is_some() {}
        let batch = world.receive(&zoho());
        assert!(!batch.is_empty());
        let (writer, deadline) = (world.writer_with(ConfiguredMapper), world.deadline());
        killed_after(&world.clock, polls, writer.handle(&batch, deadline)).is_some()
    });
}

#[test]
fn contacts_follow_their_account_once_it_is_a_customer() {
    let contacts = "[targets.zoho.contact]\nmodule = \"Contacts\"\nkey_field = \"Sage_Key\"\nparent_field = \"Account_Name\"";
    let create = format!(
        "{contacts}\ncreate_in_sage = {{ since = 2020-01-01, when = [{{ field = \"Account_Name.Sage_Key\", not = \"\" }}], columns = {{ ContactName = {{ from = [\"First_Name\", \"Last_Name\"], with = \"join\" }} }} }}"
    );
    let world = selling(&two_way().replace(contacts, &create));
    let account = client(&world);
    let set = |kind: &str| {
        let edited = fields([("Account_Type", text(kind))]);
        crm(&world).edit("Accounts", &account, "u", edited);
        event_flow(&world, "Accounts", &account);
    };
    set("Prospect");
    for name in ["Kim", "Lee"] {
        let fresh = fields([("Last_Name", text(name)), ("Account_Name", to(&account))]);
        let contact = crm(&world).put("Contacts", None, fresh);
        for _ in 0..2 {
            event_flow(&world, "Contacts", &contact);
        }
    }
    assert!(world.sage.created().is_empty());
    assert_eq!(crm(&world).updates(), 0);
    set("Client");
    assert_eq!(world.sage.created().len(), 3, "{:?}", world.sage.created());
    assert_eq!(world.sage.rows(&abc(), Entity::CONTACT).len(), 2);
    for held in crm(&world).records("Contacts") {
        assert!(held.key.is_some(), "{held:?}");
    }
    world.poll_all(&abc());
    flow(&world);
    assert_still(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
}
