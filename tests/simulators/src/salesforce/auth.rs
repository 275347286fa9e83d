//! The session of a call, by its Authorization header.

use axum::http::{HeaderMap, header};

use super::{errors::Fail, ids::Id, org::Org};

/// The user of a call: `Bearer` and `OAuth` are the same to Salesforce.
///
/// # Errors
/// 401, with what is wrong with the header or the session.
pub fn user(org: &mut Org, headers: &HeaderMap) -> Result<Id, Fail> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(Fail::no_session());
    };
    let wrong = |message: &str| Fail::new(401, "INVALID_AUTH_HEADER", message);
    let text = value
        .to_str()
        .map_err(|_| wrong("INVALID_HEADER_TYPE"))?
        .trim();
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") && !scheme.eq_ignore_ascii_case("OAuth") {
        return Err(wrong("INVALID_HEADER_TYPE"));
    }
    let token = token.trim();
    if token.is_empty() {
        return Err(wrong("INVALID_HEADER_TYPE"));
    }
    let now = org.now();
    match org.sessions.user(token, now) {
        Some(user) if org.is_active(&user) => Ok(user),
        // What looks like a JWT is read as one, and is none of ours.
        None if token.starts_with("eyJ") => Err(wrong("INVALID_JWT_FORMAT")),
        _ => Err(Fail::no_session()),
    }
}
