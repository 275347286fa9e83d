//! The client: who is called, with which token, and what it cost.

use std::sync::{Mutex, MutexGuard, PoisonError};

use counterpart_delivery::ports::{
    Clock, Crm, CrmRecord, CrmUser, Ids, RowOutcome, StoredToken, Tokens, UpsertCall,
};
use counterpart_domain::{Class, Fault, SageKey, TargetName, bounded};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};

use crate::credentials::Credentials;
use crate::faults::{Moment, Purpose, is_token_refused, unanswered};
use crate::hosts::{DataCenter, Environment, Hosts};
use crate::http::{Http, Reply, Timeouts};
use crate::upsert::MOST_ROWS;
use crate::usage::Usage;
use crate::wire::is_api_name;

/// Where an org is, and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its data centre.
    pub data_center: DataCenter,
    /// Production, sandbox or developer edition.
    pub environment: Environment,
    /// The full address of another token endpoint; loopback only.
    pub accounts_url: Option<String>,
    /// Another API base; loopback only. The token reply's `api_domain` goes before it.
    pub api_url: Option<String>,
    /// Whether loopback addresses, and plain http to them, are let through. Never in production.
    pub allow_loopback: bool,
    /// How long one call may take.
    pub timeouts: Timeouts,
}

impl Connection {
    /// The production environment of a data centre.
    #[must_use]
    pub fn to(data_center: DataCenter) -> Self {
        Self {
            data_center,
            environment: Environment::Production,
            accounts_url: None,
            api_url: None,
            allow_loopback: false,
            timeouts: Timeouts::default(),
        }
    }
}

/// A Zoho CRM org. `T` holds the access token that all instances share; `C` is time, chance and ids.
pub struct ZohoClient<T, C> {
    pub(crate) target: TargetName,
    pub(crate) http: Http,
    pub(crate) hosts: Hosts,
    pub(crate) credentials: Credentials,
    pub(crate) tokens: T,
    pub(crate) clock: C,
    pub(crate) cache: Mutex<Option<StoredToken>>,
    usage: Mutex<Usage>,
}

/// No answer of the API is longer than this: 100 records with 50 fields of ordinary length are under 1 MiB.
const LONGEST_REPLY: usize = 8 * 1024 * 1024;

/// One call of the API.
pub(crate) struct ApiCall<'a> {
    pub purpose: Purpose,
    pub method: Method,
    /// From `/crm`.
    pub path: String,
    pub query: &'a [(&'a str, &'a str)],
    /// JSON.
    pub body: Option<Vec<u8>>,
    /// What it costs.
    pub credits: u64,
}

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    /// A client of the org that sync.toml calls `target`. Nothing is sent yet.
    ///
    /// # Errors
    /// `E_CRM_ADDRESS` (configuration) when an address override is not loopback, or loopback is not allowed;
    /// `E_CRM_HTTP_CLIENT` when the TLS set-up of this machine fails.
    pub fn new(
        target: TargetName,
        connection: &Connection,
        credentials: Credentials,
        tokens: T,
        clock: C,
    ) -> Result<Self, Fault> {
        let hosts = Hosts::new(
            connection.data_center,
            connection.environment,
            connection.accounts_url.as_deref(),
            connection.api_url.as_deref(),
            connection.allow_loopback,
        )?;
        Ok(Self {
            target,
            http: Http::new(connection.timeouts, connection.allow_loopback)?,
            hosts,
            credentials,
            tokens,
            clock,
            cache: Mutex::new(None),
            usage: Mutex::new(Usage::default()),
        })
    }

    /// What was called and what it cost since the client was made.
    #[must_use]
    pub fn usage(&self) -> Usage {
        *lock(&self.usage)
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Usage)) {
        change(&mut lock(&self.usage));
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment {
            now: self.clock.now(),
            jitter_seconds: i64::try_from(self.clock.random_below(60)).unwrap_or(0),
        }
    }

    /// Calls with the shared token; a refused token is replaced once, and the call made once more. What the second
    /// answer says is final.
    pub(crate) async fn call(&self, call: &ApiCall<'_>) -> Result<Reply, Fault> {
        let token = self.access().await?;
        let reply = self.send(call, &token).await?;
        if !is_token_refused(&reply) {
            return Ok(reply);
        }
        tracing::warn!(target.name = %self.target, token.generation = token.generation, "zoho refused the access token");
        let token = self.replace(&token).await?;
        self.send(call, &token).await
    }

    async fn send(&self, call: &ApiCall<'_>, token: &StoredToken) -> Result<Reply, Fault> {
        let url = format!("{}{}", self.base_of(token)?, call.path);
        let mut header =
            HeaderValue::from_str(&format!("Zoho-oauthtoken {}", token.access_token.reveal()))
                .map_err(|_| {
                    Fault::new(
                        Class::Transient,
                        "E_CRM_TOKEN_UNREADABLE",
                        "The stored access token of Zoho cannot be sent as a header.",
                    )
                })?;
        header.set_sensitive(true);
        let mut request = self
            .http
            .client()
            .request(call.method.clone(), url)
            .query(call.query)
            .header(AUTHORIZATION, header);
        if let Some(body) = &call.body {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        self.count(|usage| match call.purpose {
            Purpose::Write => usage.write_calls += 1,
            Purpose::Read if call.body.is_some() => usage.read_calls += 1,
            Purpose::Read => usage.metadata_calls += 1,
        });
        let started = self.clock.now();
        let mut reply = self
            .http
            .send(request, LONGEST_REPLY)
            .await
            .map_err(|why| unanswered(call.purpose, why))?;
        self.count(|usage| {
            if !matches!(reply.status, 401 | 429) {
                usage.credits += call.credits;
            }
            usage.credits_remaining = reply.credits_remaining.or(usage.credits_remaining);
        });
        tracing::debug!(
            target.name = %self.target,
            http.method = %call.method,
            http.path = %call.path,
            http.status = reply.status,
            duration_ms = self.clock.now().duration_since(started).as_millis(),
            credits.remaining = reply.credits_remaining,
            "zoho call"
        );
        if !reply.is_success() {
            reply.body = self
                .credentials
                .scrub(reply.body, Some(&token.access_token));
        }
        Ok(reply)
    }
}

/// A guard whatever happened to its last holder: the data is a copy of counters or of a token, always whole.
pub(crate) fn lock<V>(mutex: &Mutex<V>) -> MutexGuard<'_, V> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets only API names into addresses and queries.
pub(crate) fn checked_name(name: &str) -> Result<&str, Fault> {
    if is_api_name(name) {
        return Ok(name);
    }
    Err(Fault::new(
        Class::Configuration,
        "E_CRM_NAME",
        format!(
            "{:?} is no API name of a Zoho module or field: letters, digits and _ are wanted.",
            bounded(name.to_owned(), 100)
        ),
    ))
}

impl<T: Tokens, C: Clock + Ids> Crm for ZohoClient<T, C> {
    fn bulk_size(&self) -> usize {
        MOST_ROWS
    }

    async fn upsert(&self, call: &UpsertCall) -> Result<Vec<RowOutcome>, Fault> {
        self.upsert_rows(call).await
    }

    async fn read(
        &self,
        module: &str,
        key_field: &str,
        keys: &[SageKey],
        fields: &[String],
    ) -> Result<Vec<CrmRecord>, Fault> {
        self.read_by_key(module, key_field, keys, fields).await
    }

    async fn users(&self) -> Result<Vec<CrmUser>, Fault> {
        self.active_users().await
    }
}
