//! A CRM that tells of every change, ours included, as live ones do: what Sage refuses is said once, and can be mended.

use counterpart_domain::CrmId;
use counterpart_simulation::world::World;
use std::collections::BTreeMap;
use std::time::Duration;

use super::records::two_way;
use super::redrives::redrive_all;
use super::scene::*;
use super::whole::{assert_still, client, event_flow, flow, selling};

type Stamps = BTreeMap<(&'static str, String), jiff::Timestamp>;

fn stamps(world: &World) -> Stamps {
    let modules = ["Accounts", "Contacts", "Deals", "Sales_Orders"];
    let of = |module: &'static str| {
        let records = crm(world).records(module).into_iter();
        records.map(move |held| ((module, held.id.0), held.modified))
    };
    modules.into_iter().flat_map(of).collect()
}

/// Says an event, and from then on one for every record that was changed, until nothing changes any more.
pub fn live(world: &World, module: &str, id: &CrmId) {
    let mut known = stamps(world);
    world.clock.advance(Duration::from_secs(1));
    event_flow(world, module, id);
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
        for (module, id) in changed {
            say(world, module, &CrmId(id));
        }
        flow(world);
    }
    unreachable!("the echo of our own write-backs does not end");
}

#[test]
fn an_order_that_sage_refuses_to_create_is_said_once_and_goes_through_once_it_is_mended() {
    let world = selling(&config());
    world.sage.refuse("4711");
    let deal = won_deal(&world, &account(&world));
    live(&world, "Deals", &deal);
    let code = "E_SAGE_REFUSED".to_owned();
    assert_eq!(parked(&world), [(format!("order#{deal}"), code)]);
    assert_eq!(crm(&world).updates(), 1, "said once");
    world.sage.accept("4711");
    redrive_all(&world);
    flow(&world);
    live(&world, "Deals", &deal);
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    assert_still(&world);
}

#[test]
fn a_change_that_sage_refuses_is_said_once() {
    let world = selling(&config());
    let deal = won_deal(&world, &account(&world));
    live(&world, "Deals", &deal);
    world.sage.refuse("4712");
    let updates = crm(&world).updates();
    let spoilt = fields([("PO_Number", text("4712"))]);
    crm(&world).edit("Deals", &deal, "u", spoilt);
    live(&world, "Deals", &deal);
    let code = "E_SAGE_REFUSED".to_owned();
    assert_eq!(parked(&world), [(format!("order#{deal}"), code)]);
    assert_eq!(crm(&world).updates(), updates + 1, "said once");
}

#[test]
fn a_customer_that_sage_refuses_can_be_mended_in_the_crm() {
    let world = selling(&two_way());
    world.sage.refuse("New Ltd");
    let account = client(&world);
    live(&world, "Accounts", &account);
    let code = "E_SAGE_REFUSED".to_owned();
    assert_eq!(parked(&world), [(format!("customer#{account}"), code)]);
    let said = shown(&world, "Accounts", &account, "Sage_Status_Text").to_string();
    assert!(said.contains("New Ltd"), "{said}");
    let mended = fields([("Account_Name", text("New Inc"))]);
    crm(&world).edit("Accounts", &account, "u", mended);
    live(&world, "Accounts", &account);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    assert_eq!(world.sage.created().len(), 1, "{:?}", world.sage.created());
    let held = crm(&world).record("Accounts", &account).unwrap();
    assert!(held.key.is_some());
}

#[test]
fn a_customer_that_sage_refuses_goes_through_by_a_redrive() {
    let world = selling(&two_way());
    world.sage.refuse("New Ltd");
    let account = client(&world);
    live(&world, "Accounts", &account);
    world.sage.accept("New Ltd");
    redrive_all(&world);
    flow(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    assert_eq!(world.sage.created().len(), 1, "{:?}", world.sage.created());
}

#[test]
fn a_sale_whose_customer_sage_refused_goes_through_by_its_own_redrive() {
    let world = selling(&two_way());
    world.sage.refuse("New Ltd");
    let account = client(&world);
    let deal = won_deal(&world, &account);
    live(&world, "Deals", &deal);
    let said = shown(&world, "Deals", &deal, "Sage_Status_Text").to_string();
    assert!(said.contains("New Ltd"), "{said}");
    assert_eq!(parked(&world).len(), 2, "{:?}", parked(&world));
    // Its own redrive is enough, and the customer's does no harm.
    world.sage.accept("New Ltd");
    let order = format!("order#{deal}");
    super::redrives::redrive_one(&world, &order);
    flow(&world);
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
    redrive_all(&world);
    flow(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    assert_eq!(world.sage.created().len(), 2, "{:?}", world.sage.created());
}

#[test]
fn an_edit_that_sage_refuses_is_shown_on_its_record_once_and_taken_back() {
    let world = selling(&two_way());
    let account = account(&world);
    world.sage.refuse("(414) 555-0666");
    let edit = |phone: &str| {
        let edited = fields([("Phone", text(phone))]);
        crm(&world).edit("Accounts", &account, "u", edited);
        live(&world, "Accounts", &account);
    };
    edit("(414) 555-0666");
    let code = "E_SAGE_REFUSED".to_owned();
    assert_eq!(parked(&world), [(format!("customer#{account}"), code)]);
    let said = || shown(&world, "Accounts", &account, "Sage_Status_Text").to_string();
    assert!(said().contains("TelephoneNo"), "{}", said());
    assert_eq!(crm(&world).updates(), 1, "said once");
    edit("(414) 555-0667");
    assert_eq!(said(), "");
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    let key = customer("01-ABF");
    assert_eq!(world.sage.column(&key, "TelephoneNo"), "(414) 555-0667");
    assert_still(&world);
}

#[test]
fn a_second_sales_order_of_one_deal_says_so_on_itself() {
    let world = selling(&config());
    let account = account(&world);
    let deal = won_deal(&world, &account);
    let first = sales_order(&world, &account, &deal);
    live(&world, "Sales_Orders", &first);
    let second = sales_order(&world, &account, &deal);
    live(&world, "Sales_Orders", &second);
    let code = "E_ORDER_SECOND".to_owned();
    assert_eq!(parked(&world), [(format!("order#{second}"), code)]);
    let said = shown(&world, "Sales_Orders", &second, "Sage_Status_Text").to_string();
    assert!(said.contains("second order"), "{said:?}");
    assert_eq!(world.sage.all_orders(&abc()).len(), 1);
}

#[test]
fn a_sale_that_goes_to_another_account_says_so() {
    let world = selling(&config());
    put_customer(&world, &customer("01-OTHER"), "Somebody Else");
    world.poll_all(&abc());
    flow(&world);
    let deal = won_deal(&world, &account(&world));
    live(&world, "Deals", &deal);
    let other = crm(&world).with_key("Accounts", "ABC:01-OTHER")[0]
        .id
        .clone();
    let moved = fields([("Account_Name", to(&other))]);
    crm(&world).edit("Deals", &deal, "u", moved);
    live(&world, "Deals", &deal);
    let code = "E_ORDER_CUSTOMER_CHANGED".to_owned();
    assert_eq!(parked(&world), [(format!("order#{deal}"), code)]);
    let orders = world.sage.all_orders(&abc());
    assert_eq!(
        (orders.len(), &orders[0].customer),
        (1, &customer("01-ABF"))
    );
    let back = fields([("Account_Name", to(&account(&world)))]);
    crm(&world).edit("Deals", &deal, "u", back);
    live(&world, "Deals", &deal);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    let said = shown(&world, "Deals", &deal, "Sage_Status_Text").to_string();
    assert!(said.contains("is in Sage 100"), "{said}");
}

#[test]
fn a_conflict_that_a_person_is_to_settle_is_parked_and_said() {
    let park = "Phone = { from = \"TelephoneNo\", owner = \"both\", on_conflict = \"park\" }";
    let world = selling(&config().replace("Phone = \"TelephoneNo\"", park));
    let (account, key) = (account(&world), customer("01-ABF"));
    let edited = fields([("Phone", text("(414) 555-0000"))]);
    crm(&world).edit("Accounts", &account, "u", edited);
    world.sage.edit(&key, &[("TelephoneNo", "(414) 555-1111")]);
    live(&world, "Accounts", &account);
    let code = "E_FIELD_CONFLICT".to_owned();
    let unsettled = || {
        assert_eq!(
            parked(&world),
            [(format!("customer#{account}"), code.clone())]
        );
        assert_eq!(world.sage.column(&key, "TelephoneNo"), "(414) 555-1111");
        assert_eq!(
            shown(&world, "Accounts", &account, "Phone"),
            text("(414) 555-0000")
        );
        let said = shown(&world, "Accounts", &account, "Sage_Status_Text").to_string();
        assert!(said.contains("Phone"), "{said:?}");
    };
    unsettled();
    // Also once the poller has seen Sage's edit.
    world.clock.advance(crate::hands::QUARTER);
    world.poll_all(&abc());
    flow(&world);
    live(&world, "Accounts", &account);
    unsettled();
    let settled = fields([("Phone", text("(414) 555-1111"))]);
    crm(&world).edit("Accounts", &account, "u", settled);
    live(&world, "Accounts", &account);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
}
