//! Virtual time, chance from a seed, ids that repeat.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use counterpart_delivery::ports::{Clock, Ids};
use jiff::{SignedDuration, Timestamp};

/// A clock that stands still until it is moved. Clones share one time, one seed and one counter of ids.
#[derive(Debug, Clone)]
pub struct VirtualClock {
    inner: Rc<Inner>,
    /// How far this view of it is ahead of the true time.
    ahead: SignedDuration,
}

#[derive(Debug)]
struct Inner {
    now: Cell<Timestamp>,
    chance: Cell<u64>,
    ids: Cell<u64>,
    timers: RefCell<BTreeMap<(Timestamp, u64), Waker>>,
    next_timer: Cell<u64>,
}

impl VirtualClock {
    /// A clock at `start`; its chance follows from `seed`.
    #[must_use]
    pub fn new(start: Timestamp, seed: u64) -> Self {
        Self {
            inner: Rc::new(Inner {
                now: Cell::new(start),
                chance: Cell::new(seed),
                ids: Cell::new(0),
                timers: RefCell::default(),
                next_timer: Cell::new(0),
            }),
            ahead: SignedDuration::ZERO,
        }
    }

    /// The same clock as a machine sees it whose own is ahead by so much, or behind.
    #[must_use]
    pub fn ahead_by(&self, ahead: SignedDuration) -> Self {
        Self {
            inner: Rc::clone(&self.inner),
            ahead,
        }
    }

    /// Moves time forward and wakes whoever slept until then.
    pub fn advance(&self, by: Duration) {
        self.advance_to(later(self.inner.now.get(), by));
    }

    /// Moves time to `instant`; never backwards.
    pub fn advance_to(&self, instant: Timestamp) {
        self.inner.now.set(instant.max(self.inner.now.get()));
        let due = {
            let mut timers = self.inner.timers.borrow_mut();
            let later = timers.split_off(&(self.inner.now.get(), u64::MAX));
            std::mem::replace(&mut *timers, later)
        };
        for waker in due.into_values() {
            waker.wake();
        }
    }

    /// When the first sleeper wants to wake; none while nobody sleeps.
    #[must_use]
    pub fn next_timer(&self) -> Option<Timestamp> {
        self.inner.timers.borrow().keys().next().map(|(at, _)| *at)
    }

    /// Runs a future to its end, and moves time to the next timer whenever nothing else can go on.
    ///
    /// # Panics
    /// When the future waits and no timer is set: it would wait for ever.
    #[expect(
        clippy::panic,
        reason = "a test that would hang is better off with a message"
    )]
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&woken));
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(answer) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return answer;
            }
            if !woken.0.swap(false, Ordering::Relaxed) {
                let Some(next) = self.next_timer() else {
                    panic!("the future waits, and nothing will ever wake it");
                };
                self.advance_to(next);
            }
        }
    }

    /// The next number of the seed's sequence (SplitMix64).
    fn next_random(&self) -> u64 {
        let state = self.inner.chance.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.inner.chance.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// `instant` plus `by`, or the end of time.
#[must_use]
pub fn later(instant: Timestamp, by: Duration) -> Timestamp {
    instant.checked_add(by).unwrap_or(Timestamp::MAX)
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        let now = self.inner.now.get();
        now.saturating_add(self.ahead).unwrap_or(now)
    }

    async fn sleep(&self, duration: Duration) {
        let until = later(self.inner.now.get(), duration);
        let number = self.inner.next_timer.get();
        self.inner.next_timer.set(number + 1);
        let _forgotten_when_dropped = Timer {
            clock: self,
            key: (until, number),
        };
        poll_fn(|context| {
            if self.inner.now.get() >= until {
                return Poll::Ready(());
            }
            let mut timers = self.inner.timers.borrow_mut();
            timers.insert((until, number), context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// Takes its timer away when the sleeper is dropped, so that time does not stop for the dead.
struct Timer<'a> {
    clock: &'a VirtualClock,
    key: (Timestamp, u64),
}

impl Drop for Timer<'_> {
    fn drop(&mut self) {
        self.clock.inner.timers.borrow_mut().remove(&self.key);
    }
}

impl Ids for VirtualClock {
    fn new_id(&self) -> String {
        let count = self.inner.ids.get();
        self.inner.ids.set(count + 1);
        format!("{:014}{count:010}", self.now().as_millisecond())
    }

    fn random_below(&self, below: u64) -> u64 {
        match below {
            0 => 0,
            _ => self.next_random() % below,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> VirtualClock {
        VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 7)
    }

    #[test]
    fn sleepers_wake_in_order_and_time_moves_only_when_all_wait() {
        let clock = clock();
        let start = clock.now();
        let nap = async |seconds: u64| {
            clock.sleep(Duration::from_secs(seconds)).await;
            clock.now().duration_since(start).as_secs()
        };
        let woke = clock.block_on(futures_util::future::join3(nap(60), nap(5), nap(0)));
        assert_eq!(woke, (60, 5, 0));
        assert_eq!(clock.next_timer(), None);
    }

    #[test]
    fn a_clock_that_is_ahead_shows_another_time_and_sleeps_as_long() {
        let clock = clock();
        let start = clock.now();
        let ahead = clock.ahead_by(SignedDuration::from_secs(90));
        clock.block_on(ahead.sleep(Duration::from_secs(5)));
        assert_eq!(clock.now().duration_since(start).as_secs(), 5);
        assert_eq!(ahead.now().duration_since(start).as_secs(), 95);
    }

    #[test]
    fn a_dropped_sleeper_moves_nothing() {
        let clock = clock();
        let start = clock.now();
        clock.block_on(async {
            let long = pin!(clock.sleep(Duration::from_secs(900)));
            let short = pin!(clock.sleep(Duration::from_secs(1)));
            futures_util::future::select(long, short).await;
        });
        assert_eq!(clock.next_timer(), None);
        assert_eq!(clock.now().duration_since(start).as_secs(), 1);
    }

    #[test]
    fn one_seed_gives_one_sequence_and_ids_sort_by_time() {
        let (one, two) = (clock(), clock());
        let draw = |clock: &VirtualClock| (0..5).map(|_| clock.random_below(100)).collect();
        let (first, second): (Vec<u64>, Vec<u64>) = (draw(&one), draw(&two));
        assert_eq!(first, second);
        let early = one.new_id();
        one.advance(Duration::from_millis(1));
        assert!(early < one.new_id() && early.len() <= 26);
    }
}
