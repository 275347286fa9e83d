//! What was won, or became a client, before the connection was switched on.

use std::time::Duration;

use counterpart_config::SyncConfig;
use counterpart_delivery::job::Work;
use counterpart_delivery::ports::{Clock as _, Parking as _};
use counterpart_domain::{CrmId, Value};
use counterpart_simulation::world::World;
use jiff::{SignedDuration, Timestamp};

use super::redrives::redrive_all;
use super::scene::*;
use super::whole::{ITEM, event_flow, flow, selling};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// When worlds begin.
fn begin() -> Timestamp {
    World::new(1).clock.now()
}

/// The connection is switched on ten days after the world begins.
fn since() -> Timestamp {
    begin() + SignedDuration::from_hours(10 * 24)
}

fn late() -> String {
    config().replace("since = 2020-01-01", &format!("since = {}", since()))
}

fn old_deal(world: &World, stage: &str) -> CrmId {
    let deal = won_deal(world, &account(world));
    set_stage(world, &deal, stage);
    deal
}

fn set_stage(world: &World, deal: &CrmId, stage: &str) {
    crm(world).edit("Deals", deal, "u", fields([("Stage", text(stage))]));
}

/// An edit of a field that means nothing, and its event.
fn touch(world: &World, deal: &CrmId, owner: &str) {
    crm(world).edit("Deals", deal, "u", fields([("Owner", text(owner))]));
    say(world, "Deals", deal);
}

/// To the day after the connection was switched on.
fn go_live(world: &World) {
    world.clock.advance_to(since());
    world.clock.advance(DAY);
}

fn codes(world: &World) -> Vec<String> {
    parked(world).into_iter().map(|(_, code)| code).collect()
}

fn times(world: &World) -> Vec<u32> {
    let items = world.store.inner.parked_of("zoho", None, 1000);
    let items = world.clock.block_on(items).unwrap();
    items.iter().map(|item| item.times).collect()
}

fn said(world: &World, deal: &CrmId) -> String {
    shown(world, "Deals", deal, "Sage_Status_Text").to_string()
}

fn orders(world: &World) -> usize {
    world.sage.all_orders(&abc()).len()
}

#[test]
fn years_of_won_deals_that_somebody_touches_make_no_order_and_say_why() {
    let world = selling(&late());
    let deals: Vec<_> = (0..20).map(|_| old_deal(&world, "Closed Won")).collect();
    go_live(&world);
    for owner in ["user-1", "user-2", "user-3"] {
        for deal in &deals {
            touch(&world, deal, owner);
        }
        flow(&world);
        world.clock.advance(DAY);
    }
    assert_eq!(orders(&world), 0);
    assert_eq!(codes(&world), vec!["E_SALE_TOO_OLD"; 20]);
    assert_eq!(times(&world), vec![1; 20], "parked once each");
    assert!(said(&world, &deals[0]).starts_with("The sale was won on "));
    // A person says of one of them that it is not in Sage: it goes, once, and follows its sale from then on.
    let id = format!("order#{}", deals[3]);
    let one = world.store.inner.parked("zoho", &id);
    let one = world.clock.block_on(one).unwrap().unwrap();
    for _ in 0..3 {
        super::redrives::redrive_item(&world, &one);
        flow(&world);
        touch(&world, &deals[3], "user-4");
        flow(&world);
    }
    assert_eq!(orders(&world), 1);
    assert_eq!(codes(&world).len(), 19);
    assert!(said(&world, &deals[3]).contains("is in Sage 100"));
}

#[test]
fn the_first_time_that_it_was_won_counts() {
    let world = selling(&late());
    let again = old_deal(&world, "Closed Won");
    // Won for less than a second.
    let lost = old_deal(&world, "Closed Lost");
    go_live(&world);
    set_stage(&world, &again, "Negotiation");
    event_flow(&world, "Deals", &again);
    assert!(codes(&world).is_empty(), "nobody asks for it");
    for deal in [&again, &lost] {
        set_stage(&world, deal, "Closed Won");
        event_flow(&world, "Deals", deal);
    }
    assert_eq!(
        codes(&world),
        ["E_SALE_TOO_OLD"; 2],
        "both were won when they were made"
    );
    assert_eq!(orders(&world), 0);
}

#[test]
fn a_deal_that_was_open_then_and_is_won_now_is_an_order() {
    let world = selling(&late());
    let deal = open_deal(&world);
    event_flow(&world, "Deals", &deal);
    go_live(&world);
    touch(&world, &deal, "user-2");
    flow(&world);
    assert_eq!((orders(&world), codes(&world).len()), (0, 0));
    set_stage(&world, &deal, "Closed Won");
    event_flow(&world, "Deals", &deal);
    assert_eq!((orders(&world), codes(&world).len()), (1, 0));
    assert_eq!(crm(&world).histories(), 1);
    // Opened and won again, it is the same sale.
    for stage in ["Negotiation", "Closed Won"] {
        set_stage(&world, &deal, stage);
        event_flow(&world, "Deals", &deal);
    }
    assert_eq!((orders(&world), codes(&world).len()), (1, 0));
}

/// A deal that was never won.
fn open_deal(world: &World) -> CrmId {
    let template = won_deal(world, &account(world));
    let mut fields = crm(world).record("Deals", &template).unwrap().fields;
    crm(world).delete_record("Deals", &template);
    fields.insert("Stage".to_owned(), text("Negotiation"));
    let deal = crm(world).put("Deals", None, fields);
    let lines = lines(world, ITEM);
    crm(world).put_lines("Deals", &deal, "Sale_Items", lines);
    deal
}

#[test]
fn what_is_made_afterwards_costs_no_further_read() {
    let world = selling(&late());
    go_live(&world);
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    assert_eq!((orders(&world), crm(&world).histories()), (1, 0));
}

#[test]
fn an_old_sale_that_is_brought_in_afterwards_is_shown_to_a_person() {
    let world = selling(&late());
    go_live(&world);
    let deal = won_deal(&world, &account(&world));
    let day = Value::Date("2019-03-05".parse().unwrap());
    crm(&world).edit("Deals", &deal, "u", fields([("Closing_Date", day)]));
    event_flow(&world, "Deals", &deal);
    assert_eq!(
        (orders(&world), codes(&world)),
        (0, vec!["E_SALE_AGE_UNKNOWN".to_owned()])
    );
    assert!(
        said(&world, &deal).contains("2019-03-05"),
        "{}",
        said(&world, &deal)
    );
    redrive_all(&world);
    flow(&world);
    assert_eq!((orders(&world), codes(&world).len()), (1, 0));
}

#[test]
fn without_a_history_a_person_decides() {
    let world = selling(&late());
    let deal = open_deal(&world);
    crm(&world).forget_history("Deals");
    go_live(&world);
    set_stage(&world, &deal, "Closed Won");
    let told = world.clock.now();
    event_flow(&world, "Deals", &deal);
    assert!(world.clock.now().duration_since(told) >= SignedDuration::from_secs(60));
    assert_eq!(
        (orders(&world), codes(&world)),
        (0, vec!["E_SALE_AGE_UNKNOWN".to_owned()])
    );
    redrive_all(&world);
    flow(&world);
    assert_eq!((orders(&world), codes(&world).len()), (1, 0));
}

#[test]
fn a_history_that_is_written_late_is_waited_for() {
    let world = selling(&late());
    let deal = open_deal(&world);
    go_live(&world);
    crm(&world).lag_history(Duration::from_secs(45));
    set_stage(&world, &deal, "Closed Won");
    event_flow(&world, "Deals", &deal);
    assert_eq!((orders(&world), codes(&world).len()), (1, 0));
}

#[test]
fn who_was_asked_once_is_not_asked_again_whatever_comes_in_between() {
    let world = selling(&late());
    let deal = old_deal(&world, "Closed Won");
    crm(&world).edit("Deals", &deal, "u", fields([("PO_Number", Value::Blank)]));
    go_live(&world);
    touch(&world, &deal, "user-2");
    flow(&world);
    assert_eq!(codes(&world), ["E_SALE_TOO_OLD"]);
    redrive_all(&world);
    flow(&world);
    let refused = codes(&world);
    assert_eq!(refused.len(), 1);
    assert_ne!(refused[0], "E_SALE_TOO_OLD", "now it lacks its number");
    // An ordinary edit mends it.
    crm(&world).edit("Deals", &deal, "u", fields([("PO_Number", text("4711"))]));
    event_flow(&world, "Deals", &deal);
    assert_eq!((orders(&world), codes(&world).len()), (1, 0));
}

#[test]
fn a_stored_configuration_without_since_holds_sales_and_lets_customers_flow() {
    let mut world = selling(&late());
    let old = old_deal(&world, "Closed Won");
    let line = format!("since = {}\n", since());
    let before = late().replace(&line, "");
    assert!(SyncConfig::parse(&before).is_err());
    world.config = SyncConfig::stored(&before).unwrap();
    go_live(&world);
    let new = won_deal(&world, &account(&world));
    for deal in [&old, &new] {
        touch(&world, deal, "user-2");
    }
    let client = client(&world);
    say(&world, "Accounts", &client);
    put_customer(&world, &customer("01-NEW"), "Newcomer");
    settle(&world);
    flow(&world);
    assert_eq!(crm(&world).with_key("Accounts", "ABC:01-NEW").len(), 1);
    assert_eq!(orders(&world), 0);
    assert_eq!(
        codes(&world),
        [
            "E_RECORD_SINCE_MISSING",
            "E_SALE_SINCE_MISSING",
            "E_SALE_SINCE_MISSING"
        ]
    );
    // A redrive before the push changes nothing.
    redrive_all(&world);
    flow(&world);
    assert_eq!((orders(&world), codes(&world).len()), (0, 3));
    // After it, a redrive sends what is new: nobody was asked yet about what is old.
    world.push(&late());
    redrive_all(&world);
    flow(&world);
    assert_eq!(
        (orders(&world), codes(&world)),
        (1, vec!["E_SALE_TOO_OLD".to_owned()])
    );
    assert!(said(&world, &new).contains("is in Sage 100"));
    assert_eq!(
        world.sage.created().len(),
        2,
        "the new client and the new order"
    );
    redrive_all(&world);
    flow(&world);
    assert_eq!((orders(&world), codes(&world).len()), (2, 0));
}

/// An account that only the CRM has, with a salesperson.
/// A client of a name that nobody else has.
fn client(world: &World) -> CrmId {
    let id = world.id();
    let name = format!(
        "{} Supply",
        id.get(id.len().saturating_sub(12)..).unwrap_or(&id)
    );
    let fields = fields([
        ("Account_Name", text(&name)),
        ("Account_Type", text("Client")),
        ("Owner", Value::Reference("user-1".to_owned())),
    ]);
    crm(world).put("Accounts", None, fields)
}

#[test]
fn a_sales_order_of_a_deal_that_was_won_before_is_as_old_as_the_deal() {
    let world = selling(&late());
    let account = account(&world);
    let (old, open) = (old_deal(&world, "Closed Won"), open_deal(&world));
    go_live(&world);
    for deal in [&old, &open] {
        let order = sales_order(&world, &account, deal);
        event_flow(&world, "Sales_Orders", &order);
    }
    assert_eq!(
        (orders(&world), codes(&world)),
        (1, vec!["E_SALE_TOO_OLD".to_owned()])
    );
    redrive_all(&world);
    flow(&world);
    assert_eq!((orders(&world), codes(&world).len()), (2, 0));
}

#[test]
fn a_client_of_before_is_no_customer_until_a_person_says_so() {
    let world = selling(&late());
    let (old, with_order) = (client(&world), client(&world));
    go_live(&world);
    let deal = won_deal(&world, &with_order);
    let contact = fields([("Last_Name", text("Kim")), ("Account_Name", to(&old))]);
    let contact = crm(&world).put("Contacts", None, contact);
    for (module, id) in [("Accounts", &old), ("Deals", &deal), ("Contacts", &contact)] {
        crm(&world).edit(module, id, "u", fields([("Owner_Note", text("x"))]));
        event_flow(&world, module, id);
        event_flow(&world, module, id);
    }
    assert_eq!(codes(&world), ["E_RECORD_TOO_OLD"; 2]);
    assert!(world.sage.created().is_empty());
    redrive_all(&world);
    flow(&world);
    assert_eq!((codes(&world), orders(&world)), (Vec::<String>::new(), 1));
    assert_eq!(world.sage.created().len(), 3, "two customers and an order");
    // What is made from now on goes by itself.
    let new = client(&world);
    event_flow(&world, "Accounts", &new);
    assert_eq!(world.sage.created().len(), 4);
}

#[test]
fn a_contact_of_a_client_of_before_waits_for_what_a_person_says_of_the_account() {
    let contacts = "parent_field = \"Account_Name\"\n";
    let create = format!(
        "{contacts}create_in_sage = {{ since = {}, when = [{{ field = \"Sage_Contact\", equals = true }}] }}\n",
        since()
    );
    let world = selling(&late().replace(contacts, &create));
    let account = client(&world);
    go_live(&world);
    let contact = fields([
        ("Last_Name", text("Kim")),
        ("Sage_Contact", Value::Flag(true)),
        ("Account_Name", to(&account)),
    ]);
    let contact = crm(&world).put("Contacts", None, contact);
    let from = world.clock.now();
    event_flow(&world, "Contacts", &contact);
    let waited = world.clock.now().duration_since(from);
    assert!(
        waited < SignedDuration::from_mins(5),
        "it does not go round and round"
    );
    assert!(parked(&world).is_empty() && jobs(&world).is_empty());
    event_flow(&world, "Accounts", &account);
    assert_eq!(codes(&world), ["E_RECORD_TOO_OLD"]);
    redrive_all(&world);
    flow(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    let created = world.sage.created();
    assert_eq!(created.len(), 2, "{created:?}");
    assert!(
        !jobs(&world)
            .iter()
            .any(|job| matches!(job.work, Work::CreateChild(_)))
    );
}
