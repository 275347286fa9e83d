//! A mark that is noted for another sale: tables were restored more than once. A person says what is what.

use counterpart_delivery::intent::SaleTrace;
use counterpart_delivery::ports::Intents as _;
use counterpart_domain::CrmId;
use counterpart_domain::sale::Reference;

use super::redrives::redrive_all;
use super::scene::*;
use super::whole::{event_flow, flow, selling};

#[test]
fn a_new_sale_whose_mark_is_another_ones_is_for_a_person_and_gets_one_of_its_own() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    let mark = Reference::of(&zoho(), &abc(), &deal);
    let (target, other) = (zoho(), order_of(&CrmId("other".to_owned())));
    let trace = SaleTrace::Mark(mark.clone());
    let claimed = world.store.inner.claim_for_sale(&target, &trace, &other);
    world.clock.block_on(claimed).unwrap();
    event_flow(&world, "Deals", &deal);
    let asked = vec![(format!("order#{deal}"), "E_SALE_MARK_TAKEN".to_owned())];
    assert_eq!(parked(&world), asked);
    let told = shown(&world, "Deals", &deal, "Sage_Status_Text").to_string();
    assert!(told.contains(mark.as_str()), "{told}");
    // An edit is no answer.
    event_flow(&world, "Deals", &deal);
    assert_eq!(parked(&world), asked);
    redrive_all(&world);
    flow(&world);
    assert_eq!(parked(&world), []);
    let orders = world.sage.all_orders(&abc());
    assert_eq!(orders.len(), 1);
    assert_ne!(orders[0].reference, mark.as_str());
    let done = intent(&world, &order_of(&deal)).unwrap();
    assert_eq!(done.reference.unwrap().as_str(), orders[0].reference);
    // It is known by it from then on.
    event_flow(&world, "Deals", &deal);
    assert_eq!(world.sage.all_orders(&abc()), orders);
    assert_eq!(parked(&world), []);
}
