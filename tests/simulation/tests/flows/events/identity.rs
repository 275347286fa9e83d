//! One sale is one order, whatever becomes of its look-ups, its stage, the tables and the mark.

use counterpart_delivery::intent::IntentStage;
use counterpart_domain::sale::SalesOrder;
use counterpart_domain::{CrmId, Value};
use counterpart_simulation::world::World;
use std::time::Duration;

use super::redrives::redrive_all;
use super::scene::*;
use super::whole::{ITEM, event_flow, flow, selling};

fn orders(world: &World) -> Vec<SalesOrder> {
    world.sage.all_orders(&abc())
}

/// How many orders were ever created.
fn created(world: &World) -> usize {
    let created = world.sage.created();
    let orders = created.iter().filter(|what| what.starts_with("order "));
    orders.count()
}

/// An approved sales order that belongs to no deal.
fn loose_order(world: &World) -> CrmId {
    let nobody = CrmId(String::new());
    let order = sales_order(world, &account(world), &nobody);
    point(world, &order, None);
    order
}

/// Sets or clears the sales order's deal, a while later.
fn point(world: &World, order: &CrmId, deal: Option<&CrmId>) {
    world.clock.advance(Duration::from_secs(60));
    let value = deal.map_or(Value::Blank, to);
    crm(world).edit("Sales_Orders", order, "u", fields([("Deal_Name", value)]));
}

fn edit_deal(world: &World, deal: &CrmId, field: &str, value: Value) {
    crm(world).edit("Deals", deal, "u", fields([(field, value)]));
}

/// A deal with everything but the stage.
fn open_deal(world: &World) -> CrmId {
    let deal = won_deal(world, &account(world));
    edit_deal(world, &deal, "Stage", text("Negotiation"));
    deal
}

#[test]
fn an_order_that_gets_its_deal_later_stays_one_order() {
    let world = selling(&config());
    let order = loose_order(&world);
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!(created(&world), 1);
    let deal = open_deal(&world);
    point(&world, &order, Some(&deal));
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!(created(&world), 1, "filled in afterwards");
    // The deal is won at last: it is the sale that is an order already, and shows it.
    edit_deal(&world, &deal, "Stage", text("Closed Won"));
    event_flow(&world, "Deals", &deal);
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    assert_eq!(
        shown(&world, "Deals", &deal, "Sage_Order_No"),
        text(&orders(&world)[0].number)
    );
}

#[test]
fn an_order_whose_deal_is_taken_away_stays_one_order() {
    let world = selling(&config());
    let deal = open_deal(&world);
    let order = sales_order(&world, &account(&world), &deal);
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!(created(&world), 1);
    // Deleted or merged: the CRM clears the lookup.
    crm(&world).delete_record("Deals", &deal);
    point(&world, &order, None);
    event_flow(&world, "Sales_Orders", &order);
    event_flow(&world, "Deals", &deal);
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    let intent = intent(&world, &order_of(&deal)).unwrap();
    assert_eq!(intent.stage, IntentStage::Done);
}

#[test]
fn an_order_that_moves_to_another_deal_stays_one_order_and_the_deal_it_left_is_told() {
    let world = selling(&config());
    let (first, second) = (won_deal(&world, &account(&world)), open_deal(&world));
    event_flow(&world, "Deals", &first);
    let order = sales_order(&world, &account(&world), &first);
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!(created(&world), 1);
    point(&world, &order, Some(&second));
    event_flow(&world, "Sales_Orders", &order);
    edit_deal(&world, &second, "Stage", text("Closed Won"));
    event_flow(&world, "Deals", &second);
    assert_eq!(created(&world), 1);
    // Nobody has to find out that the first deal has no order any more.
    let parked = parked(&world);
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert_eq!(parked[0].1, "E_ORDER_MOVED");
    assert!(parked[0].0.contains(&first.0), "{parked:?}");
}

#[test]
fn an_order_that_left_a_deal_before_it_was_won_leaves_it_to_a_person() {
    let world = selling(&config());
    let (first, second) = (open_deal(&world), open_deal(&world));
    let order = loose_order(&world);
    event_flow(&world, "Sales_Orders", &order);
    for deal in [&first, &second] {
        point(&world, &order, Some(deal));
        event_flow(&world, "Sales_Orders", &order);
    }
    edit_deal(&world, &first, "Stage", text("Closed Won"));
    event_flow(&world, "Deals", &first);
    let said = shown(&world, "Deals", &first, "Sage_Status_Text").to_string();
    assert_eq!(created(&world), 1);
    assert_eq!(parked(&world)[0].1, "E_ORDER_MOVED");
    assert!(said.contains("another sale"), "{said}");
}

#[test]
fn a_deal_and_an_order_that_were_sent_apart_and_meet_later_are_told() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    let order = loose_order(&world);
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!(created(&world), 2, "two sales, as far as anybody can tell");
    point(&world, &order, Some(&deal));
    for _ in 0..2 {
        event_flow(&world, "Sales_Orders", &order);
    }
    assert_eq!(created(&world), 2);
    assert_eq!(
        parked(&world),
        [(format!("order#{order}"), "E_ORDER_TWICE".to_owned())]
    );
    let said = shown(&world, "Sales_Orders", &order, "Sage_Status_Text").to_string();
    assert!(
        said.contains("0000181") && said.contains("0000182"),
        "{said}"
    );
    // A person takes the deal out again.
    point(&world, &order, None);
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!(parked(&world), vec![]);
}

#[test]
fn what_was_refused_before_the_two_met_is_one_order_afterwards() {
    // Either of the two was refused, each by itself; then the sales order is given its deal.
    for spoilt in ["Deals", "Sales_Orders"] {
        let world = selling(&config());
        let deal = won_deal(&world, &account(&world));
        let order = loose_order(&world);
        let (record, relation) = if spoilt == "Deals" {
            (&deal, "Sale_Items")
        } else {
            (&order, "Ordered_Items")
        };
        crm(&world).put_lines(spoilt, record, relation, Vec::new());
        event_flow(&world, "Deals", &deal);
        event_flow(&world, "Sales_Orders", &order);
        assert_eq!(created(&world), 1, "{spoilt}");
        let product = lines(&world, ITEM);
        crm(&world).put_lines(spoilt, record, relation, product);
        point(&world, &order, Some(&deal));
        event_flow(&world, "Sales_Orders", &order);
        event_flow(&world, "Deals", &deal);
        redrive_all(&world);
        flow(&world);
        assert_eq!((created(&world), parked(&world)), (1, vec![]), "{spoilt}");
    }
}

#[test]
fn a_second_order_of_a_sale_stays_refused_until_it_is_a_sale_of_its_own() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    let first = sales_order(&world, &account(&world), &deal);
    let second = sales_order(&world, &account(&world), &deal);
    for order in [&first, &second, &second] {
        event_flow(&world, "Sales_Orders", order);
    }
    assert_eq!(created(&world), 1);
    assert_eq!(parked(&world)[0].1, "E_ORDER_SECOND");
    point(&world, &second, None);
    event_flow(&world, "Sales_Orders", &second);
    assert_eq!((created(&world), parked(&world)), (2, vec![]));
    // Back under the deal it is told, and stays what it is.
    point(&world, &second, Some(&deal));
    event_flow(&world, "Sales_Orders", &second);
    assert_eq!(created(&world), 2);
    assert_eq!(parked(&world)[0].1, "E_ORDER_TWICE");
}

#[test]
fn an_intent_that_was_lost_is_found_by_its_mark_before_a_number_is_taken() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    assert_eq!(created(&world), 1);
    // A table that was made anew, or restored to an earlier point.
    world.store.inner.forget_intents();
    event_flow(&world, "Deals", &deal);
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    let intent = intent(&world, &order_of(&deal)).unwrap();
    assert_eq!(intent.stage, IntentStage::Done);
    assert_eq!(intent.number, Some(orders(&world)[0].number.clone()));
}

#[test]
fn a_lost_intent_is_found_whichever_record_it_began_with() {
    // Begun without its deal; the tables are lost; the deal is filled in. And the other way round.
    for begun_with_deal in [false, true] {
        let world = selling(&config());
        let deal = open_deal(&world);
        let order = loose_order(&world);
        if begun_with_deal {
            point(&world, &order, Some(&deal));
        }
        event_flow(&world, "Sales_Orders", &order);
        world.store.inner.forget_intents();
        point(&world, &order, Some(&deal).filter(|_| !begun_with_deal));
        event_flow(&world, "Sales_Orders", &order);
        assert_eq!(created(&world), 1, "{begun_with_deal}");
    }
}

#[test]
fn a_lost_intent_of_an_order_without_its_mark_is_left_to_a_person() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    let number = orders(&world)[0].number.clone();
    world.store.inner.forget_intents();
    world.sage.edit_order(&abc(), &number, |order| {
        "PO 4711".clone_into(&mut order.reference);
    });
    event_flow(&world, "Deals", &deal);
    assert_eq!(created(&world), 1);
    assert_eq!(parked(&world)[0].1, "E_ORDER_UNKNOWN_NUMBER");
    // A clone carries the number of the deal that it was made from, too: that one is known.
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    let clone = won_deal(&world, &account(&world));
    let number = shown(&world, "Deals", &deal, "Sage_Order_No");
    edit_deal(&world, &clone, "Sage_Order_No", number);
    event_flow(&world, "Deals", &clone);
    assert_eq!((created(&world), parked(&world)), (2, vec![]));
}

#[test]
fn a_deal_that_is_won_and_not_won_in_one_second_makes_no_order() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    while world.transform_once().is_some() {}
    assert_eq!(jobs(&world).len(), 1);
    // The CRM's clock counts seconds: a workflow sets the stage back within the same one.
    edit_deal(&world, &deal, "Stage", text("Negotiation"));
    event_flow(&world, "Deals", &deal);
    assert_eq!((created(&world), parked(&world)), (0, vec![]));
    // Won again later, it is an order.
    world.clock.advance(Duration::from_secs(60));
    edit_deal(&world, &deal, "Stage", text("Closed Won"));
    event_flow(&world, "Deals", &deal);
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
}

#[test]
fn a_deal_that_is_won_again_within_one_second_is_an_order() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    while world.transform_once().is_some() {}
    edit_deal(&world, &deal, "Stage", text("Negotiation"));
    say(&world, "Deals", &deal);
    while world.transform_once().is_some() {}
    edit_deal(&world, &deal, "Stage", text("Closed Won"));
    event_flow(&world, "Deals", &deal);
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
}

#[test]
fn a_deal_that_is_won_again_before_its_cancellation_reaches_sage_keeps_its_order() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    for stage in ["Closed Lost", "Closed Won"] {
        world.clock.advance(Duration::from_secs(60));
        edit_deal(&world, &deal, "Stage", text(stage));
        say(&world, "Deals", &deal);
        work(&world);
    }
    flow(&world);
    assert_eq!(orders(&world).len(), 1, "the order of a won deal is gone");
    let number = text(&orders(&world)[0].number);
    assert_eq!(shown(&world, "Deals", &deal, "Sage_Order_No"), number);
}

#[test]
fn a_job_of_a_sale_that_a_restore_forgot_is_asked_for_anew() {
    for stage in ["Closed Won", "Negotiation"] {
        let world = selling(&config());
        let deal = won_deal(&world, &account(&world));
        say(&world, "Deals", &deal);
        while world.transform_once().is_some() {}
        world.store.inner.forget_intents();
        world.clock.advance(Duration::from_secs(60));
        edit_deal(&world, &deal, "Stage", text(stage));
        event_flow(&world, "Deals", &deal);
        let wanted = usize::from(stage == "Closed Won");
        assert_eq!(
            (created(&world), parked(&world)),
            (wanted, vec![]),
            "{stage}"
        );
    }
}

#[test]
fn a_cancellation_finds_the_order_of_a_sale_that_a_restore_forgot() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    world.clock.advance(Duration::from_secs(60));
    edit_deal(&world, &deal, "Stage", text("Closed Lost"));
    say(&world, "Deals", &deal);
    work(&world);
    world.store.inner.forget_intents();
    flow(&world);
    assert!(orders(&world).is_empty());
}

#[test]
fn a_deal_that_is_deleted_before_many_others_is_left_to_a_person() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    let order = sales_order(&world, &account(&world), &deal);
    world.clock.advance(Duration::from_secs(60));
    crm(&world).delete_record("Deals", &deal);
    point(&world, &order, None);
    world.clock.advance(Duration::from_secs(60));
    crm(&world).delete_others("Deals", 2_000);
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!(created(&world), 1);
    assert_eq!(parked(&world)[0].1, "E_ORDER_OF_DELETED");
    let said = shown(&world, "Sales_Orders", &order, "Sage_Status_Text").to_string();
    assert!(
        said.contains("More records in Deals were deleted"),
        "{said}"
    );
    redrive_all(&world);
    flow(&world);
    assert_eq!(
        (created(&world), parked(&world)),
        (2, vec![]),
        "a person says so"
    );
}

#[test]
fn an_order_whose_deal_is_deleted_before_it_is_read_is_left_to_a_person() {
    for is_deleted_first in [false, true] {
        let world = selling(&config());
        let deal = won_deal(&world, &account(&world));
        event_flow(&world, "Deals", &deal);
        let order = sales_order(&world, &account(&world), &deal);
        world.clock.advance(Duration::from_secs(60));
        crm(&world).delete_record("Deals", &deal);
        point(&world, &order, None);
        let events = [("Deals", &deal), ("Sales_Orders", &order)];
        for at in [
            usize::from(!is_deleted_first),
            usize::from(is_deleted_first),
        ] {
            event_flow(&world, events[at].0, events[at].1);
        }
        assert_eq!(created(&world), 1, "{is_deleted_first}");
        assert_eq!(parked(&world)[0].1, "E_ORDER_OF_DELETED");
        redrive_all(&world);
        flow(&world);
        assert_eq!(
            (created(&world), parked(&world)),
            (2, vec![]),
            "a person says so"
        );
    }
}
