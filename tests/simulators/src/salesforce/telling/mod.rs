//! What Salesforce tells the world: change events and platform events on an EventBridge bus, and
//! outbound messages. Both begin with the same list: which records a transaction wrote.

mod ack;
mod bus;
mod bus_door;
mod change;
mod envelope;
mod flows;
mod outbound;
mod outbound_door;
pub mod relays;
mod shapes;
mod transaction;

pub use bus::selected;
pub use flows::{Flow, check as check_flow, run as run_flows};
pub use transaction::{Origin, settle};

use std::sync::Arc;

use axum::Router;

use super::{ids::Id, org::System, store::Record};

/// One record that a transaction wrote.
#[derive(Debug)]
pub struct Written {
    /// The object.
    pub object: &'static str,
    /// The record's id.
    pub id: Id,
    /// What was there before.
    pub before: Option<Record>,
}

/// Everything that is to be told, and who listens.
#[derive(Debug, Default)]
pub struct Telling {
    /// Records written since the last transaction ended.
    pub written: Vec<Written>,
    /// Platform events published since then: name and fields.
    pub published: Vec<(String, serde_json::Map<String, serde_json::Value>)>,
    /// Who writes, and through which API.
    pub origin: Origin,
    bus: bus::Bus,
    outbound: outbound::Outbound,
    transactions: u64,
    commits: u64,
}

/// How much was to be told at some point of a transaction.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    written: usize,
    published: usize,
}

impl Telling {
    /// This point of the transaction.
    pub fn mark(&self) -> Mark {
        Mark {
            written: self.written.len(),
            published: self.published.len(),
        }
    }

    /// What came after a point was undone: nobody hears of it.
    pub fn rewind(&mut self, mark: Mark) {
        self.written.truncate(mark.written);
        self.published.truncate(mark.published);
    }
}

/// The doors of events and messages.
pub fn router(system: Arc<System>) -> Router {
    bus_door::router(system.clone()).merge(outbound_door::router(system))
}

/// Sends what is to be sent, for ever.
pub async fn deliver(system: Arc<System>) {
    tokio::join!(bus::deliver(system.clone()), outbound::deliver(system));
}

/// The client of both senders; it waits for an answer as long as Salesforce does.
fn client() -> Option<reqwest::Client> {
    crate::plain_http()
        .timeout(std::time::Duration::from_secs(20))
        .build()
        .ok()
}

/// Only this machine is told anything.
///
/// # Errors
/// A sentence.
fn loopback(url: &str) -> Result<(), String> {
    let parsed: reqwest::Url = url.parse().map_err(|_| format!("{url:?} is no URL"))?;
    let local = matches!(parsed.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    if parsed.scheme() == "http" && local {
        Ok(())
    } else {
        Err(format!(
            "{url:?} is not on this machine's loopback interface"
        ))
    }
}
