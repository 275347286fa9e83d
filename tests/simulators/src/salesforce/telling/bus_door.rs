//! `/_sim/change_events` and `/_sim/publish`.

use std::sync::Arc;

use axum::{Router, body::Bytes, extract::State, response::Response, routing::post};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    bus::{self, Relay},
    change, loopback,
    relays::Status,
};
use crate::{
    control::{door_body, door_error, door_list, json_reply},
    salesforce::org::System,
};

/// The routes.
pub fn router(system: Arc<System>) -> Router {
    Router::new()
        .route("/_sim/change_events", post(register).get(shown))
        .route("/_sim/change_events/raise", post(raise))
        .route("/_sim/change_events/again", post(again))
        .route("/_sim/change_events/status", post(status))
        .route("/_sim/publish", post(publish))
        .with_state(system)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clear {
    clear: bool,
}

async fn register(State(system): State<Arc<System>>, body: Bytes) -> Response {
    if let Ok(Clear { clear: true }) = serde_json::from_slice(&body) {
        bus::clear(&mut system.org());
        return json_reply(200, &json!({"cleared": true}));
    }
    let relays: Vec<Relay> = match door_list(&body, "relays") {
        Ok(relays) => relays,
        Err(refusal) => return *refusal,
    };
    let wrong = relays
        .iter()
        .filter_map(|relay| relay.endpoint.as_deref())
        .find_map(|endpoint| loopback(endpoint).err());
    if let Some(message) = wrong {
        return door_error(message);
    }
    let mut org = system.org();
    for relay in relays {
        bus::register(&mut org, relay);
    }
    json_reply(200, &org.telling.bus.shown())
}

async fn shown(State(system): State<Arc<System>>) -> Response {
    json_reply(200, &system.org().telling.bus.shown())
}

/// An event that no write makes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raise {
    object: String,
    /// A gap's type, `GAP_OVERFLOW`, or `WILDCARD`.
    change: String,
    #[serde(default)]
    ids: Vec<String>,
}

async fn raise(State(system): State<Arc<System>>, body: Bytes) -> Response {
    let told: Raise = match door_body(&body) {
        Ok(told) => told,
        Err(refusal) => return *refusal,
    };
    let mut org = system.org();
    let Some(object) = org.catalog.object(&told.object) else {
        return door_error(format!("there is no object {:?}", told.object));
    };
    let (kind, ids) = match told.change.as_str() {
        "GAP_CREATE" => ("GAP_CREATE", told.ids),
        "GAP_UPDATE" => ("GAP_UPDATE", told.ids),
        "GAP_DELETE" => ("GAP_DELETE", told.ids),
        "GAP_UNDELETE" => ("GAP_UNDELETE", told.ids),
        "GAP_OVERFLOW" => ("GAP_OVERFLOW", vec!["000000000000000AAA".to_owned()]),
        "WILDCARD" => ("UPDATE", vec![format!("{}*", object.prefix)]),
        other => return door_error(format!("{other:?} is no change that can be raised")),
    };
    if ids.is_empty() {
        return door_error("a gap names `ids`");
    }
    change::raise(&mut org, object, kind, ids);
    json_reply(200, &json!({"raised": kind}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    #[serde(default = "all")]
    count: usize,
}

fn all() -> usize {
    usize::MAX
}

async fn again(State(system): State<Arc<System>>, body: Bytes) -> Response {
    match door_body::<Again>(&body) {
        Ok(told) => {
            let sent = system.org().telling.bus.again(told.count);
            json_reply(200, &json!({"again": sent}))
        }
        Err(refusal) => *refusal,
    }
}

/// How a relay is to do.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    /// The first, the second, …
    #[serde(default)]
    relay: usize,
    status: Status,
    error_code: Option<String>,
    error_message: Option<String>,
}

async fn status(State(system): State<Arc<System>>, body: Bytes) -> Response {
    let told: Told = match door_body(&body) {
        Ok(told) => told,
        Err(refusal) => return *refusal,
    };
    let message = told.error_message.as_deref().unwrap_or_default();
    let error = told.error_code.as_deref().map(|code| (code, message));
    if bus::set(&mut system.org(), told.relay, told.status, error) {
        json_reply(200, &json!({"set": true}))
    } else {
        door_error(format!("there is no relay {}", told.relay))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Publication {
    event: String,
    #[serde(default)]
    fields: Map<String, Value>,
}

async fn publish(State(system): State<Arc<System>>, body: Bytes) -> Response {
    let told: Publication = match door_body(&body) {
        Ok(told) => told,
        Err(refusal) => return *refusal,
    };
    if !told.event.ends_with("__e") {
        return door_error("names of platform events end in __e");
    }
    let mut org = system.org();
    change::publish(&mut org, &told.event, told.fields);
    json_reply(200, &json!({"published": told.event}))
}
