#![doc = include_str!("../README.md")]
// The ports are implemented in this workspace only, and every handler runs on one thread: no `Send` bound is needed.
#![expect(
    async_fn_in_trait,
    reason = "ports are used by generic handlers on one thread"
)]

mod answers;
mod backoff;
mod bidirectional;
mod by_hand;
mod circuit;
mod context;
mod disposition;
pub mod event;
mod hand_back;
pub mod hint;
pub mod ingress;
pub mod intent;
pub mod invariants;
pub mod job;
mod kills;
mod ledger;
mod link;
pub mod lookup;
mod message;
mod not_done;
mod odd;
mod owner;
mod pack;
mod parking;
pub mod pause;
mod poller;
pub mod ports;
mod redrive;
mod relink;
mod restored;
mod sage_writer;
mod secret;
mod send;
pub mod signature;
mod totals;
mod transform;
mod worker;
mod write_back;
pub(crate) mod writer;
pub mod written;

pub use answers::is_answer;
pub use backoff::Sent;
pub use by_hand::{close_circuit, is_closed};
pub use circuit::of_company as circuit_of_company;
pub use context::{Context, Ports};
pub use event::CrmEvent;
pub use hand_back::hand_back_all;
pub use intent::{Intent, IntentId, IntentKind, IntentStage};
pub use job::SageJob;
pub use ledger::{
    FieldChange, Kind, ManifestEntry, ManifestVerdict, Outcome, OutcomeItem, Run, Totals,
};
pub use link::{LastOutcome, Link, LinkWrite, PutLink, Stage};
pub use message::Message;
pub use owner::{RepTable, remap_token};
pub use pack::{DecodedPack, Entry, Pack, PackError, Reason, WIRE_VERSION};
pub use poller::{PollReport, Poller, TargetFault};
pub use redrive::{Redrive, Would};
pub use relink::{
    Below, CrmSide, LINK_CODES, LinkView, Move, MovePlan, ReleasePlan, Relink, SageSide, Sales,
};
pub use restored::{Restored, RestoredReport, rewind};
pub use sage_writer::{JobsReport, SageWriter};
pub use secret::SecretText;
pub use transform::{OrderTransform, TransformReport};
pub use write_back::{Show, StockRow, WRITE_BACK_VERSION, WriteBack};
pub use writer::{BatchReport, ConfiguredMapper, CrmWriter, Mapper};
