//! What it means when no usable answer comes.

use counterpart_delivery::SecretText;
use counterpart_domain::{Class, Fault};

use crate::send::Unanswered;
use crate::tls::TlsProblem;

/// What a call is for: a write without an answer may have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Writing records.
    Write,
    /// Reading records.
    Read,
    /// Asking what the org is like.
    Metadata,
}

impl Purpose {
    /// Without a (readable) answer nobody knows whether a write happened. An upsert by key may be repeated all the
    /// same: it finds its own record. A read has no effect to be unsure of.
    #[must_use]
    pub const fn unknown(self) -> Class {
        match self {
            Self::Write => Class::Ambiguous,
            Self::Read | Self::Metadata => Class::Transient,
        }
    }
}

/// The fault of a call of `product` without an answer.
#[must_use]
pub fn unanswered(product: &str, purpose: Purpose, why: Unanswered) -> Fault {
    let (class, code, message) = match why {
        Unanswered::Tls(problem, detail) => return tls(product, problem, detail),
        Unanswered::NotSent(_) => (
            Class::Transient,
            "E_CRM_UNREACHABLE",
            format!("{product} cannot be reached; the work is tried again."),
        ),
        Unanswered::TimedOut(_) => (
            purpose.unknown(),
            "E_CRM_TIMEOUT",
            format!("{product} did not answer in time; the work is tried again."),
        ),
        Unanswered::Broken(_) => (
            purpose.unknown(),
            "E_CRM_CONNECTION_LOST",
            format!("The connection to {product} broke off; the work is tried again."),
        ),
        Unanswered::TooLarge(_) => (
            purpose.unknown(),
            "E_CRM_REPLY_TOO_LARGE",
            format!(
                "{product}'s answer is larger than any that was expected; the work is tried again."
            ),
        ),
    };
    Fault::new(class, code, message).with_detail(why.detail())
}

/// The fault of a success that cannot be read, or does not fit what was asked.
#[must_use]
pub fn unreadable(product: &str, purpose: Purpose, why: &str) -> Fault {
    Fault::new(
        purpose.unknown(),
        "E_CRM_REPLY_UNREADABLE",
        format!("{product}'s answer cannot be read; the work is tried again."),
    )
    .with_detail(why)
}

pub(crate) fn tls(product: &str, problem: TlsProblem, detail: String) -> Fault {
    let message = match problem {
        TlsProblem::Expired => format!(
            "The certificate that was presented for {product} has run out: check this machine's clock, and whether a \
             proxy stands in between."
        ),
        TlsProblem::NotValidYet => format!(
            "The certificate that was presented for {product} is not valid yet: check this machine's clock."
        ),
        TlsProblem::OtherName => format!(
            "The certificate that was presented for {product} was issued for another host name: check the address, and \
             whether a proxy stands in between."
        ),
        TlsProblem::UnknownIssuer => format!(
            "The certificate that was presented for {product} comes from a CA that is not trusted here: a proxy seems \
             to open the connection on its way."
        ),
        TlsProblem::Revoked => {
            format!("The certificate that was presented for {product} has been revoked.")
        }
        TlsProblem::Unacceptable => {
            format!("The certificate that was presented for {product} cannot be accepted.")
        }
        TlsProblem::NoCertificate => format!("{product} presented no certificate."),
        TlsProblem::Handshake => format!(
            "TLS with {product} failed: what answers at its address may not speak https, or a proxy stands in between."
        ),
    };
    Fault::new(Class::Configuration, "E_CRM_TLS", message).with_detail(detail)
}

/// Takes secrets out of a text from outside.
#[must_use]
pub fn scrubbed<'a>(mut text: String, secrets: impl IntoIterator<Item = &'a SecretText>) -> String {
    for secret in secrets {
        let secret = secret.reveal();
        if !secret.is_empty() && text.contains(secret) {
            text = text.replace(secret, "…");
        }
    }
    text
}
