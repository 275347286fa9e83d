#![doc = include_str!("../README.md")]
// The ports are implemented in this workspace only, and every handler runs on one thread: no `Send` bound is needed.
#![expect(
    async_fn_in_trait,
    reason = "ports are used by generic handlers on one thread"
)]

pub mod hint;
mod ledger;
mod link;
mod owner;
mod pack;
mod poller;
pub mod ports;
mod secret;
mod send;
mod totals;
mod writer;

pub use ledger::{
    FieldChange, Kind, ManifestEntry, ManifestVerdict, Outcome, OutcomeItem, Run, Totals,
};
pub use link::{LastOutcome, Link, LinkWrite, PutLink, Stage};
pub use owner::{RepTable, remap_token};
pub use pack::{DecodedPack, Entry, Pack, PackError, Reason, WIRE_VERSION};
pub use poller::{PollReport, Poller, TargetFault};
pub use secret::SecretText;
pub use send::bulk_size;
pub use writer::{BatchReport, ConfiguredMapper, CrmWriter, Mapper, Received};
