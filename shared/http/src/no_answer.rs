//! What it means when a CRM gives no usable answer.

use counterpart_domain::{Class, Fault};

use crate::product::Purpose;
use crate::send::{Silence, Unanswered};
use crate::tls::{Server, TlsProblem};

/// The fault of a call of `product` without an answer.
#[must_use]
pub fn unanswered(product: &str, purpose: Purpose, why: Unanswered) -> Fault {
    let (class, code, message) = match (why.how, why.tls) {
        (Silence::Unreachable | Silence::ConnectTimedOut, Some(problem)) => {
            return tls(product, problem, why.detail);
        }
        (Silence::Unreachable | Silence::ConnectTimedOut, None) => (
            Class::Transient,
            "E_CRM_UNREACHABLE",
            format!("{product} cannot be reached; the work is tried again."),
        ),
        (Silence::TimedOut, _) => (
            purpose.unknown(),
            "E_CRM_TIMEOUT",
            format!("{product} did not answer in time; the work is tried again."),
        ),
        (Silence::Broken, _) => (
            purpose.unknown(),
            "E_CRM_CONNECTION_LOST",
            format!("The connection to {product} broke off; the work is tried again."),
        ),
        (Silence::TooLong, _) => (
            purpose.unknown(),
            "E_CRM_REPLY_TOO_LARGE",
            format!(
                "{product}'s answer is larger than any that was expected; the work is tried again."
            ),
        ),
    };
    Fault::new(class, code, message).with_detail(why.detail)
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
    let message = problem.sentence(Server::Public(product));
    Fault::new(Class::Configuration, "E_CRM_TLS", message).with_detail(detail)
}
