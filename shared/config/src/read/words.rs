//! Small texts with rules of their own: addresses, names of secrets, CRM fields, key characters.

use url::{Host, Url};

use super::item::Item;
use super::section::Section;

/// Whether an address is on this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn url(item: &Item<'_>) -> Option<Url> {
    let text = item.filled()?;
    let parsed = Url::parse(text).ok();
    let url = parsed.filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    let Some(url) = url else {
        // The text is not repeated here and below: it may hold a password.
        item.report("This is not an address.", "Write https://HOST:PORT.");
        return None;
    };
    if !url.username().is_empty() || url.password().is_some() {
        item.report(
            "An address must not hold a user or password.",
            "Put it into the secret.",
        );
        return None;
    }
    if url.query().is_some() || url.fragment().is_some() {
        item.report(
            "An address must not have a query or fragment.",
            "Write https://HOST:PORT.",
        );
        return None;
    }
    Some(url)
}

/// An address that secrets are sent to: `https`, or `http` on this machine; without a path.
pub(super) fn base_url(item: &Item<'_>) -> Option<String> {
    let url = url(item)?;
    if url.scheme() == "http" && !is_loopback(&url) {
        item.report(
            "Plain http would send the token readable over the network.",
            "Use https; http is for loopback addresses only.",
        );
        return None;
    }
    if url.path() != "/" {
        item.report(
            "An address must not have a path.",
            "Write https://HOST:PORT.",
        );
        return None;
    }
    Some(url.as_str().trim_end_matches('/').to_owned())
}

/// An address that replaces a CRM's own, for trying things out on this machine.
pub(super) fn loopback_url(item: &Item<'_>) -> Option<String> {
    let url = url(item)?;
    if !is_loopback(&url) {
        item.report(
            "Another address than the CRM's own is for loopback only.",
            "Leave it out; the CRM's own is used then.",
        );
        return None;
    }
    Some(url.as_str().trim_end_matches('/').to_owned())
}

/// The address of a SOAP service: as [`base_url`], with its path.
pub(super) fn service_url(item: &Item<'_>) -> Option<String> {
    let text = item.filled()?;
    if text.to_ascii_lowercase().ends_with("?wsdl") {
        item.report("This is the address of the WSDL.", "Leave ?wsdl out.");
        return None;
    }
    let url = url(item)?;
    if url.scheme() == "http" && !is_loopback(&url) {
        item.report(
            "Plain http would send the password readable over the network.",
            "Use https; http is for loopback addresses only.",
        );
        return None;
    }
    if url.path() == "/" {
        item.report(
            "The address has no path.",
            "Write it as the service shows it: https://HOST/ebusinesswebservices/MasService.svc.",
        );
        return None;
    }
    Some(url.as_str().to_owned())
}

/// Where a CRM's callbacks go: the address of our HTTP API, with its stage if it has one.
pub(super) fn notify_url(item: &Item<'_>) -> Option<String> {
    let url = url(item)?;
    if url.scheme() == "http" && !is_loopback(&url) {
        item.report(
            "Plain http would send the token readable over the network.",
            "Use https; http is for loopback addresses only.",
        );
        return None;
    }
    Some(url.as_str().trim_end_matches('/').to_owned())
}

/// The name of a secret of Secrets Manager, or the usual one.
pub(super) fn secret(section: &mut Section<'_>, name: &'static str, usual: &str) -> String {
    let given = section.get(name).and_then(|item| secret_name(&item));
    given.unwrap_or_else(|| usual.to_owned())
}

/// The logical name of a secret.
pub(super) fn secret_name(item: &Item<'_>) -> Option<String> {
    let text = item.filled()?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
    // The text is not repeated: somebody may have put the secret itself here.
    if text.len() > 60 || !text.chars().all(allowed) {
        item.report(
            "This is not the name of a secret.",
            "Use at most 60 characters of A-Z, a-z, 0-9, - _ and /. The secret itself is not written here.",
        );
        return None;
    }
    Some(text.to_owned())
}

/// Why a text is no API name of a CRM's module or field.
pub(super) fn api_name_fault(name: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let sound = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= 100
        && name.chars().all(allowed);
    (!sound).then_some("This is not an API name.")
}

/// The remedy for [`api_name_fault`].
pub(super) const API_NAME: &str =
    "Use the API name as the CRM's field list shows it: letters, digits and _, a letter first.";

/// An API name; empty when it is none.
pub(super) fn api_name(item: &Item<'_>) -> Option<String> {
    let name = item.filled()?;
    match api_name_fault(name) {
        None => Some(name.to_owned()),
        Some(message) => {
            item.report(message, API_NAME);
            None
        }
    }
}

/// A field of the CRM, perhaps by way of lookups: `Account.Type`.
pub(super) fn crm_path(item: &Item<'_>) -> Option<String> {
    const MOST: usize = 5;
    let path = item.filled()?;
    let parts = path.split('.').count();
    if parts > MOST || path.split('.').any(|part| api_name_fault(part).is_some()) {
        item.report(
            "This is not a field.",
            "Use the API name as the CRM's field list shows it; a lookup leads on with a point: \"Account.Type\".",
        );
        return None;
    }
    Some(path.to_owned())
}

/// A character class as in `A-Z0-9_-`: a hyphen between two characters is a range, first or last it is itself.
pub(super) fn character_class(text: &str) -> Option<Vec<(char, char)>> {
    let mut rest = text.chars().peekable();
    let mut ranges = Vec::new();
    while let Some(first) = rest.next() {
        let mut last = first;
        if rest.peek() == Some(&'-') {
            let mut ahead = rest.clone();
            ahead.next();
            if let Some(end) = ahead.next() {
                last = end;
                rest = ahead;
            }
        }
        if last < first {
            return None;
        }
        ranges.push((first, last));
    }
    (!ranges.is_empty()).then_some(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hyphen_is_a_range_between_two_characters_and_else_itself() {
        let class = |text| character_class(text);
        assert_eq!(
            class("A-Z0-9_-"),
            Some(vec![('A', 'Z'), ('0', '9'), ('_', '_'), ('-', '-')])
        );
        assert_eq!(class("-/"), Some(vec![('-', '-'), ('/', '/')]));
        assert_eq!(class("Z-A"), None);
        assert_eq!(class(""), None);
    }
}
