//! What happens to a sale between two looks at it: hidden, deleted, restored or reopened while a job of before is on its way.

use std::time::Duration;

use counterpart_delivery::event::Change;
use counterpart_delivery::intent::IntentStage;
use counterpart_domain::CrmId;
use counterpart_domain::sale::{OrderFile, OrderStatus, SalesOrder};
use counterpart_simulation::world::World;

use super::redrives::redrive_all;
use super::scene::*;
use super::whole::{event_flow, flow, selling};

fn open(world: &World) -> Vec<SalesOrder> {
    let mut orders = world.sage.all_orders(&abc());
    orders.retain(|order| order.file == OrderFile::Open && order.status != OrderStatus::Cancelled);
    orders
}

fn codes(world: &World) -> Vec<String> {
    parked(world).into_iter().map(|(_, code)| code).collect()
}

fn said(world: &World, deal: &CrmId) -> String {
    shown(world, "Deals", deal, "Sage_Status_Text").to_string()
}

fn edit(world: &World, deal: &CrmId, field: &str, value: &str) {
    world.clock.advance(Duration::from_secs(600));
    crm(world).edit("Deals", deal, "person", fields([(field, text(value))]));
}

fn clerk_cancels(world: &World, number: &str) {
    let order = open(world)
        .into_iter()
        .find(|order| order.number == number)
        .unwrap();
    let order = SalesOrder {
        file: OrderFile::History,
        status: OrderStatus::Cancelled,
        ..order
    };
    world.sage.put_order(&abc(), order);
}

fn transform(world: &World) {
    while world.transform_once().is_some() {}
}

/// Five pieces, not two.
fn five(world: &World, deal: &CrmId) {
    pieces(world, deal, "5");
}

fn pieces(world: &World, deal: &CrmId, count: &str) {
    edit(world, deal, "Deal_Name", count);
    let mut line = crm(world).lines(deal, "Sale_Items").remove(0);
    line.insert("Quantity".to_owned(), number(count));
    crm(world).put_lines("Deals", deal, "Sale_Items", vec![line]);
}

fn ordered(world: &World) -> Vec<String> {
    open(world)
        .iter()
        .map(|order| order.lines[0].quantity.normalize().to_string())
        .collect()
}

#[test]
fn a_hidden_edit_outlives_the_job_of_before() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    transform(&world);
    // The job waits for Sage. The deal is edited, and handed to another team.
    five(&world, &deal);
    crm(&world).hide(&deal, true);
    say(&world, "Deals", &deal);
    transform(&world);
    assert_eq!(codes(&world), ["E_CRM_RECORD_REFUSED"]);
    flow(&world);
    assert_eq!(ordered(&world), ["2"]);
    crm(&world).hide(&deal, false);
    redrive_all(&world);
    flow(&world);
    assert_eq!(codes(&world), Vec::<String>::new());
    assert_eq!(ordered(&world), ["5"], "the edit is forgotten");
}

#[test]
fn a_job_of_before_does_not_answer_whether_a_reopened_sales_order_stands() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    let number = open(&world)[0].number.clone();
    edit(&world, &deal, "PO_Number", "9999");
    say(&world, "Deals", &deal);
    transform(&world);
    assert_eq!(jobs(&world).len(), 1);
    edit(&world, &deal, "Stage", "Negotiation");
    say(&world, "Deals", &deal);
    transform(&world);
    assert!(intent(&world, &order_of(&deal)).unwrap().reopened);
    flow(&world);
    clerk_cancels(&world, &number);
    edit(&world, &deal, "Stage", "Closed Won");
    event_flow(&world, "Deals", &deal);
    assert_eq!(
        codes(&world),
        ["E_ORDER_CANCELLED"],
        "said: {}",
        said(&world, &deal)
    );
}

#[test]
fn a_sale_restored_from_the_bin_asks_whether_its_order_stands() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    let number = open(&world)[0].number.clone();
    world.clock.advance(Duration::from_secs(600));
    crm(&world).delete_record("Deals", &deal);
    let mut gone = event(&world, "Deals", &deal);
    gone.change = Change::Deleted;
    send_body(&world, serde_json::to_string(&gone).unwrap());
    flow(&world);
    let kept = intent(&world, &order_of(&deal)).unwrap();
    assert!(
        kept.status_text
            .contains("cancel it there if nobody wants it")
    );
    clerk_cancels(&world, &number);
    world.clock.advance(Duration::from_secs(600));
    crm(&world).undelete(&deal);
    event_flow(&world, "Deals", &deal);
    assert_eq!(
        codes(&world),
        ["E_ORDER_CANCELLED"],
        "said: {}",
        said(&world, &deal)
    );
}

#[test]
fn a_sale_reopened_while_its_creation_is_in_doubt_asks_whether_its_order_stands() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    transform(&world);
    world.faults.lose_answers_of("sage.create_order", 1);
    world.faults.fail_calls_after("sage.orders", 1, 1);
    let _ = world.write_sage_once();
    assert_eq!(
        intent(&world, &order_of(&deal)).unwrap().stage,
        IntentStage::Sent
    );
    crm(&world).edit(
        "Deals",
        &deal,
        "person",
        fields([("Stage", text("Negotiation"))]),
    );
    say(&world, "Deals", &deal);
    transform(&world);
    flow(&world);
    assert_eq!(open(&world).len(), 1);
    assert_eq!(
        intent(&world, &order_of(&deal)).unwrap().stage,
        IntentStage::Done
    );
    let number = open(&world)[0].number.clone();
    clerk_cancels(&world, &number);
    edit(&world, &deal, "Stage", "Closed Won");
    event_flow(&world, "Deals", &deal);
    assert_eq!(
        codes(&world),
        ["E_ORDER_CANCELLED"],
        "said: {}",
        said(&world, &deal)
    );
}

#[test]
fn where_changes_do_not_follow_a_sale_that_was_reopened_and_changed_says_so_at_once() {
    let text = config().replace(
        "totals = \"ignore\"",
        "totals = \"ignore\"\nfollow_changes = false",
    );
    let world = selling(&text);
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    edit(&world, &deal, "Stage", "Negotiation");
    event_flow(&world, "Deals", &deal);
    edit(&world, &deal, "PO_Number", "9999");
    event_flow(&world, "Deals", &deal);
    edit(&world, &deal, "Stage", "Closed Won");
    event_flow(&world, "Deals", &deal);
    let sentence = said(&world, &deal);
    assert!(sentence.contains("do not follow"), "said: {sentence}");
}

#[test]
fn a_sale_hidden_while_many_are_deleted_is_not_taken_for_one_of_them() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    transform(&world);
    assert_eq!(jobs(&world).len(), 1);
    edit(&world, &deal, "PO_Number", "9999");
    crm(&world).hide(&deal, true);
    crm(&world).delete_others("Deals", 2_001);
    say(&world, "Deals", &deal);
    flow(&world);
    for hour in 0..4 {
        if hour == 2 {
            crm(&world).hide(&deal, false);
        }
        world.clock.advance(Duration::from_secs(3_600));
        let _ = world.sweep();
        flow(&world);
    }
    assert!(
        !open(&world).is_empty() || !parked(&world).is_empty(),
        "no order, and nobody is told: {:?}",
        intent(&world, &order_of(&deal)).map(|i| (i.stage, i.status_text))
    );
}

#[test]
fn a_hidden_new_client_is_not_forgotten() {
    let world = selling(&config());
    let client = crm(&world).put(
        "Accounts",
        None,
        fields([
            ("Account_Name", text("Newcomer")),
            ("Account_Type", text("Client")),
        ]),
    );
    crm(&world).hide(&client, true);
    say(&world, "Accounts", &client);
    flow(&world);
    assert!(!parked(&world).is_empty(), "forgotten");
}

#[test]
fn a_sale_deleted_long_before_its_redrive_is_left_alone() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    crm(&world).hide(&deal, true);
    // An Outbound Message tells no time.
    say(&world, "Deals", &deal);
    flow(&world);
    assert_eq!(codes(&world), ["E_CRM_RECORD_REFUSED"]);
    crm(&world).delete_record("Deals", &deal);
    world.clock.advance(Duration::from_secs(3 * 3_600));
    redrive_all(&world);
    flow(&world);
    assert_eq!(codes(&world), Vec::<String>::new());
}

#[test]
fn a_refused_edit_outlives_the_job_of_before() {
    use counterpart_domain::{Class, Fault};
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    transform(&world);
    five(&world, &deal);
    let hidden = Fault::new(Class::Data, "E_CRM_RECORD_REFUSED", "Its owner hides it.");
    crm(&world).refuse_record(&deal, hidden);
    say(&world, "Deals", &deal);
    transform(&world);
    assert_eq!(codes(&world), ["E_CRM_RECORD_REFUSED"]);
    flow(&world);
    assert_eq!(ordered(&world), ["2"]);
    let ids: Vec<_> = parked(&world).into_iter().map(|(id, _)| id).collect();
    assert!(
        ids.contains(&format!("order#{deal}")),
        "the edit is forgotten {ids:?}"
    );
}

#[test]
fn a_loss_that_is_hidden_outlives_the_job_of_before() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    transform(&world);
    edit(&world, &deal, "Stage", "Closed Lost");
    crm(&world).hide(&deal, true);
    say(&world, "Deals", &deal);
    transform(&world);
    flow(&world);
    assert!(
        open(&world).is_empty() || !parked(&world).is_empty(),
        "an order of a lost deal stands, and nobody knows"
    );
}

#[test]
fn an_edit_back_while_its_edits_job_is_retried_survives_a_reopening() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    pieces(&world, &deal, "5");
    say(&world, "Deals", &deal);
    transform(&world);
    world.faults.fail_calls_of("sage.orders", 1);
    let _ = world.write_sage_once();
    pieces(&world, &deal, "2");
    say(&world, "Deals", &deal);
    transform(&world);
    edit(&world, &deal, "Stage", "Negotiation");
    say(&world, "Deals", &deal);
    transform(&world);
    world.faults.reset();
    flow(&world);
    edit(&world, &deal, "Stage", "Closed Won");
    event_flow(&world, "Deals", &deal);
    assert_eq!(ordered(&world), ["2"]);
    assert!(parked(&world).is_empty());
}

#[test]
fn a_sale_hidden_and_then_deleted_leaves_nothing_parked() {
    for with_order in [true, false] {
        let world = selling(&config());
        let deal = won_deal(&world, &account(&world));
        if with_order {
            event_flow(&world, "Deals", &deal);
        } else {
            say(&world, "Deals", &deal);
            transform(&world);
        }
        edit(&world, &deal, "PO_Number", "9999");
        crm(&world).hide(&deal, true);
        say(&world, "Deals", &deal);
        transform(&world);
        assert_eq!(codes(&world), ["E_CRM_RECORD_REFUSED"]);
        crm(&world).delete_record("Deals", &deal);
        let mut gone = event(&world, "Deals", &deal);
        gone.change = Change::Deleted;
        send_body(&world, serde_json::to_string(&gone).unwrap());
        transform(&world);
        redrive_all(&world);
        transform(&world);
        assert_eq!(codes(&world), Vec::<String>::new(), "{with_order}");
    }
}

#[test]
fn two_hidden_deals_stop_nobody() {
    use crate::events::whole::flow_within;
    use counterpart_delivery::ports::Settings as _;
    use jiff::SignedDuration;
    let world = selling(&config());
    let deals: Vec<CrmId> = (0..2).map(|_| won_deal(&world, &account(&world))).collect();
    for deal in &deals {
        say(&world, "Deals", deal);
        transform(&world);
    }
    for deal in &deals {
        crm(&world).hide(deal, true);
    }
    let mut open_at = Vec::new();
    for minute in 0..600 {
        flow_within(&world, SignedDuration::from_secs(1));
        let circuit = world
            .clock
            .block_on(world.store.inner.circuit(&zoho()))
            .unwrap();
        if circuit.failures > 0 {
            open_at.push((minute, circuit.failures));
        }
        if minute % 30 == 29 {
            world
                .sage
                .edit(&customer("01-ABF"), &[("City", &format!("City {minute}"))]);
            world.poll_all(&abc());
        }
        world.clock.advance(Duration::from_secs(60));
    }

    assert!(open_at.is_empty());
}
