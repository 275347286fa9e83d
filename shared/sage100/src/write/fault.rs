//! What the agent's refusals of a write mean. The first question is always whether something may have been written: only a
//! code of the contract answers it. A status says nothing: whatever stands before the agent may have passed the request on
//! before it gave an answer of its own.

use counterpart_domain::{Class, Fault, bounded};

use crate::http::{ErrorBody, Refused};

/// Nobody knows whether it was written. `what` begins the sentence's second half.
pub(super) fn unknown(what: &str, detail: impl std::fmt::Display) -> Fault {
    let why = if what == "the answer" {
        "the agent's answer cannot be used"
    } else {
        "no answer came"
    };
    let detail = if what == "the answer" {
        detail.to_string()
    } else {
        format!("{what} {detail}")
    };
    Fault::new(
        Class::Ambiguous,
        "E_SAGE_OUTCOME_UNKNOWN",
        format!("Nobody knows whether Sage 100 took this: {why}. It is looked up before it is sent again."),
    )
    .with_detail(detail)
}

/// A fault of a moment when nothing had been sent yet, in the words of writes.
pub(super) fn before_a_write(mut fault: Fault) -> Fault {
    if fault.class == Class::Transient && fault.code == "E_SAGE_DOWN" {
        fault.code = "E_SAGE_UNAVAILABLE".into();
    }
    fault
}

/// Something answered in the agent's place, and nobody knows whether the request had gone on by then. As far as calling Sage
/// goes, it is an outage; as far as the write goes, it is unknown.
fn no_verdict(status: u16, detail: impl std::fmt::Display) -> Fault {
    match status {
        // An agent that failed, or a gateway that heard nothing: there may well be somebody who is at it.
        ..=299 | 408 | 500 | 502 | 504 => unknown("the answer", detail),
        _ => Fault::new(
            Class::Ambiguous,
            "E_SAGE_NO_VERDICT",
            "Nobody knows whether Sage 100 took this: something else answered in the agent's place. It is looked up before it is sent again.",
        )
        .with_detail(detail),
    }
}

/// A refusal of a call that moves a counter: without the agent's words a number may be lost, and nothing else.
pub(super) fn refused_number(refused: &Refused, as_read: impl Fn() -> Fault) -> Fault {
    let fault = self::refused(refused, &as_read);
    if fault.code == "E_SAGE_NO_VERDICT" {
        return before_a_write(as_read());
    }
    fault
}

/// A refusal. `as_read`: what it means where nothing could have been written.
pub(super) fn refused(refused: &Refused, as_read: impl FnOnce() -> Fault) -> Fault {
    let status = refused.status;
    let said = refused
        .error
        .as_ref()
        .filter(|_| !refused.html && status >= 400);
    let Some(error) = said else {
        // Not the agent's words: a proxy, or the agent's web server.
        return match status {
            // What is refused for its length was not taken whole, and part of a body is no request.
            413 => Fault::new(
                Class::Data,
                "E_SAGE_TOO_LONG",
                "The web server before the agent takes no request of this length: allow longer ones there.",
            ),
            _ => no_verdict(
                status,
                format!("HTTP {status} without a code of the contract"),
            ),
        };
    };
    match error.code.as_str() {
        "E_UNAUTHORIZED" | "E_FORBIDDEN" => as_read(),
        "E_LOCKED" | "E_RATE_LIMITED" | "E_SAGE_BUSY" | "E_SAGE_DOWN" | "E_UNKNOWN_COMPANY"
        | "E_UNKNOWN_ENTITY" | "E_NOT_OFFERED" | "E_NOT_FOUND" | "E_BAD_REQUEST" => {
            before_a_write(as_read())
        }
        "E_ALREADY_EXISTS" => data(
            "E_SAGE_ALREADY_EXISTS",
            "Sage 100 has this number already",
            error,
        ),
        // Somebody took the line out since it was read: the order is others than it was changed for.
        "E_VALUE_REFUSED" if error.column.as_deref() == Some("LineKey") => {
            data("E_SAGE_NOT_FOUND", "Sage 100 has this line no more", error)
        }
        "E_VALUE_REFUSED" => data("E_SAGE_REFUSED", "Sage 100 refuses a value", error),
        "E_READ_ONLY_COLUMN" => data(
            "E_SAGE_REFUSED",
            "Sage 100 computes this column itself; take it out of sync.toml",
            error,
        ),
        "E_UNKNOWN_COLUMN" => data(
            "E_SAGE_REFUSED",
            "This Sage 100 has no such column; mend sync.toml or add the column",
            error,
        ),
        "E_VALUE_TOO_LONG" => data("E_SAGE_TOO_LONG", "A value is too long", error),
        "E_TOO_LARGE" => data(
            "E_SAGE_TOO_LONG",
            "This is more than the agent takes at once",
            error,
        ),
        "E_IDEMPOTENCY_KEY_REUSED" => data(
            "E_SAGE_KEY_REUSED",
            "The agent has seen another request under the same key, and wrote nothing",
            error,
        ),
        code => {
            let detail = format!(
                "HTTP {status}, {}: {}",
                bounded(code.to_owned(), 60),
                bounded(error.message.clone(), 400)
            );
            if code.starts_with("E_") {
                // The agent's, of a later version.
                unknown("the answer", detail)
            } else {
                no_verdict(status, detail)
            }
        }
    }
}

/// The record, as it is, is not accepted: Sage's own words, with the place.
fn data(code: &'static str, begin: &str, error: &ErrorBody) -> Fault {
    let mut message = begin.to_owned();
    if let Some(line) = error.line {
        message.push_str(&format!(", in line {line}"));
    }
    let said = bounded(error.message.trim().to_owned(), 400);
    match &error.column {
        Some(column) if !said.contains(column.as_str()) => {
            message.push_str(&format!(": {}: {said}", bounded(column.clone(), 64)));
        }
        _ => message.push_str(&format!(": {said}")),
    }
    Fault::new(Class::Data, code, message).with_detail(bounded(error.code.clone(), 60))
}
