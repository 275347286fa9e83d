//! From when on CRM records become Sage's.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// The last place on earth where a day begins is twelve hours behind UTC.
const LAST_PLACE: Offset = Offset::constant(-12);

/// The moment from which sales and new customers count: what was won, or became a client, before it was entered in Sage
/// 100 by other ways. A moment that is equal to it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Since(Timestamp);

impl Since {
    /// An instant.
    #[must_use]
    pub const fn instant(at: Timestamp) -> Self {
        Self(at)
    }

    /// A day, from the moment that it has begun everywhere on earth (12:00 UTC): whatever clock a business keeps, nothing
    /// of the day before counts. None: beyond the calendar.
    #[must_use]
    pub fn day(day: Date) -> Option<Self> {
        let begun = LAST_PLACE.to_timestamp(DateTime::from(day)).ok()?;
        Some(Self(begun))
    }

    /// The instant.
    #[must_use]
    pub const fn at(self) -> Timestamp {
        self.0
    }

    /// The day that it falls on where days begin last: a date before this one is before it everywhere.
    #[must_use]
    pub fn first_day(self) -> Date {
        self.0.to_zoned(TimeZone::fixed(LAST_PLACE)).date()
    }

    /// The day of a moment where days begin last, to be held against [`Since::first_day`].
    #[must_use]
    pub fn day_there(moment: Timestamp) -> Date {
        moment.to_zoned(TimeZone::fixed(LAST_PLACE)).date()
    }

    /// A date (`2026-12-01`) or a moment with an offset (`2026-12-01T08:00:00-05:00`).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() == "2026-12-01".len() {
            return Self::day(text.parse().ok()?);
        }
        text.parse().ok().map(Self)
    }
}

impl fmt::Display for Since {
    /// As people write it: the date alone where it was one, to the minute in UTC otherwise.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = self.first_day();
        if Self::day(day) == Some(*self) {
            return write!(f, "{day}");
        }
        write!(f, "{}", self.0.strftime("%Y-%m-%d %H:%M UTC"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_begins_once_it_has_begun_everywhere() {
        let since = Since::parse("2026-12-01").unwrap();
        assert_eq!(since.at(), "2026-12-01T12:00:00Z".parse().unwrap());
        assert_eq!(since.to_string(), "2026-12-01");
        assert_eq!(since.first_day().to_string(), "2026-12-01");
        let exact = Since::parse("2026-12-01T08:30:00-05:00").unwrap();
        assert_eq!(exact.at(), "2026-12-01T13:30:00Z".parse().unwrap());
        assert_eq!(exact.to_string(), "2026-12-01 13:30 UTC");
        for wrong in [
            "",
            "2026-12-01T08:30:00",
            "2026-13-01",
            "December 1",
            "01/12/2026",
            "2026-12-1 ",
        ] {
            assert_eq!(Since::parse(wrong), None, "{wrong}");
        }
    }
}
