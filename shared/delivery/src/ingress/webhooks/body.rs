//! What the readers of bodies share.

use counterpart_config::CrmProfile;
use counterpart_domain::{CrmId, bounded};
use serde_json::Value;

use super::route::Way;
use super::{Refusal, WebhookRequest};
use crate::event::Change;

/// A media type that a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    Json,
    Form,
    /// `multipart/form-data`.
    Parts,
    /// Whatever its type says, it is JSON, or there is nothing in it.
    Text,
    Xml,
}

/// Checks content type, charset and encoding.
pub(super) fn media(way: Way, request: &WebhookRequest) -> Result<Media, Refusal> {
    let (takes, sentence) = way.takes();
    let refused = || Refusal::ContentType(sentence);
    let encoding = request.header("content-encoding");
    if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
        return Err(refused());
    }
    let mut parts = request.header("content-type").split(';');
    let given = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = parts.find_map(|part| {
        let (name, value) = part.trim().split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    if !matches!(
        charset.as_deref(),
        None | Some("utf-8" | "utf8" | "us-ascii")
    ) {
        return Err(refused());
    }
    let media = takes
        .iter()
        .find(|takes| **takes == given)
        .ok_or_else(refused)?;
    Ok(match *media {
        "application/json" => Media::Json,
        "application/x-www-form-urlencoded" => Media::Form,
        "multipart/form-data" => Media::Parts,
        "text/plain" | "" => Media::Text,
        _ => Media::Xml,
    })
}

/// A text, or a number as it stands.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

/// A record's id as the CRM's API writes it.
pub(super) fn record_id(crm: &CrmProfile, text: &str) -> Option<CrmId> {
    (crm.ids.record)(text.trim()).map(CrmId)
}

/// A module's or object's name: letters, digits and underscores, at most 80 characters.
pub(super) fn module(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (1..=80).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    fits.then(|| text.to_owned())
}

/// What an operation's name means.
pub(super) fn change(operation: Option<&str>) -> Change {
    match operation.map(|o| o.trim().to_ascii_lowercase()).as_deref() {
        Some("insert" | "create") => Change::Created,
        Some("update" | "edit") => Change::Updated,
        Some("delete") => Change::Deleted,
        Some("undelete") => Change::Undeleted,
        _ => Change::Unknown,
    }
}

/// An address as the gateway gives it, for a log line.
pub(super) fn address(text: &str) -> String {
    let plain = |c: &char| c.is_ascii_hexdigit() || matches!(c, '.' | ':');
    bounded(text.chars().filter(plain).collect(), 45)
}
