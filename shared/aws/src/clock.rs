//! Real time, the operating system's chance.

use std::time::Duration;

use counterpart_delivery::ports::{Clock, Ids};
use jiff::Timestamp;

/// The machine's clock and random numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

impl Ids for SystemClock {
    /// Ten digits of milliseconds and sixteen of chance (80 bits), in base 32.
    fn new_id(&self) -> String {
        id_at(Timestamp::now(), random(), random())
    }

    fn random_below(&self, below: u64) -> u64 {
        // 2^64 is so much larger than any wait in milliseconds that the remainder's bias cannot be seen.
        random().checked_rem(below).unwrap_or(0)
    }
}

fn id_at(now: Timestamp, one: u64, two: u64) -> String {
    let mut id = String::with_capacity(26);
    base32(
        u64::try_from(now.as_millisecond()).unwrap_or(0),
        10,
        &mut id,
    );
    base32(one, 8, &mut id);
    base32(two, 8, &mut id);
    id
}

/// A short text that no other writer will choose: 60 bits of chance.
pub(crate) fn write_id() -> String {
    let mut id = String::with_capacity(12);
    base32(random(), 12, &mut id);
    id
}

/// Up to `below` milliseconds of jitter.
pub(crate) fn random_millis(below: u64) -> u64 {
    SystemClock.random_below(below)
}

fn random() -> u64 {
    // Linux has random numbers as soon as a process runs; should it ever refuse, time still tells writers apart.
    getrandom::u64().unwrap_or_else(|_| Timestamp::now().as_nanosecond().cast_unsigned() as u64)
}

/// The lowest `digits` digits of `number`, highest first, in an alphabet that sorts as it counts.
fn base32(number: u64, digits: u32, out: &mut String) {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    for digit in (0..digits).rev() {
        let index = (number >> (5 * digit)) & 31;
        out.push(char::from(ALPHABET[index as usize]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_have_the_ports_shape() {
        let at = |text: &str, chance| id_at(text.parse().unwrap(), chance, chance);
        let early = at("2026-11-22T19:30:00Z", u64::MAX);
        let late = at("2026-11-22T19:30:00.001Z", 0);
        assert!(early < late);
        assert_eq!(early.len(), 26);
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        assert!(SystemClock.new_id().chars().all(allowed));
        assert_ne!(SystemClock.new_id(), SystemClock.new_id());
    }

    #[test]
    fn chance_below_nothing_is_nothing() {
        assert_eq!(SystemClock.random_below(0), 0);
        assert!((0..200).all(|_| SystemClock.random_below(3) < 3));
    }
}
