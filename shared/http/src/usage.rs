//! What the calls cost, and what is left of the day's budget.

use counterpart_domain::Fault;
use jiff::Timestamp;

use crate::product::{Budget, Purpose};
use crate::time::{Moment, later};

/// Counters of one client since its making.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Calls that write sent.
    pub write_calls: u64,
    /// Calls that read records sent, pages included.
    pub read_calls: u64,
    /// Calls for modules, fields, users and the org sent.
    pub metadata_calls: u64,
    /// Access tokens asked for; they cost nothing of the budget.
    pub token_calls: u64,
    /// Rows sent in bulk writes.
    pub rows_written: u64,
    /// Rows that reads of records returned.
    pub rows_read: u64,
    /// What the calls cost, in the product's own unit. Those that were turned away, or never answered, are left out.
    pub credits: u64,
}

impl Usage {
    /// All calls of the API, without those for tokens.
    #[must_use]
    pub const fn calls(&self) -> u64 {
        self.write_calls + self.read_calls + self.metadata_calls
    }

    pub(crate) const fn sending(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Write => self.write_calls += 1,
            Purpose::Read => self.read_calls += 1,
            Purpose::Metadata => self.metadata_calls += 1,
        }
    }
}

/// How long a low budget is believed. The day's window rolls, so a part of it is back soon; one call then asks again.
const BELIEVED_SECONDS: i64 = 15 * 60;

/// The counters, and the last word on the budget.
pub(crate) struct Meter<B> {
    pub usage: Usage,
    pub reading: Option<Reading<B>>,
}

/// What was told last of the day's budget.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<B> {
    pub budget: B,
    believed_until: Timestamp,
}

impl<B> Default for Meter<B> {
    fn default() -> Self {
        Self {
            usage: Usage::default(),
            reading: None,
        }
    }
}

impl<B> Meter<B> {
    /// Takes what a reply tells at `now`.
    pub(crate) fn told(&mut self, budget: Budget<B>, now: Timestamp) {
        match (budget, &mut self.reading) {
            (Budget::Left(budget), reading) => {
                *reading = Some(Reading {
                    budget,
                    believed_until: later(now, BELIEVED_SECONDS),
                });
            }
            (Budget::Plenty, Some(reading)) => reading.believed_until = Timestamp::MIN,
            (Budget::Plenty, None) | (Budget::Untold, _) => {}
        }
    }
}

impl<B> Reading<B> {
    /// Passes unless the reserve is reached, and that is still believed.
    pub(crate) fn admit(
        &self,
        moment: Moment,
        reserve: impl FnOnce(&B) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if self.believed_until <= moment.now {
            return Ok(());
        }
        reserve(&self.budget)
            .map_err(|fault| fault.until(later(self.believed_until, moment.jitter_seconds)))
    }
}

#[cfg(test)]
mod tests {
    use counterpart_domain::Class;

    use super::*;

    #[test]
    fn a_low_budget_is_believed_for_a_quarter_of_an_hour_and_then_asked_about_again() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let at = |seconds| Moment {
            now: later(now, seconds),
            jitter_seconds: 7,
        };
        let reserve = |left: &u64| match left {
            0..=500 => Err(Fault::new(Class::Throttled, "E_LOW", "Low.")),
            _ => Ok(()),
        };
        let mut meter = Meter::default();
        meter.told(Budget::Left(501), now);
        assert!(meter.reading.unwrap().admit(at(1), reserve).is_ok());
        meter.told(Budget::Left(500), now);
        let low = meter.reading.unwrap();
        let fault = low.admit(at(899), reserve).unwrap_err();
        assert_eq!(
            fault.not_before.unwrap().to_string(),
            "2026-11-22T12:15:07Z"
        );
        assert!(low.admit(at(900), reserve).is_ok());
        meter.told(Budget::Untold, later(now, 1));
        assert!(meter.reading.unwrap().admit(at(2), reserve).is_err());
        meter.told(Budget::Plenty, later(now, 1));
        let plenty = meter.reading.unwrap();
        assert!(plenty.admit(at(2), reserve).is_ok());
        assert_eq!(plenty.budget, 500, "what was told last is still known");
    }
}
