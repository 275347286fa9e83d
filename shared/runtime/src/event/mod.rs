//! What sets the functions off, and what they answer. Decoded leniently in what they do not use, strictly in what they do.

mod http;
mod poll;
mod sqs;

pub(crate) use http::webhook;
pub use http::{HintRequest, HttpAnswer};
pub use poll::PollerEvent;
pub use sqs::SqsBatch;
