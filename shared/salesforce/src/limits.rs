//! The day's API calls: what Salesforce tells of them with every answer. Page: "Limit Info Header".

use counterpart_delivery::ports::CrmBudget;
use counterpart_domain::{Class, Fault};

/// `Sforce-Limit-Info`, read. The counts lag behind by some minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitInfo {
    /// Calls of the whole org within 24 hours, by everybody.
    pub org: CrmBudget,
    /// Calls of this app, where it has a limit of its own.
    pub app: Option<CrmBudget>,
}

impl LimitInfo {
    /// Reads `api-usage=10018/100000; per-app-api-usage=17/250(appName=x)`.
    #[must_use]
    pub fn of(header: &str) -> Option<Self> {
        let part = |name: &str| {
            header
                .split([';', ','])
                .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
                .and_then(budget)
        };
        Some(Self {
            org: part("api-usage")?,
            app: part("per-app-api-usage"),
        })
    }

    /// The tighter of the two.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        let left = |budget: CrmBudget| budget.allowed.saturating_sub(budget.used);
        let app = self.app.map_or(u64::MAX, left);
        left(self.org).min(app)
    }

    /// Whether no more than `reserve_percent` of what is allowed is left.
    fn is_low(&self, reserve_percent: u8) -> bool {
        let low = |budget: CrmBudget| {
            let left = budget.allowed.saturating_sub(budget.used);
            left.saturating_mul(100) <= budget.allowed.saturating_mul(u64::from(reserve_percent))
        };
        low(self.org) || self.app.is_some_and(low)
    }

    /// Passes if calls for records may use what is left.
    ///
    /// # Errors
    /// `E_CRM_BUDGET_RESERVED` (throttled) where it is kept for orders and for others.
    pub(crate) fn check_reserve(&self, reserve_percent: u8) -> Result<(), Fault> {
        if !self.is_low(reserve_percent) {
            return Ok(());
        }
        Err(Fault::new(
            Class::Throttled,
            "E_CRM_BUDGET_RESERVED",
            format!(
                "{} of the org's {} API calls of 24 hours are used; the rest is kept for orders and for others, and the \
                 work waits.",
                self.org.used, self.org.allowed
            ),
        )
        .with_detail(format!(
            "reserve {reserve_percent} %, remaining {}",
            self.remaining()
        )))
    }
}

fn budget(text: &str) -> Option<CrmBudget> {
    let (used, rest) = text.split_once('/')?;
    let digits = rest.trim().find(|c: char| !c.is_ascii_digit());
    let allowed = digits.map_or(rest.trim(), |end| &rest.trim()[..end]);
    Some(CrmBudget {
        used: used.trim().parse().ok()?,
        allowed: allowed.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_with_and_without_an_apps_own_limit() {
        let org = |used, allowed| CrmBudget { used, allowed };
        for (header, read) in [
            (
                "api-usage=10018/100000",
                Some((org(10_018, 100_000), None, 89_982)),
            ),
            (
                "api-usage=25/5000; per-app-api-usage=17/250(appName=sample-app)",
                Some((org(25, 5_000), Some(org(17, 250)), 233)),
            ),
            (
                "per-app-api-usage=17/250(appName=x), api-usage=4999/5000",
                Some((org(4_999, 5_000), Some(org(17, 250)), 1)),
            ),
            ("api-usage=7/5", Some((org(7, 5), None, 0))),
            ("per-app-api-usage=17/250(appName=x)", None),
            ("api-usage=many/5", None),
            ("api-usage=", None),
            ("", None),
        ] {
            let seen = LimitInfo::of(header).map(|info| (info.org, info.app, info.remaining()));
            assert_eq!(seen, read, "{header}");
        }
    }

    #[test]
    fn the_reserve_is_a_share_of_what_is_allowed_to_the_org_and_to_the_app() {
        let admits = |header: &str, reserve| {
            let info = LimitInfo::of(header).unwrap();
            info.check_reserve(reserve).is_ok()
        };
        for (header, admitted) in [
            ("api-usage=979/1000", true),
            ("api-usage=980/1000", false),
            ("api-usage=1200/1000", false),
            (
                "api-usage=1/1000; per-app-api-usage=245/250(appName=x)",
                false,
            ),
        ] {
            assert_eq!(admits(header, 2), admitted, "{header}");
        }
        assert!(admits("api-usage=980/1000", 0));
    }
}
