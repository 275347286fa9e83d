//! Where an org lives. Tokens are asked for at its My Domain; the reply names the instance that is called, and that name
//! is followed only to Salesforce's own hosts, since every call carries the token.
//! Pages: "My Domain URL Formats", "OAuth 2.0 JWT Bearer Flow".

use counterpart_domain::{Class, Fault, bounded};
use counterpart_http::{is_loopback, is_plain, loopback_override, origin};
use url::{Host, Url};

/// The registered domain under which all orgs are called. Others of the vendor (`force.com` of sites and pages, the clouds
/// of China and of the military) are not followed.
const OWN_DOMAIN: &str = ".salesforce.com";

/// The addresses of one org, checked.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    my_domain: String,
    token_url: Url,
    api_base: String,
    fixed: bool,
    allow_loopback: bool,
}

impl Hosts {
    /// The addresses of `my_domain`; the overrides are taken only on loopback, and only where that is allowed.
    ///
    /// # Errors
    /// `E_CRM_ADDRESS` (configuration).
    pub(crate) fn new(
        my_domain: &str,
        login_url: Option<&str>,
        instance_url: Option<&str>,
        allow_loopback: bool,
    ) -> Result<Self, Fault> {
        let own = Url::parse(&with_scheme(my_domain))
            .ok()
            .filter(is_my_domain)
            .ok_or_else(|| {
                Fault::new(
                    Class::Configuration,
                    "E_CRM_ADDRESS",
                    format!(
                        "my_domain = {:?} is no My Domain of Salesforce; write it as Setup shows it: \
                         acme.my.salesforce.com.",
                        bounded(my_domain.to_owned(), 120)
                    ),
                )
            })?;
        let elsewhere = |what: &str, text: &str| {
            loopback_override(what, text, "org", allow_loopback).map(|url| origin(&url))
        };
        let login = match login_url {
            Some(text) => elsewhere("login_url", text)?,
            None => origin(&own),
        };
        let token_url = Url::parse(&format!("{login}/services/oauth2/token")).map_err(|error| {
            Fault::new(
                Class::Bug,
                "E_CRM_ADDRESS",
                "The token endpoint's address is none.",
            )
            .with_detail(error)
        })?;
        let api_base = match instance_url {
            Some(text) => elsewhere("instance_url", text)?,
            None => origin(&own),
        };
        Ok(Self {
            my_domain: own.host_str().unwrap_or_default().to_owned(),
            token_url,
            api_base,
            fixed: instance_url.is_some(),
            allow_loopback,
        })
    }

    /// The org's own host.
    pub(crate) fn my_domain(&self) -> &str {
        &self.my_domain
    }

    /// The address of the token endpoint.
    pub(crate) const fn token_url(&self) -> &Url {
        &self.token_url
    }

    /// The API base where no token reply has named another.
    pub(crate) fn api_base(&self) -> &str {
        &self.api_base
    }

    /// The login service that an assertion is for: its own for sandboxes and scratch orgs.
    pub(crate) fn audience(&self) -> &'static str {
        let of = |kind: &str| self.my_domain.ends_with(kind);
        if of(".sandbox.my.salesforce.com") || of(".scratch.my.salesforce.com") {
            "https://test.salesforce.com"
        } else {
            "https://login.salesforce.com"
        }
    }

    /// Checks an `instance_url` (of a token reply, or stored with a token): the base to call, without a trailing slash.
    ///
    /// # Errors
    /// `E_CRM_API_DOMAIN` (configuration) unless it is a host of Salesforce's by https on the usual port, or loopback
    /// where that is allowed.
    pub(crate) fn follow(&self, instance_url: &str) -> Result<String, Fault> {
        if self.fixed {
            return Ok(self.api_base.clone());
        }
        Url::parse(&with_scheme(instance_url))
            .ok()
            .filter(|url| is_salesforce(url) || (self.allow_loopback && is_loopback(url)))
            .filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none())
            .map(|url| origin(&url))
            .ok_or_else(|| {
                Fault::new(
                    Class::Configuration,
                    "E_CRM_API_DOMAIN",
                    format!(
                        "Salesforce's token reply names {:?} as its instance, which is not one of Salesforce's own \
                         hosts; nothing was sent there. Check my_domain.",
                        bounded(instance_url.to_owned(), 120)
                    ),
                )
            })
    }
}

/// Some replies name the bare host.
fn with_scheme(text: &str) -> String {
    let text = text.trim();
    if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    }
}

fn is_my_domain(url: &Url) -> bool {
    is_salesforce(url)
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url
            .host_str()
            .is_some_and(|host| host.ends_with(".my.salesforce.com"))
}

/// A host name below Salesforce's own domain, plainly spelt.
fn is_salesforce(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else {
        return false;
    };
    let sound = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let below = host.strip_suffix(OWN_DOMAIN);
    below.is_some_and(|labels| labels.split('.').all(sound)) && is_plain(url)
}

#[cfg(test)]
mod tests;
