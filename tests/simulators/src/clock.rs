//! A settable clock: the machine's, shifted, or standing still.

use jiff::{SignedDuration, Timestamp, civil, tz::Offset};
use serde::Deserialize;

/// The clock of a simulated system, with the offset of its wall clock from UTC.
#[derive(Debug, Clone)]
pub struct Clock {
    shift: SignedDuration,
    frozen: Option<Timestamp>,
    utc_offset_minutes: i32,
}

/// What the control door may do to a clock.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockChange {
    /// Seconds to add to the machine's clock (replaces an earlier shift; negative sets it back).
    pub offset_seconds: Option<i64>,
    /// Seconds to move on (or back) from where the clock is now.
    pub advance_seconds: Option<i64>,
    /// The instant that the clock shows now; it runs on from there.
    pub now: Option<Timestamp>,
    /// `true` stops the clock where it is, `false` lets it run on from there.
    pub frozen: Option<bool>,
    /// The wall clock's offset from UTC in minutes, as after a change to or from summer time.
    pub utc_offset_minutes: Option<i32>,
}

impl Clock {
    /// The machine's clock, with this offset for the wall clock.
    pub fn new(utc_offset_minutes: i32) -> Self {
        Self {
            shift: SignedDuration::ZERO,
            frozen: None,
            utc_offset_minutes,
        }
    }

    /// The instant that this clock shows.
    pub fn now(&self) -> Timestamp {
        self.frozen
            .unwrap_or_else(|| shifted(Timestamp::now(), self.shift))
    }

    /// Offset of the wall clock from UTC, in minutes.
    pub fn utc_offset_minutes(&self) -> i32 {
        self.utc_offset_minutes
    }

    /// The wall clock at an instant.
    pub fn wall(&self, instant: Timestamp) -> civil::DateTime {
        let offset =
            Offset::from_seconds(self.utc_offset_minutes.saturating_mul(60)).unwrap_or(Offset::UTC);
        offset.to_datetime(instant)
    }

    /// Applies a change.
    ///
    /// # Errors
    /// A sentence, when the result would lie outside of what a calendar holds.
    pub fn change(&mut self, change: &ClockChange) -> Result<(), String> {
        if let Some(minutes) = change.utc_offset_minutes {
            if !(-14 * 60..=14 * 60).contains(&minutes) {
                return Err(format!(
                    "utc_offset_minutes {minutes} is not within 14 hours"
                ));
            }
            self.utc_offset_minutes = minutes;
        }
        let before = self.now();
        let target = if let Some(now) = change.now {
            now
        } else if let Some(seconds) = change.offset_seconds {
            moved(Timestamp::now(), seconds)?
        } else {
            before
        };
        let target = moved(target, change.advance_seconds.unwrap_or(0))?;
        let stands = change.frozen.unwrap_or(self.frozen.is_some());
        self.frozen = stands.then_some(target);
        self.shift = Timestamp::now().duration_until(target);
        Ok(())
    }
}

fn moved(from: Timestamp, seconds: i64) -> Result<Timestamp, String> {
    from.checked_add(SignedDuration::from_secs(seconds))
        .map_err(|_| format!("{seconds} seconds from {from} is no instant"))
}

fn shifted(from: Timestamp, by: SignedDuration) -> Timestamp {
    from.checked_add(by).unwrap_or(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repeated_hour_sets_the_wall_clock_back_while_instants_go_on() {
        let mut clock = Clock::new(-300);
        clock
            .change(&ClockChange {
                now: Some("2026-11-01T06:59:00Z".parse().unwrap()),
                frozen: Some(true),
                ..ClockChange::default()
            })
            .unwrap();
        let before = clock.now();
        assert_eq!(clock.wall(before).to_string(), "2026-11-01T01:59:00");
        clock
            .change(&ClockChange {
                advance_seconds: Some(120),
                utc_offset_minutes: Some(-360),
                ..ClockChange::default()
            })
            .unwrap();
        assert!(clock.now() > before);
        assert_eq!(clock.wall(clock.now()).to_string(), "2026-11-01T01:01:00");
    }
}
