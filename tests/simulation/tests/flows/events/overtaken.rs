//! What happens to a sale while its job waits for Sage: edited there and back, lost, joined by another record, moved.

use counterpart_delivery::intent::IntentStage;
use counterpart_domain::CrmId;
use counterpart_simulation::world::World;
use jiff::SignedDuration;
use std::time::Duration;

use super::records::two_way;
use super::scene::*;
use super::whole::{ITEM, assert_still, event_flow, flow, flow_within, selling};

/// An edit and its event, with Sage's queue left alone.
fn edit(world: &World, deal: &CrmId, field: &str, value: &str) {
    world.clock.advance(Duration::from_secs(60));
    crm(world).edit("Deals", deal, "u", fields([(field, text(value))]));
    say(world, "Deals", deal);
    work(world);
}

fn po(world: &World) -> String {
    let order = &world.sage.all_orders(&abc())[0];
    world.sage.header(&abc(), &order.number)["CustomerPONo"].to_string()
}

fn set_quantity(world: &World, module: &str, id: &CrmId, relation: &str, quantity: &str) {
    let mut lines = lines(world, ITEM);
    lines[0].insert("Quantity".to_owned(), number(quantity));
    crm(world).put_lines(module, id, relation, lines);
}

fn quantity(world: &World) -> String {
    let orders = world.sage.all_orders(&abc());
    assert_eq!(orders.len(), 1);
    orders[0].lines[0].quantity.to_string()
}

#[test]
fn an_edit_there_and_back_leaves_what_the_crm_says() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    edit(&world, &deal, "PO_Number", "4712");
    edit(&world, &deal, "PO_Number", "4711");
    flow(&world);
    assert_eq!(po(&world), "4711");
    assert_still(&world);
}

/// The first edit's job goes back to its queue, whatever it failed at. It is still the last word that was noted, until the second
/// edit is noted, too.
#[test]
fn an_edit_back_while_the_job_of_the_first_is_tried_again_leaves_what_the_crm_says() {
    let calls = [
        "sage.orders",
        "sage.items",
        "sage.get_order",
        "sage.update_order",
        "put_intent",
    ];
    for call in calls {
        for is_lost in [false, true] {
            let world = selling(&config());
            let deal = won_deal(&world, &account(&world));
            event_flow(&world, "Deals", &deal);
            edit(&world, &deal, "PO_Number", "4712");
            match is_lost {
                true => world.faults.lose_answers_of(call, 1),
                false => world.faults.fail_calls_of(call, 1),
            }
            flow_within(&world, SignedDuration::from_secs(1));
            edit(&world, &deal, "PO_Number", "4711");
            flow(&world);
            assert_eq!(po(&world), "4711", "{call}, lost: {is_lost}");
            assert_still(&world);
        }
    }
}

/// The same of what both sides may write.
#[test]
fn a_phone_edited_there_and_back_while_the_job_is_tried_again_is_what_the_crm_says() {
    // After Sage has it, and before the link does, its state is taken for an edit there: that is known, and short.
    let calls = [
        ("", false),
        ("sage.records", false),
        ("sage.records", true),
        ("sage.update_record", false),
    ];
    for (call, is_lost) in calls {
        let world = selling(&two_way());
        let key = customer("01-ABF");
        let account = account(&world);
        let phone = |value: &str| {
            world.clock.advance(Duration::from_secs(60));
            crm(&world).edit("Accounts", &account, "u", fields([("Phone", text(value))]));
            say(&world, "Accounts", &account);
            work(&world);
        };
        phone("(414) 555-0001");
        flow(&world);
        settle(&world);
        assert_eq!(world.sage.column(&key, "TelephoneNo"), "(414) 555-0001");
        phone("(414) 555-0002");
        match is_lost {
            _ if call.is_empty() => {}
            true => world.faults.lose_answers_of(call, 1),
            false => world.faults.fail_calls_of(call, 1),
        }
        if !call.is_empty() {
            flow_within(&world, SignedDuration::from_secs(1));
        }
        phone("(414) 555-0001");
        flow(&world);
        settle(&world);
        let context = format!("{call}, lost: {is_lost}");
        assert_eq!(
            world.sage.column(&key, "TelephoneNo"),
            "(414) 555-0001",
            "{context}"
        );
        assert_eq!(
            shown(&world, "Accounts", &account, "Phone"),
            text("(414) 555-0001"),
            "{context}"
        );
        assert_still(&world);
    }
}

#[test]
fn a_sale_that_is_lost_before_its_order_was_created_is_no_order() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    work(&world);
    edit(&world, &deal, "Stage", "Closed Lost");
    flow(&world);
    assert!(
        world.sage.created().is_empty(),
        "{:?}",
        world.sage.created()
    );
    // Won again, it is one.
    edit(&world, &deal, "Stage", "Closed Won");
    flow(&world);
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
}

#[test]
fn a_sale_that_is_open_again_before_its_order_was_created_is_no_order() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    work(&world);
    edit(&world, &deal, "Stage", "Negotiation");
    flow(&world);
    assert!(
        world.sage.created().is_empty(),
        "{:?}",
        world.sage.created()
    );
    edit(&world, &deal, "Stage", "Closed Won");
    flow(&world);
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
}

#[test]
fn a_deal_that_comes_after_its_sales_order_only_shows_it() {
    let world = selling(&config());
    let account = account(&world);
    let deal = won_deal(&world, &account);
    let order = sales_order(&world, &account, &deal);
    set_quantity(&world, "Sales_Orders", &order, "Ordered_Items", "3");
    say(&world, "Sales_Orders", &order);
    work(&world);
    edit(&world, &deal, "PO_Number", "4712");
    flow(&world);
    assert_eq!(quantity(&world), "3");
    assert_eq!(
        shown(&world, "Deals", &deal, "Sage_Order_No"),
        shown(&world, "Sales_Orders", &order, "Sage_Order_No")
    );
    assert_still(&world);
}

#[test]
fn a_sales_order_that_comes_after_its_deal_says_what_it_is_whenever_it_was_edited() {
    let world = selling(&config());
    let account = account(&world);
    let deal = won_deal(&world, &account);
    let order = sales_order(&world, &account, &deal);
    set_quantity(&world, "Sales_Orders", &order, "Ordered_Items", "3");
    edit(&world, &deal, "PO_Number", "4712");
    say(&world, "Sales_Orders", &order);
    work(&world);
    flow(&world);
    assert_eq!(quantity(&world), "3");
}

#[test]
fn a_second_sales_order_never_takes_the_place_of_the_first() {
    let world = selling(&config());
    let account = account(&world);
    let deal = won_deal(&world, &account);
    let first = sales_order(&world, &account, &deal);
    set_quantity(&world, "Sales_Orders", &first, "Ordered_Items", "3");
    say(&world, "Sales_Orders", &first);
    work(&world);
    world.clock.advance(Duration::from_secs(60));
    let second = sales_order(&world, &account, &deal);
    set_quantity(&world, "Sales_Orders", &second, "Ordered_Items", "7");
    say(&world, "Sales_Orders", &second);
    work(&world);
    flow(&world);
    assert_eq!(quantity(&world), "3");
    let code = "E_ORDER_SECOND".to_owned();
    assert_eq!(parked(&world), [(format!("order#{second}"), code)]);
}

#[test]
fn a_won_sale_is_known_before_its_job_is_sent() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    work(&world);
    let intent = intent(&world, &order_of(&deal)).unwrap();
    assert_eq!(intent.stage, IntentStage::Open);
    assert_eq!(crm(&world).updates(), 0, "there is nothing to be shown yet");
}
