//! Salesforce beside Zoho CRM, both targets of one company: an Opportunity and its Order, a new client of the one org that
//! the other one learns of, and no echo between the two.

use counterpart_delivery::ConfiguredMapper;
use counterpart_delivery::ports::{Clock as _, Outgoing};
use counterpart_domain::{CrmId, Entity, Fields, Value};
use counterpart_simulation::world::{BOTH, World};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::time::Duration;

use super::scene::*;
use super::whole::ITEM;
use crate::targets::{org, salesforce};

const SELLS: &str = r#"
[targets.salesforce.customer.create_in_sage]
when = [{ field = "Type", equals = "Client" }]
since = 2020-01-01
company = "ABC"
division = "01"
write_back = { text = "Sage_Status_Text__c" }

[targets.salesforce.orders]
company = "ABC"
since = 2020-01-01
reference_column = "UDF_CRM_REFERENCE"
currency = { sage = "USD" }
prices = "crm"
stock = { module = "Product2", on_hand = "Sage_On_Hand__c", available = "Sage_Available__c" }

[targets.salesforce.orders.sources.Opportunity]
when = [{ field = "StageName", equals = "Closed Won" }]
cancel_when = [{ field = "StageName", equals = "Closed Lost" }]
write_back = { number = "Sage_Order_No__c", status = "Sage_Status__c", text = "Sage_Status_Text__c", total = "Sage_Total__c" }

[targets.salesforce.orders.sources.Order]
when = [{ field = "StatusCode", equals = "Activated" }]
write_back = { number = "Sage_Order_No__c", text = "Sage_Status_Text__c" }
"#;

/// `ABC:01-ABF` is in both; its rep is mapped in both. Phone and owner may be changed in either.
fn both() -> World {
    both_with("")
}

/// The same, with more of a configuration.
pub fn both_with(more: &str) -> World {
    let written = BOTH
        .replace("page_size = 7", "page_size = 7\nwrite = \"agent\"")
        .replace(
            "Phone = \"TelephoneNo\"",
            "Phone = { from = \"TelephoneNo\", owner = \"both\" }",
        )
        .replace(
            "unmapped = \"park\"",
            "unmapped = \"park\"\ndirection = \"both\"",
        );
    let world = World::with_config(1, &format!("{written}\n{SELLS}\n{more}"));
    for (number, user) in [("01-0100", "1"), ("01-0200", "2")] {
        world.map_rep(&zoho(), &rep(number), &format!("user-{user}"));
        world.map_rep(&salesforce(), &rep(number), &format!("005user{user}"));
    }
    put_customer(&world, &customer("01-ABF"), "American Business Futures");
    world.sage.put_item(&abc(), ITEM, "45.50".parse().unwrap());
    world.poll_all(&abc());
    flow(&world);
    world.clock.advance(Duration::from_secs(3600));
    world
}

pub fn say_org(world: &World, module: &str, record: &CrmId) {
    let mut event = event(world, module, record);
    event.target = salesforce();
    let message = Outgoing::now(serde_json::to_string(&event).unwrap());
    let messages = [message];
    world.events().send(&messages).unwrap()[0].clone().unwrap();
}

pub fn flow(world: &World) {
    let end = world.clock.now() + SignedDuration::from_hours(12);
    loop {
        while world.transform_once().is_some() {}
        while world.write_sage_once().is_some() {}
        for target in [zoho(), salesforce()] {
            while world.write_once(&target, ConfiguredMapper) {}
        }
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

type Stamps = BTreeMap<(bool, &'static str, String), jiff::Timestamp>;

fn stamps(world: &World) -> Stamps {
    let mut all = Stamps::new();
    for (in_org, modules) in [
        (true, ["Account", "Contact", "Opportunity", "Order"]),
        (false, ["Accounts", "Contacts", "Deals", "Sales_Orders"]),
    ] {
        let held = if in_org { org(world) } else { crm(world) };
        for module in modules {
            let records = held.records(module).into_iter();
            all.extend(records.map(|held| ((in_org, module, held.id.0), held.modified)));
        }
    }
    all
}

/// Both tell of every change, ours included, until nothing changes any more.
fn live(world: &World, begin: impl FnOnce(&World)) {
    let mut known = stamps(world);
    world.clock.advance(Duration::from_secs(1));
    begin(world);
    flow(world);
    for _ in 0..20 {
        let now = stamps(world);
        let changed: Vec<_> = now
            .iter()
            .filter(|(at, modified)| known.get(at) != Some(modified))
            .map(|(at, _)| at.clone())
            .collect();
        if changed.is_empty() {
            return;
        }
        known = now;
        world.clock.advance(Duration::from_secs(1));
        for (in_org, module, id) in changed {
            match in_org {
                true => say_org(world, module, &CrmId(id)),
                false => say(world, module, &CrmId(id)),
            }
        }
        flow(world);
    }
    unreachable!("the echo of our own writes does not end");
}

fn its_account(world: &World) -> CrmId {
    org(world).with_key("Account", "ABC:01-ABF")[0].id.clone()
}

fn opportunity_lines(world: &World, quantity: &str) -> Vec<Fields> {
    let product = org(world).put("Product2", None, fields([("ProductCode", text(ITEM))]));
    vec![fields([
        ("Product2Id", to(&product)),
        ("Quantity", number(quantity)),
        ("UnitPrice", number("45.50")),
    ])]
}

fn won(world: &World, account: &CrmId) -> CrmId {
    let won = fields([
        ("Name", text("Desks")),
        ("StageName", text("Closed Won")),
        ("AccountId", to(account)),
    ]);
    let won = org(world).put("Opportunity", None, won);
    let lines = opportunity_lines(world, "2");
    org(world).put_lines("Opportunity", &won, "OpportunityLineItems", lines);
    won
}

/// A won opportunity of the one account.
pub fn closed_won(world: &World) -> CrmId {
    won(world, &its_account(world))
}

fn activated(world: &World, account: &CrmId, of: &CrmId) -> CrmId {
    let order = fields([
        ("StatusCode", text("Activated")),
        ("AccountId", to(account)),
        ("OpportunityId", to(of)),
    ]);
    let order = org(world).put("Order", None, order);
    let lines = opportunity_lines(world, "3");
    org(world).put_lines("Order", &order, "OrderItems", lines);
    order
}

fn in_org(world: &World, module: &str, id: &CrmId, field: &str) -> Value {
    let held = org(world).record(module, id).unwrap();
    held.fields.get(field).cloned().unwrap_or(Value::Blank)
}

#[test]
fn an_opportunity_and_its_order_are_one_order_that_both_show() {
    let world = both();
    let account = its_account(&world);
    let opportunity = won(&world, &account);
    live(&world, |world| say_org(world, "Opportunity", &opportunity));
    let orders = world.sage.all_orders(&abc());
    assert_eq!(orders.len(), 1, "{:?}", parked(&world));
    assert_eq!(orders[0].customer, customer("01-ABF"));
    let sage_number = text(&orders[0].number);
    let shows = |module, id| in_org(&world, module, id, "Sage_Order_No__c");
    assert_eq!(shows("Opportunity", &opportunity), sage_number);
    assert_eq!(
        in_org(&world, "Opportunity", &opportunity, "Sage_Total__c"),
        number("91.00")
    );
    let order = std::cell::RefCell::new(None);
    live(&world, |world| {
        order.replace(Some(activated(world, &account, &opportunity)));
    });
    let order = order.into_inner().unwrap();
    let orders = world.sage.all_orders(&abc());
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].lines[0].quantity.to_string(), "3");
    for (module, id) in [("Opportunity", &opportunity), ("Order", &order)] {
        assert_eq!(shows(module, id), sage_number, "{module}");
    }
    assert!(world.store.inner.all_parked().is_empty());
}

#[test]
fn an_opportunity_and_its_order_at_once_are_one_order_whichever_comes_first() {
    for first_is_order in [false, true] {
        let world = both();
        let account = its_account(&world);
        let opportunity = won(&world, &account);
        let order = activated(&world, &account, &opportunity);
        for order_now in [first_is_order, !first_is_order] {
            match order_now {
                true => say_org(&world, "Order", &order),
                false => say_org(&world, "Opportunity", &opportunity),
            }
        }
        live(&world, |_| {});
        let orders = world.sage.all_orders(&abc());
        assert_eq!(orders.len(), 1);
        assert_eq!(orders[0].lines[0].quantity.to_string(), "3");
        assert!(world.store.inner.all_parked().is_empty());
    }
}

#[test]
fn a_client_of_one_org_is_one_customer_and_one_account_in_each() {
    let world = both();
    let fresh = fields([
        ("Name", text("New Ltd")),
        ("Type", text("Client")),
        ("OwnerId", Value::Reference("005user2".to_owned())),
        ("Phone", text("(414) 555-7777")),
    ]);
    let account = org(&world).put("Account", None, fresh);
    live(&world, |world| {
        say_org(world, "Account", &account);
        say_org(world, "Account", &account);
    });
    assert_eq!(world.sage.created().len(), 1, "{:?}", world.sage.created());
    let rows = world.sage.rows(&abc(), Entity::CUSTOMER);
    let is_new = |key: &&counterpart_domain::SageKey| **key != customer("01-ABF");
    let key = rows.iter().map(|(key, _)| key).find(is_new).unwrap();
    assert_eq!(world.sage.column(key, "SalespersonNo"), "0200");
    let held = org(&world).record("Account", &account).unwrap();
    assert_eq!(held.key, Some(key.text()));
    assert_eq!(org(&world).records("Account").len(), 2);
    let theirs = crm(&world).with_key("Accounts", &key.text());
    assert_eq!(theirs.len(), 1);
    let owner = Value::Reference("user-2".to_owned());
    assert_eq!(theirs[0].fields["Owner"], owner);
    world.poll_all(&abc());
    live(&world, |_| {});
    assert_eq!(world.sage.created().len(), 1);
    assert!(world.store.inner.all_parked().is_empty());
}

#[test]
fn an_edit_in_one_org_goes_by_way_of_sage_to_the_other() {
    let world = both();
    let (account, key) = (its_account(&world), customer("01-ABF"));
    let edited = fields([
        ("Phone", text("(414) 555-0000")),
        ("OwnerId", Value::Reference("005user2".to_owned())),
    ]);
    live(&world, |world| {
        org(world).edit("Account", &account, "u", edited);
        say_org(world, "Account", &account);
    });
    assert_eq!(world.sage.column(&key, "TelephoneNo"), "(414) 555-0000");
    assert_eq!(world.sage.column(&key, "SalespersonNo"), "0200");
    let theirs = crm(&world).with_key("Accounts", "ABC:01-ABF").remove(0);
    assert_eq!(theirs.fields["Phone"], text("(414) 555-0000"));
    let owner = Value::Reference("user-2".to_owned());
    assert_eq!(theirs.fields["Owner"], owner);
    // And back from there.
    let edited = fields([("Phone", text("(414) 555-1111"))]);
    live(&world, |world| {
        crm(world).edit("Accounts", &theirs.id, "u", edited);
        say(world, "Accounts", &theirs.id);
    });
    assert_eq!(world.sage.column(&key, "TelephoneNo"), "(414) 555-1111");
    assert_eq!(
        in_org(&world, "Account", &account, "Phone"),
        text("(414) 555-1111")
    );
    let changed = world.sage.changed_by_us();
    assert_eq!(changed.len(), 2, "{changed:?}");
    assert!(world.store.inner.all_parked().is_empty());
}
