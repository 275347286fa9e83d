//! Calling a CRM's API with the token that all instances share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use counterpart_delivery::ports::{Clock, Ids, StoredToken, Tokens};
use counterpart_domain::{Class, Fault, TargetName};
use jiff::Timestamp;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde::Serialize;

use crate::json::json_body;
use crate::no_answer::unanswered;
use crate::product::{ApiCall, Budget, Priority, Product, Purpose};
use crate::send::{Http, Reply};
use crate::text::scrubbed;
use crate::time::Moment;
use crate::usage::{Meter, Usage};

/// A CRM org's API. `T` holds the access token that all instances share; `C` is time, chance and ids.
pub struct Api<P: Product, T, C> {
    /// The product, and what it keeps.
    pub product: P,
    /// Time, chance and ids.
    pub clock: C,
    /// Its name in sync.toml.
    pub target: TargetName,
    pub(crate) http: Http,
    pub(crate) tokens: T,
    pub(crate) cache: Mutex<Option<StoredToken>>,
    meter: Mutex<Meter<P::Left>>,
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
            meter: Mutex::default(),
        }
    }

    /// What was called and what it cost since the client was made.
    #[must_use]
    pub fn usage(&self) -> Usage {
        lock(&self.meter).usage
    }

    /// Counts what only the caller knows: rows.
    pub fn count(&self, change: impl FnOnce(&mut Usage)) {
        change(&mut lock(&self.meter).usage);
    }

    /// What was told last of the day's budget.
    #[must_use]
    pub fn left(&self) -> Option<P::Left> {
        let meter = lock(&self.meter);
        meter.reading.as_ref().map(|reading| reading.budget)
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
        self.admit(call)?;
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

    /// A bulk write of so many rows, with `body` as JSON.
    ///
    /// # Errors
    /// As for [`Api::call`]; `E_CRM_REQUEST_UNWRITABLE` (bug).
    pub async fn write_rows(
        &self,
        method: Method,
        path: String,
        priority: Priority,
        rows: usize,
        body: &impl Serialize,
    ) -> Result<Reply, Fault> {
        let rows = u64::try_from(rows).unwrap_or(u64::MAX);
        let reply = self
            .call(&ApiCall {
                purpose: Purpose::Write,
                priority,
                method,
                path,
                query: &[],
                headers: &[],
                body: Some(json_body(P::NAME, body)?),
                credits: P::write_credits(rows),
            })
            .await?;
        self.count(|usage| usage.rows_written += rows);
        Ok(reply)
    }

    /// Questions about the org are few, and asked by people who look for the reason. For orders the reserve is kept.
    fn admit(&self, call: &ApiCall<'_>) -> Result<(), Fault> {
        if call.purpose == Purpose::Metadata || call.priority == Priority::Order {
            return Ok(());
        }
        let reading = lock(&self.meter).reading;
        reading.map_or(Ok(()), |reading| {
            reading.admit(self.moment(), |left| self.product.check_reserve(left))
        })
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
        let url = format!("{}{}", self.base(token)?, call.path);
        let header = self.header(token)?;
        let mut request = self
            .http
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
        self.count(|usage| usage.sending(call.purpose));
        let started = self.clock.now();
        let mut reply = self
            .http
            .send(request, LONGEST_REPLY)
            .await
            .map_err(|why| unanswered(P::NAME, call.purpose, why))?;
        let now = self.clock.now();
        let left = self.answered(call, &reply, now);
        tracing::debug!(
            target.name = %self.target,
            http.method = %call.method,
            http.path = %call.path,
            http.status = reply.status,
            duration_ms = now.duration_since(started).as_millis(),
            credits.remaining = left.as_ref().map(P::remaining),
            "{} call", P::NAME
        );
        if !reply.is_success() {
            let text = scrubbed(reply.body, [&token.access_token]);
            reply.body = self.product.scrub(text);
        }
        Ok(reply)
    }

    /// Counts an answer that came at `now`; what it tells of the budget.
    fn answered(&self, call: &ApiCall<'_>, reply: &Reply, now: Timestamp) -> Option<P::Left> {
        let budget = self.product.budget(reply);
        let mut meter = lock(&self.meter);
        if self.product.is_charged(reply) {
            meter.usage.credits += call.credits;
        }
        meter.told(budget, now);
        match budget {
            Budget::Left(left) => Some(left),
            Budget::Plenty | Budget::Untold => None,
        }
    }
}

/// A guard whatever happened to its last holder: the data is a token, or counters: always whole.
pub(crate) fn lock<V>(mutex: &Mutex<V>) -> MutexGuard<'_, V> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
