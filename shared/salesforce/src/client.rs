//! The client: who is called, and how.

use counterpart_config::SALESFORCE;
use counterpart_delivery::ports::{Clock, Ids, Tokens};
use counterpart_domain::{Class, Fault, TargetName, bounded};
use counterpart_http::{Api, ApiCall, Http, Moment, Product as _, Reply, Timeouts, Usage};

use crate::credentials::Credentials;
use crate::hosts::Hosts;
use crate::limits::LimitInfo;
use crate::product::Salesforce;
use crate::type_cache::TypeCache;

/// Where an org is, and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its My Domain: `acme.my.salesforce.com`.
    pub my_domain: String,
    /// The base address of another token endpoint; loopback only.
    pub login_url: Option<String>,
    /// Another API base; loopback only. It goes before the token reply's `instance_url`.
    pub instance_url: Option<String>,
    /// The API's version as it stands in addresses, without the `v`: `67.0`.
    pub api_version: String,
    /// Whether loopback addresses, and plain http to them, are let through. Never in production.
    pub allow_loopback: bool,
    /// How many per cent of the day's API calls are kept for orders, and for other integrations; records wait when no more
    /// are left.
    pub reserve_percent: u8,
    /// How long one call may take.
    pub timeouts: Timeouts,
}

impl Connection {
    /// The share of the day's API calls that is kept where nothing else is said.
    pub const RESERVE_PERCENT: u8 = 2;

    /// The org of a My Domain.
    #[must_use]
    pub fn to(my_domain: &str) -> Self {
        Self {
            my_domain: my_domain.to_owned(),
            login_url: None,
            instance_url: None,
            api_version: SALESFORCE.api_version.to_owned(),
            allow_loopback: false,
            reserve_percent: Self::RESERVE_PERCENT,
            timeouts: Timeouts::default(),
        }
    }
}

/// A Salesforce org. `T` holds the access token that all instances share; `C` is time, chance and ids.
pub struct SalesforceClient<T, C> {
    pub(crate) api: Api<Salesforce, T, C>,
    /// `/services/data/v67.0`
    root: String,
    /// What is known of the objects' fields.
    pub(crate) types: TypeCache,
}

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    /// A client of the org that sync.toml calls `target`. Nothing is sent yet.
    ///
    /// # Errors
    /// `E_CRM_ADDRESS` (configuration) when the My Domain is none, or an address override is not loopback, or loopback is
    /// not allowed; `E_CRM_API_VERSION` when the version is none; `E_CRM_HTTP_CLIENT` when the TLS set-up of this machine
    /// fails.
    pub fn new(
        target: TargetName,
        connection: &Connection,
        credentials: Credentials,
        tokens: T,
        clock: C,
    ) -> Result<Self, Fault> {
        let hosts = Hosts::new(
            &connection.my_domain,
            connection.login_url.as_deref(),
            connection.instance_url.as_deref(),
            connection.allow_loopback,
        )?;
        let root = root(&connection.api_version)?;
        let http = Http::new(
            Salesforce::NAME,
            connection.timeouts,
            connection.allow_loopback,
        )?;
        let product = Salesforce::new(hosts, credentials, connection.reserve_percent);
        Ok(Self {
            api: Api::new(target, product, http, tokens, clock),
            root,
            types: TypeCache::default(),
        })
    }

    /// What was called and what it cost since the client was made.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.api.usage()
    }

    /// What Salesforce last said of the day's calls.
    #[must_use]
    pub fn limit(&self) -> Option<LimitInfo> {
        self.api.left()
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut Usage)) {
        self.api.count(change);
    }

    pub(crate) fn moment(&self) -> Moment {
        self.api.moment()
    }

    /// The address of the API's version.
    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// An address below the API's version.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("{}/{rest}", self.root)
    }

    pub(crate) async fn call(&self, call: &ApiCall<'_>) -> Result<Reply, Fault> {
        self.api.call(call).await
    }
}

fn root(api_version: &str) -> Result<String, Fault> {
    let number =
        |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    match api_version.split_once('.') {
        Some((major, minor)) if number(major) && number(minor) => {
            Ok(format!("/services/data/v{api_version}"))
        }
        _ => Err(Fault::new(
            Class::Configuration,
            "E_CRM_API_VERSION",
            format!(
                "{:?} is no API version of Salesforce; 67.0 is one.",
                bounded(api_version.to_owned(), 40)
            ),
        )),
    }
}

/// Lets only API names into addresses and queries.
pub(crate) fn checked_name(name: &str) -> Result<&str, Fault> {
    counterpart_http::checked_name(name, "a Salesforce object or field")
}
