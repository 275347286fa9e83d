//! `/_sim/outbound`: outbound messages are registered, and seen.

use std::sync::Arc;

use axum::{Router, body::Bytes, extract::State, response::Response, routing::post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{loopback, outbound::Rule};
use crate::{
    control::{door_error, door_list, json_reply},
    salesforce::org::{Org, System},
};

/// The routes.
pub fn router(system: Arc<System>) -> Router {
    Router::new()
        .route("/_sim/outbound", post(register).get(shown))
        .with_state(system)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clear {
    clear: bool,
}

async fn register(State(system): State<Arc<System>>, body: Bytes) -> Response {
    if let Ok(Clear { clear: true }) = serde_json::from_slice(&body) {
        system.org().telling.outbound.clear();
        return json_reply(200, &json!({"cleared": true}));
    }
    let rules: Vec<Rule> = match door_list(&body, "messages") {
        Ok(rules) => rules,
        Err(refusal) => return *refusal,
    };
    let mut org = system.org();
    if let Err(message) = rules.iter().try_for_each(|rule| checked(&org, rule)) {
        return door_error(message);
    }
    let outbound = &mut org.telling.outbound;
    let ids: Vec<Value> = rules
        .into_iter()
        .map(|rule| json!(outbound.register(rule).as_str()))
        .collect();
    json_reply(200, &json!({"registered": ids}))
}

fn checked(org: &Org, rule: &Rule) -> Result<(), String> {
    loopback(&rule.url)?;
    let object = org
        .catalog
        .object(&rule.object)
        .ok_or_else(|| format!("there is no object {:?}", rule.object))?;
    match rule
        .fields
        .iter()
        .chain(rule.when.keys())
        .find(|name| object.field(name).is_none())
    {
        Some(name) => Err(format!("{} has no field {name:?}", object.name)),
        None => Ok(()),
    }
}

async fn shown(State(system): State<Arc<System>>) -> Response {
    json_reply(200, &system.org().telling.outbound.shown())
}
