#![doc = include_str!("../README.md")]
// As the ports: used by generic clients on one thread.
#![expect(
    async_fn_in_trait,
    reason = "products are implemented in this workspace only, and run on one thread"
)]

mod address;
mod api;
mod json;
mod moment;
mod second_try;
mod send;
mod silence;
mod tls;
mod token;
mod trust;
mod twins;

pub use address::{is_loopback, is_plain, loopback_override, origin};
pub use api::{Allowance, Api, ApiCall, Priority, Product};
pub use json::{Digits, calendar_date, checked_name, decimal, id, json_body, text};
pub use moment::{Moment, later, line, opening};
pub use second_try::{Judged, with_second_try};
pub use send::{Http, Reply, Timeouts, Unanswered, chain};
pub use silence::{Purpose, scrubbed, unanswered, unreadable};
pub use tls::{TlsProblem, tls_problem};
pub use token::{Granted, strange_token_reply, token_unavailable};
pub use trust::{NoCertificate, client, client_trusting};
pub use twins::without_twins;
