//! Durable state. One trait per concern; [`Store`] is all of them. The same test-suite runs over every implementation.
//!
//! Reads are strongly consistent unless a method says otherwise. A conditional write that loses is an answer, not a fault.

mod audit;
mod commits;
mod creations;
mod cursors;
mod ingress;
mod intents;
mod ledger;
mod links;
mod parking;
mod reps;
mod settings;
mod sweeps;
mod tokens;
mod waiting;

pub use audit::{Audit, ByHand};
pub use commits::{Commit, Commits, ParkedItem};
pub use creations::{BELATED, CREATION_COUNTS, Creation, Creations};
pub use cursors::{Cursor, Cursors, Leased, OpenWindow};
pub use ingress::{Bindings, Channel, Channels, Marks, Nonce, Nonces, Resync, Slot, WriteSlots};
pub use intents::{IntentLease, Intents};
pub use ledger::Ledger;
pub use links::Links;
pub use parking::{Parked, Parking, Route};
pub use reps::{Remap, RepMapping, Reps, SalespersonRow};
pub use settings::{Circuit, ConfigVersion, OddJob, PackProgress, Settings};
pub use sweeps::{Heard, OpenDeleted, OpenSweep, Sweep, Sweeps};
pub use tokens::{RefreshClaim, StoredToken, Tokens};
pub use waiting::{Over, Waiting, WaitingEntry};

/// All of it.
pub trait Store: Links + Commits + Waiting + Reps + Cursors + Ledger + Parking + Settings {}

impl<T: Links + Commits + Waiting + Reps + Cursors + Ledger + Parking + Settings> Store for T {}

/// What the ways to Sage keep besides.
pub trait SaleStore:
    Intents + WriteSlots + Creations + Nonces + Channels + Sweeps + Marks + Bindings
{
}

impl<T: Intents + WriteSlots + Creations + Nonces + Channels + Sweeps + Marks + Bindings> SaleStore
    for T
{
}
