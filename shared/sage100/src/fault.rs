//! What the agent's refusals mean to us.
//!
//! A code of the contract decides; where there is none, the status does; for a code that we do not know, the agent's own
//! `retryable`.

use counterpart_domain::{Class, Fault, bounded};
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

/// An answer that is no success.
pub(crate) struct Refusal<'a> {
    pub status: u16,
    /// An HTML page: something between us and the agent answered.
    pub html: bool,
    pub code: Option<&'a str>,
    pub message: &'a str,
    pub retryable: Option<bool>,
    pub retry_after: Option<&'a str>,
    pub now: Timestamp,
}

/// The longest pause that an agent may ask for.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);
/// The pause when a 429 names none.
const USUAL_PAUSE: SignedDuration = SignedDuration::from_secs(30);

pub(crate) fn refusal(refusal: &Refusal<'_>) -> Fault {
    let (class, code, message) = meaning(refusal);
    let mut fault = Fault::new(class, code, message).with_detail(detail(refusal));
    let asked = refusal
        .retry_after
        .and_then(|text| pause(text, refusal.now));
    let pause = match class {
        Class::Throttled => Some(asked.unwrap_or(USUAL_PAUSE)),
        Class::Transient => asked,
        _ => None,
    };
    if let Some(until) = pause.and_then(|pause| refusal.now.checked_add(pause).ok()) {
        fault = fault.until(until);
    }
    fault
}

/// A table: what the code says, else the status.
fn meaning(refusal: &Refusal<'_>) -> (Class, &'static str, &'static str) {
    use Class::{Bug, Configuration, Throttled, Transient};
    match (refusal.status, refusal.code) {
        // The token decides before anything that the body says.
        (401, _) | (_, Some("E_UNAUTHORIZED")) => (
            Configuration,
            "E_SAGE_UNAUTHORIZED",
            "The agent does not accept the token: put the agent's current one into the secret.",
        ),
        (403, _) | (_, Some("E_FORBIDDEN")) => (
            Configuration,
            "E_SAGE_FORBIDDEN",
            "The agent's token does not allow this: grant it the company and the entity at the agent.",
        ),
        _ if refusal.html => (
            Transient,
            "E_SAGE_DOWN",
            "An HTML page answered in the agent's place: a proxy or a maintenance page.",
        ),
        (_, Some("E_UNKNOWN_COMPANY")) => (
            Configuration,
            "E_SAGE_UNKNOWN_COMPANY",
            "The agent does not serve this company: check the company code in sync.toml and at the agent.",
        ),
        (_, Some("E_UNKNOWN_ENTITY")) => (
            Configuration,
            "E_SAGE_UNKNOWN_ENTITY",
            "The agent does not serve this entity: a newer agent is needed, or the entity has to leave sync.toml.",
        ),
        (_, Some("E_NOT_OFFERED")) => (
            Configuration,
            "E_SAGE_NOT_OFFERED",
            "The agent does not offer this: a newer agent is needed, or its administrator has to allow it to this token.",
        ),
        (_, Some("E_UNKNOWN_COLUMN")) => (
            Configuration,
            "E_SAGE_UNKNOWN_COLUMN",
            "This Sage 100 has no such column: check the reference column in sync.toml.",
        ),
        (_, Some("E_NOT_FOUND")) => (
            Class::Data,
            "E_SAGE_NOT_FOUND",
            "Sage 100 has no such record.",
        ),
        (_, Some("E_POSITION_EXPIRED")) | (410, None) => (
            Transient,
            "E_SAGE_POSITION_EXPIRED",
            "The agent has forgotten where the page starts: the window is read anew.",
        ),
        (_, Some("E_TOO_LARGE")) | (413, None) => (
            Configuration,
            "E_SAGE_TOO_LARGE",
            "The agent says that the page would be too large: a smaller page_size is needed.",
        ),
        (429, _) | (_, Some("E_RATE_LIMITED")) => {
            (Throttled, "E_SAGE_BUSY", "The agent asks for patience.")
        }
        (_, Some("E_SAGE_BUSY")) => (Transient, "E_SAGE_BUSY", "Sage 100 is busy."),
        (_, Some("E_LOCKED")) | (423, None) => (
            Transient,
            "E_SAGE_LOCKED",
            "Somebody has the record open in Sage 100.",
        ),
        (_, Some("E_SAGE_DOWN")) => (
            Transient,
            "E_SAGE_DOWN",
            "The agent runs, but Sage 100 behind it does not answer.",
        ),
        (_, Some("E_INTERNAL")) => (Transient, "E_SAGE_DOWN", "The agent failed inside."),
        (_, Some("E_BAD_REQUEST")) | (400, None) => (
            Bug,
            "E_SAGE_BAD_REQUEST",
            "The agent does not understand what it was asked: the versions of agent and Counterpart may not fit.",
        ),
        (_, Some(_)) => {
            let retryable = refusal.retryable.unwrap_or(refusal.status >= 500);
            let class = if retryable { Transient } else { Configuration };
            (
                class,
                "E_SAGE_REFUSED",
                "The agent refused, with a code that this version does not know.",
            )
        }
        (404, None) => (
            Configuration,
            "E_SAGE_NO_AGENT",
            "Something answers at the agent's address, but it does not know the agent's paths: check agent_url.",
        ),
        (300..=399, None) => (
            Configuration,
            "E_SAGE_NO_AGENT",
            "The agent's address redirects elsewhere, which is not followed: put the final address into agent_url.",
        ),
        (500.., None) => (
            Transient,
            "E_SAGE_DOWN",
            "The agent, or a proxy before it, failed.",
        ),
        (_, None) => (
            Configuration,
            "E_SAGE_REFUSED",
            "The agent refused and did not say why.",
        ),
    }
}

fn detail(refusal: &Refusal<'_>) -> String {
    let mut detail = format!("HTTP {}", refusal.status);
    if let Some(code) = refusal.code {
        detail.push_str(&format!(", {}", bounded(code.to_owned(), 60)));
    }
    if !refusal.message.is_empty() {
        detail.push_str(&format!(": {}", bounded(refusal.message.to_owned(), 400)));
    }
    detail
}

/// `Retry-After`: seconds, or an HTTP date.
fn pause(text: &str, now: Timestamp) -> Option<SignedDuration> {
    let text = text.trim();
    let pause = match text.parse::<i64>() {
        Ok(seconds) => SignedDuration::from_secs(seconds),
        Err(_) => rfc2822::parse(text).ok()?.timestamp().duration_since(now),
    };
    Some(pause.clamp(SignedDuration::ZERO, LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T19:30:00Z".parse().unwrap()
    }

    fn answer(status: u16, code: Option<&'static str>) -> Refusal<'static> {
        Refusal {
            status,
            html: false,
            code,
            message: "",
            retryable: None,
            retry_after: None,
            now: now(),
        }
    }

    #[test]
    fn an_unknown_code_is_classed_by_what_the_agent_says_of_it() {
        for (status, retryable, class) in [
            (500, Some(false), Class::Configuration),
            (422, Some(true), Class::Transient),
            (422, None, Class::Configuration),
            (503, None, Class::Transient),
        ] {
            let mut unknown = answer(status, Some("E_LICENCE"));
            unknown.retryable = retryable;
            let fault = refusal(&unknown);
            assert_eq!((fault.class, &*fault.code), (class, "E_SAGE_REFUSED"));
            assert!(fault.detail.contains("E_LICENCE"));
        }
    }

    #[test]
    fn retry_after_is_understood_in_seconds_and_as_a_date_and_bounded() {
        let until = |text| {
            let mut limited = answer(429, Some("E_RATE_LIMITED"));
            limited.retry_after = text;
            let fault = refusal(&limited);
            assert_eq!(fault.class, Class::Throttled);
            fault.not_before.unwrap().duration_since(now()).as_secs()
        };
        assert_eq!(until(Some("7")), 7);
        assert_eq!(until(Some("Sun, 22 Nov 2026 19:31:00 GMT")), 60);
        assert_eq!(until(Some("999999999")), 3600);
        assert_eq!(until(Some("soon")), 30);
        assert_eq!(until(None), 30);
    }

    #[test]
    fn every_answer_has_a_class_and_a_code() {
        let mut lines = Vec::new();
        for (status, code) in [
            (301, None),
            (400, None),
            (400, Some("E_BAD_REQUEST")),
            (401, None),
            (403, Some("E_SOMETHING")),
            (404, None),
            (404, Some("E_UNKNOWN_COMPANY")),
            (404, Some("E_UNKNOWN_ENTITY")),
            (404, Some("E_NOT_FOUND")),
            (404, Some("E_NOT_OFFERED")),
            (422, Some("E_UNKNOWN_COLUMN")),
            (410, Some("E_POSITION_EXPIRED")),
            (413, Some("E_TOO_LARGE")),
            (423, Some("E_LOCKED")),
            (429, None),
            (500, Some("E_INTERNAL")),
            (502, None),
            (503, Some("E_SAGE_BUSY")),
            (503, Some("E_SAGE_DOWN")),
        ] {
            let fault = refusal(&answer(status, code));
            lines.push(format!(
                "{status} {} -> {:?} {}",
                code.unwrap_or("-"),
                fault.class,
                fault.code
            ));
        }
        insta::assert_snapshot!(lines.join("\n"));
    }
}
