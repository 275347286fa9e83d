//! `POST /services/oauth2/token` and `/services/oauth2/revoke`.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    ids::Id,
    jwt::{self, Denied},
    org::Org,
    reply::Reply,
    sessions::{CLIENT_ID, CLIENT_SECRET, SCOPE},
};
use crate::shared::Pairs;

/// The log-on hosts of all organisations: client credentials work only at an organisation's own.
const SHARED_HOSTS: &[&str] = &["login.salesforce.com", "test.salesforce.com"];
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The body of a refusal.
pub fn denied(error: &str) -> Value {
    let description = match error {
        "invalid_grant" => "authentication failure",
        "invalid_client_id" => "client identifier invalid",
        "invalid_client" => "invalid client credentials",
        "inactive_user" => "user is inactive",
        "inactive_org" => "organization is inactive",
        "unsupported_grant_type" => "grant type not supported",
        "invalid_app_access" => "user is not admin approved to access this app",
        "rate_limit_exceeded" => "login rate exceeded",
        _ => "retry your request",
    };
    json!({"error": error, "error_description": description})
}

fn refusal(error: &str, description: &str) -> Reply {
    Reply::json(
        400,
        json!({"error": error, "error_description": description}),
    )
}

/// Answers a request for a token. `basic` is the Authorization header, `host`
/// the name under which the endpoint was called.
pub fn token(org: &mut Org, form: &Pairs, basic: &str, host: &str) -> Reply {
    match granted(org, form, basic, host) {
        Ok(reply) => uncached(reply),
        Err((error, description)) => uncached(refusal(error, description)),
    }
}

fn uncached(reply: Reply) -> Reply {
    reply
        .with("cache-control", "no-cache, no-store".to_owned())
        .with("pragma", "no-cache".to_owned())
}

fn granted(org: &mut Org, form: &Pairs, basic: &str, host: &str) -> Result<Reply, Denied> {
    let now = org.now();
    let grant = form.get("grant_type").unwrap_or("");
    match grant {
        "client_credentials" => {
            if SHARED_HOSTS.contains(&host) {
                return Err(("invalid_grant", "request not supported on this domain"));
            }
            authenticated(form, basic)?;
            if !org.settings.client_credentials {
                return Err(("invalid_grant", "no client credentials user enabled"));
            }
            let user = org.integration_user();
            let mut body = issued(org, &user)?;
            signed(&mut body, now);
            Ok(Reply::json(200, body))
        }
        JWT_BEARER => {
            let assertion = form.get("assertion").unwrap_or("");
            let name = jwt::subject(assertion, &org.url, now)?;
            let user = org
                .user_named(&name)
                .filter(|_| org.settings.approved)
                .ok_or(("invalid_grant", "user hasn't approved this consumer"))?;
            issued(org, &user).map(|body| Reply::json(200, body))
        }
        "refresh_token" => {
            authenticated(form, basic)?;
            let (token, rotate) = (
                form.get("refresh_token").unwrap_or(""),
                org.settings.rotate_refresh_tokens,
            );
            let fresh = org
                .sessions
                .refresh(token, rotate)
                .ok_or(("invalid_grant", "expired access/refresh token"))?;
            let user = org.integration_user();
            let mut body = issued(org, &user)?;
            signed(&mut body, now);
            if let Some(fresh) = fresh {
                body["refresh_token"] = json!(fresh);
            }
            Ok(Reply::json(200, body))
        }
        "authorization_code" => {
            authenticated(form, basic)?;
            Err(("invalid_grant", "invalid authorization code"))
        }
        _ => Err(("unsupported_grant_type", "grant type not supported")),
    }
}

/// Client id and secret, from the form or from a Basic header.
fn authenticated(form: &Pairs, basic: &str) -> Result<(), Denied> {
    let header = basic
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, text)| STANDARD.decode(text.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let (id, secret) = match header.as_ref().and_then(|text| text.split_once(':')) {
        Some(pair) => pair,
        None => (
            form.get("client_id").unwrap_or(""),
            form.get("client_secret").unwrap_or(""),
        ),
    };
    if id != CLIENT_ID {
        return Err(("invalid_client_id", "client identifier invalid"));
    }
    if secret != CLIENT_SECRET {
        return Err(("invalid_client", "invalid client credentials"));
    }
    Ok(())
}

/// What all grants answer. There is no `expires_in`.
fn issued(org: &mut Org, user: &Id) -> Result<Value, Denied> {
    if !org.is_active(user) {
        return Err(("inactive_user", "user is inactive"));
    }
    let now = org.now();
    let organisation = org.organisation();
    let token = org.sessions.issue(&organisation, user, now);
    let mut body = json!({
        "access_token": token,
        "scope": SCOPE,
        "id": format!("{}/id/{organisation}/{user}", org.url),
        "token_type": "Bearer",
    });
    if !org.settings.omit_instance_url {
        body["instance_url"] = json!(org.settings.instance_url);
    }
    Ok(body)
}

/// The identity URL and the time, signed with the client's secret.
fn signed(body: &mut Value, now: i64) {
    let issued_at = (now * 1000).to_string();
    let id = body.get("id").and_then(Value::as_str).unwrap_or("");
    let hash = Sha256::digest(format!("{CLIENT_SECRET}{id}{issued_at}"));
    let signature = STANDARD.encode(hash);
    body["issued_at"] = json!(issued_at);
    body["signature"] = json!(signature);
}

/// Ends a token.
pub fn revoke(org: &mut Org, form: &Pairs) -> Reply {
    if org.sessions.revoke(form.get("token").unwrap_or("")) {
        Reply::empty(200)
    } else {
        refusal("unsupported_token_type", "this token type is not supported")
    }
}
