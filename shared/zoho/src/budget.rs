//! The day's credits: what is kept for orders. Page: "API limits".

use counterpart_domain::{Class, Fault};
use counterpart_http::{Moment, later};
use jiff::Timestamp;

/// How long a low budget is believed. The window rolls, so a part of it is back soon; one call then asks again.
const PAUSE_SECONDS: i64 = 15 * 60;

/// What Zoho said last of the day's credits, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub left: u64,
    pub at: Timestamp,
}

impl Reading {
    /// Whether a call for records may be made now.
    ///
    /// # Errors
    /// `E_CRM_BUDGET_RESERVED` (throttled) while what is left is kept for orders.
    pub(crate) fn admit(&self, reserve: u64, moment: Moment) -> Result<(), Fault> {
        let until = later(self.at, PAUSE_SECONDS);
        if until <= moment.now || self.left > reserve {
            return Ok(());
        }
        Err(Fault::new(
            Class::Throttled,
            "E_CRM_BUDGET_RESERVED",
            format!(
                "{} of the org's API credits of 24 hours are left; they are kept for orders, and the work waits.",
                self.left
            ),
        )
        .with_detail(format!("reserve {reserve}"))
        .until(later(until, moment.jitter_seconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_kept_for_a_quarter_of_an_hour_and_then_asked_about_again() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let at = |seconds| Moment {
            now: later(now, seconds),
            jitter_seconds: 7,
        };
        let reading = |left| Reading { left, at: now };
        assert!(reading(501).admit(500, at(1)).is_ok());
        let fault = reading(500).admit(500, at(899)).unwrap_err();
        assert_eq!(
            fault.not_before.unwrap().to_string(),
            "2026-11-22T12:15:07Z"
        );
        assert!(reading(0).admit(500, at(900)).is_ok());
    }
}
