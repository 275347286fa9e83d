//! What differs between CRMs as far as calling goes, and what a call is.

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::StoredToken;
use counterpart_domain::{Class, Fault};
use jiff::Timestamp;
use reqwest::Method;

use crate::send::{Http, Reply};
use crate::time::Moment;

/// How often a new access token may be asked for, by all instances together.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// So many times …
    pub most: u32,
    /// … in so many seconds.
    pub window_seconds: i64,
}

/// A new access token. Debug shows nothing of it.
#[derive(Debug)]
pub struct Granted {
    /// The token.
    pub access_token: SecretText,
    /// The API base that the answer names, as it stands there.
    pub api_base: Option<String>,
    /// How long it is good for.
    pub lifetime_seconds: i64,
}

/// What a reply tells of the day's calls or credits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget<B> {
    /// So much is left.
    Left(B),
    /// Enough, without a number: what was told before holds no longer.
    Plenty,
    /// Nothing.
    Untold,
}

/// What differs between CRMs as far as calling goes.
pub trait Product {
    /// Its name in sentences.
    const NAME: &'static str;
    /// How often it may be asked for a token.
    const ALLOWANCE: Allowance;
    /// The most rows of a bulk write.
    const MOST_ROWS: usize;
    /// Whether a stored token that does not say what it was got for is taken for this connection's.
    const TAKES_UNMARKED: bool;
    /// What its replies tell of the day's calls or credits.
    type Left: Copy;

    /// The API base where neither a token nor its answer names one, without a trailing slash.
    fn api_base(&self) -> &str;

    /// An API base that was named, without a trailing slash. What a store or an answer holds is text from outside, too: it
    /// is checked here.
    ///
    /// # Errors
    /// `E_CRM_API_DOMAIN` (configuration) when the base is not the product's own.
    fn follow(&self, base: &str) -> Result<String, Fault>;

    /// Stands for what a token is got for: one that bears another mark belongs to another org, app or user.
    fn mark(&self) -> &str;

    /// The `Authorization` header.
    fn authorization(&self, token: &SecretText) -> String;

    /// Whether the reply says at `now` that the access token is not (or no longer) good, and that another would be.
    fn is_token_refused(&self, reply: &Reply, token: &StoredToken, now: Timestamp) -> bool;

    /// Takes the connection's own credentials out of a text from outside.
    fn scrub(&self, text: String) -> String;

    /// Headers that go with a call, besides the token.
    fn headers(&self, _call: &ApiCall<'_>) -> &[(&'static str, &'static str)] {
        &[]
    }

    /// What the reply tells of the day's budget.
    fn budget(&self, reply: &Reply) -> Budget<Self::Left>;

    /// That budget as a number of calls or credits.
    fn remaining(left: &Self::Left) -> u64;

    /// Whether so answered a call costs anything.
    fn is_charged(&self, reply: &Reply) -> bool;

    /// What a bulk write of so many rows costs.
    fn write_credits(rows: u64) -> u64;

    /// Passes if calls that serve no order may be made with what is left.
    ///
    /// # Errors
    /// `E_CRM_BUDGET_RESERVED` (throttled) where it is kept for orders; until when is added by the caller.
    fn check_reserve(&self, left: &Self::Left) -> Result<(), Fault>;

    /// Asks for a token.
    ///
    /// # Errors
    /// When none was given.
    async fn ask_token(&self, http: &Http, moment: Moment) -> Result<Granted, Fault>;
}

/// What a call is for: a write without an answer may have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Writing records.
    Write,
    /// Reading records.
    Read,
    /// Asking what the org is like.
    Metadata,
}

impl Purpose {
    /// Without a (readable) answer nobody knows whether a write happened. An upsert by key may be repeated all the
    /// same: it finds its own record. A read has no effect to be unsure of.
    #[must_use]
    pub const fn unknown(self) -> Class {
        match self {
            Self::Write => Class::Ambiguous,
            Self::Read | Self::Metadata => Class::Transient,
        }
    }
}

/// Who goes first when little is left of the day's calls: orders before everything else that is kept in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// A sale on its way to Sage, and its answer on the way back: what is kept in reserve is kept for this.
    Order,
    /// Customers, contacts and what goes along with them: it waits while only the reserve is left.
    Record,
}

/// One call of the API.
pub struct ApiCall<'a> {
    /// What it is for.
    pub purpose: Purpose,
    /// Whether the reserve is open to it. Questions about the org ([`Purpose::Metadata`]) are let through in any case.
    pub priority: Priority,
    /// HTTP method.
    pub method: Method,
    /// From the API base on.
    pub path: String,
    /// Parameters, not yet encoded.
    pub query: &'a [(&'a str, &'a str)],
    /// Headers of this call alone.
    pub headers: &'a [(&'static str, &'a str)],
    /// JSON.
    pub body: Option<Vec<u8>>,
    /// What it costs, in the CRM's own unit.
    pub credits: u64,
}
