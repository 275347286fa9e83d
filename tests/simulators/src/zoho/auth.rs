//! The check of the access token and of what it was granted, and the header that tells what credits are left.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{credits, errors::Failure, org::System, scopes};

/// `Authorization: Zoho-oauthtoken 1000.…`; "Bearer" is wrong here.
pub async fn authorized(
    State(system): State<Arc<System>>,
    request: Request,
    next: Next,
) -> Response {
    let header = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = header
        .and_then(|value| value.split_once(' '))
        .and_then(|(scheme, token)| {
            (scheme.eq_ignore_ascii_case("Zoho-oauthtoken") && token.starts_with("1000."))
                .then_some(token)
        });
    let live = token.map(|token| {
        let org = system.org();
        let allowed = scopes::allow(
            &org.catalog,
            &org.settings.scopes,
            request.method(),
            request.uri().path(),
        );
        (org.oauth.is_live(token, org.now()), allowed)
    });
    match live {
        None => {
            return Failure::new(
                401,
                "AUTHENTICATION_FAILURE",
                &json!({}),
                "Authentication failed",
            )
            .into_response();
        }
        Some((false, _)) => {
            return Failure::new(401, "INVALID_TOKEN", &json!({}), "invalid oauth token")
                .into_response();
        }
        Some((true, false)) => {
            return Failure::new(
                401,
                "OAUTH_SCOPE_MISMATCH",
                &json!({}),
                "invalid oauth scope to access this URL",
            )
            .into_response();
        }
        Some((true, true)) => {}
    }
    let mut response = next.run(request).await;
    let left = credits::told(&system.org().credits);
    if let Some(left) = left {
        response
            .headers_mut()
            .insert("X-API-CREDITS-REMAINING", HeaderValue::from(left));
    }
    response
}
