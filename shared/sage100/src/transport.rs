//! Faults below HTTP, in words: names, connections, time-outs and, above all, certificates.

use counterpart_domain::{Class, Fault};
use counterpart_http::{TlsProblem, chain, tls_problem};

/// The fault for a call that got no answer. Reading has no effect, so nothing here is ambiguous.
pub(crate) fn fault(error: reqwest::Error) -> Fault {
    // The address is in the configuration; it need not be in every message.
    let error = error.without_url();
    let detail = chain(&error);
    if let Some(problem) = tls_problem(&error) {
        return tls_fault(problem).with_detail(detail);
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

fn tls_fault(problem: TlsProblem) -> Fault {
    let message = match problem {
        TlsProblem::Expired => {
            "The agent's certificate has run out: renew it on the Sage 100 side."
        }
        TlsProblem::NotValidYet => {
            "The agent's certificate is not valid yet: check the clock of the machine that issued it."
        }
        TlsProblem::OtherName => {
            "The agent's certificate was issued for another host name than the one in agent_url."
        }
        TlsProblem::UnknownIssuer => {
            "The agent's certificate comes from a CA that is not trusted here: with a private CA, give its root certificate with the agent's secret."
        }
        TlsProblem::Revoked => "The agent's certificate has been revoked.",
        TlsProblem::Unacceptable => "The agent's certificate cannot be accepted.",
        TlsProblem::NoCertificate => "The agent presented no certificate.",
        TlsProblem::Handshake => {
            "TLS with the agent failed: what answers at its address may not speak https, or only an old version of it."
        }
    };
    Fault::new(Class::Configuration, "E_SAGE_TLS", message)
}
