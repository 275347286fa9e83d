//! What a lost connection means, in words. Clients say TLS faults in their own words, and keep the cause of the others in
//! a fault's detail, as the libraries below say it.

use counterpart_domain::{Fault, bounded};

/// Part of a detail, and what it means.
const MEANINGS: [(&str, &str); 6] = [
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
        "Connection reset",
        "the connection was cut: a proxy or firewall in between, or a server that is restarting",
    ),
    (
        "timed out",
        "it did not answer in time: a firewall that drops packets, or an overloaded server",
    ),
];

/// The fault's sentence, with the cause where the sentence leaves it out.
#[must_use]
pub fn in_words(fault: &Fault) -> String {
    let lost = matches!(
        &*fault.code,
        "E_CRM_UNREACHABLE"
            | "E_CRM_TOKEN_UNAVAILABLE"
            | "E_CRM_CONNECTION_LOST"
            | "E_CRM_TIMEOUT"
            | "E_SAGE_DOWN"
    );
    if !lost || fault.detail.is_empty() {
        return fault.message.clone();
    }
    let known = MEANINGS
        .iter()
        .find(|(sign, _)| fault.detail.contains(sign));
    match known {
        Some((_, meaning)) => format!("{} The cause: {meaning}.", fault.message),
        None => format!("{} ({})", fault.message, bounded(fault.detail.clone(), 160)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterpart_domain::Class;

    #[test]
    fn each_lost_connection_has_its_words_and_other_faults_keep_theirs() {
        for (code, detail, words) in [
            (
                "E_CRM_UNREACHABLE",
                "dns error: failed to lookup address information",
                "cannot be resolved",
            ),
            (
                "E_SAGE_DOWN",
                "tcp connect error: Connection refused (os error 111)",
                "nothing listens",
            ),
            ("E_CRM_TIMEOUT", "operation timed out", "in time"),
            ("E_CRM_UNREACHABLE", "something else", "(something else)"),
        ] {
            let fault = Fault::new(Class::Transient, code, "It cannot be reached.");
            let said = in_words(&fault.with_detail(detail));
            assert!(said.contains(words), "{detail}: {said}");
        }
        let tls = Fault::new(
            Class::Configuration,
            "E_CRM_TLS",
            "The certificate has run out.",
        );
        assert_eq!(
            in_words(&tls.with_detail("Connection refused")),
            "The certificate has run out."
        );
    }
}
