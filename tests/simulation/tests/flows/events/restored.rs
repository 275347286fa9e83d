//! The table of links and intents was restored to an earlier time, and an operator has looked through what changed since.

use counterpart_delivery::ports::Clock as _;
use counterpart_domain::{CrmId, SageKey, Value};
use counterpart_simulation::memory::Backup;
use counterpart_simulation::world::World;
use jiff::Timestamp;
use std::time::Duration;

use super::scene::*;
use super::whole::{event_flow, flow, selling};

const NUMBER: &str = "0000181";

/// A minute later, the table as it is then.
fn backed_up(world: &World) -> (Timestamp, Backup) {
    let backup = world.store.inner.backup();
    let at = world.clock.now();
    world.clock.advance(Duration::from_secs(60));
    (at, backup)
}

fn restored(world: &World, backup: &(Timestamp, Backup)) {
    world.clock.advance(Duration::from_secs(60));
    world.store.inner.restore(&backup.1);
    world.look_through(backup.0).unwrap();
    flow(world);
}

fn po_becomes(world: &World, deal: &CrmId, po: &str) {
    let changed = fields([("PO_Number", text(po))]);
    crm(world).edit("Deals", deal, "u", changed);
}

fn po(world: &World) -> Option<Value> {
    let row = world.sage.order_row(&abc(), NUMBER)?;
    row.header.get("CustomerPONo").cloned()
}

/// A deal that is an order, and how the table was then; after that the deal got another purchase order.
fn changed_since() -> (World, CrmId, (Timestamp, Backup)) {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    let backup = backed_up(&world);
    po_becomes(&world, &deal, "4712");
    event_flow(&world, "Deals", &deal);
    assert_eq!(po(&world), Some(text("4712")));
    (world, deal, backup)
}

#[test]
fn an_order_that_is_as_its_sale_is_trusted_again_and_nothing_is_written() {
    let (world, deal, backup) = changed_since();
    let before = world.sage.changed_by_us();
    restored(&world, &backup);
    assert_eq!(world.sage.changed_by_us(), before);
    assert_eq!(parked(&world), vec![]);
    assert!(!intent(&world, &order_of(&deal)).unwrap().written.doubtful);
    po_becomes(&world, &deal, "4713");
    event_flow(&world, "Deals", &deal);
    assert_eq!(po(&world), Some(text("4713")));
}

#[test]
fn what_a_clerk_did_stands_though_the_restored_table_says_that_it_was_ours() {
    let (world, deal, backup) = changed_since();
    world
        .sage
        .clerk_sets_header(&abc(), NUMBER, "CustomerPONo", text("4711"));
    restored(&world, &backup);
    po_becomes(&world, &deal, "4712");
    event_flow(&world, "Deals", &deal);
    assert_eq!(po(&world), Some(text("4711")));
    assert_eq!(parked(&world)[0].1, "E_ORDER_CHANGED_IN_SAGE");
}

#[test]
fn a_sale_that_says_again_what_the_restored_table_says_is_compared_with_sage() {
    let (world, deal, backup) = changed_since();
    // Told to nobody: the job was lost with the rest.
    po_becomes(&world, &deal, "4711");
    restored(&world, &backup);
    assert_eq!(po(&world), Some(text("4712")));
    assert_eq!(parked(&world)[0].1, "E_ORDER_CHANGED_IN_SAGE");
}

#[test]
fn an_order_whose_job_waits_stays_its_deals_though_the_lookup_is_cleared() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    let backup = backed_up(&world);
    let order = sales_order(&world, &account(&world), &deal);
    say(&world, "Sales_Orders", &order);
    while world.transform_once().is_some() {}
    world.clock.advance(Duration::from_secs(60));
    let cleared = fields([("Deal_Name", Value::Blank)]);
    crm(&world).edit("Sales_Orders", &order, "u", cleared);
    world.store.inner.restore(&backup.1);
    // Sage's worker is the first to go on.
    while world.write_sage_once().is_some() {}
    say(&world, "Sales_Orders", &order);
    flow(&world);
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
}

#[test]
fn a_customer_whose_link_was_forgotten_is_linked_again_without_an_edit_in_sage() {
    let world = selling(&config());
    let backup = backed_up(&world);
    let key = customer("01-NEW");
    put_customer(&world, &key, "New Customer");
    world.poll_all(&abc());
    flow(&world);
    let record = link(&world, &key).crm_id;
    restored(&world, &backup);
    world.poll_all(&abc());
    flow(&world);
    assert_eq!(link(&world, &key).crm_id, record);
}

/// A linked customer of salesperson `01-0100`, and how the table was then.
fn customer_since() -> (World, SageKey, (Timestamp, Backup)) {
    let world = selling(&config());
    let key = customer("01-NEW");
    put_customer(&world, &key, "New Customer");
    read_in_sage(&world);
    let backup = backed_up(&world);
    (world, key, backup)
}

fn read_in_sage(world: &World) {
    world.clock.advance(Duration::from_secs(600));
    world.poll_all(&abc());
    flow(world);
}

fn in_the_crm(world: &World, key: &SageKey, field: &str) -> Option<String> {
    let held = crm(world).with_key("Accounts", &key.text());
    held[0].fields.get(field).map(Value::to_string)
}

#[test]
fn what_was_changed_in_sage_and_changed_back_is_written_to_the_crm_again() {
    let (world, key, backup) = customer_since();
    world.sage.edit(&key, &[("City", "Racine")]);
    read_in_sage(&world);
    let city = in_the_crm(&world, &key, "Billing_City");
    assert_eq!(city.as_deref(), Some("Racine"));
    world.sage.edit(&key, &[("City", "Milwaukee")]);
    restored(&world, &backup);
    read_in_sage(&world);
    let city = in_the_crm(&world, &key, "Billing_City");
    assert_eq!(city.as_deref(), Some("Milwaukee"));
}

#[test]
fn a_customer_whose_salesperson_comes_to_stand_for_the_user_of_before_goes_to_that_user() {
    let (world, key, backup) = customer_since();
    world.map_rep(&zoho(), &rep("01-0200"), "user-2");
    world.sage.edit(&key, &[("SalespersonNo", "0200")]);
    read_in_sage(&world);
    let owner = in_the_crm(&world, &key, "Owner");
    assert_eq!(owner.as_deref(), Some("user-2"));
    world.map_rep(&zoho(), &rep("01-0200"), "user-1");
    restored(&world, &backup);
    read_in_sage(&world);
    let owner = in_the_crm(&world, &key, "Owner");
    assert_eq!(owner.as_deref(), Some("user-1"));
}
