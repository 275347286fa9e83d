//! What becomes of a sale's other records: seconds, refusals beside an order that stands, deals that an order has left.

use counterpart_delivery::intent::{Intent, IntentStage};
use counterpart_domain::{CrmId, Value};
use counterpart_simulation::world::{World, killed_after};
use std::time::Duration;

use super::live::live;
use super::redrives::redrive_all;
use super::scene::*;
use super::whole::{ITEM, event_flow, flow, selling};

fn numbers(world: &World) -> Vec<String> {
    let orders = world.sage.all_orders(&abc()).into_iter();
    orders.map(|order| order.number).collect()
}

fn created(world: &World) -> usize {
    let created = world.sage.created();
    let orders = created.iter().filter(|what| what.starts_with("order "));
    orders.count()
}

fn edit(world: &World, module: &str, id: &CrmId, field: &str, value: Value) {
    world.clock.advance(Duration::from_secs(60));
    crm(world).edit(module, id, "u", fields([(field, value)]));
}

fn point(world: &World, order: &CrmId, deal: Option<&CrmId>) {
    edit(
        world,
        "Sales_Orders",
        order,
        "Deal_Name",
        deal.map_or(Value::Blank, to),
    );
}

fn loose_order(world: &World) -> CrmId {
    let order = sales_order(world, &account(world), &CrmId(String::new()));
    point(world, &order, None);
    order
}

/// A sales order without lines: it is refused.
fn empty_order(world: &World, deal: &CrmId) -> CrmId {
    let order = sales_order(world, &account(world), deal);
    crm(world).put_lines("Sales_Orders", &order, "Ordered_Items", Vec::new());
    order
}

fn fill(world: &World, order: &CrmId) {
    world.clock.advance(Duration::from_secs(60));
    let lines = lines(world, ITEM);
    crm(world).put_lines("Sales_Orders", order, "Ordered_Items", lines);
}

fn said(world: &World, module: &str, id: &CrmId) -> String {
    shown(world, module, id, "Sage_Status_Text").to_string()
}

fn codes(world: &World) -> Vec<String> {
    parked(world).into_iter().map(|(_, code)| code).collect()
}

#[test]
fn a_second_order_is_told_that_the_first_one_was_cancelled() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    let first = sales_order(&world, &account(&world), &deal);
    event_flow(&world, "Sales_Orders", &first);
    edit(&world, "Sales_Orders", &first, "Status", text("Cancelled"));
    event_flow(&world, "Sales_Orders", &first);
    let second = sales_order(&world, &account(&world), &deal);
    event_flow(&world, "Sales_Orders", &second);
    assert_eq!(codes(&world), ["E_ORDER_SECOND"]);
    let told = said(&world, "Sales_Orders", &second);
    assert!(told.contains("was cancelled"), "{told}");
    assert!(
        told.contains(&format!("win Sales_Orders {first} again")),
        "{told}"
    );
    // So it is done, the other way.
    point(&world, &second, None);
    event_flow(&world, "Sales_Orders", &second);
    assert_eq!(codes(&world), Vec::<String>::new());
    assert_eq!(created(&world), 2);
}

#[test]
fn a_second_order_that_is_cancelled_leaves_the_first_ones_order_alone() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    let first = sales_order(&world, &account(&world), &deal);
    event_flow(&world, "Sales_Orders", &first);
    let second = sales_order(&world, &account(&world), &deal);
    event_flow(&world, "Sales_Orders", &second);
    assert_eq!(codes(&world), ["E_ORDER_SECOND"]);
    edit(&world, "Sales_Orders", &second, "Status", text("Cancelled"));
    event_flow(&world, "Sales_Orders", &second);
    assert_eq!(
        numbers(&world).len(),
        1,
        "the first one's order was cancelled"
    );
    assert_eq!(
        intent(&world, &order_of(&deal)).unwrap().stage,
        IntentStage::Done
    );
    assert_eq!(parked(&world), vec![], "nobody wants it any more");
}

#[test]
fn a_draft_that_is_cancelled_leaves_the_won_deals_order_alone() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    let draft = sales_order(&world, &account(&world), &deal);
    edit(&world, "Sales_Orders", &draft, "Status", text("Cancelled"));
    event_flow(&world, "Sales_Orders", &draft);
    assert_eq!(numbers(&world).len(), 1, "the deal is won");
}

#[test]
fn what_an_order_was_refused_for_stays_parked_whatever_its_deal_says() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    live(&world, "Deals", &deal);
    let order = empty_order(&world, &deal);
    live(&world, "Sales_Orders", &order);
    let before = parked(&world);
    assert_eq!(before.len(), 1, "{before:?}");
    assert_eq!(before[0].0, format!("order#{deal}"));
    for _ in 0..2 {
        event_flow(&world, "Deals", &deal);
    }
    assert_eq!(parked(&world), before);
    fill(&world, &order);
    live(&world, "Sales_Orders", &order);
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
}

#[test]
fn an_intent_of_the_version_before_does_not_say_that_its_order_moved() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    let order = sales_order(&world, &account(&world), &deal);
    event_flow(&world, "Sales_Orders", &order);
    event_flow(&world, "Deals", &deal);
    let now = intent(&world, &order_of(&deal)).unwrap();
    save(
        &world,
        &Intent {
            ask: Default::default(),
            made_from: None,
            ..now
        },
    );
    event_flow(&world, "Deals", &deal);
    assert_eq!(parked(&world), vec![]);
}

/// A deal's job waits for Sage; an order of the deal, saved `before` or after it, is refused meanwhile.
fn refused_beside_a_job(before: bool) {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    let order = empty_order(&world, &deal);
    let _ = before.then(|| edit(&world, "Deals", &deal, "PO_Number", text("4712")));
    say(&world, "Deals", &deal);
    work(&world);
    if !before {
        edit(&world, "Sales_Orders", &order, "Subject", text("Chairs"));
    }
    say(&world, "Sales_Orders", &order);
    work(&world);
    assert_eq!(parked(&world).len(), 1);
    flow(&world);
    assert_eq!(parked(&world).len(), 1, "nobody solved it: {before}");
    assert_eq!(created(&world), 0);
    // Mended elsewhere, and tried again: it is the order that is tried.
    fill(&world, &order);
    redrive_all(&world);
    flow(&world);
    assert_eq!((created(&world), parked(&world)), (1, vec![]), "{before}");
}

#[test]
fn a_deals_job_does_not_take_away_what_its_order_was_refused_for() {
    refused_beside_a_job(true);
}

#[test]
fn a_deals_job_does_not_take_the_place_of_its_orders_refusal() {
    refused_beside_a_job(false);
}

#[test]
fn a_deal_that_comes_back_from_the_bin_says_what_is_true() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    let held = crm(&world).record("Deals", &deal).unwrap();
    crm(&world).delete_record("Deals", &deal);
    event_flow(&world, "Deals", &deal);
    crm(&world).put_as("Deals", &deal.0, None, held.fields);
    event_flow(&world, "Deals", &deal);
    assert_eq!(created(&world), 1);
    let said = said(&world, "Deals", &deal);
    assert!(!said.contains("deleted"), "{said}");
}

/// A deal that was won, and whose order moved to another deal.
fn left(world: &World) -> (CrmId, CrmId) {
    let deal = won_deal(world, &account(world));
    event_flow(world, "Deals", &deal);
    let order = sales_order(world, &account(world), &deal);
    event_flow(world, "Sales_Orders", &order);
    let other = won_deal(world, &account(world));
    edit(world, "Deals", &other, "Stage", text("Negotiation"));
    point(world, &order, Some(&other));
    event_flow(world, "Sales_Orders", &order);
    assert_eq!(codes(world), ["E_ORDER_MOVED"]);
    (deal, order)
}

#[test]
fn a_deal_that_was_left_and_is_lost_is_done_with() {
    let world = selling(&config());
    let (deal, _) = left(&world);
    edit(&world, "Deals", &deal, "Stage", text("Closed Lost"));
    event_flow(&world, "Deals", &deal);
    redrive_all(&world);
    flow(&world);
    assert_eq!((numbers(&world).len(), parked(&world)), (1, vec![]));
}

#[test]
fn a_deal_that_was_left_and_is_deleted_is_done_with() {
    let world = selling(&config());
    let (deal, _) = left(&world);
    crm(&world).delete_record("Deals", &deal);
    event_flow(&world, "Deals", &deal);
    redrive_all(&world);
    flow(&world);
    assert_eq!((numbers(&world).len(), parked(&world)), (1, vec![]));
}

#[test]
fn a_deal_whose_order_comes_back_says_what_is_true() {
    let world = selling(&config());
    let order = loose_order(&world);
    event_flow(&world, "Sales_Orders", &order);
    let deal = won_deal(&world, &account(&world));
    let other = won_deal(&world, &account(&world));
    edit(&world, "Deals", &other, "Stage", text("Negotiation"));
    for to in [&deal, &other, &deal] {
        point(&world, &order, Some(to));
        live(&world, "Sales_Orders", &order);
        live(&world, "Deals", &deal);
    }
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    let said = said(&world, "Deals", &deal);
    assert!(!said.contains("another sale"), "{said}");
}

#[test]
fn what_was_refused_of_a_part_is_over_once_it_is_one() {
    let world = selling(&config());
    let order = loose_order(&world);
    event_flow(&world, "Sales_Orders", &order);
    let deal = won_deal(&world, &account(&world));
    crm(&world).put_lines("Deals", &deal, "Sale_Items", Vec::new());
    event_flow(&world, "Deals", &deal);
    assert_eq!(parked(&world).len(), 1);
    edit(&world, "Deals", &deal, "Stage", text("Negotiation"));
    point(&world, &order, Some(&deal));
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    let said = said(&world, "Deals", &deal);
    assert!(!said.contains("line"), "{said}");
}

#[test]
fn a_redrive_of_everything_makes_no_second_order_of_an_unknown_number() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    let number = numbers(&world)[0].clone();
    world.store.inner.forget_intents();
    world
        .sage
        .edit_order(&abc(), &number, |order| order.reference.clear());
    event_flow(&world, "Deals", &deal);
    assert_eq!(codes(&world), ["E_ORDER_UNKNOWN_NUMBER"]);
    redrive_all(&world);
    flow(&world);
    assert_eq!(created(&world), 1, "nobody looked");
    assert_eq!(codes(&world), ["E_ORDER_UNKNOWN_NUMBER"]);
    // A copy, says a person.
    edit(&world, "Deals", &deal, "Sage_Order_No", Value::Blank);
    redrive_all(&world);
    flow(&world);
    assert_eq!((created(&world), parked(&world)), (2, vec![]));
}

#[test]
fn a_deal_is_no_part_of_a_sale_that_was_cancelled() {
    let world = selling(&config());
    let order = loose_order(&world);
    event_flow(&world, "Sales_Orders", &order);
    edit(&world, "Sales_Orders", &order, "Status", text("Cancelled"));
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!(numbers(&world).len(), 0);
    let deal = won_deal(&world, &account(&world));
    point(&world, &order, Some(&deal));
    edit(&world, "Sales_Orders", &order, "Status", text("Approved"));
    event_flow(&world, "Sales_Orders", &order);
    event_flow(&world, "Deals", &deal);
    let asked = format!("order#{order}");
    let asked = vec![(asked, "E_ORDER_CANCELLED".to_owned())];
    assert_eq!((numbers(&world).len(), parked(&world)), (1, asked));
    // Who has it sent again finds it to be the deal's sale, which is an order already.
    redrive_all(&world);
    flow(&world);
    assert_eq!((numbers(&world).len(), parked(&world)), (1, vec![]));
}

#[test]
fn an_order_that_is_approved_under_a_deal_whose_order_was_cancelled_is_for_a_person() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    edit(&world, "Deals", &deal, "Stage", text("Closed Lost"));
    event_flow(&world, "Deals", &deal);
    assert_eq!((created(&world), numbers(&world).len()), (1, 0));
    let order = sales_order(&world, &account(&world), &deal);
    event_flow(&world, "Sales_Orders", &order);
    let asked = format!("order#{deal}");
    let asked = vec![(asked, "E_ORDER_CANCELLED".to_owned())];
    assert_eq!((created(&world), parked(&world)), (1, asked.clone()));
    let told = shown(&world, "Sales_Orders", &order, "Sage_Status_Text");
    assert!(told.to_string().contains("was cancelled"), "{told}");
    // The order is taken back, and approved once more.
    edit(&world, "Sales_Orders", &order, "Status", text("Draft"));
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    edit(&world, "Sales_Orders", &order, "Status", text("Approved"));
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!((created(&world), parked(&world)), (1, asked));
    redrive_all(&world);
    flow(&world);
    assert_eq!((created(&world), parked(&world)), (2, vec![]));
    assert_eq!(numbers(&world).len(), 1);
    for (module, id) in [("Sales_Orders", &order), ("Deals", &deal)] {
        event_flow(&world, module, id);
    }
    assert_eq!((created(&world), parked(&world)), (2, vec![]));
    let number = shown(&world, "Sales_Orders", &order, "Sage_Order_No");
    assert_eq!(number, text(&numbers(&world)[0]));
}

#[test]
fn a_deal_whose_refused_order_is_deleted_is_the_order_itself() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    let order = empty_order(&world, &deal);
    event_flow(&world, "Sales_Orders", &order);
    event_flow(&world, "Deals", &deal);
    assert_eq!((created(&world), parked(&world).len()), (0, 1));
    crm(&world).delete_record("Sales_Orders", &order);
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
}

#[test]
fn a_redrive_takes_away_nothing_that_was_refused_since() {
    let world = selling(&config());
    let order = loose_order(&world);
    event_flow(&world, "Sales_Orders", &order);
    crm(&world).put_lines("Sales_Orders", &order, "Ordered_Items", Vec::new());
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!(parked(&world).len(), 1);
    let deal = won_deal(&world, &account(&world));
    edit(&world, "Deals", &deal, "Stage", text("Negotiation"));
    point(&world, &order, Some(&deal));
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!(parked(&world).len(), 1);
    redrive_all(&world);
    flow(&world);
    assert_eq!(parked(&world).len(), 1, "nobody solved it");
}

#[test]
fn a_copy_of_an_order_that_was_found_again_is_a_sale_of_its_own() {
    let world = selling(&config());
    let order = loose_order(&world);
    event_flow(&world, "Sales_Orders", &order);
    world.store.inner.forget_intents();
    let deal = won_deal(&world, &account(&world));
    edit(&world, "Deals", &deal, "Stage", text("Negotiation"));
    point(&world, &order, Some(&deal));
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!(created(&world), 1);
    let copy = loose_order(&world);
    let number = shown(&world, "Sales_Orders", &order, "Sage_Order_No");
    edit(&world, "Sales_Orders", &copy, "Sage_Order_No", number);
    event_flow(&world, "Sales_Orders", &copy);
    assert_eq!((created(&world), parked(&world)), (2, vec![]));
}

#[test]
fn a_deal_that_is_taken_back_while_it_is_being_read_makes_no_order() {
    for polls in 1..40 {
        let world = selling(&config());
        let deal = won_deal(&world, &account(&world));
        say(&world, "Deals", &deal);
        let batch = world.receive_events();
        let transform = world.transform();
        let mut slow = std::pin::pin!(transform.handle(&batch, world.deadline()));
        let begun = killed_after(&world.clock, polls, slow.as_mut());
        edit(&world, "Deals", &deal, "Stage", text("Negotiation"));
        say(&world, "Deals", &deal);
        while world.transform_once().is_some() {}
        let over = begun.is_some();
        let report = begun.unwrap_or_else(|| world.clock.block_on(slow));
        if report.failed.is_empty() {
            world.events().delete(&batch[0].receipt);
        }
        flow(&world);
        assert_eq!((created(&world), parked(&world)), (0, vec![]), "{polls}");
        if over {
            return;
        }
    }
    unreachable!("it never ends");
}
