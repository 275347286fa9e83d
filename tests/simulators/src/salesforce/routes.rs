//! Salesforce as a service: the token endpoint, identity, and everything below `/services/data`.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{DefaultBodyLimit, Request, State},
    http::{Method, header, request::Parts},
    middleware,
    response::Response,
};
use serde_json::json;

use super::{
    auth, composite, dispatch,
    errors::Fail,
    gate::BODY_LIMIT,
    identity,
    ids::Id,
    listings, metadata,
    org::{Org, System},
    reply::{Call, Reply, plain},
    setup,
    telling::{self, Origin, settle},
    token_endpoint,
};
use crate::{
    control::{Gate, door, gate, json_reply},
    shared::Pairs,
};

/// The longest address, in bytes.
const MAX_URI: usize = 16_384;

/// The service.
pub fn router(system: Arc<System>) -> Router {
    let passing = Arc::new(Gate::new(system.clone()));
    Router::new()
        .fallback(handle)
        // The gate has bounded the body already.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(passing.clone(), gate))
        .with_state(system.clone())
        .merge(door(passing))
        .merge(telling::router(system.clone()))
        .merge(setup::router(system))
}

async fn handle(State(system): State<Arc<System>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return Fail::new(413, "REQUEST_TOO_LARGE", "the request is too large")
            .reply()
            .into_response();
    };
    let (response, hold) = answer(&system, &parts, &body);
    // While it is held back, other calls find its rows locked.
    if !hold.is_zero() {
        tokio::time::sleep(hold).await;
    }
    response
}

fn answer(system: &System, parts: &Parts, body: &Bytes) -> (Response, Duration) {
    let url = parts.uri.path_and_query().map_or("/", |url| url.as_str());
    if url.len() > MAX_URI {
        return (
            Fail::new(414, "URI_TOO_LONG", "URI Too Long")
                .reply()
                .into_response(),
            Duration::ZERO,
        );
    }
    let mut org = system.org();
    let segments: Vec<&str> = parts
        .uri
        .path()
        .trim_end_matches('/')
        .split('/')
        .skip(1)
        .collect();
    let response = match segments.as_slice() {
        ["services", "oauth2", "token"] => token(&mut org, parts, body),
        ["services", "oauth2", "revoke"] => {
            token_endpoint::revoke(&mut org, &form(parts, body)).into_response()
        }
        ["services", "oauth2", "userinfo"] => who(&mut org, parts, identity::userinfo),
        ["id", organisation, user] => who(&mut org, parts, |org, me| {
            let same = Id::parse(organisation) == Some(org.organisation())
                && Id::parse(user).as_ref() == Some(me);
            if same {
                identity::identity(org, me)
            } else {
                None
            }
        }),
        // The list of versions is for everybody.
        ["services", "data"] if parts.method == Method::GET => {
            json_reply(200, &listings::versions())
        }
        ["services", "Soap", "m", _] if parts.method == Method::POST => {
            metadata::serve(&mut org, body)
        }
        ["services", "data", ..] => {
            let (reply, hold) = data(&mut org, parts, body, url);
            return (reply.into_response(), hold);
        }
        _ => Fail::not_found().reply().into_response(),
    };
    (response, Duration::ZERO)
}

fn form(parts: &Parts, body: &Bytes) -> Pairs {
    let text = format!(
        "{}&{}",
        parts.uri.query().unwrap_or(""),
        String::from_utf8_lossy(body)
    );
    Pairs::parse(Some(&text))
}

fn token(org: &mut Org, parts: &Parts, body: &Bytes) -> Response {
    if parts.method != Method::POST {
        return json_reply(
            400,
            &json!({"error": "invalid_request", "error_description": "must use HTTP POST"}),
        );
    }
    let host = parts
        .headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let basic = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    token_endpoint::token(org, &form(parts, body), basic, host).into_response()
}

/// Identity answers in plain text when the token is wrong or missing.
fn who(
    org: &mut Org,
    parts: &Parts,
    tell: impl Fn(&Org, &Id) -> Option<serde_json::Value>,
) -> Response {
    if parts.headers.get(header::AUTHORIZATION).is_none() {
        return plain(403, "Missing_OAuth_Token");
    }
    let Ok(user) = auth::user(org, &parts.headers) else {
        return plain(403, "Bad_OAuth_Token");
    };
    match tell(org, &user) {
        Some(body) => json_reply(200, &body),
        None => plain(403, "Bad_Id"),
    }
}

fn data(org: &mut Org, parts: &Parts, body: &Bytes, url: &str) -> (Reply, Duration) {
    let Some((version, path, params)) = composite::parts(url) else {
        return (Fail::not_found().reply(), Duration::ZERO);
    };
    let user = match auth::user(org, &parts.headers) {
        Ok(user) => user,
        Err(fail) => {
            return (
                fail.reply().with("www-authenticate", "Token".to_owned()),
                Duration::ZERO,
            );
        }
    };
    let call = Call {
        method: overridden(parts, &params),
        path,
        version,
        params,
        headers: &parts.headers,
        body,
    };
    if let Err(fail) = org.charge() {
        return (limited(org, fail.reply()), Duration::ZERO);
    }
    org.telling.origin = Origin::rest(&user, &call.version, client(&call));
    let reply = dispatch::answer(org, &call, &user);
    settle(org);
    let hold = if call.method == Method::GET {
        Duration::ZERO
    } else {
        Duration::from_millis(org.settings.lock_hold_ms)
    };
    (limited(org, reply), hold)
}

/// The client that `Sforce-Call-Options` names. Collections and composite calls do not know the header.
fn client<'a>(call: &'a Call<'_>) -> Option<&'a str> {
    if call.path.first().is_some_and(|first| first == "composite") {
        return None;
    }
    call.header("sforce-call-options")
        .split([',', ';'])
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("client"))
        .map(|(_, client)| client.trim())
}

/// `?_HttpMethod=PATCH` for clients that cannot send one.
fn overridden(parts: &Parts, params: &Pairs) -> Method {
    match (params.get("_HttpMethod"), &parts.method) {
        (Some("PATCH"), &Method::POST) => Method::PATCH,
        (_, method) => method.clone(),
    }
}

fn limited(org: &Org, reply: Reply) -> Reply {
    reply.with(
        "sforce-limit-info",
        format!("api-usage={}/{}", org.budget.used(), org.budget.limit()),
    )
}
