//! Which addresses may be called: every call carries a token, so an address from outside is checked first.

use counterpart_domain::{Class, Fault, bounded};
use url::{Host, Url};

/// Whether an address is this machine's own, without user and password.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    here && matches!(url.scheme(), "http" | "https") && has_no_user(url)
}

/// Whether an address is https on the usual port, without user and password.
#[must_use]
pub fn is_plain(url: &Url) -> bool {
    // `port()` is none for the scheme's usual port.
    url.scheme() == "https" && url.port().is_none() && has_no_user(url)
}

fn has_no_user(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

/// Scheme, host and port, without a trailing slash.
#[must_use]
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// An address that stands in the configuration (under the name `what`) in place of the CRM's own (`own`).
///
/// # Errors
/// `E_CRM_ADDRESS` (configuration) unless it is loopback, and loopback is allowed.
pub fn loopback_override(
    what: &str,
    text: &str,
    own: &str,
    allow_loopback: bool,
) -> Result<Url, Fault> {
    Url::parse(text)
        .ok()
        .filter(|url| allow_loopback && is_loopback(url))
        .ok_or_else(|| {
            Fault::new(
                Class::Configuration,
                "E_CRM_ADDRESS",
                format!(
                    "{what} = {:?} is refused: it may only point to this machine, and only where loopback is allowed; \
                     leave it out to use the {own}'s own address.",
                    bounded(text.to_owned(), 120)
                ),
            )
        })
}
