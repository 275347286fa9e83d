//! Quiet windows of `sync.toml`, over the change of the clocks.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::*;
use crate::events::records::two_way;
use crate::events::whole::selling;

/// Whether it is between six in the evening and six in the morning, by the clock on a wall in Chicago.
fn is_night(at: Timestamp) -> bool {
    let zone = TimeZone::get("America/Chicago").unwrap();
    !(6..18).contains(&at.to_zoned(zone).hour())
}

/// A shop whose company, or target, is quiet at night.
fn quiet_at_night(table: &str) -> World {
    let window = r#"quiet = [{ from = "18:00", to = "06:00", zone = "America/Chicago" }]"#;
    let with = format!("{table}\n{window}");
    selling(&two_way().replacen(table, &with, 1))
}

/// Two days in which the clocks change: what comes at night is written in the morning, at once.
fn nights(table: &str, from: &str) {
    let world = quiet_at_night(table);
    world.clock.advance_to(from.parse().unwrap());
    let (begin, context) = (world.clock.now(), format!("{table} from {from}"));
    // Whatever waits from before is done.
    live_until(&world, begin + SignedDuration::from_hours(4), work_off);
    let mut deals = Vec::new();
    let mut quiet_hours = 0;
    for _ in 0..44 {
        let deal = won_deal(&world, &account(&world));
        say(&world, "Deals", &deal);
        deals.push(deal);
        let before = world.sage.created().len();
        let half = minutes(&world, 30);
        let was_night = is_night(world.clock.now());
        live_until(&world, half, work_off);
        live_until(&world, minutes(&world, 30), work_off);
        let is_night = was_night && is_night(world.clock.now() - SignedDuration::from_secs(1));
        let made = world.sage.created().len() - before;
        if is_night {
            quiet_hours += 1;
            assert_eq!(made, 0, "{context}: written at {}", world.clock.now());
        }
        if !was_night {
            // An hour into the day nothing is left of the night.
            let left = deals.len() - world.sage.created().len();
            assert_eq!(left, 0, "{context}: at {}", world.clock.now());
        }
        assert_eq!(parked(&world), [], "{context}");
    }
    assert!(quiet_hours >= 20, "{context}: {quiet_hours} hours of night");
    while is_night(world.clock.now()) {
        world.clock.advance(Duration::from_secs(600));
    }
    assert_over(&world, &deals, &context);
    let numbers = numbers(&world, &deals);
    assert!(
        table.contains("zoho") || in_order(&numbers),
        "{context}: {numbers:?}"
    );
}

#[test]
fn a_companys_nights_when_the_clocks_go_back() {
    nights("[companies.ABC]", "2026-10-31T16:00:00Z");
}

#[test]
fn a_companys_nights_when_the_clocks_go_forward() {
    nights("[companies.ABC]", "2027-03-13T16:00:00Z");
}

#[test]
fn a_targets_nights_when_the_clocks_change() {
    nights("[targets.zoho]", "2026-10-31T16:00:00Z");
    nights("[targets.zoho]", "2027-03-13T16:00:00Z");
}

/// A window and a pause that overlap are one.
#[test]
fn a_pause_into_a_quiet_night_ends_with_the_night() {
    let world = quiet_at_night("[companies.ABC]");
    world
        .clock
        .advance_to("2026-06-02T17:00:00Z".parse().unwrap());
    live_until(&world, minutes(&world, 240), work_off);
    let until = world.clock.now() + SignedDuration::from_hours(4);
    world.pause(scope("-", "-", "order"), Some(until));
    let deal = won_deal(&world, &account(&world));
    say(&world, "Deals", &deal);
    let morning = "2026-06-03T11:00:00Z".parse().unwrap();
    live_until(&world, morning, work_off);
    assert_eq!(world.sage.created(), [""; 0]);
    live_until(&world, morning + SignedDuration::from_mins(5), work_off);
    assert_eq!(world.sage.created().len(), 1);
}
