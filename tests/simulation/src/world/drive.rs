//! Running a handler, to its end or to its death.

use std::pin::{Pin, pin};
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

/// A handler that goes on step by step, while others do as well and time passes. Dropped, it was killed; left alone for a
/// while, it was frozen.
pub struct Steps<'a, T> {
    future: Option<Pin<Box<dyn Future<Output = T> + 'a>>>,
    woken: Arc<Woken>,
}

impl<T> std::fmt::Debug for Steps<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let done = self.future.is_none();
        f.debug_struct("Steps").field("done", &done).finish()
    }
}

impl<'a, T> Steps<'a, T> {
    /// A handler that has not yet begun.
    pub fn new(future: impl Future<Output = T> + 'a) -> Self {
        Self {
            future: Some(Box::pin(future)),
            woken: Arc::new(Woken(AtomicBool::new(true))),
        }
    }

    /// Whether the next step brings it on; otherwise it sleeps until the clock moves.
    #[must_use]
    pub fn is_awake(&self) -> bool {
        self.woken.0.load(Ordering::Relaxed)
    }

    /// One step: to the next await point. None: it is not yet done, or was before.
    pub fn step(&mut self) -> Option<T> {
        let future = self.future.as_mut()?;
        self.woken.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&self.woken));
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => {
                self.future = None;
                Some(answer)
            }
            Poll::Pending => None,
        }
    }

    /// So many steps, or as many as there are.
    pub fn steps(&mut self, steps: u64) -> Option<T> {
        (0..steps).find_map(|_| self.step())
    }

    /// The rest of it.
    ///
    /// # Panics
    /// When it was at its end before.
    #[expect(
        clippy::expect_used,
        reason = "a test that ends a handler twice is wrong"
    )]
    pub fn finish(self) -> Pin<Box<dyn Future<Output = T> + 'a>> {
        self.future.expect("it goes on")
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
