//! Won deals and sales orders.

use counterpart_delivery::intent::IntentStage;
use counterpart_delivery::job::Work;
use counterpart_delivery::ports::Clock as _;
use counterpart_domain::Value;
use counterpart_domain::sale::Reference;
use jiff::SignedDuration;
use std::time::Duration;

use super::scene::*;

#[test]
fn a_won_deal_is_one_job_for_its_accounts_customer() {
    let world = sales();
    let account = account(&world);
    let deal = won_deal(&world, &account);
    say(&world, "Deals", &deal);
    work(&world);
    let jobs = jobs(&world);
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].group(), format!("zoho:{account}"));
    assert_eq!(jobs[0].event.record, deal);
    let place = &placed(&world)[0];
    assert_eq!(place.intent, order_of(&deal));
    let order = &place.order;
    assert_eq!(order.customer.key, Some(customer("01-ABF")));
    assert_eq!(order.reference, Reference::of(&zoho(), &abc(), &deal));
    assert_eq!(order.lines.len(), 1);
    assert_eq!(order.lines[0].item, "1001-HON-H252");
    assert_eq!(order.lines[0].quantity.to_string(), "2");
    assert_eq!(order.lines[0].unit_price, Some("45.5".parse().unwrap()));
    assert!(parked(&world).is_empty());
}

#[test]
fn what_is_not_won_is_nothing() {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    crm(&world).edit(
        "Deals",
        &deal,
        "u",
        fields([("Stage", text("Negotiation"))]),
    );
    say(&world, "Deals", &deal);
    say(&world, "Leads", &deal);
    work(&world);
    assert!(jobs(&world).is_empty() && parked(&world).is_empty());
}

#[test]
fn an_order_that_stands_as_it_is_makes_no_job_and_is_shown_once() {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    work(&world);
    done(&world, &placed(&world)[0], "0000181");
    // The Sage writer's write-back was lost: the next event of the sale makes up for it.
    say(&world, "Deals", &deal);
    work(&world);
    assert_eq!(placed(&world).len(), 1);
    assert_eq!(
        shown(&world, "Deals", &deal, "Sage_Order_No"),
        text("0000181")
    );
    assert_eq!(shown(&world, "Deals", &deal, "Sage_Status"), text("New"));
    assert_eq!(shown(&world, "Deals", &deal, "Sage_Total"), number("91.00"));
    let updates = crm(&world).updates();
    for _ in 0..3 {
        say(&world, "Deals", &deal);
        work(&world);
    }
    assert_eq!(crm(&world).updates(), updates, "our own write-back echoes");
    assert_eq!(placed(&world).len(), 1);
}

#[test]
fn a_change_of_a_sale_that_is_an_order_follows_it() {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    work(&world);
    done(&world, &placed(&world)[0], "0000181");
    let product = product(&world, "2480-8-50");
    let line = fields([
        ("Product_Name", to(&product)),
        ("Quantity", number("1")),
        ("List_Price", number("10")),
    ]);
    crm(&world).put_lines("Deals", &deal, "Sale_Items", vec![line]);
    say(&world, "Deals", &deal);
    work(&world);
    let placed = placed(&world);
    assert_eq!(placed.len(), 2);
    assert_eq!(placed[1].order.lines[0].item, "2480-8-50");
}

#[test]
fn where_changes_do_not_follow_the_record_says_so_once() {
    let world = sales_with(&config().replace("prices = \"crm\"", "follow_changes = false"));
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    work(&world);
    done(&world, &placed(&world)[0], "0000181");
    crm(&world).put_lines("Deals", &deal, "Sale_Items", {
        let product = product(&world, "2480-8-50");
        vec![fields([
            ("Product_Name", to(&product)),
            ("Quantity", number("1")),
        ])]
    });
    for _ in 0..3 {
        say(&world, "Deals", &deal);
        work(&world);
    }
    assert_eq!(placed(&world).len(), 1);
    assert_eq!(crm(&world).updates(), 1);
    let said = shown(&world, "Deals", &deal, "Sage_Status_Text").to_string();
    assert!(
        said.contains("0000181") && said.contains("do not follow"),
        "{said}"
    );
}

#[test]
fn a_deal_and_its_sales_order_are_one_sale_and_the_sales_order_says_what_it_is() {
    let world = sales();
    let account = account(&world);
    let deal = won_deal(&world, &account);
    say(&world, "Deals", &deal);
    work(&world);
    done(&world, &placed(&world)[0], "0000181");
    let order = sales_order(&world, &account, &deal);
    crm(&world).put_lines("Sales_Orders", &order, "Ordered_Items", {
        let product = product(&world, "2480-8-50");
        vec![fields([
            ("Product_Name", to(&product)),
            ("Quantity", number("3")),
            ("List_Price", number("10")),
        ])]
    });
    say(&world, "Sales_Orders", &order);
    work(&world);
    let second = placed(&world)[1].clone();
    assert_eq!(second.intent, order_of(&deal));
    assert_eq!(second.shown.len(), 2);
    assert_eq!(second.order.lines[0].quantity.to_string(), "3");
    done(&world, &second, "0000181");
    // From now on the deal only shows it, whatever its own lines say.
    say(&world, "Deals", &deal);
    work(&world);
    assert_eq!(placed(&world).len(), 2);
    for (module, id) in [("Deals", &deal), ("Sales_Orders", &order)] {
        assert_eq!(
            shown(&world, module, id, "Sage_Order_No"),
            text("0000181"),
            "{module}"
        );
    }
    // A second sales order of the same deal would be a second order.
    let again = sales_order(&world, &account, &deal);
    say(&world, "Sales_Orders", &again);
    work(&world);
    assert_eq!(placed(&world).len(), 2);
    assert_eq!(
        parked(&world),
        [(format!("order#{again}"), "E_ORDER_SECOND".to_owned())]
    );
}

#[test]
fn a_lost_sale_cancels_its_order_and_no_other() {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    let lost = fields([("Stage", text("Closed Lost"))]);
    crm(&world).edit("Deals", &deal, "u", lost.clone());
    say(&world, "Deals", &deal);
    work(&world);
    assert!(jobs(&world).is_empty(), "there was never an order");
    crm(&world).edit("Deals", &deal, "u", fields([("Stage", text("Closed Won"))]));
    say(&world, "Deals", &deal);
    work(&world);
    done(&world, &placed(&world)[0], "0000181");
    crm(&world).edit("Deals", &deal, "u", lost);
    say(&world, "Deals", &deal);
    work(&world);
    let last = jobs(&world).pop().unwrap();
    assert_eq!(last.group(), jobs(&world)[0].group());
    let Work::CancelOrder(cancel) = last.work else {
        panic!("another job");
    };
    assert_eq!(cancel.intent, order_of(&deal));
}

#[test]
fn a_deleted_deal_never_reaches_sage_and_its_order_says_so() {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    work(&world);
    done(&world, &placed(&world)[0], "0000181");
    crm(&world).delete_record("Deals", &deal);
    say(&world, "Deals", &deal);
    work(&world);
    assert_eq!(jobs(&world).len(), 1);
    let intent = intent(&world, &order_of(&deal)).unwrap();
    assert_eq!(intent.stage, IntentStage::Done);
    assert!(
        intent.status_text.contains("deleted"),
        "{}",
        intent.status_text
    );
}

#[test]
fn amounts_of_another_currency_are_converted_by_the_crms_own_rate() {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    crm(&world).edit("Deals", &deal, "u", fields([("Currency", text("EUR"))]));
    crm(&world).put_currency("USD", "1".parse().unwrap());
    crm(&world).put_currency("EUR", "0.8".parse().unwrap());
    say(&world, "Deals", &deal);
    work(&world);
    let order = &placed(&world)[0].order;
    assert_eq!(order.currency.as_ref().unwrap().rate.to_string(), "1.25");
    assert_eq!(order.lines[0].unit_price, Some("56.88".parse().unwrap()));
}

#[test]
fn an_outage_of_the_crm_parks_nothing_and_delays_only() {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    let now = world.clock.now();
    crm(&world).outage(now, now + SignedDuration::from_hours(3));
    say(&world, "Deals", &deal);
    work(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    assert_eq!(placed(&world).len(), 1);
    let waited = world.clock.now().duration_since(now);
    assert!(waited >= SignedDuration::from_hours(3));
}

#[test]
fn an_outage_of_the_queue_to_sage_loses_nothing() {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    for n in 0..12 {
        world.faults.fail_before(n);
        say(&world, "Deals", &deal);
        work(&world);
        world.clock.advance(Duration::from_secs(60));
    }
    world.faults.reset();
    assert_eq!(placed(&world).len(), 12, "each event came through once");
    assert!(parked(&world).is_empty());
}

#[test]
fn bad_bodies_are_set_aside_and_take_nobody_along() {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    send_body(&world, "{\"version\":1}".to_owned());
    send_body(&world, "no json".to_owned());
    say(&world, "Deals", &deal);
    let mut newer = serde_json::to_value(event(&world, "Deals", &deal)).unwrap();
    newer["version"] = 2.into();
    send_body(&world, newer.to_string());
    work(&world);
    assert_eq!(placed(&world).len(), 1);
    let world_wide = world.store.inner.all_parked();
    let codes: Vec<_> = world_wide.iter().map(|item| &*item.fault.code).collect();
    assert_eq!(
        codes
            .iter()
            .filter(|code| **code == "E_EVENT_MALFORMED")
            .count(),
        2
    );
    assert_eq!(
        codes
            .iter()
            .filter(|code| **code == "E_EVENT_VERSION")
            .count(),
        1
    );
}

#[test]
fn an_event_that_kills_the_worker_is_set_aside_after_six_deaths() {
    use counterpart_simulation::world::killed_after;
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    for _ in 0..6 {
        let batch = world.receive_events();
        assert_eq!(batch.len(), 1);
        let transform = world.transform();
        let handled = transform.handle(&batch, world.deadline());
        assert!(killed_after(&world.clock, 12, handled).is_none());
        world.clock.advance(Duration::from_secs(400));
    }
    work(&world);
    assert_eq!(
        parked(&world),
        [(format!("killer-order#{deal}"), "E_KILLS_WORKER".to_owned())]
    );
    assert!(jobs(&world).is_empty());
    assert_eq!(shown(&world, "Deals", &deal, "Sage_Order_No"), Value::Blank);
}

/// The function could not be started, or could not read what it needs: the queue counts all the same.
#[test]
fn an_event_that_was_received_often_and_never_begun_is_no_killer() {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    for _ in 0..40 {
        assert_eq!(world.receive_events().len(), 1);
        world.clock.advance(Duration::from_secs(400));
    }
    work(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    assert_eq!(placed(&world).len(), 1);
}
