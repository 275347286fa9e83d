//! Date literals: TODAY, LAST_N_DAYS:n and their like, as days of UTC.

use jiff::{
    Span, Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};

/// The day of an instant.
pub fn day(second: i64) -> Date {
    let instant = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
    instant.to_zoned(TimeZone::UTC).date()
}

/// The first second of a day.
pub fn start(day: Date) -> i64 {
    // Counted in days: 9999-12-31, the end of rates without one, lies beyond the last instant of the clock.
    day.duration_since(date(1970, 1, 1)).as_secs()
}

/// First day, and the day after the last, of a literal.
pub fn range(name: &str, count: Option<i64>, now: i64) -> Option<(Date, Date)> {
    let today = day(now);
    let moved = |from: Date, days: i64| from.checked_add(Span::new().try_days(days).ok()?).ok();
    let month = |offset: i64| {
        today
            .first_of_month()
            .checked_add(Span::new().try_months(offset).ok()?)
            .ok()
    };
    let year = |offset: i64| {
        today
            .first_of_year()
            .checked_add(Span::new().try_years(offset).ok()?)
            .ok()
    };
    let week = |offset: i64| {
        let since_sunday = i64::from(today.weekday().to_sunday_zero_offset());
        moved(today, offset.checked_mul(7)?.checked_sub(since_sunday)?)
    };
    match (name, count) {
        ("TODAY", None) => Some((today, moved(today, 1)?)),
        ("YESTERDAY", None) => Some((moved(today, -1)?, today)),
        ("TOMORROW", None) => Some((moved(today, 1)?, moved(today, 2)?)),
        ("THIS_WEEK", None) => Some((week(0)?, week(1)?)),
        ("LAST_WEEK", None) => Some((week(-1)?, week(0)?)),
        ("NEXT_WEEK", None) => Some((week(1)?, week(2)?)),
        ("THIS_MONTH", None) => Some((month(0)?, month(1)?)),
        ("LAST_MONTH", None) => Some((month(-1)?, month(0)?)),
        ("NEXT_MONTH", None) => Some((month(1)?, month(2)?)),
        ("THIS_YEAR", None) => Some((year(0)?, year(1)?)),
        ("LAST_YEAR", None) => Some((year(-1)?, year(0)?)),
        ("NEXT_YEAR", None) => Some((year(1)?, year(2)?)),
        ("LAST_N_DAYS", Some(n)) => Some((moved(today, n.checked_neg()?)?, moved(today, 1)?)),
        ("NEXT_N_DAYS", Some(n)) => Some((moved(today, 1)?, moved(today, n.checked_add(1)?)?)),
        ("N_DAYS_AGO", Some(n)) => {
            let first = moved(today, n.checked_neg()?)?;
            Some((first, moved(first, 1)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_weeks_and_months_have_their_ends() {
        // Sunday, 22 November 2026.
        let now = start("2026-11-22".parse().unwrap()) + 3_600;
        let shown = |name, count| {
            range(name, count, now)
                .map(|(from, to)| format!("{from} {to}"))
                .unwrap()
        };
        assert_eq!(shown("TODAY", None), "2026-11-22 2026-11-23");
        assert_eq!(shown("LAST_N_DAYS", Some(30)), "2026-10-23 2026-11-23");
        assert_eq!(shown("THIS_WEEK", None), "2026-11-22 2026-11-29");
        assert_eq!(shown("LAST_MONTH", None), "2026-10-01 2026-11-01");
        assert_eq!(range("LAST_N_DAYS", None, now), None);
    }

    #[test]
    fn the_end_of_time_is_later_than_any_day() {
        assert_eq!(start(date(2026, 11, 22)), 1_795_305_600);
        assert!(start(date(9999, 12, 31)) > start(date(9999, 12, 30)));
    }
}
