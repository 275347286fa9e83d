//! Running a handler, to its end or to its death.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::VirtualClock;

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Polls a future until it is ready, or drops it after `polls` polls: it was killed at that await point. Time moves to the
/// next timer whenever nothing else can go on.
///
/// # Panics
/// When the future waits for something that will never come.
#[expect(
    clippy::panic,
    reason = "a test that would hang is better off with a message"
)]
pub fn killed_after<T>(
    clock: &VirtualClock,
    polls: u64,
    future: impl Future<Output = T>,
) -> Option<T> {
    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(answer);
        }
        if !woken.0.swap(false, Ordering::Relaxed) {
            let Some(next) = clock.next_timer() else {
                panic!("the future waits, and nothing will ever wake it");
            };
            clock.advance_to(next);
        }
    }
    None
}
