//! A moment of the CRM is a day of Sage: the company's.

use counterpart_domain::{CrmId, Entity};
use counterpart_simulation::world::World;

use super::scene::*;
use super::whole::{event_flow, selling};

const DAYS: &str = "columns = { CustomerPONo = { from = \"PO_Number\", required = true }, OrderDate = \"Ordered_At\" }";
/// Nine at night of the last of February in Chicago, as each CRM may write it.
const MOMENTS: [&str; 4] = [
    "2026-03-01T02:30:00Z",
    "2026-03-01T02:30:00.000+0000",
    "2026-03-01T08:00:00+05:30",
    "2026-02-28T20:30:00-06:00",
];

fn dated(zone: &str) -> String {
    let columns = "columns = { CustomerPONo = { from = \"PO_Number\", required = true } }";
    let config = config().replacen(columns, DAYS, 1);
    assert!(config.contains("Ordered_At"));
    config.replacen(
        "write = \"agent\"",
        &format!("write = \"agent\"\n{zone}"),
        1,
    )
}

fn ordered_at(world: &World, moment: &str) -> CrmId {
    let deal = won_deal(world, &account(world));
    let at = fields([("Ordered_At", text(moment))]);
    crm(world).edit("Deals", &deal, "person", at);
    event_flow(world, "Deals", &deal);
    deal
}

/// The day of the order that was made last.
fn day(world: &World) -> String {
    let number = world.sage.all_orders(&abc()).last().unwrap().number.clone();
    let order = world.sage.order_row(&abc(), &number).unwrap();
    order.header["OrderDate"].to_string()
}

#[test]
fn the_companys_time_zone_says_which_day_a_moment_is() {
    let settings = [
        ("time_zone = \"America/Chicago\"", "2026-02-28"),
        ("time_zone = \"Asia/Kolkata\"", "2026-03-01"),
        // The clock of its Sage, as the poller saw it: six hours west.
        ("", "2026-02-28"),
    ];
    for (zone, expected) in settings {
        let world = selling(&dated(zone));
        for moment in MOMENTS {
            ordered_at(&world, moment);
            assert_eq!(day(&world), expected, "{zone:?}, {moment}");
        }
        assert!(parked(&world).is_empty(), "{:?}", parked(&world));
        // A date is a date, wherever one is.
        ordered_at(&world, "2026-03-01");
        assert_eq!(day(&world), "2026-03-01", "{zone:?}");
    }
}

/// The same moment in another form is no change of the order.
#[test]
fn a_moment_in_another_form_is_no_edit() {
    let world = selling(&dated("time_zone = \"America/Chicago\""));
    let deal = ordered_at(&world, MOMENTS[0]);
    world.clock.advance(std::time::Duration::from_secs(600));
    for moment in &MOMENTS[1..] {
        let at = fields([("Ordered_At", text(moment))]);
        crm(&world).edit("Deals", &deal, "person", at);
        event_flow(&world, "Deals", &deal);
    }
    assert_eq!(world.sage.changed_by_us(), Vec::<String>::new());
}

/// Summer time ends: the moment of an order that stands is the day that it was.
#[test]
fn a_change_of_the_clock_is_no_edit() {
    let moment = "2026-07-01T05:30:00Z";
    let world = selling(&dated(""));
    let clock_of = |minutes: i32| {
        world.sage.set_utc_offset(minutes);
        for _ in 0..2 {
            world.clock.advance(std::time::Duration::from_secs(3_600));
            world.poll(&abc(), Entity::CUSTOMER).unwrap();
        }
    };
    clock_of(-300);
    let deal = ordered_at(&world, moment);
    assert_eq!(day(&world), "2026-07-01");
    clock_of(-360);
    event_flow(&world, "Deals", &deal);
    assert_eq!(world.sage.changed_by_us(), Vec::<String>::new());
    // Another column is changed, and the day stays.
    let po = fields([("PO_Number", text("4712"))]);
    crm(&world).edit("Deals", &deal, "person", po);
    event_flow(&world, "Deals", &deal);
    assert_eq!(world.sage.changed_by_us().len(), 1);
    assert_eq!(day(&world), "2026-07-01");
    // An order that is made now goes by the clock of now.
    ordered_at(&world, moment);
    assert_eq!(day(&world), "2026-06-30");
}
