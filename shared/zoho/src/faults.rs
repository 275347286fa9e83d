//! What Zoho's codes, statuses and silences mean. Page: "Status codes and errors" of the CRM developer documentation.

use counterpart_domain::{Class, Fault, Reach};
use counterpart_http::{About, Moment, Purpose, Reply, opening};
use serde_json::Value as Json;

use crate::credits::credits_remaining;
use crate::refusals::meaning;
use crate::wire::error::ApiError;

/// What the product is called in sentences.
pub(crate) const NAME: &str = "Zoho";

/// When the day's credits are gone: the window rolls, so a part of them is back soon.
const CREDITS_PAUSE_SECONDS: i64 = 5 * 60;

/// The sentence of a fault that concerns all calls alike.
pub(crate) fn sentence(code: &str) -> &'static str {
    match code {
        "E_CRM_UNAVAILABLE" => "Zoho does not work at present; the work is tried again.",
        "E_CRM_THROTTLED" => "Zoho asks for fewer calls; the work waits.",
        "E_CRM_CREDITS_EXHAUSTED" => {
            "The org's API credits of the last 24 hours are used up; the work waits."
        }
        "E_CRM_PERMISSION" => {
            "The Zoho user or edition may not do this; check the profile of the integration user, and the edition."
        }
        "E_CRM_EDITION" => "The Zoho org's edition or set-up does not have this.",
        "E_CRM_SCOPE" => {
            "The Zoho token lacks a scope; authorise again with the scopes of the deployment guide."
        }
        "E_CRM_UNAUTHORIZED" => {
            "Zoho refused a fresh access token; check that the credentials belong to this org, environment and data \
             centre."
        }
        "E_CRM_MODULE_INVALID" => "Zoho does not know the module; check `module` in sync.toml.",
        "E_CRM_QUERY_REFUSED" => "Zoho refused the query; check the field names in sync.toml.",
        "E_CRM_STORAGE_FULL" => "The Zoho org's storage is full.",
        "E_CRM_NOT_SUBSCRIBED" => "Zoho does not know the watch channel, or not any more.",
        "E_CRM_LIMIT_EXCEEDED" => "Zoho says that a call was too big.",
        _ => "Zoho refused the whole call.",
    }
}

/// The fault of a success that cannot be read, or does not fit what was asked.
pub(crate) fn unreadable(purpose: Purpose, why: &str) -> Fault {
    counterpart_http::unreadable(NAME, purpose, why)
}

/// Whether the reply says that the access token is not (or no longer) good.
pub(crate) fn is_token_refused(reply: &Reply) -> bool {
    let code = || {
        serde_json::from_str::<Json>(&reply.body)
            .ok()
            .and_then(|body| ApiError::of_body(&body))
            .map(|error| error.code)
    };
    match reply.status {
        401 => code().as_deref() != Some("OAUTH_SCOPE_MISMATCH"),
        400 | 403 => matches!(
            code().as_deref(),
            Some("INVALID_TOKEN" | "AUTHENTICATION_FAILURE")
        ),
        _ => false,
    }
}

/// The fault of a call that Zoho refused as a whole.
pub(crate) fn refused(reply: &Reply, moment: Moment) -> Fault {
    let error = serde_json::from_str::<Json>(&reply.body)
        .ok()
        .and_then(|body| ApiError::of_body(&body));
    let (class, code) = classify(reply.status, error.as_ref());
    let detail = match &error {
        Some(error) => format!("HTTP {} {}", reply.status, error.detail()),
        None => format!("HTTP {}, no JSON: {}", reply.status, opening(&reply.body)),
    };
    if class == Class::Throttled {
        let spent = credits_remaining(reply) == Some(0);
        let (code, until) = if spent {
            (
                "E_CRM_CREDITS_EXHAUSTED",
                moment.after(CREDITS_PAUSE_SECONDS),
            )
        } else {
            (code, moment.after(1))
        };
        return Fault::new(class, code, sentence(code))
            .with_detail(detail)
            .until(until);
    }
    let message = match &error {
        Some(error) if code == "E_CRM_REQUEST_REFUSED" => whole_call_sentence(error),
        _ => sentence(code).to_owned(),
    };
    Fault::new(class, code, message).with_detail(detail)
}

/// The fault of a call that names one record, and was refused. What is not known to reach further is the record's own.
pub(crate) fn refused_record(reply: &Reply, name: &str, moment: Moment) -> Fault {
    let error = serde_json::from_str::<Json>(&reply.body)
        .ok()
        .and_then(|body| ApiError::of_body(&body));
    let Some(error) = error.filter(|_| matches!(reply.status, 400 | 403 | 404 | 405 | 409 | 412))
    else {
        return refused(reply, moment);
    };
    let (class, code) = match meaning(About::Record, &error.code) {
        Some(meant) => meant,
        // For whatever reason: we may not do this, perhaps to no record.
        None if reply.status == 403 => return refused(reply, moment),
        None => (Class::Data, "E_CRM_REFUSED"),
    };
    if !matches!(Reach::of(&Fault::new(class, code, "")), Reach::Record) {
        return refused(reply, moment);
    }
    let message = format!("Zoho refused {name}: {}.", error.said());
    Fault::new(class, code, message).with_detail(format!(
        "HTTP {} {}",
        reply.status,
        error.detail()
    ))
}

/// What concerns the request's own content names the field: it is a setting that somebody can mend.
fn whole_call_sentence(error: &ApiError) -> String {
    let field = error.field().map(|field| format!(" ({field})"));
    let advice = if error.field().as_deref() == Some("duplicate_check_fields") {
        " Check the key field in sync.toml: in Zoho it must be marked \"Do not allow duplicate values\"."
    } else {
        ""
    };
    format!(
        "Zoho refused the whole call: {}{}.{advice}",
        error.said(),
        field.unwrap_or_default()
    )
}

/// Status before code where the status is unmistakable, else the code, else the status.
fn classify(status: u16, error: Option<&ApiError>) -> (Class, &'static str) {
    let meant = error.and_then(|error| meaning(About::Call, &error.code));
    match status {
        429 => return (Class::Throttled, "E_CRM_THROTTLED"),
        500.. => return (Class::Transient, "E_CRM_UNAVAILABLE"),
        413 => return (Class::Bug, "E_CRM_LIMIT_EXCEEDED"),
        _ => {}
    }
    match (status, meant) {
        (401, Some((Class::Configuration, "E_CRM_SCOPE"))) => (Class::Configuration, "E_CRM_SCOPE"),
        (401, _) => (Class::Configuration, "E_CRM_UNAUTHORIZED"),
        (_, Some(meant)) => meant,
        (403, None) if error.is_some() => (Class::Configuration, "E_CRM_PERMISSION"),
        (_, None) if error.is_some() => (Class::Configuration, "E_CRM_REQUEST_REFUSED"),
        // HTML: something in front of Zoho answered.
        (_, None) => (Class::Transient, "E_CRM_UNAVAILABLE"),
    }
}

#[cfg(test)]
mod tests;
