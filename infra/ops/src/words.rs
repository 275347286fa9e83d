//! What a fault below HTTP means, in words. Clients keep the cause in a fault's detail, as the TLS library says it.

use counterpart_domain::{Fault, bounded};

/// Part of a detail, and what it means.
const MEANINGS: [(&str, &str); 14] = [
    (
        "NotValidYet",
        "its certificate is not valid yet: check the clocks",
    ),
    (
        "certificate not valid yet",
        "its certificate is not valid yet: check the clocks",
    ),
    (
        "NotValidForName",
        "its certificate was issued for another host name",
    ),
    (
        "certificate not valid for name",
        "its certificate was issued for another host name",
    ),
    ("Expired", "its certificate has run out"),
    ("certificate expired", "its certificate has run out"),
    (
        "UnknownIssuer",
        "its certificate comes from a CA that is not trusted here",
    ),
    ("Revoked", "its certificate has been revoked"),
    (
        "InvalidContentType",
        "what answers there does not speak https",
    ),
    (
        "dns error",
        "its host name cannot be resolved: check the name and the DNS",
    ),
    (
        "failed to lookup address",
        "its host name cannot be resolved: check the name and the DNS",
    ),
    (
        "Connection refused",
        "nothing listens at that address, or a firewall refuses the connection",
    ),
    (
        "Network is unreachable",
        "there is no route to it from here",
    ),
    (
        "timed out",
        "it did not answer in time: a firewall that drops packets, or an overloaded server",
    ),
];

/// The fault's sentence, with the cause where the sentence leaves it out.
#[must_use]
pub fn in_words(fault: &Fault) -> String {
    let meaning = MEANINGS
        .iter()
        .find(|(sign, _)| fault.detail.contains(sign))
        .map(|(_, meaning)| *meaning);
    match meaning {
        // The agent's client says it in its own words.
        Some(meaning) if !fault.message.contains("certificate") => {
            format!("{} The cause: {meaning}.", fault.message)
        }
        None if fault.code == "E_CRM_UNREACHABLE" && !fault.detail.is_empty() => {
            format!("{} ({})", fault.message, bounded(fault.detail.clone(), 160))
        }
        _ => fault.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_domain::Class;

    fn said(detail: &str) -> String {
        let fault = Fault::new(
            Class::Transient,
            "E_CRM_UNREACHABLE",
            "Zoho cannot be reached.",
        );
        in_words(&fault.with_detail(detail))
    }

    #[test]
    fn each_fault_below_http_has_its_words() {
        for (detail, words) in [
            ("error: invalid peer certificate: Expired", "has run out"),
            (
                "invalid peer certificate: certificate expired: verification time 1",
                "has run out",
            ),
            (
                "invalid peer certificate: UnknownIssuer",
                "not trusted here",
            ),
            (
                "invalid peer certificate: certificate not valid for name \"a\"",
                "another host name",
            ),
            (
                "received corrupt message of type InvalidContentType",
                "does not speak https",
            ),
            (
                "dns error: failed to lookup address information",
                "cannot be resolved",
            ),
            (
                "tcp connect error: Connection refused (os error 111)",
                "nothing listens",
            ),
            ("something else", "(something else)"),
        ] {
            assert!(said(detail).contains(words), "{detail}: {}", said(detail));
        }
    }
}
