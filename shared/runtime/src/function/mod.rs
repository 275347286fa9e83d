//! The functions: an event in, the handler over this deployment's ports, an answer out, and a usage line at the end.

mod crm_writer;
mod poller;

use jiff::Timestamp;

pub use crm_writer::CrmWriterFunction;
pub use poller::PollerFunction;

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
