//! The day of a date, and of a moment: that is one day here and another one there.

use counterpart_domain::Value;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::mapping::as_date;

/// The moment that a text of a CRM is: `2026-03-01T02:30:00.000+0000` (Salesforce, always UTC), `2026-03-01T08:00:00+05:30`
/// (Zoho CRM, in the time zone of whoever asks). `None`: it is none, or says nothing of its place.
#[must_use]
pub fn moment(text: &str) -> Option<Timestamp> {
    // An offset without a colon is no form of the standard's.
    let plain = || Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok();
    text.parse().ok().or_else(plain)
}

/// The day of a text. `zone`: the company's; where it is not known, a moment is on the day that the CRM wrote it with.
pub(super) fn day(text: &str, zone: Option<&TimeZone>) -> Option<Date> {
    let text = text.trim();
    if let (Some(zone), Some(moment)) = (zone, moment(text)) {
        return Some(moment.to_zoned(zone.clone()).date());
    }
    match as_date(text.split(['T', ' ']).next()?) {
        Some(Value::Date(day)) => Some(day),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::tz::Offset;
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    #[test]
    fn a_moment_is_on_the_companys_day() {
        let chicago = zone("America/Chicago");
        for (text, expected) in [
            ("2026-03-01T02:30:00Z", "2026-02-28"),
            ("2026-03-01T02:30:00.000+0000", "2026-02-28"),
            ("2026-03-01T08:00:00+05:30", "2026-02-28"),
            ("2026-02-28T23:59:59-06:00", "2026-02-28"),
            ("2026-03-01T00:00:00-06:00", "2026-03-01"),
            // Summer: five hours, not six.
            ("2026-07-01T05:30:00Z", "2026-07-01"),
            ("2026-07-01T04:59:00Z", "2026-06-30"),
            // No moment: a date, and a time that nobody can place.
            ("2026-03-01", "2026-03-01"),
            ("2026-03-01T02:30:00", "2026-03-01"),
        ] {
            let day = day(text, Some(&chicago)).map(|day| day.to_string());
            assert_eq!(day.as_deref(), Some(expected), "{text}");
        }
        let day = |text, zone: Option<&TimeZone>| day(text, zone).map(|day| day.to_string());
        let moment = "2026-03-01T23:30:00Z";
        assert_eq!(
            day(moment, Some(&zone("Asia/Kolkata"))).as_deref(),
            Some("2026-03-02")
        );
        assert_eq!(day(moment, None).as_deref(), Some("2026-03-01"));
        assert_eq!(day("soon", Some(&chicago)), None);
    }

    proptest! {
        /// However a CRM writes a moment, and with whose offset, it is one day.
        #[test]
        fn the_form_of_a_moment_says_nothing_of_its_day(second in 0..4_000_000_000_i64, minutes in -720..840_i32, name in 0..4_usize) {
            let names = ["America/Chicago", "Europe/Berlin", "Asia/Kolkata", "Pacific/Auckland"];
            let zone = zone(names[name]);
            let at = Timestamp::from_second(second).unwrap();
            let expected = Some(at.to_zoned(zone.clone()).date());
            let offset = Offset::from_seconds(minutes * 60).unwrap();
            let there = at.to_zoned(TimeZone::fixed(offset));
            for form in ["%Y-%m-%dT%H:%M:%S%:z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.000%z"] {
                let text = there.strftime(form).to_string();
                prop_assert_eq!(day(&text, Some(&zone)), expected, "{}", text);
            }
            let day_before = (at - SignedDuration::from_hours(24)).to_zoned(zone.clone()).date();
            prop_assert_ne!(Some(day_before), expected);
        }
    }
}
