//! The server that Sage runs on is moved in time: an hour in spring and autumn, four or five when it moves house. Its stamps
//! are its own wall clock, and no edit is lost.

use std::time::Duration;

use counterpart_delivery::ports::Clock as _;
use counterpart_domain::Entity;
use counterpart_simulation::world::{Steps, World};
use jiff::SignedDuration;

use crate::scene::*;

const MINUTE: Duration = Duration::from_secs(60);
/// By how many minutes a server is moved.
const MOVES: [i32; 6] = [-60, 60, -240, 240, -300, 300];
/// Where it stands before.
const HOME: i32 = -300;

fn moved() -> World {
    let world = populated();
    world.sage.set_utc_offset(HOME);
    settle(&world);
    world
}

/// Somebody edits a customer, another one each time.
fn edit(world: &World, minute: u32) {
    let key = format!("0{}-C{:02}", minute % 2 + 1, minute % 12);
    let city = format!("City {minute}");
    world.sage.edit(&customer(&key), &[("City", &city)]);
}

/// A poll that reads a page or two before its time is over: the next one goes on with its window.
fn poll_briefly(world: &World) {
    let (poller, company) = (world.poller(), abc());
    let soon = world.clock.now() + SignedDuration::from_secs(61);
    let mut steps = Steps::new(poller.poll(&company, Entity::CUSTOMER, soon));
    while steps.steps(4).is_none() {
        world.clock.advance(Duration::from_millis(200));
    }
}

#[test]
fn a_server_that_is_moved_at_any_minute_between_two_polls_loses_no_edit() {
    for by in MOVES {
        for at in 0..15 {
            let world = moved();
            for minute in 0..90 {
                world.clock.advance(MINUTE);
                if minute == 30 + at {
                    world.sage.set_utc_offset(HOME + by);
                }
                edit(&world, minute);
                if minute % 15 == 14 {
                    settle(&world);
                    assert_at_rest(&world, &format!("{by} minutes at {at}, minute {minute}"));
                }
            }
        }
    }
}

#[test]
fn a_server_that_is_moved_while_it_cannot_be_reached_loses_no_edit() {
    for by in MOVES {
        for hours in [3, 9, 30] {
            let world = moved();
            let (from, long) = (world.deadline(), SignedDuration::from_hours(hours));
            world.sage.outage(from, from + long);
            for minute in 0..u32::try_from(hours * 60 + 30).unwrap() {
                world.clock.advance(MINUTE);
                if i64::from(minute) == hours * 30 {
                    world.sage.set_utc_offset(HOME + by);
                }
                if minute % 7 == 0 {
                    edit(&world, minute);
                }
                if minute % 15 == 14 {
                    let _fails_while_it_is_down = world.poll(&abc(), Entity::CUSTOMER);
                }
            }
            settle(&world);
            assert_at_rest(&world, &format!("{by} minutes, {hours} hours out of reach"));
        }
    }
}

#[test]
fn a_server_that_is_moved_while_a_long_window_is_read_loses_no_edit() {
    for by in MOVES {
        let world = moved();
        for minute in 0..60 {
            world.clock.advance(MINUTE);
            edit(&world, minute);
            poll_briefly(&world);
            edit(&world, minute + 1);
            if minute == 30 {
                world.sage.set_utc_offset(HOME + by);
                edit(&world, minute + 2);
            }
        }
        settle(&world);
        assert_at_rest(&world, &format!("{by} minutes"));
    }
}

#[test]
fn a_server_that_is_moved_and_set_right_between_two_polls_is_caught_up_within_a_day() {
    for by in MOVES {
        let world = moved();
        for minute in 0..45 {
            world.clock.advance(MINUTE);
            match minute {
                20 => world.sage.set_utc_offset(HOME + by),
                26 => world.sage.set_utc_offset(HOME),
                _ => {}
            }
            edit(&world, minute);
            if minute % 15 == 14 {
                settle(&world);
            }
        }
        for _ in 0..25 {
            world.clock.advance(MINUTE * 60);
            settle(&world);
        }
        assert_at_rest(&world, &format!("{by} minutes and back"));
    }
}
