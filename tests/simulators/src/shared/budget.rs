//! A budget of calls or credits per rolling 24 hours.

use std::collections::VecDeque;

/// Seconds of the window.
const DAY: i64 = 24 * 3600;

/// The budget and what was taken from it.
#[derive(Debug)]
pub struct Budget {
    limit: u64,
    /// Minute and amount taken in it.
    taken: VecDeque<(i64, u64)>,
    used: u64,
    total: u64,
}

impl Budget {
    /// A budget of so much per rolling day.
    pub fn new(limit: u64) -> Self {
        Self {
            limit,
            taken: VecDeque::new(),
            used: 0,
            total: 0,
        }
    }

    /// Takes an amount; `false` if the window has not as much left.
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
        while let Some((_, cost)) = self
            .taken
            .front()
            .copied()
            .filter(|(minute, _)| *minute < oldest)
        {
            self.used = self.used.saturating_sub(cost);
            self.taken.pop_front();
        }
    }

    /// What was taken in the window that ended with the last call.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// What the window has left.
    pub fn left(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }

    /// The budget per rolling day.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Sets the budget.
    pub fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// Taken since the start or the last reset.
    pub fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_comes_back_after_a_day() {
        let mut budget = Budget::new(10);
        assert!(budget.take(0, 4));
        assert!(budget.take(60, 2));
        assert_eq!((budget.used(), budget.left()), (6, 4));
        assert!(!budget.take(60, 5));
        assert!(budget.take(DAY + 60, 8));
        assert_eq!(budget.total(), 14);
    }
}
