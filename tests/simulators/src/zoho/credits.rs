//! API credits: a budget per rolling 24 hours.

use std::collections::VecDeque;

/// Seconds of the window.
const DAY: i64 = 24 * 3600;
/// Enterprise edition with 15 users: 50,000 + 1,000 per user.
const LIMIT: u64 = 65_000;

/// The budget and what was taken from it.
#[derive(Debug)]
pub struct Credits {
    limit: u64,
    /// Minute and credits taken in it.
    taken: VecDeque<(i64, u64)>,
    used: u64,
    total: u64,
}

impl Default for Credits {
    fn default() -> Self {
        Self {
            limit: LIMIT,
            taken: VecDeque::new(),
            used: 0,
            total: 0,
        }
    }
}

impl Credits {
    /// Takes credits; `false` if the window has not as many left.
    pub fn take(&mut self, now: i64, cost: u64) -> bool {
        self.forget(now);
        if self.used + cost > self.limit {
            return false;
        }
        self.used += cost;
        self.total += cost;
        let minute = now.div_euclid(60);
        match self.taken.back_mut() {
            Some((last, sum)) if *last == minute => *sum += cost,
            _ => self.taken.push_back((minute, cost)),
        }
        true
    }

    fn forget(&mut self, now: i64) {
        let oldest = (now - DAY).div_euclid(60);
        while let Some((minute, cost)) = self
            .taken
            .front()
            .copied()
            .filter(|(minute, _)| *minute < oldest)
        {
            debug_assert!(minute < oldest);
            self.used = self.used.saturating_sub(cost);
            self.taken.pop_front();
        }
    }

    /// What is left, once half of the budget or more is used: only then does Zoho tell.
    pub fn told(&self) -> Option<u64> {
        (self.used * 2 >= self.limit).then(|| self.limit.saturating_sub(self.used))
    }

    /// The budget per rolling day.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Sets the budget.
    pub fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// Credits taken since the start or the last reset.
    pub fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_come_back_after_a_day_and_are_told_from_half_on() {
        let mut credits = Credits::default();
        credits.set_limit(10);
        assert!(credits.take(0, 4));
        assert_eq!(credits.told(), None);
        assert!(credits.take(60, 2));
        assert_eq!(credits.told(), Some(4));
        assert!(!credits.take(60, 5));
        assert!(credits.take(DAY + 60, 8));
        assert_eq!(credits.total(), 14);
    }
}
