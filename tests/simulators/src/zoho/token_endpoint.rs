//! `POST /oauth/v2/token`: three encodings, and answers whose status tells little.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::Body,
    extract::{Request, State},
    http::header,
    response::Response,
};
use futures_util::stream;
use serde_json::{Value, json};

use super::{
    oauth::{self, Denied, LIFETIME},
    org::{Org, System},
};
use crate::{control::json_reply, shared::Pairs};

/// The text of the throttle.
pub const TOO_MANY: &str =
    "You have made too many requests continuously. Please try again after some time.";
/// The longest form, in bytes.
const FORM_BYTES: usize = 16 * 1024;

type Form = BTreeMap<String, String>;

/// Answers a request for a token.
pub async fn token(State(system): State<Arc<System>>, request: Request) -> Response {
    let Some(form) = form(request).await else {
        return json_reply(400, &json!({"error": "general_error"}));
    };
    let (status, body) = answer(&mut system.org(), &form);
    json_reply(status, &body)
}

/// `POST /oauth/v2/token/revoke`.
pub async fn revoke(State(system): State<Arc<System>>, request: Request) -> Response {
    let form = form(request).await.unwrap_or_default();
    let done = form
        .get("token")
        .is_some_and(|token| system.org().oauth.revoke_refresh(Some(token)));
    let body = if done {
        json!({"status": "success"})
    } else {
        json!({"status": "failure", "error": "invalid_token"})
    };
    json_reply(if done { 200 } else { 400 }, &body)
}

fn answer(org: &mut Org, form: &Form) -> (u16, Value) {
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    if field("client_id") != oauth::CLIENT_ID {
        return (200, json!({"error": "invalid_client"}));
    }
    if field("client_secret") != oauth::CLIENT_SECRET {
        return (200, json!({"error": "invalid_client_secret"}));
    }
    let now = org.now();
    let (refresh_token, fresh) = match field("grant_type") {
        "refresh_token" => (Ok(field("refresh_token").to_owned()), false),
        "authorization_code" => (org.oauth.exchange(field("code")), true),
        _ => return (400, json!({"error": "unsupported_grant_type"})),
    };
    let token = refresh_token.and_then(|refresh| {
        org.oauth
            .refresh(&refresh, now)
            .map(|token| (token, refresh))
    });
    match token {
        Ok((access_token, refresh_token)) => {
            let mut body = json!({
                "access_token": access_token,
                "scope": org.settings.scopes.join(" "),
                "api_domain": org.settings.api_domain,
                "token_type": "Bearer",
                "expires_in": LIFETIME,
            });
            // Only the first exchange tells the refresh token.
            if fresh {
                body["refresh_token"] = json!(refresh_token);
            }
            (200, body)
        }
        Err(Denied::InvalidCode) => (200, json!({"error": "invalid_code"})),
        Err(Denied::TooMany) => (
            400,
            json!({"error": "Access Denied", "error_description": TOO_MANY}),
        ),
    }
}

/// Query string, form body and multipart body together; `None` if the body cannot be read.
async fn form(request: Request) -> Option<Form> {
    let (parts, body) = request.into_parts();
    let mut form = urlencoded(parts.uri.query().unwrap_or(""));
    let content_type = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let bytes = axum::body::to_bytes(body, FORM_BYTES).await.ok()?;
    if let Ok(boundary) = multer::parse_boundary(content_type) {
        let once = stream::once(async move { Ok::<_, std::io::Error>(bytes) });
        let mut multipart = multer::Multipart::new(once, boundary);
        while let Some(field) = multipart.next_field().await.ok()? {
            let Some(name) = field.name().map(str::to_owned) else {
                continue;
            };
            form.insert(name, field.text().await.ok()?);
        }
    } else {
        form.extend(urlencoded(std::str::from_utf8(&bytes).ok()?));
    }
    Some(form)
}

fn urlencoded(text: &str) -> Form {
    Pairs::parse(Some(text))
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Any other method.
pub async fn wrong_method() -> Response {
    let mut response = Response::new(Body::from("<html><body>Method Not Allowed</body></html>"));
    *response.status_mut() = axum::http::StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("text/html;charset=UTF-8"),
    );
    response
}
