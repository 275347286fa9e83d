//! What goes from Sage's answer back to the CRM record, as it lies in `crm-writes` beside the packs. It names what is to be
//! shown, not what it is: the writer reads that when it writes, so that order of arrival and redrives do no harm.

use counterpart_domain::{AsOf, CrmId, TargetName};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::intent::IntentId;

/// The version of the wire format.
pub const WRITE_BACK_VERSION: u16 = 1;

/// A write-back. Its body is told from a pack's by the member `write_back`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteBack {
    /// [`WRITE_BACK_VERSION`].
    pub version: u16,
    /// Unique.
    pub id: String,
    /// The target.
    pub target: TargetName,
    /// The version of the configuration that the sender knew.
    #[serde(default)]
    pub config_version: u64,
    /// When it was first sent.
    pub first_sent: Timestamp,
    /// What is to be shown.
    pub write_back: Show,
}

/// What is to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// The state of intents: number, status, text, total.
    Intents(Vec<IntentId>),
    /// The stock of products.
    Stock {
        /// The order of the observation.
        as_of: AsOf,
        /// By product.
        rows: Vec<StockRow>,
    },
}

/// The stock of one product, all warehouses together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRow {
    /// The CRM's product.
    pub product: CrmId,
    /// `ItemCode`.
    pub item: String,
    /// On hand.
    pub on_hand: Decimal,
    /// Available.
    pub available: Decimal,
}
