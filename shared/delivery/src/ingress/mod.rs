//! The ways in: everything by which a CRM tells of changes becomes [`CrmEvent`](crate::CrmEvent)s on `crm-events`.
//!
//! An event is a hint. Nobody trusts its content: whoever takes it reads the record anew. So repetition and disorder do
//! no harm, and each way in has one duty only: to answer "done" after the events are durable, and not before.

pub mod hook;
mod keeper;
mod modules;
mod platform;
mod sweep;
mod webhooks;

pub use hook::{HookSecret, HookSecrets};
pub use keeper::{ChannelKeeper, KeeperReport, TargetChannels};
pub(crate) use modules::source_of_lines;
pub use modules::{knows, listened};
pub(crate) use platform::is_event;
pub use platform::{PlatformEvents, PlatformReport};
pub use sweep::{SweepReport, Sweeper, TargetSweep};
pub(crate) use webhooks::is_json;
pub use webhooks::{LONGEST_BODY, Refusal, WebhookRequest, WebhookResponse, Webhooks};
