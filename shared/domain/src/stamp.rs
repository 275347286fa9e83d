//! When Sage says that a record was changed: `DateUpdated` (`YYYYMMDD`) and `TimeUpdated` (decimal hours in text, server
//! wall clock, no zone). `"9.5"` is 09:30 and comes before `"15.2"`: the hours are compared as a number.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};

/// A text that is no stamp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a Sage {part}")]
pub struct StampError {
    text: String,
    part: &'static str,
}

/// A point on the ERP's wall clock. Ordered; it may repeat or run backwards (autumn, a clock set back), which is why
/// it serves the cursor only and never the order of observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stamp(DateTime);

/// Microseconds in an hour; a stamp's text has at most five decimals (36 ms).
const MICROS_PER_HOUR: i64 = 3_600_000_000;

impl Stamp {
    /// The stamp before every other: the lower bound of a first import.
    pub const BEGINNING: Self = Self(DateTime::constant(1900, 1, 1, 0, 0, 0, 0));

    /// Reads Sage's two columns. Blank date: [`Stamp::BEGINNING`] (a record that was never stamped); blank time: midnight.
    ///
    /// # Errors
    /// When the date is not `YYYYMMDD`, or the time is not a decimal in 0..24.
    pub fn parse(date: &str, time: &str) -> Result<Self, StampError> {
        let bad = |text: &str, part| StampError {
            text: crate::bounded(text.to_owned(), 40),
            part,
        };
        let (date, time) = (date.trim(), time.trim());
        if date.is_empty() {
            return Ok(Self::BEGINNING);
        }
        let day = Date::strptime("%Y%m%d", date)
            .ok()
            .filter(|_| date.len() == 8)
            .ok_or_else(|| bad(date, "DateUpdated"))?;
        let micros = if time.is_empty() {
            0
        } else {
            time.parse::<Decimal>()
                .ok()
                .filter(|hours| (Decimal::ZERO..Decimal::from(24)).contains(hours))
                .and_then(|hours| (hours * Decimal::from(MICROS_PER_HOUR)).to_i64())
                .ok_or_else(|| bad(time, "TimeUpdated"))?
        };
        Ok(Self(
            day.to_datetime(jiff::civil::Time::midnight())
                .saturating_add(SignedDuration::from_micros(micros)),
        ))
    }

    /// From a wall-clock date and time.
    #[must_use]
    pub const fn at(wall: DateTime) -> Self {
        Self(wall)
    }

    /// The wall-clock date and time.
    #[must_use]
    pub const fn wall(self) -> DateTime {
        self.0
    }

    /// `YYYYMMDD`.
    #[must_use]
    pub fn date_text(self) -> String {
        self.0.strftime("%Y%m%d").to_string()
    }

    /// Decimal hours with five decimals, cut (never rounded up, so that a lower bound stays one).
    #[must_use]
    pub fn time_text(self) -> String {
        let since_midnight = self
            .0
            .duration_since(self.0.date().to_datetime(jiff::civil::Time::midnight()));
        let micros = i64::try_from(since_midnight.as_micros()).unwrap_or(0);
        let hundred_thousandths = micros * 5 / (MICROS_PER_HOUR / 20_000);
        format!(
            "{}.{:05}",
            hundred_thousandths / 100_000,
            hundred_thousandths % 100_000
        )
    }

    /// Earlier by `by`, not before [`Stamp::BEGINNING`].
    #[must_use]
    pub fn earlier(self, by: SignedDuration) -> Self {
        Self(self.0.saturating_sub(by)).max(Self::BEGINNING)
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The ERP's clock as the agent reports it with each page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerTime {
    /// The wall clock that Sage stamps with.
    pub wall: Stamp,
    /// Minutes east of UTC at that moment.
    pub utc_offset_minutes: i32,
    /// The same moment as the agent's machine sees it in UTC.
    pub instant: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(date: &str, time: &str) -> Stamp {
        Stamp::parse(date, time).unwrap()
    }

    #[test]
    fn hours_are_numbers_not_text() {
        assert!(stamp("20261122", "9.5") < stamp("20261122", "15.2"));
        assert_eq!(stamp("20261122", "15.5").to_string(), "2026-11-22T15:30:00");
        assert_eq!(stamp("20261122", " 8.49238 ").wall().second(), 32);
    }

    #[test]
    fn a_blank_date_is_the_beginning_and_a_blank_time_midnight() {
        assert_eq!(stamp("", ""), Stamp::BEGINNING);
        assert_eq!(stamp("20261122", "").to_string(), "2026-11-22T00:00:00");
    }

    #[test]
    fn nonsense_is_an_error() {
        for (date, time) in [
            ("2026-11-22", "1"),
            ("20261322", "1"),
            ("20261122", "24.0"),
            ("20261122", "x"),
            ("20261122", "-1"),
        ] {
            assert!(Stamp::parse(date, time).is_err(), "{date} {time}");
        }
    }

    proptest::proptest! {
        #[test]
        fn text_and_back_never_moves_forward(seconds in 0u32..86_400) {
            let wall = jiff::civil::date(2026, 3, 1).at(0, 0, 0, 0).saturating_add(SignedDuration::from_secs(i64::from(seconds)));
            let there = Stamp::at(wall);
            let back = stamp(&there.date_text(), &there.time_text());
            proptest::prop_assert!(back <= there);
            proptest::prop_assert!(there.wall().duration_since(back.wall()) < SignedDuration::from_millis(37));
        }
    }
}
