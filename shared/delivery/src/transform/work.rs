//! What is known while one event is being taken.

use counterpart_config::{OrderSource, OrdersConfig, TargetConfig};
use counterpart_domain::{Company, CrmId};
use jiff::Timestamp;

use crate::CrmEvent;
use crate::intent::{IntentId, Shown};
use crate::ports::Circuit;

/// One event and its surroundings.
pub(super) struct Work<'a, K> {
    pub(super) event: CrmEvent,
    /// What the event itself told of, where another record is read for it: module and id.
    pub(super) told_of: Option<(String, CrmId)>,
    pub(super) target: &'a TargetConfig,
    pub(super) crm: &'a K,
    pub(super) circuit: Circuit,
    /// The company, once it is known.
    pub(super) company: Option<Company>,
    /// Of a sale: the offset from UTC by which its moments are days, in minutes, where no time zone is known.
    pub(super) utc_offset_minutes: Option<i32>,
    /// Of a sale: what it was refused for before, the code.
    pub(super) told: Option<String>,
    /// Whether a person sends it although it may be older than the connection.
    pub(super) admitted: bool,
    /// Whether the circuit's probe is ours.
    pub(super) claimed: bool,
    /// How often its message has been received, this time included.
    pub(super) receive_count: u32,
    pub(super) deadline: Timestamp,
}

/// One sale, by the record that the event names.
pub(super) struct Sale<'a> {
    pub(super) orders: &'a OrdersConfig,
    pub(super) source: &'a OrderSource,
    pub(super) id: IntentId,
    pub(super) record: Shown,
    /// The Opportunity or Deal that it names at present.
    pub(super) pointed: Option<CrmId>,
    pub(super) modified: Option<Timestamp>,
    /// Before it was read.
    pub(super) read_at: Timestamp,
}
