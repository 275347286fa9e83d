//! What Zoho tells the world: callbacks of watch channels, and webhooks of workflow rules.

mod callback;
mod channel;
mod deliver;
mod door;
mod touch;
mod watch;
mod webhook;

pub use deliver::deliver;
pub use door::router as door_router;
pub use touch::{Operation, record, settle};
pub use watch::{details, disable, enable, replace, update};

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use channel::Channel;
use deliver::Post;
use touch::Touch;
use webhook::Webhook;

/// How callbacks behave; the control door sets it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Manners {
    /// How long edits are collected into one callback; none: those of one call alone.
    pub window_ms: i64,
    /// So many callbacks are lost.
    pub lose: u32,
    /// Each callback comes so many more times.
    pub repeat: u32,
    /// Those that are due at once come in the opposite order.
    pub reverse: bool,
    /// Insertions carry values, too.
    pub values_on_insert: bool,
}

/// Channels, rules, and what is on its way.
#[derive(Debug, Default)]
pub struct Notices {
    /// How callbacks behave.
    pub manners: Manners,
    /// Records touched since the last call ended.
    touched: Vec<Touch>,
    channels: BTreeMap<String, Channel>,
    webhooks: Vec<Webhook>,
    collecting: Vec<callback::Callback>,
    waiting: VecDeque<Post>,
    log: VecDeque<Value>,
}
