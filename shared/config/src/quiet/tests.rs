use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

const WORKDAYS: [Weekday; 5] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
];
const ALL: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];
const MINUTE: SignedDuration = SignedDuration::from_secs(60);

fn window(days: &[Weekday], from: &str, to: &str, zone: &str) -> QuietWindow {
    QuietWindow {
        days: days.to_vec(),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        zone: TimeZone::get(zone).unwrap(),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_on_which_it_begins() {
    let nights = window(&WORKDAYS, "18:00", "06:00", "America/Chicago");
    let quiet = |text| nights.at(at(text)).is_some();
    // A Friday in winter: 18:00 is midnight in UTC.
    assert!(!quiet("2026-01-09T23:59:59Z"));
    assert!(quiet("2026-01-10T00:00:00Z"));
    assert!(quiet("2026-01-10T11:59:59Z"), "Saturday, 5:59");
    assert!(!quiet("2026-01-10T12:00:00Z"), "Saturday, 6:00");
    assert!(!quiet("2026-01-11T02:00:00Z"), "Saturday evening");
    assert!(
        !quiet("2026-01-12T08:00:00Z"),
        "Monday, 2:00: it is Sunday's"
    );
    let time = nights.at(at("2026-01-10T03:00:00Z")).unwrap();
    assert_eq!(time.begin, at("2026-01-10T00:00:00Z"));
    assert_eq!(time.end, at("2026-01-10T12:00:00Z"));
    let next = nights.next(at("2026-01-10T03:00:00Z")).unwrap();
    assert_eq!(next.begin, at("2026-01-13T00:00:00Z"), "Monday evening");
    let last = nights.last_end(at("2026-01-12T08:00:00Z"));
    assert_eq!(last, Some(at("2026-01-10T12:00:00Z")));
}

#[test]
fn the_wall_clock_counts_when_the_clocks_change() {
    let nights = window(&ALL, "18:00", "06:00", "America/Chicago");
    let length = |text| {
        let time = nights.at(at(text)).unwrap();
        time.end.duration_since(time.begin).as_hours()
    };
    assert_eq!(length("2026-03-07T06:00:00Z"), 12);
    assert_eq!(length("2026-03-08T06:00:00Z"), 11, "the clocks go forward");
    assert_eq!(length("2026-11-01T06:00:00Z"), 13, "the clocks go back");
    let end = |text| nights.at(at(text)).unwrap().end;
    assert_eq!(end("2026-03-08T06:00:00Z"), at("2026-03-08T11:00:00Z"));
    assert_eq!(end("2026-11-01T06:00:00Z"), at("2026-11-01T12:00:00Z"));
}

/// 1:30 comes twice on the first of November, and 2:30 not at all on the eighth of March.
#[test]
fn where_a_time_is_repeated_or_skipped_the_window_is_the_longer_one() {
    let zone = "America/Chicago";
    let until = window(&ALL, "00:00", "01:30", zone);
    let time = until.at(at("2026-11-01T05:30:00Z")).unwrap();
    assert_eq!(time.end, at("2026-11-01T07:30:00Z"), "the second 1:30");
    let from = window(&ALL, "01:30", "04:00", zone);
    let time = from.at(at("2026-11-01T08:00:00Z")).unwrap();
    assert_eq!(time.begin, at("2026-11-01T06:30:00Z"), "the first 1:30");
    let skipped = window(&ALL, "02:15", "02:45", zone);
    let time = skipped.at(at("2026-03-08T08:00:00Z")).unwrap();
    assert!(time.begin < time.end);
    assert!(
        time.holds(at("2026-03-08T08:00:00Z")),
        "the moment at which the hour goes"
    );
}

#[test]
fn windows_that_leave_no_time_are_known() {
    let at = at("2026-01-05T12:00:00Z");
    let day = window(&ALL, "06:00", "18:00", "America/Chicago");
    let night = window(&ALL, "18:00", "06:00", "America/Chicago");
    let whole = window(&ALL, "00:00", "00:00", "UTC");
    let workdays = window(&WORKDAYS, "00:00", "00:00", "UTC");
    assert!(!leave_no_time(&[], at));
    assert!(!leave_no_time(std::slice::from_ref(&day), at));
    assert!(leave_no_time(&[day, night], at));
    assert!(leave_no_time(&[whole], at));
    assert!(!leave_no_time(&[workdays], at));
}

/// What the window's own words say of an instant, read off the wall clock of its place: no arithmetic on instants.
fn says(window: &QuietWindow, at: Timestamp) -> bool {
    let wall = at.to_zoned(window.zone.clone()).datetime();
    let (date, time) = (wall.date(), wall.time());
    let begins = |date: Date| window.days.contains(&date.weekday());
    match window.to > window.from {
        true => begins(date) && window.from <= time && time < window.to,
        false => {
            (begins(date) && window.from <= time)
                || (begins(date.yesterday().unwrap()) && time < window.to)
        }
    }
}

/// Whether the wall clock of a place repeats or skips anything within a day of an instant.
fn changes(zone: &TimeZone, at: Timestamp) -> bool {
    let offset = |hours| zone.to_offset(at + SignedDuration::from_hours(hours));
    offset(-26) != offset(26)
}

fn windows() -> impl Strategy<Value = QuietWindow> {
    let zones = [
        "America/Chicago",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "Pacific/Apia",
        "UTC",
    ];
    let days = proptest::sample::subsequence(ALL.to_vec(), 1..=7);
    let minutes = 0..24 * 60_i32;
    (
        days,
        minutes.clone(),
        minutes,
        proptest::sample::select(zones.to_vec()),
    )
        .prop_map(|(days, from, to, zone)| {
            let time = |minutes: i32| {
                jiff::civil::time(
                    i8::try_from(minutes / 60).unwrap(),
                    i8::try_from(minutes % 60).unwrap(),
                    0,
                    0,
                )
            };
            QuietWindow {
                days,
                from: time(from),
                to: time(to),
                zone: TimeZone::get(zone).unwrap(),
            }
        })
}

/// Two years with every change of clocks, by minutes.
fn instants() -> impl Strategy<Value = Timestamp> {
    let begin = at("2026-01-01T00:00:00Z");
    (0..2 * 365 * 24 * 60_i64)
        .prop_map(move |minutes| begin + MINUTE * i32::try_from(minutes).unwrap())
}

proptest! {
    #[test]
    fn a_window_is_what_the_wall_clock_says(window in windows(), at in instants()) {
        let quiet = window.at(at).is_some();
        if changes(&window.zone, at) {
            // Never shorter than its words.
            prop_assert!(quiet || !says(&window, at));
        } else {
            prop_assert_eq!(quiet, says(&window, at));
        }
    }

    #[test]
    fn a_time_begins_ends_and_is_remembered(window in windows(), at in instants()) {
        if let Some(time) = window.at(at) {
            prop_assert!(time.holds(at));
            prop_assert!(window.at(time.begin).is_some());
            prop_assert!(time.end.duration_since(time.begin) <= SignedDuration::from_hours(26));
            // The last moment of it is quiet, whatever follows.
            prop_assert!(window.at(time.end - SignedDuration::from_secs(1)).is_some());
            prop_assert!(window.last_end(time.end).unwrap() >= time.end);
        }
        let next = window.next(at).unwrap();
        prop_assert!(next.begin > at && window.at(next.begin).is_some());
        let last = window.last_end(at).unwrap();
        prop_assert!(last <= at && window.at(last - SignedDuration::from_secs(1)).is_some());
    }
}
