//! Calling a CRM's API with the token that all instances share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{Clock, Ids, StoredToken, Tokens};
use counterpart_domain::{Class, Fault, TargetName};
use jiff::Timestamp;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};

use crate::moment::Moment;
use crate::send::{Http, Reply};
use crate::silence::{Purpose, unanswered};
use crate::token::Granted;

/// How often a new access token may be asked for, by all instances together.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// So many times …
    pub most: u32,
    /// … in so many seconds.
    pub window_seconds: i64,
}

/// What differs between CRMs as far as calling goes.
pub trait Product {
    /// Its name in sentences.
    const NAME: &'static str;
    /// How often it may be asked for a token.
    const ALLOWANCE: Allowance;

    /// The API base that goes with a token, without a trailing slash. What a store holds is text from outside, too: it
    /// is checked here.
    ///
    /// # Errors
    /// `E_CRM_API_DOMAIN` (configuration) when the base is not the product's own.
    fn base(&self, token: &StoredToken) -> Result<String, Fault>;

    /// Whether a stored token belongs to this connection at all.
    fn accepts(&self, _token: &StoredToken) -> bool {
        true
    }

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

    /// Asked before a call: whether it may be made now.
    ///
    /// # Errors
    /// When it may not.
    fn admit(&self, _call: &ApiCall<'_>, _moment: Moment) -> Result<(), Fault> {
        Ok(())
    }

    /// Told before a call is sent.
    fn sending(&self, call: &ApiCall<'_>);

    /// Told when a call was answered, at `now`.
    fn answered(&self, call: &ApiCall<'_>, reply: &Reply, now: Timestamp);

    /// What the reply says is left of the day's calls or credits.
    fn remaining(&self, reply: &Reply) -> Option<u64>;

    /// Asks for a token, in place of `stale` where there was one.
    ///
    /// # Errors
    /// When none was given.
    async fn ask_token(
        &self,
        http: &Http,
        moment: Moment,
        stale: Option<&StoredToken>,
    ) -> Result<Granted, Fault>;
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

/// A CRM org's API. `T` holds the access token that all instances share; `C` is time, chance and ids.
pub struct Api<P, T, C> {
    /// The product, and what it keeps.
    pub product: P,
    /// Time, chance and ids.
    pub clock: C,
    /// Its name in sync.toml.
    pub target: TargetName,
    pub(crate) http: Http,
    pub(crate) tokens: T,
    pub(crate) cache: Mutex<Option<StoredToken>>,
}

/// No answer of an API is longer than this: 200 records with 50 fields of ordinary length are under 1 MiB.
const LONGEST_REPLY: usize = 8 * 1024 * 1024;

impl<P: Product, T: Tokens, C: Clock + Ids> Api<P, T, C> {
    /// The API of the org that sync.toml calls `target`. Nothing is sent yet.
    pub fn new(target: TargetName, product: P, http: Http, tokens: T, clock: C) -> Self {
        Self {
            product,
            clock,
            target,
            http,
            tokens,
            cache: Mutex::new(None),
        }
    }

    /// The present.
    pub fn moment(&self) -> Moment {
        Moment {
            now: self.clock.now(),
            jitter_seconds: i64::try_from(self.clock.random_below(60)).unwrap_or(0),
        }
    }

    /// Calls with the shared token; a refused token is replaced once, and the call made once more. What the second
    /// answer says is final.
    ///
    /// # Errors
    /// When there is no token or no answer, or the call may not be made now. A refusal is an answer.
    pub async fn call(&self, call: &ApiCall<'_>) -> Result<Reply, Fault> {
        self.product.admit(call, self.moment())?;
        let token = self.access().await?;
        let reply = self.send(call, &token).await?;
        let now = self.clock.now();
        if !self.product.is_token_refused(&reply, &token, now) {
            return Ok(reply);
        }
        tracing::warn!(target.name = %self.target, token.generation = token.generation, "{} refused the access token", P::NAME);
        let token = self.replace(&token).await?;
        self.send(call, &token).await
    }

    /// The `Authorization` header of a token.
    pub(crate) fn header(&self, token: &StoredToken) -> Result<HeaderValue, Fault> {
        let mut header = HeaderValue::from_str(&self.product.authorization(&token.access_token))
            .map_err(|_| {
                Fault::new(
                    Class::Transient,
                    "E_CRM_TOKEN_UNREADABLE",
                    format!(
                        "The access token of {} cannot be sent as a header.",
                        P::NAME
                    ),
                )
            })?;
        header.set_sensitive(true);
        Ok(header)
    }

    async fn send(&self, call: &ApiCall<'_>, token: &StoredToken) -> Result<Reply, Fault> {
        let url = format!("{}{}", self.product.base(token)?, call.path);
        let header = self.header(token)?;
        let mut request = self
            .http
            .client()
            .request(call.method.clone(), url)
            .query(call.query)
            .header(AUTHORIZATION, header);
        for (name, value) in self.product.headers(call).iter().chain(call.headers) {
            request = request.header(*name, *value);
        }
        if let Some(body) = &call.body {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        self.product.sending(call);
        let started = self.clock.now();
        let mut reply = self
            .http
            .send(request, LONGEST_REPLY)
            .await
            .map_err(|why| unanswered(P::NAME, call.purpose, why))?;
        let now = self.clock.now();
        self.product.answered(call, &reply, now);
        tracing::debug!(
            target.name = %self.target,
            http.method = %call.method,
            http.path = %call.path,
            http.status = reply.status,
            duration_ms = now.duration_since(started).as_millis(),
            credits.remaining = self.product.remaining(&reply),
            "{} call", P::NAME
        );
        if !reply.is_success() {
            let text = crate::scrubbed(reply.body, [&token.access_token]);
            reply.body = self.product.scrub(text);
        }
        Ok(reply)
    }
}

/// A guard whatever happened to its last holder: the data is a token, always whole.
pub(crate) fn lock<V>(mutex: &Mutex<V>) -> MutexGuard<'_, V> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
