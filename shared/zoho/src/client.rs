//! The client: who is called, with which token, and what it cost.

use counterpart_delivery::ports::{Clock, Ids, Tokens};
use counterpart_domain::{Fault, TargetName};
use counterpart_http::{Api, ApiCall, Http, Moment, Product as _, Reply, Timeouts, Usage};

use crate::credentials::Credentials;
use crate::field_cache::FieldCache;
use crate::hosts::{DataCenter, Environment, Hosts};
use crate::product::Zoho;

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
    /// How many of the day's credits are kept for orders; records wait when no more are left.
    pub reserve_credits: u64,
    /// How long one call may take.
    pub timeouts: Timeouts,
}

impl Connection {
    /// What is kept for orders where nothing else is said: some hundred orders' worth. A tenth of the credits of the
    /// smallest edition, one in a hundred of the next. Page: "API limits".
    pub const RESERVE_CREDITS: u64 = 500;

    /// The production environment of a data centre.
    #[must_use]
    pub fn to(data_center: DataCenter) -> Self {
        Self {
            data_center,
            environment: Environment::Production,
            accounts_url: None,
            api_url: None,
            allow_loopback: false,
            reserve_credits: Self::RESERVE_CREDITS,
            timeouts: Timeouts::default(),
        }
    }
}

/// A Zoho CRM org. `T` holds the access token that all instances share; `C` is time, chance and ids.
pub struct ZohoClient<T, C> {
    pub(crate) api: Api<Zoho, T, C>,
    /// What is known of the modules' fields.
    pub(crate) known: FieldCache,
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
        let http = Http::new(Zoho::NAME, connection.timeouts, connection.allow_loopback)?;
        let product = Zoho::new(hosts, credentials, connection.reserve_credits);
        Ok(Self {
            api: Api::new(target, product, http, tokens, clock),
            known: FieldCache::default(),
        })
    }

    /// What was called and what it cost since the client was made.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.api.usage()
    }

    /// What Zoho last said is left of the day's credits; it says so only once half of them are used.
    #[must_use]
    pub fn credits_remaining(&self) -> Option<u64> {
        self.api.left()
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Usage)) {
        self.api.count(change);
    }

    pub(crate) const fn target(&self) -> &TargetName {
        &self.api.target
    }

    pub(crate) fn moment(&self) -> Moment {
        self.api.moment()
    }

    pub(crate) async fn call(&self, call: &ApiCall<'_>) -> Result<Reply, Fault> {
        self.api.call(call).await
    }
}

/// Lets only API names into addresses and queries.
pub(crate) fn checked_name(name: &str) -> Result<&str, Fault> {
    counterpart_http::checked_name(name, "a Zoho module or field")
}
