//! How long work stays away that is handed back to its queue: one decision for every queue and every reason.
//!
//! Pauses grow with the time that a trouble has lasted, to [`LONGEST`]. So long is the longest that anything waits once the
//! trouble is over, and thirteen days of it are fewer than 400 receives. Work that only waits for its turn comes again soon;
//! should it do so without end, it is slowed down before the queue's redrive policy takes it for dead.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The longest pause. With the longest pause of a circuit (see [`crate::circuit`]) it is less than an hour: whoever finds the
/// circuit open for the last time, just as the outage ends, is back within the hour.
pub(crate) const LONGEST: SignedDuration = SignedDuration::from_mins(52);
/// The pause in a trouble that has just begun.
const SHORTEST: SignedDuration = SignedDuration::from_secs(5);
/// By so much, at most, long pauses are shortened, so that what went back together does not come back together. Short ones by
/// the same share.
const SPREAD: SignedDuration = SignedDuration::from_mins(2);
/// What is paused until a time comes back so long after it.
const AFTER_PAUSE: SignedDuration = SignedDuration::from_secs(2);
/// Work that waits for its turn is spread over this.
const TURN_SPREAD: SignedDuration = SignedDuration::from_secs(2);
/// The longest delay that a queue gives to a new message.
pub(crate) const LONGEST_DELAY: SignedDuration = SignedDuration::from_mins(15);
/// Receives that work may use up while it waits for its turn, and how many more for each day of its age. In the fourteen days
/// that a queue keeps a message at most these are fewer than the thousand after which it is dead.
const TURNS: (u64, u64) = (300, 45);
/// A message is sent anew at this age of its own: queues of changes and packs keep messages for ten days, and whoever hands
/// them back may stand still for three of these.
pub(crate) const SENT_ANEW_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A job keeps its place in its group and is never sent anew. Its queue keeps it for fourteen days: at this age it is set aside
/// rather than handed back, since what expires is gone without a word. It comes back a dozen times in what is left.
const LAST_DAY_AFTER: SignedDuration = SignedDuration::from_hours(13 * 24 + 12);

/// When a message was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// This message: its retention counts from here.
    pub at: Timestamp,
    /// The first message with this work: earlier where it was sent anew.
    pub first: Timestamp,
}

impl Sent {
    /// A message that is the first with its work.
    #[must_use]
    pub const fn once(at: Timestamp) -> Self {
        Self { at, first: at }
    }
}

/// Why work goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Nothing is wrong: others are at it, or it has to wait for something that is on its way.
    Turn,
    /// Something is out of order. It began then, where that is known; otherwise it is as old as the work.
    Trouble(Option<Timestamp>),
    /// It is paused since then. As in a trouble, but when it ends may be known: then the work is back, and not later.
    Pause(Option<Timestamp>),
}

/// The pause before work is looked at again. `asked`: not before this instant, as far as somebody asked; of what is paused,
/// not much after it. `chance`: any number.
pub(crate) fn pause(
    wait: Wait,
    sent: Sent,
    receives: u32,
    asked: Option<Timestamp>,
    now: Timestamp,
    chance: u64,
) -> SignedDuration {
    if let Wait::Pause(since) = wait {
        let pause = self::pause(Wait::Trouble(since), sent, receives, None, now, chance);
        let left = asked.map(|end| end.duration_since(now).max(SignedDuration::ZERO));
        // Never right at the end: clocks differ, and what waited does not come all at once.
        let back = left.map(|left| left.saturating_add(AFTER_PAUSE + share(SPREAD, chance)));
        return back.map_or(pause, |back| pause.min(back));
    }
    let age = now.duration_since(sent.first).max(SignedDuration::ZERO);
    let asked = asked.map_or(SignedDuration::ZERO, |asked| asked.duration_since(now));
    let asked = asked.clamp(SignedDuration::ZERO, LONGEST);
    let grown = match wait {
        Wait::Turn if u64::from(receives) <= turns(age) => {
            return asked.saturating_add(share(TURN_SPREAD, chance));
        }
        Wait::Turn | Wait::Trouble(None) | Wait::Pause(_) => age,
        // With more receives than its age explains, it has met many short troubles: they count as one.
        Wait::Trouble(Some(_)) if u64::from(receives) > turns(age) => age,
        Wait::Trouble(Some(since)) => {
            let lasted = now.duration_since(since).max(SignedDuration::ZERO);
            lasted.min(age)
        }
    };
    let pause = (grown / 2).clamp(SHORTEST, LONGEST);
    let spread = SPREAD.min(pause / 4);
    pause.saturating_sub(share(spread, chance)).max(asked)
}

/// The receives that work of this age may have had while it waited for its turn.
fn turns(age: SignedDuration) -> u64 {
    let days = u64::try_from(age.as_hours()).unwrap_or(0) / 24;
    TURNS.0 + TURNS.1 * days
}

/// A part of a span, by chance.
fn share(most: SignedDuration, chance: u64) -> SignedDuration {
    let part = u64::try_from(most.as_millis())
        .ok()
        .and_then(|most| chance.checked_rem(most.saturating_add(1)));
    SignedDuration::from_millis(part.and_then(|part| i64::try_from(part).ok()).unwrap_or(0))
}

/// The delay of what is sent once more as a message of its own, since it has been waited for that long: a lock, a parent.
pub(crate) fn delay(waited: SignedDuration) -> Duration {
    let delay = waited.clamp(SHORTEST, LONGEST_DELAY);
    Duration::try_from(delay).unwrap_or_default()
}

/// The same after so many looks of which each waited for as long as all before it.
pub(crate) fn delay_after(looks: u32) -> Duration {
    delay(SHORTEST.saturating_mul(1 << looks.min(8)))
}

/// Whether a message has to be sent anew rather than be handed back.
pub(crate) fn is_due(sent: Sent, now: Timestamp) -> bool {
    now.duration_since(sent.at) >= SENT_ANEW_AFTER
}

/// Whether a message that cannot be sent anew is about to be forgotten by its queue.
pub(crate) fn expires_soon(sent: Sent, now: Timestamp) -> bool {
    now.duration_since(sent.at) >= LAST_DAY_AFTER
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn begin() -> Timestamp {
        "2026-11-22T19:30:00Z".parse().unwrap()
    }

    /// The receives of a message that is handed back again and again, until it is as old as this.
    fn receives(until: SignedDuration, mut wait: impl FnMut(Timestamp) -> (Wait, u64)) -> u32 {
        let (sent, mut now, mut receives) = (Sent::once(begin()), begin(), 0);
        while now.duration_since(sent.first) < until {
            receives += 1;
            let (wait, chance) = wait(now);
            now +=
                pause(wait, sent, receives, None, now, chance).max(SignedDuration::from_millis(1));
        }
        receives
    }

    #[test]
    fn thirteen_days_of_an_outage_are_fewer_than_four_hundred_receives() {
        // The least jitter, and the most.
        for chance in [0, 120_000] {
            let all = receives(DAY * 13, |_| (Wait::Trouble(None), chance));
            assert!((350..400).contains(&all), "{all}");
            let known = receives(DAY * 13, |_| (Wait::Trouble(Some(begin())), chance));
            assert_eq!(known, all, "it began with the work");
        }
    }

    #[test]
    fn work_that_is_young_or_meets_a_trouble_that_is_young_comes_again_soon() {
        let (now, old) = (begin() + DAY * 9, Sent::once(begin()));
        let seconds = |wait, sent| pause(wait, sent, 1, None, now, 0).as_secs();
        assert_eq!(seconds(Wait::Trouble(None), Sent::once(now)), 5);
        assert_eq!(seconds(Wait::Trouble(Some(now)), old), 5);
        let ago = now - SignedDuration::from_mins(10);
        assert_eq!(seconds(Wait::Trouble(Some(ago)), old), 300);
        assert_eq!(seconds(Wait::Trouble(None), old), 52 * 60);
        assert_eq!(seconds(Wait::Turn, old), 0);
    }

    #[test]
    fn a_message_is_sent_anew_three_days_before_its_queue_forgets_it() {
        let sent = Sent {
            at: begin(),
            first: begin() - DAY * 7,
        };
        assert!(!is_due(sent, begin() + DAY * 6));
        assert!(is_due(sent, begin() + DAY * 7));
    }

    #[test]
    fn what_is_paused_until_a_time_is_back_right_after_it() {
        let (now, old) = (begin() + DAY, Sent::once(begin()));
        let since = Wait::Pause(Some(begin()));
        let back = |end: Option<SignedDuration>, chance| {
            let end = end.map(|end| now + end);
            pause(since, old, 30, end, now, chance).as_secs()
        };
        assert_eq!(back(None, 0), 52 * 60);
        assert_eq!(back(Some(DAY), 0), 52 * 60);
        let soon = SignedDuration::from_mins(7);
        assert_eq!(back(Some(soon), 0), 7 * 60 + 2);
        assert_eq!(back(Some(soon), 120_000), 9 * 60 + 2);
        // Somebody may end it sooner.
        let young = Wait::Pause(Some(now));
        assert_eq!(pause(young, old, 1, Some(now + DAY), now, 0).as_secs(), 5);
    }

    fn waits() -> impl Strategy<Value = Vec<(u8, i64, u64)>> {
        proptest::collection::vec((0..4_u8, 0..600_i64, any::<u64>()), 1..40)
    }

    proptest! {
        #[test]
        fn no_pause_is_longer_than_an_hour_nor_shorter_than_asked(
            turn in any::<bool>(), age in 0..1_300_000_i64, lasted in 0..1_300_000_i64,
            receives in 0..2_000_u32, asked in proptest::option::of(-100..90_000_i64), chance in any::<u64>(),
        ) {
            let now = begin();
            let sent = Sent::once(now - SignedDuration::from_secs(age));
            let since = Some(now - SignedDuration::from_secs(lasted));
            let wait = if turn { Wait::Turn } else { Wait::Trouble(since) };
            let asked = asked.map(|asked| now + SignedDuration::from_secs(asked));
            let pause = pause(wait, sent, receives, asked, now, chance);
            prop_assert!(pause >= SignedDuration::ZERO && pause < SignedDuration::from_mins(53));
            if let Some(asked) = asked {
                prop_assert!(pause >= asked.duration_since(now).min(LONGEST));
            }
        }

        /// However waiting for its turn and troubles that have just begun take turns: a queue keeps no message longer.
        #[test]
        fn fourteen_days_of_whatever_are_fewer_than_the_redrive_policys_thousand(kinds in waits()) {
            let mut kinds = kinds.into_iter().cycle();
            let all = receives(DAY * 14, |now| {
                let (kind, ago, chance) = kinds.next().unwrap_or_default();
                let since = Some(now - SignedDuration::from_secs(ago));
                match kind {
                    0 => (Wait::Turn, chance),
                    1 => (Wait::Trouble(since), chance),
                    2 => (Wait::Pause(since), chance),
                    _ => (Wait::Trouble(None), chance),
                }
            });
            prop_assert!(all < 1_000, "{}", all);
        }
    }
}
