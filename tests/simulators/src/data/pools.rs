//! Stamps and salespersons of generated records.

use super::{reps, rng::Rng, row::Stamp};

/// The stamps of generated records: fixed dates in 2026, working hours, and many records in
/// one and the same second, as batch jobs leave them.
#[derive(Debug)]
pub struct Stamps {
    rng: Rng,
    current: Stamp,
    left: u64,
}

impl Stamps {
    /// Stamps of a seed.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self {
            rng: Rng::new(seed, stream),
            current: Stamp::new("20260105", "9.00000"),
            left: 0,
        }
    }

    /// The next stamp; runs of 1 to 60 records share one.
    pub fn next(&mut self) -> Stamp {
        if self.left == 0 {
            self.left = if self.rng.percent(30) {
                20 + self.rng.below(41)
            } else {
                1 + self.rng.below(3)
            };
            let month = 1 + self.rng.below(10);
            let day = 1 + self.rng.below(28);
            let second = i64::try_from(6 * 3600 + self.rng.below(14 * 3600)).unwrap_or(0);
            let mut time = Stamp::hours(second);
            // Sage drops trailing zeros in some programs and keeps them in others.
            if self.rng.percent(25) {
                time = time.trim_end_matches('0').trim_end_matches('.').to_owned();
            }
            self.current = Stamp::new(format!("2026{month:02}{day:02}"), time);
        }
        self.left -= 1;
        self.current.clone()
    }
}

/// A salesperson for a customer of a division: some carry most of the customers.
pub fn rep(rng: &mut Rng, division: &str) -> (&'static str, &'static str) {
    let wanted = if division == "02" { "02" } else { "01" };
    let pool: Vec<(&str, &str)> = reps::ABC
        .iter()
        .filter(|(rep_division, ..)| *rep_division == wanted)
        .map(|(rep_division, number, ..)| (*rep_division, *number))
        .collect();
    let (one, other) = (rng.below(pool.len() as u64), rng.below(pool.len() as u64));
    let at = usize::try_from(one.min(other)).unwrap_or(0);
    pool.get(at).copied().unwrap_or(("01", "0100"))
}
