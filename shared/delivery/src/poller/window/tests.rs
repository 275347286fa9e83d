//! The cursor's rules against clocks that misbehave.

use counterpart_config::{CompanyConfig, SyncConfig};
use counterpart_domain::{Company, Entity, ServerTime, Stamp};
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use super::opening;
use crate::ports::{Cursor, OpenWindow};

fn rules() -> CompanyConfig {
    let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
    config.companies.values().next().unwrap().clone()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn wall(text: &str) -> Stamp {
    Stamp::at(text.parse::<DateTime>().unwrap())
}

fn server(wall_clock: &str, utc_offset_minutes: i32, instant: &str) -> ServerTime {
    ServerTime {
        wall: wall(wall_clock),
        utc_offset_minutes,
        instant: at(instant),
    }
}

/// A cursor after one complete window at this moment.
fn polled(server: ServerTime) -> Cursor {
    let mut cursor = Cursor::new(Company::new("ABC").unwrap(), Entity::CUSTOMER);
    let open = OpenWindow {
        from: Stamp::BEGINNING,
        to: server.wall,
        after: None,
        opened: server,
        opened_at: server.instant,
        wide: true,
        everything: false,
        mappings: Default::default(),
        run: "r".to_owned(),
        pages: 1,
        listed: 1,
    };
    opening::close(&mut cursor, &open, &rules());
    cursor
}

#[test]
fn the_first_window_starts_at_the_beginning() {
    let cursor = Cursor::new(Company::new("ABC").unwrap(), Entity::CUSTOMER);
    let (from, wide) = opening::lower_bound(&cursor, &rules(), false, at("2026-11-22T19:30:00Z"));
    assert_eq!((from, wide), (Stamp::BEGINNING, true));
}

#[test]
fn each_window_looks_back_two_hours_and_once_a_day_twenty_five() {
    let cursor = polled(server("2026-11-22T13:30:00", -360, "2026-11-22T19:30:00Z"));
    let (from, wide) = opening::lower_bound(&cursor, &rules(), false, at("2026-11-22T19:45:00Z"));
    assert_eq!((from, wide), (wall("2026-11-22T11:29:30"), false));
    let (from, wide) = opening::lower_bound(&cursor, &rules(), false, at("2026-11-23T19:30:00Z"));
    assert_eq!((from, wide), (wall("2026-11-21T12:29:30"), true));
}

#[test]
fn a_clock_that_moves_as_ours_does_widens_nothing() {
    let cursor = polled(server("2026-11-22T13:30:00", -360, "2026-11-22T19:30:00Z"));
    let now = server("2026-11-22T13:45:10", -360, "2026-11-22T19:45:10Z");
    assert_eq!(
        opening::widened(&cursor, &rules(), &now, at("2026-11-22T19:45:00Z")),
        None
    );
}

#[test]
fn a_clock_set_back_five_hours_is_noticed_and_nothing_stamped_since_is_passed_over() {
    let cursor = polled(server("2026-11-22T13:30:00", -360, "2026-11-22T19:30:00Z"));
    let now = server("2026-11-22T08:45:00", -360, "2026-11-22T14:45:00Z");
    let from = opening::widened(&cursor, &rules(), &now, at("2026-11-22T19:45:00Z")).unwrap();
    // Whatever was edited within the last quarter of an hour carries at least 08:30.
    assert!(from < wall("2026-11-22T08:30:00"), "{from}");
    // And what had been stamped before the step, up to the highest the clock showed, is still read.
    assert_eq!(
        opening::upper_bound(&cursor, &now, at("2026-11-22T19:45:00Z")),
        wall("2026-11-22T13:45:00")
    );
}

#[test]
fn the_repeated_hour_in_autumn_widens_the_window() {
    let cursor = polled(server("2026-11-01T01:55:00", -300, "2026-11-01T06:55:00Z"));
    let now = server("2026-11-01T01:10:00", -360, "2026-11-01T07:10:00Z");
    let from = opening::widened(&cursor, &rules(), &now, at("2026-11-01T07:10:00Z")).unwrap();
    assert!(from < wall("2026-11-01T00:55:00"), "{from}");
}

#[test]
fn after_a_step_back_the_watermark_follows_the_clock_and_the_high_water_stays() {
    let mut cursor = polled(server("2026-11-22T13:30:00", -360, "2026-11-22T19:30:00Z"));
    let opened = server("2026-11-22T12:45:00", -360, "2026-11-22T18:45:00Z");
    let open = OpenWindow {
        from: wall("2026-11-21T11:00:00"),
        to: opening::upper_bound(&cursor, &opened, at("2026-11-22T19:45:00Z")),
        after: None,
        opened,
        opened_at: at("2026-11-22T19:45:00Z"),
        wide: true,
        everything: false,
        mappings: Default::default(),
        run: "r".to_owned(),
        pages: 1,
        listed: 1,
    };
    opening::close(&mut cursor, &open, &rules());
    assert_eq!(cursor.watermark, Some(wall("2026-11-22T12:44:30")));
    assert_eq!(cursor.high_water, Some(wall("2026-11-22T13:45:00")));
    // What was read before the step is not sent again with every poll until the clock has caught up; but what the clock has
    // shown since the last window may be new.
    let now = server("2026-11-22T13:00:00", -360, "2026-11-22T19:00:00Z");
    let read = opening::read_before(&cursor, &rules(), &now, at("2026-11-22T20:00:00Z"));
    for (stamp, is_read) in [
        ("2026-11-22T12:44:30", true),
        ("2026-11-22T12:44:31", false),
        ("2026-11-22T13:00:00", false),
        ("2026-11-22T13:05:01", true),
        ("2026-11-22T13:45:00", true),
        ("2026-11-22T13:45:01", false),
    ] {
        assert_eq!(read.has(wall(stamp)), is_read, "{stamp}");
    }
}

#[test]
fn in_the_window_of_a_step_back_what_may_be_new_was_not_read_before() {
    let cursor = polled(server("2026-11-22T13:30:00", -360, "2026-11-22T19:30:00Z"));
    let now = server("2026-11-22T08:45:00", -660, "2026-11-22T19:45:00Z");
    let read = opening::read_before(&cursor, &rules(), &now, at("2026-11-22T19:45:00Z"));
    assert!(read.has(wall("2026-11-22T08:28:00")));
    assert!(!read.has(wall("2026-11-22T08:30:00")));
    assert!(!read.has(wall("2026-11-22T13:29:00")));
}

proptest::proptest! {
    /// Wherever the clock is set, and whenever within the interval: an edit made after the last window carries a stamp
    /// within the next one.
    #[test]
    fn no_step_of_the_clock_loses_an_edit(
        interval in 60i64..100_000, step in -40_000i64..40_000, step_at in 0f64..1.0, edit_at in 0f64..1.0,
    ) {
        let start = server("2026-11-22T13:30:00", -360, "2026-11-22T19:30:00Z");
        let cursor = polled(start);
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a share of an interval")]
        let (step_at, edit_at) = ((interval as f64 * step_at) as i64, (interval as f64 * edit_at) as i64);
        let shown = |seconds: i64| {
            let moved = seconds + if seconds >= step_at { step } else { 0 };
            Stamp::at(start.wall.wall().saturating_add(SignedDuration::from_secs(moved)))
        };
        let now = start.instant + SignedDuration::from_secs(interval);
        let server = ServerTime { wall: shown(interval), utc_offset_minutes: -360, instant: now };
        let (from, _) = opening::lower_bound(&cursor, &rules(), false, now);
        let from = opening::widened(&cursor, &rules(), &server, now).map_or(from, |lower| lower.min(from));
        let stamp = shown(edit_at);
        proptest::prop_assert!(stamp >= from, "{stamp} < {from}");
        let to = opening::upper_bound(&cursor, &server, now);
        proptest::prop_assert!(stamp <= to, "{stamp} > {to}");
    }
}
