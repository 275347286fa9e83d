//! Quiet windows: times of the week in which nothing is done for a company, a target, or what a table of a target is about.
//!
//! A window is kept by the clock on the wall of a place. Where that clock repeats or skips an hour, the window is the longer one
//! of what it could mean.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A window ends on the day after it began at the latest; two zones of one place are never a day apart.
const LONGEST_DAYS: i32 = 2;
/// Every window that there is has one within a week, of which a day may be missing where a place changed sides of the date line.
const WEEK: i32 = 9;

/// A time of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietWindow {
    /// The days on which it begins.
    pub days: Vec<Weekday>,
    /// When it begins.
    pub from: Time,
    /// When it ends: on the same day, or on the next one where that is no later than `from`.
    pub to: Time,
    /// The place.
    pub zone: TimeZone,
}

/// One of its times: from `begin` on, and at `end` no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietTime {
    /// When it begins.
    pub begin: Timestamp,
    /// When it is over.
    pub end: Timestamp,
}

impl QuietTime {
    /// Whether an instant is in it.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.begin <= at && at < self.end
    }
}

impl QuietWindow {
    /// The time of it that an instant is in; the last to end, where there are two.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Option<QuietTime> {
        let times = self.times(at, -LONGEST_DAYS, 1);
        times
            .filter(|time| time.holds(at))
            .max_by_key(|time| time.end)
    }

    /// When it was over last, as seen from an instant.
    #[must_use]
    pub fn last_end(&self, at: Timestamp) -> Option<Timestamp> {
        let ends = self.times(at, -WEEK - LONGEST_DAYS, 1);
        ends.map(|time| time.end).filter(|end| *end <= at).max()
    }

    /// Its next time, after an instant.
    #[must_use]
    pub fn next(&self, at: Timestamp) -> Option<QuietTime> {
        let times = self.times(at, -1, WEEK);
        times
            .filter(|time| time.begin > at)
            .min_by_key(|time| time.begin)
    }

    /// Its times that begin on the days around an instant, as the place counts days.
    fn times(&self, at: Timestamp, first: i32, last: i32) -> impl Iterator<Item = QuietTime> {
        let today = at.to_zoned(self.zone.clone()).date();
        (first..=last)
            .filter_map(move |days| self.on(today.checked_add(Span::new().days(days)).ok()?))
    }

    fn on(&self, day: Date) -> Option<QuietTime> {
        if !self.days.contains(&day.weekday()) {
            return None;
        }
        let last = match self.to > self.from {
            true => day,
            false => day.tomorrow().ok()?,
        };
        let of = |day: Date, time| self.zone.to_ambiguous_timestamp(day.to_datetime(time));
        Some(QuietTime {
            begin: of(day, self.from).earlier().ok()?,
            end: of(last, self.to).later().ok()?,
        })
    }
}

/// Whether these windows together leave no time at all, in a week such as that of `at`.
#[must_use]
pub fn leave_no_time(windows: &[QuietWindow], at: Timestamp) -> bool {
    let mut ends = windows
        .iter()
        .flat_map(|window| window.times(at, 0, WEEK))
        .map(|time| time.end)
        .peekable();
    let held = |at| windows.iter().any(|window| window.at(at).is_some());
    ends.peek().is_some() && ends.all(held)
}

#[cfg(test)]
mod tests;
