//! Faults below HTTP, in words: names, connections, time-outs and, above all, certificates.

use counterpart_domain::{Class, Fault};
use counterpart_http::{TlsProblem, chain, tls_problem};

/// Who is called, in words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    /// `agent`.
    pub noun: &'static str,
    /// The setting that holds its address.
    pub setting: &'static str,
    /// The code of an outage.
    pub down: &'static str,
}

pub(crate) const AGENT: Peer = Peer {
    noun: "agent",
    setting: "agent_url",
    down: "E_SAGE_DOWN",
};

pub(crate) const SOAP: Peer = Peer {
    noun: "SOAP service",
    setting: "the SOAP service's url",
    down: "E_SAGE_UNAVAILABLE",
};

/// The fault for a call to the agent that got no answer. Reading has no effect, so nothing here is ambiguous.
pub(crate) fn fault(error: reqwest::Error) -> Fault {
    fault_of(AGENT, error)
}

/// The same of any peer.
pub(crate) fn fault_of(peer: Peer, error: reqwest::Error) -> Fault {
    // The address is in the configuration; it need not be in every message.
    let error = error.without_url();
    let detail = chain(&error);
    if let Some(problem) = tls_problem(&error) {
        return tls_fault(peer, problem).with_detail(detail);
    }
    let noun = peer.noun;
    let message = if error.is_timeout() && error.is_connect() {
        format!("The Sage 100 {noun} does not answer: the connection timed out.")
    } else if error.is_timeout() {
        format!("The Sage 100 {noun} did not answer in time.")
    } else if error.is_connect() {
        format!("The Sage 100 {noun} cannot be reached: host name, port, firewall, or it is down.")
    } else {
        format!("The connection to the Sage 100 {noun} broke off.")
    };
    Fault::new(Class::Transient, peer.down, message).with_detail(detail)
}

fn tls_fault(peer: Peer, problem: TlsProblem) -> Fault {
    let Peer { noun, setting, .. } = peer;
    let message = match problem {
        TlsProblem::Expired => {
            format!("The {noun}'s certificate has run out: renew it on the Sage 100 side.")
        }
        TlsProblem::NotValidYet => format!(
            "The {noun}'s certificate is not valid yet: check the clock of the machine that issued it."
        ),
        TlsProblem::OtherName => format!(
            "The {noun}'s certificate was issued for another host name than the one in {setting}."
        ),
        TlsProblem::UnknownIssuer => format!(
            "The {noun}'s certificate comes from a CA that is not trusted here: with a private CA, give its root certificate with the {noun}'s secret."
        ),
        TlsProblem::Revoked => format!("The {noun}'s certificate has been revoked."),
        TlsProblem::Unacceptable => format!("The {noun}'s certificate cannot be accepted."),
        TlsProblem::NoCertificate => format!("The {noun} presented no certificate."),
        TlsProblem::Handshake => format!(
            "TLS with the {noun} failed: what answers at its address may not speak https, or only an old version of it."
        ),
    };
    Fault::new(Class::Configuration, "E_SAGE_TLS", message)
}
