//! The check of the access token, and the header that tells what credits are left.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{credits, errors::Failure, org::System};

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
        org.oauth.is_live(token, org.now())
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
        Some(false) => {
            return Failure::new(401, "INVALID_TOKEN", &json!({}), "invalid oauth token")
                .into_response();
        }
        Some(true) => {}
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
