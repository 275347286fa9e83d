//! Where Zoho lives. A token belongs to one data centre, and `api_domain` of the token reply is the base of every API
//! call; it is followed, but only to Zoho's own hosts, since every call carries the token.
//! Page: "Data centers" of the CRM developer documentation.

use std::fmt;
use std::str::FromStr;

use counterpart_domain::{Class, Fault, bounded};
use counterpart_http::{is_loopback, is_plain, loopback_override, origin};
use url::{Host, Url};

/// A Zoho data centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum DataCenter {
    Us,
    Eu,
    In,
    Au,
    Jp,
    Ca,
    Cn,
    Sa,
}

impl DataCenter {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Us,
        Self::Eu,
        Self::In,
        Self::Au,
        Self::Jp,
        Self::Ca,
        Self::Cn,
        Self::Sa,
    ];

    /// The name in configuration: `us`, `eu`, `in`, `au`, `jp`, `ca`, `cn`, `sa`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Eu => "eu",
            Self::In => "in",
            Self::Au => "au",
            Self::Jp => "jp",
            Self::Ca => "ca",
            Self::Cn => "cn",
            Self::Sa => "sa",
        }
    }

    /// The registered domain under which its API hosts are.
    const fn api_domain(self) -> &'static str {
        match self {
            Self::Us => "zohoapis.com",
            Self::Eu => "zohoapis.eu",
            Self::In => "zohoapis.in",
            Self::Au => "zohoapis.com.au",
            Self::Jp => "zohoapis.jp",
            Self::Ca => "zohoapis.ca",
            Self::Cn => "zohoapis.com.cn",
            Self::Sa => "zohoapis.sa",
        }
    }

    /// The accounts host. Canada's is of another family than its API.
    const fn accounts_host(self) -> &'static str {
        match self {
            Self::Us => "accounts.zoho.com",
            Self::Eu => "accounts.zoho.eu",
            Self::In => "accounts.zoho.in",
            Self::Au => "accounts.zoho.com.au",
            Self::Jp => "accounts.zoho.jp",
            Self::Ca => "accounts.zohocloud.ca",
            Self::Cn => "accounts.zoho.com.cn",
            Self::Sa => "accounts.zoho.sa",
        }
    }

    /// The address that hands out access tokens.
    #[must_use]
    pub fn token_url(self) -> String {
        format!("https://{}/oauth/v2/token", self.accounts_host())
    }

    /// The API base of one environment, without a path.
    #[must_use]
    pub fn api_url(self, environment: Environment) -> String {
        format!("https://{}.{}", environment.label(), self.api_domain())
    }
}

impl fmt::Display for DataCenter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DataCenter {
    type Err = Fault;

    fn from_str(name: &str) -> Result<Self, Fault> {
        Self::ALL
            .into_iter()
            .find(|center| center.name() == name)
            .ok_or_else(|| {
                Fault::new(
                    Class::Configuration,
                    "E_CRM_DATA_CENTER",
                    format!(
                        "{:?} is no Zoho data centre; us, eu, in, au, jp, ca, cn or sa is wanted.",
                        bounded(name.to_owned(), 40)
                    ),
                )
            })
    }
}

/// Which of an org's environments. A token is bound to one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Environment {
    /// The real data.
    #[default]
    Production,
    /// A sandbox.
    Sandbox,
    /// A developer edition.
    Developer,
}

impl Environment {
    const ALL: [Self; 3] = [Self::Production, Self::Sandbox, Self::Developer];

    const fn label(self) -> &'static str {
        match self {
            Self::Production => "www",
            Self::Sandbox => "sandbox",
            Self::Developer => "developer",
        }
    }
}

/// The two addresses of one org, checked.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    token_url: Url,
    api_base: String,
    allow_loopback: bool,
}

impl Hosts {
    /// The addresses of `center`; the overrides are taken only on loopback, and only where that is allowed.
    pub(crate) fn new(
        center: DataCenter,
        environment: Environment,
        accounts_url: Option<&str>,
        api_url: Option<&str>,
        allow_loopback: bool,
    ) -> Result<Self, Fault> {
        let own =
            |what: &str, text: &str| loopback_override(what, text, "data centre", allow_loopback);
        let token_url = match accounts_url {
            Some(text) => own("accounts_url", text)?,
            None => Url::parse(&center.token_url()).map_err(|error| {
                Fault::new(Class::Bug, "E_CRM_ADDRESS", "Zoho's own address is none.")
                    .with_detail(error)
            })?,
        };
        let api_base = match api_url {
            Some(text) => origin(&own("api_url", text)?),
            None => center.api_url(environment),
        };
        Ok(Self {
            token_url,
            api_base,
            allow_loopback,
        })
    }

    /// The address of the token endpoint.
    pub(crate) const fn token_url(&self) -> &Url {
        &self.token_url
    }

    /// The API base where no token reply has named another.
    pub(crate) fn api_base(&self) -> &str {
        &self.api_base
    }

    /// Checks an `api_domain` (of a token reply, or stored with a token): the base to call, without a trailing slash.
    ///
    /// # Errors
    /// `E_CRM_API_DOMAIN` (configuration) unless it is a Zoho API host by https on the usual port, or loopback where
    /// that is allowed.
    pub(crate) fn follow(&self, api_domain: &str) -> Result<String, Fault> {
        Url::parse(api_domain)
            .ok()
            .filter(|url| is_zoho_api(url) || (self.allow_loopback && is_loopback(url)))
            .filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none())
            .map(|url| origin(&url))
            .ok_or_else(|| {
                Fault::new(
                    Class::Configuration,
                    "E_CRM_API_DOMAIN",
                    format!(
                        "Zoho's token reply names {:?} as its API, which is not one of Zoho's API hosts; nothing was \
                         sent there. Check the data centre.",
                        bounded(api_domain.to_owned(), 120)
                    ),
                )
            })
    }
}

/// Exactly one label of ours before exactly one registered domain of Zoho's; no other spelling passes.
fn is_zoho_api(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else {
        return false;
    };
    let known = Environment::ALL.iter().any(|environment| {
        host.strip_prefix(environment.label())
            .and_then(|rest| rest.strip_prefix('.'))
            .is_some_and(|rest| {
                DataCenter::ALL
                    .iter()
                    .any(|center| center.api_domain() == rest)
            })
    });
    known && is_plain(url)
}

#[cfg(test)]
mod tests;
