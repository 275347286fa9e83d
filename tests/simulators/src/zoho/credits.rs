//! API credits: what Zoho tells of the budget.

use crate::shared::Budget;

/// Enterprise edition with 15 users: 50,000 + 1,000 per user, in a rolling day.
pub const LIMIT: u64 = 65_000;

/// What is left, once half of the budget or more is used: only then does Zoho tell.
pub fn told(credits: &Budget) -> Option<u64> {
    (credits.used() * 2 >= credits.limit()).then(|| credits.left())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_are_told_from_half_on() {
        let mut credits = Budget::new(10);
        assert!(credits.take(0, 4));
        assert_eq!(told(&credits), None);
        assert!(credits.take(60, 2));
        assert_eq!(told(&credits), Some(4));
    }
}
