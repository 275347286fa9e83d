#![doc = include_str!("../README.md")]
// The ports are implemented in this workspace only, and every handler runs on one thread: no `Send` bound is needed.
#![expect(
    async_fn_in_trait,
    reason = "ports are used by generic handlers on one thread"
)]

mod ledger;
mod link;
mod pack;
pub mod ports;
mod secret;
mod totals;

pub use ledger::{
    FieldChange, Kind, ManifestEntry, ManifestVerdict, Outcome, OutcomeItem, Run, Totals,
};
pub use link::{LastOutcome, Link, LinkWrite, PutLink, Stage};
pub use pack::{DecodedPack, Entry, Pack, PackError, Reason, WIRE_VERSION};
pub use secret::SecretText;
