//! Faults below HTTP, in words: names, connections, time-outs and, above all, certificates.

use std::error::Error;

use counterpart_domain::{Class, Fault};
use rustls::CertificateError;

/// The fault for a call that got no answer. Reading has no effect, so nothing here is ambiguous.
pub(crate) fn fault(error: reqwest::Error) -> Fault {
    // The address is in the configuration; it need not be in every message.
    let error = error.without_url();
    let detail = chain(&error);
    if let Some(tls) = find_tls(&error) {
        return tls_fault(tls).with_detail(detail);
    }
    let message = if error.is_timeout() && error.is_connect() {
        "The Sage 100 agent does not answer: the connection timed out."
    } else if error.is_timeout() {
        "The Sage 100 agent did not answer in time."
    } else if error.is_connect() {
        "The Sage 100 agent cannot be reached: host name, port, firewall, or the agent is down."
    } else {
        "The connection to the Sage 100 agent broke off."
    };
    Fault::new(Class::Transient, "E_SAGE_DOWN", message).with_detail(detail)
}

/// All sources of an error, outermost first.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        source = inner.source();
    }
    text
}

fn find_tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut current: Option<&'a (dyn Error + 'static)> = Some(error);
    while let Some(error) = current {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        // An io::Error shows the source of what it wraps, not what it wraps.
        current = match error
            .downcast_ref::<std::io::Error>()
            .and_then(|io| io.get_ref())
        {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn tls_fault(error: &rustls::Error) -> Fault {
    use CertificateError as C;
    let message = match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            C::Expired | C::ExpiredContext { .. } => {
                "The agent's certificate has run out: renew it on the Sage 100 side."
            }
            C::NotValidYet | C::NotValidYetContext { .. } => {
                "The agent's certificate is not valid yet: check the clock of the machine that issued it."
            }
            C::NotValidForName | C::NotValidForNameContext { .. } => {
                "The agent's certificate was issued for another host name than the one in agent_url."
            }
            C::UnknownIssuer => {
                "The agent's certificate comes from a CA that is not trusted here: with a private CA, give its root certificate with the agent's secret."
            }
            C::Revoked => "The agent's certificate has been revoked.",
            _ => "The agent's certificate cannot be accepted.",
        },
        rustls::Error::NoCertificatesPresented => "The agent presented no certificate.",
        _ => {
            "TLS with the agent failed: what answers at its address may not speak https, or only an old version of it."
        }
    };
    Fault::new(Class::Configuration, "E_SAGE_TLS", message)
}
