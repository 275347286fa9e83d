//! What became of a sale, shown in the CRM.

use counterpart_delivery::intent::{Intent, IntentStage};
use counterpart_delivery::ports::Clock as _;
use counterpart_delivery::ports::Outgoing;
use counterpart_delivery::{ConfiguredMapper, Show, StockRow, WriteBack};
use counterpart_domain::{AsOf, Class, CrmId, Fault, Value};
use counterpart_simulation::world::World;
use jiff::SignedDuration;

use super::scene::*;
use crate::hands::{interrupted, received};

/// An order that stands in Sage, of which the CRM shows nothing yet.
pub fn standing() -> (World, CrmId, Intent) {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    work(&world);
    done(&world, &placed(&world)[0], "0000181");
    let intent = intent(&world, &order_of(&deal)).unwrap();
    (world, deal, intent)
}

pub fn body(world: &World, show: Show) -> String {
    let of = WriteBack {
        version: 1,
        id: world.id(),
        target: zoho(),
        config_version: 1,
        first_sent: world.clock.now(),
        write_back: show,
    };
    serde_json::to_string(&of).unwrap()
}

pub fn send(world: &World, show: Show) {
    let message = Outgoing::now(body(world, show));
    let (target, messages) = (zoho(), [message]);
    world.writes(&target).send(&messages).unwrap()[0]
        .clone()
        .unwrap();
}

#[test]
fn the_current_state_is_shown_whatever_the_message_was_sent_for() {
    let (world, deal, intent) = standing();
    send(&world, Show::Intents(vec![intent.id.clone()]));
    let held = Intent {
        sage_status: "Hold".to_owned(),
        ..intent.clone()
    };
    save(&world, &held);
    send(&world, Show::Intents(vec![intent.id]));
    work(&world);
    assert_eq!(shown(&world, "Deals", &deal, "Sage_Status"), text("Hold"));
    assert_eq!(
        crm(&world).updates(),
        1,
        "the second message had nothing to add"
    );
}

#[test]
fn a_slow_writer_never_leaves_the_older_state() {
    let mut wrong = Vec::new();
    for polls in 0.. {
        let (world, deal, intent) = standing();
        let show = Show::Intents(vec![intent.id.clone()]);
        let message = received(&world, &body(&world, show.clone()), 1);
        let writer = world.writer_with(ConfiguredMapper);
        let batch = [message];
        let handled = writer.handle(&batch, world.deadline());
        let (report, was) = interrupted(&world, polls, handled, || {
            let held = Intent {
                sage_status: "Closed".to_owned(),
                ..intent.clone()
            };
            save(&world, &held);
            send(&world, show.clone());
            world.drain();
        });
        if !was {
            break;
        }
        assert!(report.failed.is_empty());
        world.drain();
        let status = shown(&world, "Deals", &deal, "Sage_Status");
        if status != text("Closed") {
            wrong.push(format!("{polls}: {status}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_number_that_is_only_reserved_is_not_shown() {
    let (world, deal, intent) = standing();
    let reserved = Intent {
        stage: IntentStage::Reserved,
        status_text: "On its way.".to_owned(),
        ..intent.clone()
    };
    save(&world, &reserved);
    send(&world, Show::Intents(vec![intent.id]));
    work(&world);
    assert_eq!(shown(&world, "Deals", &deal, "Sage_Order_No"), Value::Blank);
    assert_eq!(
        shown(&world, "Deals", &deal, "Sage_Status_Text"),
        text("On its way.")
    );
}

#[test]
fn a_record_that_is_gone_is_no_reason_to_try_for_ever() {
    let (world, deal, intent) = standing();
    crm(&world).delete_record("Deals", &deal);
    send(&world, Show::Intents(vec![intent.id]));
    work(&world);
    assert!(parked(&world).is_empty());
}

#[test]
fn a_locked_record_is_shown_later_and_one_that_is_refused_is_parked_and_redriven() {
    let (world, deal, intent) = standing();
    let locked = Fault::new(Class::Transient, "E_CRM_RECORD_LOCKED", "Locked.");
    crm(&world).refuse_rows("0000181", locked);
    send(&world, Show::Intents(vec![intent.id.clone()]));
    work_within(&world, SignedDuration::from_mins(10));
    assert_eq!(shown(&world, "Deals", &deal, "Sage_Order_No"), Value::Blank);
    crm(&world).accept("0000181");
    work(&world);
    assert_eq!(
        shown(&world, "Deals", &deal, "Sage_Order_No"),
        text("0000181")
    );

    let rule = Fault::new(
        Class::Data,
        "E_CRM_INVALID_DATA",
        "A validation rule says no.",
    );
    crm(&world).refuse_rows("Closed", rule);
    let closed = Intent {
        sage_status: "Closed".to_owned(),
        rev: intent.rev,
        ..intent.clone()
    };
    save(&world, &closed);
    send(&world, Show::Intents(vec![intent.id.clone()]));
    work(&world);
    let id = format!("shown#order#{deal}");
    assert_eq!(parked(&world), [(id, "E_CRM_INVALID_DATA".to_owned())]);
    crm(&world).accept("Closed");
    super::redrives::redrive_all(&world);
    work(&world);
    assert!(parked(&world).is_empty());
    assert_eq!(shown(&world, "Deals", &deal, "Sage_Status"), text("Closed"));
}

#[test]
fn an_outage_delays_what_is_shown_and_parks_nothing() {
    let (world, deal, intent) = standing();
    let now = world.clock.now();
    crm(&world).outage(now, now + SignedDuration::from_hours(2));
    send(&world, Show::Intents(vec![intent.id]));
    work(&world);
    assert!(parked(&world).is_empty());
    assert_eq!(
        shown(&world, "Deals", &deal, "Sage_Order_No"),
        text("0000181")
    );
}

#[test]
fn an_older_stock_never_overtakes_a_newer_one() {
    let stock = "prices = \"crm\"\nstock = { module = \"Products\", on_hand = \"Qty_in_Stock\", available = \"Sage_Available\" }";
    let world = sales_with(&config().replace("prices = \"crm\"", stock));
    let product = product(&world, "1001-HON-H252");
    let at = |sequence: u64, on_hand: &str| Show::Stock {
        as_of: AsOf { epoch: 1, sequence },
        rows: vec![StockRow {
            product: product.clone(),
            item: "1001-HON-H252".to_owned(),
            on_hand: on_hand.parse().unwrap(),
            available: "7".parse().unwrap(),
        }],
    };
    send(&world, at(5, "50"));
    work(&world);
    send(&world, at(4, "40"));
    work(&world);
    assert_eq!(
        shown(&world, "Products", &product, "Qty_in_Stock"),
        number("50")
    );
    send(&world, at(6, "60"));
    work(&world);
    assert_eq!(
        shown(&world, "Products", &product, "Qty_in_Stock"),
        number("60")
    );
    assert_eq!(
        shown(&world, "Products", &product, "Sage_Available"),
        number("7")
    );
}

#[test]
fn a_write_back_of_another_version_is_parked_as_it_is() {
    let (world, _, intent) = standing();
    let body = body(&world, Show::Intents(vec![intent.id]));
    crate::hands::deliver(&world, &body.replace("\"version\":1", "\"version\":9"));
    let codes: Vec<_> = parked(&world).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["E_PACK_VERSION"]);
}
