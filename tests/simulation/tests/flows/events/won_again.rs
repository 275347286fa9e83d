//! Lost by mistake and won again: another order once a person says so, or a sentence. Never silence, never a second order
//! beside one that stands.

use std::time::Duration;

use counterpart_delivery::intent::IntentStage;
use counterpart_delivery::ports::Site;
use counterpart_domain::CrmId;
use counterpart_domain::sale::{OrderFile, OrderStatus, SalesOrder};
use counterpart_simulation::world::World;

use super::redrives::redrive_all;
use super::scene::*;
use super::whole::{event_flow, selling};

/// What a person does with an order in Sage.
type Hand = dyn Fn(&World, &SalesOrder);

fn stage(world: &World, deal: &CrmId, stage: &str) {
    world.clock.advance(Duration::from_secs(600));
    crm(world).edit("Deals", deal, "person", fields([("Stage", text(stage))]));
    event_flow(world, "Deals", deal);
    // Our own sentence comes back as an edit.
    event_flow(world, "Deals", deal);
}

fn sold() -> (World, CrmId) {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    event_flow(&world, "Deals", &deal);
    assert_eq!(open(&world).len(), 1);
    (world, deal)
}

/// The orders that stand in Sage's open file.
fn open(world: &World) -> Vec<SalesOrder> {
    let mut orders = world.sage.all_orders(&abc());
    orders.retain(|order| order.file == OrderFile::Open && order.status != OrderStatus::Cancelled);
    orders
}

fn said(world: &World, deal: &CrmId) -> String {
    shown(world, "Deals", deal, "Sage_Status_Text").to_string()
}

fn codes(world: &World) -> Vec<String> {
    parked(world).into_iter().map(|(_, code)| code).collect()
}

/// Won again: a person is asked, once, and says that there is to be another order.
fn won_again_is_made_anew(world: &World, deal: &CrmId, made: usize) {
    stage(world, deal, "Closed Won");
    assert_eq!(codes(world), ["E_ORDER_CANCELLED"]);
    let sentence = said(world, deal);
    assert!(sentence.contains("was cancelled in Sage 100"), "{sentence}");
    assert_eq!((open(world).len(), world.sage.created().len()), (0, made));
    redrive_all(world);
    event_flow(world, "Deals", deal);
    assert_eq!(codes(world), Vec::<String>::new());
    let orders = open(world);
    assert_eq!((orders.len(), world.sage.created().len()), (1, made + 1));
    let number = text(&orders[0].number);
    assert_eq!(shown(world, "Deals", deal, "Sage_Order_No"), number);
    assert_eq!(shown(world, "Deals", deal, "Sage_Status"), text("New"));
    // Whoever redrives once more, or saves, makes no further one.
    redrive_all(world);
    stage(world, deal, "Closed Won");
    assert_eq!(world.sage.created().len(), made + 1);
}

#[test]
fn a_deal_that_was_lost_by_mistake_is_an_order_again_however_often() {
    for soap in [false, true] {
        let (world, deal) = sold();
        world.sage.write_by_soap(&abc(), soap);
        for made in 1..=3 {
            stage(&world, &deal, "Closed Lost");
            assert_eq!((open(&world).len(), codes(&world)), (0, vec![]));
            assert!(said(&world, &deal).contains("cancelled"));
            won_again_is_made_anew(&world, &deal, made);
        }
    }
}

#[test]
fn what_people_did_with_the_order_in_sage_does_not_keep_it_from_being_made_anew() {
    // Cancelled by a person, and kept in the history; or deleted.
    let cancelled = |world: &World, order: &SalesOrder| {
        let order = SalesOrder {
            file: OrderFile::History,
            status: OrderStatus::Cancelled,
            ..order.clone()
        };
        world.sage.put_order(&abc(), order);
    };
    let deleted = |world: &World, order: &SalesOrder| {
        world.sage.remove_order(&abc(), &order.number);
    };
    let hands: [&Hand; 2] = [&cancelled, &deleted];
    for hand in hands {
        let (world, deal) = sold();
        hand(&world, &open(&world)[0]);
        stage(&world, &deal, "Closed Lost");
        assert_eq!(codes(&world), Vec::<String>::new());
        won_again_is_made_anew(&world, &deal, 1);
    }
}

#[test]
fn a_sale_that_was_reopened_and_won_again_looks_whether_its_order_still_stands() {
    let cancelled = |world: &World, order: &SalesOrder| {
        let order = SalesOrder {
            file: OrderFile::History,
            status: OrderStatus::Cancelled,
            ..order.clone()
        };
        world.sage.put_order(&abc(), order);
    };
    let deleted = |world: &World, order: &SalesOrder| {
        world.sage.remove_order(&abc(), &order.number);
    };
    let hands: [&Hand; 2] = [&cancelled, &deleted];
    for hand in hands {
        let (world, deal) = sold();
        hand(&world, &open(&world)[0]);
        stage(&world, &deal, "Negotiation");
        assert_eq!(codes(&world), Vec::<String>::new());
        won_again_is_made_anew(&world, &deal, 1);
    }
    // One that stands is the sale's own, and stays so.
    let (world, deal) = sold();
    stage(&world, &deal, "Negotiation");
    stage(&world, &deal, "Closed Won");
    assert_eq!(codes(&world), Vec::<String>::new());
    assert_eq!((open(&world).len(), world.sage.created().len()), (1, 1));
    assert!(said(&world, &deal).contains("is in Sage 100"));
}

#[test]
fn where_no_history_is_kept_an_order_that_is_gone_may_be_an_invoice() {
    let (world, deal) = sold();
    world.sage.say_of_site(Site {
        order_history: Some(false),
        ..Site::default()
    });
    world.sage.remove_order(&abc(), &open(&world)[0].number);
    stage(&world, &deal, "Negotiation");
    stage(&world, &deal, "Closed Won");
    assert_eq!(codes(&world), ["E_ORDER_NO_HISTORY"]);
    let sentence = said(&world, &deal);
    assert!(sentence.contains("Look for an invoice"), "{sentence}");
    assert_eq!(world.sage.created().len(), 1);
    // A person found none.
    redrive_all(&world);
    event_flow(&world, "Deals", &deal);
    assert_eq!(codes(&world), ["E_ORDER_CANCELLED"]);
    redrive_all(&world);
    event_flow(&world, "Deals", &deal);
    assert_eq!((open(&world).len(), codes(&world)), (1, vec![]));
}

#[test]
fn an_order_that_was_invoiced_or_shipped_stands_and_is_the_sales_again() {
    let invoiced = |world: &World, order: &SalesOrder| {
        world.sage.invoice(&abc(), &order.number);
    };
    let shipped = |world: &World, order: &SalesOrder| {
        let mut order = order.clone();
        order.lines[0].shipped = 1.into();
        world.sage.put_order(&abc(), order);
    };
    let hands: [&Hand; 2] = [&invoiced, &shipped];
    for hand in hands {
        let (world, deal) = sold();
        let number = open(&world)[0].number.clone();
        hand(&world, &open(&world)[0]);
        stage(&world, &deal, "Closed Lost");
        assert_eq!(codes(&world), ["E_ORDER_INVOICED"]);
        assert!(said(&world, &deal).contains("credit memo"));
        stage(&world, &deal, "Closed Won");
        assert_eq!(codes(&world), Vec::<String>::new());
        assert_eq!(world.sage.created().len(), 1, "one sale, one order");
        assert_eq!(
            said(&world, &deal),
            format!("Order {number} is in Sage 100.")
        );
        let done = intent(&world, &order_of(&deal)).unwrap();
        assert_eq!((done.stage, done.number), (IntentStage::Done, Some(number)));
    }
}

#[test]
fn won_again_before_sage_has_cancelled_is_no_other_order() {
    let (world, deal) = sold();
    world.clock.advance(Duration::from_secs(600));
    for to in ["Closed Lost", "Closed Won"] {
        world.clock.advance(Duration::from_secs(10));
        crm(&world).edit("Deals", &deal, "person", fields([("Stage", text(to))]));
        say(&world, "Deals", &deal);
        world.transform_once();
    }
    event_flow(&world, "Deals", &deal);
    assert_eq!((open(&world).len(), world.sage.created().len()), (1, 1));
    assert_eq!(codes(&world), Vec::<String>::new());
}
