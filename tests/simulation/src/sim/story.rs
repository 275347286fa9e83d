//! What happens, in plain words, for whoever replays a seed; and a digest of it, for whoever compares two runs.

use std::cell::{Cell, RefCell};

use counterpart_delivery::ports::Clock as _;

use crate::VirtualClock;

/// The story of a run.
#[derive(Debug)]
pub(super) struct Story {
    clock: VirtualClock,
    is_told: bool,
    lines: RefCell<Vec<String>>,
    digest: Cell<u64>,
    steps: Cell<u64>,
}

impl Story {
    pub(super) fn new(clock: &VirtualClock, is_told: bool) -> Self {
        Self {
            clock: clock.clone(),
            is_told,
            lines: RefCell::default(),
            digest: Cell::new(0xcbf2_9ce4_8422_2325),
            steps: Cell::new(0),
        }
    }

    /// Tells something. It is put into words only where somebody listens; the digest takes it into account either way.
    pub(super) fn tell(&self, what: impl FnOnce() -> String) {
        let now = self.clock.now();
        self.mix(now.as_millisecond().unsigned_abs());
        self.steps.set(self.steps.get() + 1);
        if self.is_told {
            let line = format!("{}  {}", now.strftime("%d %H:%M:%S%.3f"), what());
            self.lines.borrow_mut().push(line);
        }
    }

    /// Takes a step that nobody is told of into account.
    pub(super) fn mix(&self, number: u64) {
        let mixed = (self.digest.get() ^ number).wrapping_mul(0x0100_0000_01b3);
        self.digest.set(mixed.rotate_left(23));
    }

    pub(super) fn digest(&self) -> u64 {
        self.digest.get()
    }

    pub(super) fn take(&self) -> Vec<String> {
        self.lines.take()
    }
}
