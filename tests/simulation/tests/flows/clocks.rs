//! The ERP's clock misbehaves; no edit is lost.

use counterpart_domain::Entity;
use jiff::SignedDuration;
use std::time::Duration;

use crate::scene::*;

const QUARTER: Duration = Duration::from_secs(900);

#[test]
fn a_clock_set_back_an_hour_loses_no_edit() {
    for hours in [1, 5, 30] {
        let world = populated();
        settle(&world);
        for step in 0..8 {
            world.clock.advance(QUARTER);
            world
                .sage
                .edit(&customer("01-C00"), &[("City", &format!("City {step}"))]);
            if step == 3 {
                world.sage.set_clock_by(SignedDuration::from_hours(-hours));
                world
                    .sage
                    .edit(&customer("02-C01"), &[("City", "right after the step")]);
            }
            settle(&world);
            assert_at_rest(&world, &format!("{hours} hours back, step {step}"));
        }
    }
}

#[test]
fn the_repeated_hour_in_autumn_loses_no_edit() {
    let world = populated();
    world.sage.set_utc_offset(-300);
    settle(&world);
    for quarter in 0..12 {
        world.clock.advance(QUARTER);
        if quarter == 4 {
            world.sage.set_utc_offset(-360);
        }
        world
            .sage
            .edit(&customer("01-C00"), &[("City", &format!("City {quarter}"))]);
        settle(&world);
        assert_at_rest(&world, &format!("quarter {quarter}"));
    }
}

#[test]
fn an_edit_in_the_same_second_right_after_the_poll_is_found_by_the_next() {
    let world = populated();
    settle(&world);
    world.clock.advance(QUARTER);
    world.sage.edit(&customer("01-C00"), &[("City", "before")]);
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    world.sage.edit(&customer("01-C00"), &[("City", "after")]);
    world.sage.edit(&customer("02-C01"), &[("City", "after")]);
    world.drain();
    world.clock.advance(QUARTER);
    settle(&world);
    assert_at_rest(&world, "same second");
}

#[test]
fn edits_between_two_pages_are_not_lost() {
    let world = world();
    for n in 0..30 {
        put_customer(&world, &customer(&format!("01-{n:04}")), "Some Company");
    }
    // It was on the first page, and moves behind the last one.
    world
        .sage
        .edit_between_pages(&customer("01-0000"), "City", "edited while paging");
    world
        .sage
        .edit_between_pages(&customer("01-0029"), "City", "edited while paging");
    settle(&world);
    world.clock.advance(QUARTER);
    settle(&world);
    assert_at_rest(&world, "edited while paging");
    assert_eq!(
        world.sage.column(&customer("01-0000"), "City"),
        "edited while paging"
    );
}

#[test]
fn a_revert_while_the_older_edit_is_still_under_way_is_not_taken_for_unchanged() {
    let world = populated();
    settle(&world);
    world.clock.advance(QUARTER);
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    // Before the writer comes to it, somebody takes the edit back.
    world.clock.advance(QUARTER);
    world
        .sage
        .edit(&customer("01-C00"), &[("City", "Milwaukee")]);
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    world.drain();
    assert_at_rest(&world, "taken back");
}
