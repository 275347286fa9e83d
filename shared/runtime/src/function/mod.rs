//! The functions: an event in, the handler over this deployment's ports, an answer out, and a usage line at the end.

mod batch;
mod channel_keeper;
mod crm_writer;
mod http;
mod lookup;
mod order_transform;
mod platform_events;
mod poller;
mod sage_writer;
mod webhooks;

use std::collections::BTreeMap;

use counterpart_delivery::ports::Clock as _;
use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;
use serde_json::Value;

pub use channel_keeper::ChannelKeeperFunction;
pub use crm_writer::CrmWriterFunction;
pub use lookup::LookupFunction;
pub use order_transform::OrderTransformFunction;
pub use platform_events::PlatformEventsFunction;
pub use poller::PollerFunction;
pub use sage_writer::SageWriterFunction;
pub use webhooks::WebhooksFunction;

use crate::{CrmUse, Deployment, TargetClient, UsageLine};

/// What runs as a Lambda function.
#[expect(
    async_fn_in_trait,
    reason = "each function runs on one thread: no `Send` bound is needed"
)]
pub trait Function: Sized + 'static {
    /// From this process's environment.
    ///
    /// # Errors
    /// `E_ENVIRONMENT`.
    async fn of_process() -> Result<Self, Fault>;

    /// Handles one event. `deadline`: when the function will be stopped.
    ///
    /// # Errors
    /// When the event as a whole could not be taken: Lambda then tries it again.
    async fn handle(&self, event: Value, deadline: Timestamp) -> Result<Value, Fault>;
}

/// Lambda's deadline (milliseconds since 1970) as an instant.
#[must_use]
pub fn deadline(milliseconds: u64) -> Timestamp {
    i64::try_from(milliseconds)
        .ok()
        .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok())
        .unwrap_or(Timestamp::MAX)
}

/// Whole milliseconds from `start` to `end`.
fn milliseconds(start: Timestamp, end: Timestamp) -> u64 {
    u64::try_from(end.duration_since(start).as_millis()).unwrap_or(0)
}

/// Ends an invocation: what it came to goes into its usage line.
fn end(deployment: &Deployment, mut usage: UsageLine, started: Timestamp) {
    deployment.close(&mut usage);
    usage.duration_ms = milliseconds(started, deployment.clock.now());
    usage.emit();
}

/// What the clients' calls came to.
fn used(crms: &BTreeMap<TargetName, TargetClient>) -> CrmUse {
    crms.values()
        .map(|client| client.used())
        .fold(CrmUse::default(), CrmUse::plus)
}
