//! What AWS refuses for a while: throttles, permissions, secrets, and the configuration that lies in a table.

use std::cell::RefCell;
use std::rc::Rc;

use counterpart_delivery::ports::Clock as _;
use counterpart_domain::{Class, Fault};
use jiff::Timestamp;

use crate::VirtualClock;

/// One kind of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Lambda runs no function that a queue starts: what was received comes back when its visibility is over.
    LambdaThrottles,
    /// Every function fails before it takes anything, since the configuration cannot be read.
    ConfigUnreadable,
    /// No secret of Sage can be read. Those of a CRM: [`super::MemoryCrm::refuse_calls`].
    SageSecretsUnreadable,
    /// Every second call of the tables.
    StoreThrottles,
    /// Every second call of the queues.
    QueuesThrottle,
    /// These calls of the tables.
    StoreDenied(&'static [&'static str]),
    /// What is sent to a queue: `queue.send`, `events.send`, `jobs.send`.
    SendingDenied(&'static str),
}

/// The calls of each table, as far as handlers need them.
pub const TABLES: &[&[&str]] = &[
    &[
        "links",
        "put_link",
        "key_of",
        "resting",
        "keys_of_rep",
        "commit",
    ],
    &["lease_intent", "save_intent", "release_intent", "intent"],
    &[
        "sales_of",
        "claim_for_sale",
        "acquire_slot",
        "count_creation",
    ],
    &["lease_cursor", "save_cursor", "release_cursor"],
    &["park", "parked", "parked_among", "unpark"],
    &[
        "circuit",
        "circuit_and_pauses",
        "pauses",
        "put_circuit",
        "pack_progress",
        "put_pack_progress",
    ],
    &["put_run", "put_manifest", "put_outcomes"],
];

/// All troubles of a world, each with its time. Clones are the same.
#[derive(Debug, Clone)]
pub struct Troubles {
    clock: VirtualClock,
    windows: Rc<RefCell<Vec<(Trouble, Timestamp, Timestamp)>>>,
}

impl Troubles {
    /// None yet.
    #[must_use]
    pub fn new(clock: &VirtualClock) -> Self {
        Self {
            clock: clock.clone(),
            windows: Rc::default(),
        }
    }

    /// From `from` until `until`.
    pub fn begin(&self, trouble: Trouble, from: Timestamp, until: Timestamp) {
        self.windows.borrow_mut().push((trouble, from, until));
    }

    /// Whether it is so now.
    #[must_use]
    pub fn are(&self, trouble: Trouble) -> bool {
        self.now(|one| (one == trouble).then_some(())).is_some()
    }

    /// How a call of a port is refused now, the `number`-th of all; none: it is not.
    pub(super) fn refusal(&self, call: &str, number: u64) -> Option<Fault> {
        let is_store = !call.contains('.');
        let is_queue = ["queue.", "events.", "jobs."]
            .iter()
            .any(|queue| call.starts_with(queue));
        self.now(|trouble| match trouble {
            Trouble::StoreThrottles if is_store && number.is_multiple_of(2) => {
                Some(throttled("E_STORE_THROTTLED", "A table"))
            }
            Trouble::QueuesThrottle if is_queue && number.is_multiple_of(2) => {
                Some(throttled("E_QUEUE_THROTTLED", "A queue"))
            }
            Trouble::StoreDenied(calls) if calls.contains(&call) => {
                Some(denied("E_STORE_DENIED", "A table"))
            }
            Trouble::SendingDenied(of) if call.starts_with(of) => {
                Some(denied("E_QUEUE_DENIED", "A queue"))
            }
            _ => None,
        })
    }

    fn now<T>(&self, of: impl Fn(Trouble) -> Option<T>) -> Option<T> {
        let now = self.clock.now();
        let windows = self.windows.borrow();
        let mut windows = windows.iter();
        windows.find_map(
            |(trouble, from, until)| match (*from..*until).contains(&now) {
                true => of(*trouble),
                false => None,
            },
        )
    }
}

/// As the product's clients class them.
fn throttled(code: &'static str, what: &str) -> Fault {
    Fault::new(Class::Throttled, code, format!("{what} asks for patience."))
}

fn denied(code: &'static str, what: &str) -> Fault {
    let says = "may not be used by this role: mend its policy or the key's.";
    Fault::new(Class::Configuration, code, format!("{what} {says}"))
}

/// A secret that cannot be read.
#[must_use]
pub fn unreadable_secret() -> Fault {
    denied("E_SECRET_DENIED", "Secret")
}
