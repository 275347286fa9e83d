//! The store ports over DynamoDB.

mod audit;
mod body;
mod call;
mod commits;
mod creations;
mod cursors;
mod group;
mod group_commit;
mod ingress;
mod intents;
mod item;
mod ledger;
mod link_body;
mod links;
mod outcomes;
mod packed;
mod parking;
mod plan;
mod query;
mod reps;
mod seats;
mod settings;
mod step;
mod sweeps;
mod token_state;
mod tokens;
mod transaction;
mod waiting;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_dynamodb::Client;
use aws_types::SdkConfig;
use jiff::Timestamp;

use crate::Usage;

/// The names of the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// Links, reverse items, waiting records.
    pub links: String,
    /// Rep mappings both ways, remaps, salespersons.
    pub reps: String,
    /// Cursors and their leases.
    pub cursors: String,
    /// Runs, manifests, outcomes, and the progress of packs.
    pub ledger: String,
    /// The parked.
    pub parked: String,
    /// Configuration versions and circuits.
    pub settings: String,
    /// Access tokens.
    pub tokens: String,
}

impl Tables {
    /// The names that the template gives: `PREFIX-links` and so on.
    #[must_use]
    pub fn with_prefix(prefix: &str) -> Self {
        let name = |table: &str| format!("{prefix}-{table}");
        Self {
            links: name("links"),
            reps: name("reps"),
            cursors: name("cursors"),
            ledger: name("ledger"),
            parked: name("parked"),
            settings: name("settings"),
            tokens: name("tokens"),
        }
    }
}

/// How long ledger items are kept unless told otherwise, in days.
const LEDGER_DAYS: u32 = 90;

/// Every store port, and `Tokens`, over DynamoDB. The README has the layout of each item.
#[derive(Debug)]
pub struct DynamoStore {
    client: Client,
    tables: Tables,
    usage: Arc<Usage>,
    ledger_days: AtomicU32,
}

impl DynamoStore {
    /// A store in these tables; nothing is called yet.
    #[must_use]
    pub fn new(config: &SdkConfig, tables: Tables, usage: Arc<Usage>) -> Self {
        Self {
            client: Client::new(config),
            tables,
            usage,
            ledger_days: AtomicU32::new(LEDGER_DAYS),
        }
    }

    /// From now on, ledger items are kept this many days: what `sync.toml` says, once it is read.
    pub fn set_ledger_days(&self, days: u32) {
        self.ledger_days.store(days.max(1), Ordering::Relaxed);
    }

    /// When a ledger item written now may go, in seconds since 1970.
    fn ledger_expiry(&self) -> i64 {
        let days = i64::from(self.ledger_days.load(Ordering::Relaxed));
        Timestamp::now().as_second() + days * 86_400
    }
}
