#![doc = include_str!("../README.md")]
// As the ports: used by generic clients on one thread.
#![expect(
    async_fn_in_trait,
    reason = "products are implemented in this workspace only, and run on one thread"
)]

mod address;
mod api;
mod bulk;
mod html;
mod json;
mod no_answer;
mod product;
mod refusals;
mod send;
mod text;
mod time;
mod tls;
mod token;
mod token_endpoint;
mod trust;
mod usage;

pub use address::{is_loopback, is_plain, loopback_override, origin};
pub use api::Api;
pub use bulk::{Judged, check_rows, update_by_id, with_second_try, without_twins};
pub use html::{from_html, to_html};
pub use json::{Digits, calendar_date, checked_name, decimal, id, json_body, text};
pub use no_answer::{unanswered, unreadable};
pub use product::{Allowance, ApiCall, Budget, Granted, Priority, Product, Purpose};
pub use refusals::{About, Meaning, Refusal, meaning};
pub use send::{ClientSettings, Http, NoClient, Reply, Silence, Timeouts, Unanswered, chain};
pub use text::{line, opening, scrubbed};
pub use time::{Moment, later};
pub use tls::{Server, TlsProblem, tls_problem};
pub use token_endpoint::{TokenReply, token_unavailable};
pub use trust::{NoCertificate, client, client_trusting};
pub use usage::Usage;
