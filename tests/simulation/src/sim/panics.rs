//! Panics are caught by the handlers, and what they cost is tried again: who would know of them?

use std::cell::RefCell;
use std::panic;
use std::sync::Once;

use counterpart_delivery::invariants::{Broken, NO_OWN_FAULT};

thread_local! {
    static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

static WATCHING: Once = Once::new();

/// From now on this thread's panics are noted, besides what becomes of them elsewhere.
pub(super) fn watch() {
    WATCHING.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            SEEN.with_borrow_mut(|seen| seen.push(info.to_string()));
            before(info);
        }));
    });
    SEEN.with_borrow_mut(Vec::clear);
}

/// What panicked since.
pub(super) fn seen() -> Vec<Broken> {
    let seen = SEEN.with_borrow_mut(std::mem::take).into_iter();
    seen.map(|what| Broken::new(&NO_OWN_FAULT, what)).collect()
}
