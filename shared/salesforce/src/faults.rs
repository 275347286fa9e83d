//! What became of a whole call. Page: "Status Codes and Error Responses".

use counterpart_domain::{Class, Fault};
use counterpart_http::{About, Moment, Purpose, Reply, opening};
use serde_json::Value as Json;

use crate::codes::{pause_seconds, sentence};
use crate::refusals::meaning;
use crate::wire::error::ApiError;

/// What the product is called in sentences.
pub(crate) const NAME: &str = "Salesforce";

/// The fault of a success that cannot be read, or does not fit what was asked.
pub(crate) fn unreadable(purpose: Purpose, why: &str) -> Fault {
    counterpart_http::unreadable(NAME, purpose, why)
}

/// Two 401s are about the app, and stay what they are whatever session of it is sent: asking for another at each of them
/// would never end.
const NOT_FOR_REST: &str = "This session is not valid for use with the REST API";
const NOT_ATTACHED: &str = "Connected app is not attached to Agent";
/// The page that an address answers with when no org lives there.
const NO_ORG_HERE: &str = "URL No Longer Exists";

/// What a 401 refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// This session: it has ended, or cannot be read. Another will do.
    Session,
    /// The app, as it is set up.
    App,
}

/// What the reply refuses; none for any other answer.
pub(crate) fn refusal(reply: &Reply) -> Option<Refusal> {
    if reply.status != 401 {
        None
    } else if reply.body.contains(NOT_FOR_REST) || reply.body.contains(NOT_ATTACHED) {
        Some(Refusal::App)
    } else {
        Some(Refusal::Session)
    }
}

/// The fault of a call that Salesforce refused as a whole.
pub(crate) fn refused(reply: &Reply, moment: Moment) -> Fault {
    let errors = serde_json::from_str::<Json>(&reply.body)
        .map(|body| ApiError::all_of(&body))
        .unwrap_or_default();
    let error = errors.first();
    let (class, code) = classify(reply, error);
    let detail = match error {
        Some(_) => {
            let all: Vec<String> = errors.iter().map(ApiError::detail).collect();
            format!("HTTP {} {}", reply.status, all.join("; "))
        }
        None => format!("HTTP {}: {}", reply.status, opening(&reply.body)),
    };
    let message = match error {
        // What concerns the request's own content quotes Salesforce, who names the field, the limit or the object.
        Some(error) if is_about_content(class, code) => {
            format!("{} Salesforce says: {}", sentence(code), error.said())
        }
        _ => sentence(code).to_owned(),
    };
    let fault = Fault::new(class, code, message).with_detail(detail);
    if class == Class::Throttled {
        fault.until(moment.after(pause_seconds(code)))
    } else {
        fault
    }
}

fn is_about_content(class: Class, code: &str) -> bool {
    match class {
        Class::Data | Class::Bug => true,
        Class::Configuration => !matches!(
            code,
            "E_CRM_UNAUTHORIZED" | "E_CRM_SCOPE" | "E_CRM_APP_NOT_ATTACHED"
        ),
        Class::Throttled => code == "E_CRM_LIMIT_REACHED",
        Class::Transient | Class::Ambiguous => false,
    }
}

/// Status before code where the status is unmistakable, else the code, else the status.
fn classify(reply: &Reply, error: Option<&ApiError>) -> (Class, &'static str) {
    use Class::{Bug, Configuration, Data, Throttled, Transient};
    match (reply.status, error) {
        (401, _) if reply.body.contains(NOT_FOR_REST) => (Configuration, "E_CRM_SCOPE"),
        (401, _) if reply.body.contains(NOT_ATTACHED) => (Configuration, "E_CRM_APP_NOT_ATTACHED"),
        (401, _) => (Configuration, "E_CRM_UNAUTHORIZED"),
        // The identity service's plain word for a token that it does not take.
        (403, None) if reply.body.trim() == "Bad_OAuth_Token" => {
            (Configuration, "E_CRM_UNAUTHORIZED")
        }
        (429, _) => (Throttled, "E_CRM_THROTTLED"),
        (413 | 414 | 431, _) => (Bug, "E_CRM_LIMIT_EXCEEDED"),
        // A list of the addresses that match; not every 300 is one.
        (300, None) if is_list_of_texts(&reply.body) => (Data, "E_CRM_MATCHED_SEVERAL"),
        (status, Some(error)) => match meaning(About::Call, error) {
            Some(meant) => meant,
            None if status == 420 || status >= 500 => (Transient, "E_CRM_UNAVAILABLE"),
            None if status == 403 => (Configuration, "E_CRM_PERMISSION"),
            None => (Configuration, "E_CRM_REQUEST_REFUSED"),
        },
        (404, None) if reply.body.contains(NO_ORG_HERE) => (Configuration, "E_CRM_ADDRESS"),
        // The API never redirects: an address that does leads to no org, or to another one by now.
        (301 | 302 | 303 | 307 | 308, None) => (Configuration, "E_CRM_ADDRESS"),
        // Empty, HTML: the edge, or something in front of Salesforce, answered.
        (_, None) => (Transient, "E_CRM_UNAVAILABLE"),
    }
}

fn is_list_of_texts(body: &str) -> bool {
    serde_json::from_str::<Vec<String>>(body).is_ok_and(|list| !list.is_empty())
}

#[cfg(test)]
mod tests;
