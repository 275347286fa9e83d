//! `/_sim/watch` and `/_sim/webhooks`.

use std::sync::Arc;

use axum::{Router, body::Bytes, extract::State, response::Response, routing::get};
use serde::Deserialize;
use serde_json::{Value, json};

use super::webhook::Webhook;
use crate::{
    control::{door_error, door_list, json_reply},
    zoho::org::System,
};

/// The routes.
pub fn router(system: Arc<System>) -> Router {
    Router::new()
        .route("/_sim/watch", get(watched))
        .route("/_sim/webhooks", get(webhooks).post(register))
        .with_state(system)
}

async fn watched(State(system): State<Arc<System>>) -> Response {
    let mut org = system.org();
    org.expire_channels();
    let channels: Vec<Value> = org
        .notices
        .channels
        .values()
        .map(|channel| {
            let events: Vec<String> = channel
                .events
                .iter()
                .map(|(module, kind)| format!("{module}.{kind}"))
                .collect();
            json!({
                "channel_id": channel.id, "events": events, "channel_expiry": org.time(channel.expiry),
                "notify_url": channel.notify_url, "has_token": channel.token.is_some(),
                "notify_on_related_action": channel.related,
            })
        })
        .collect();
    json_reply(
        200,
        &json!({"channels": channels, "collecting": org.notices.collecting.len(), "posts": org.notices.log}),
    )
}

async fn webhooks(State(system): State<Arc<System>>) -> Response {
    let org = system.org();
    json_reply(
        200,
        &json!({"webhooks": org.notices.webhooks, "posts": org.notices.log}),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clear {
    clear: bool,
}

async fn register(State(system): State<Arc<System>>, body: Bytes) -> Response {
    if let Ok(Clear { clear: true }) = serde_json::from_slice(&body) {
        system.org().notices.webhooks.clear();
        return json_reply(200, &json!({"cleared": true}));
    }
    let webhooks: Vec<Webhook> = match door_list(&body, "webhooks") {
        Ok(webhooks) => webhooks,
        Err(refusal) => return *refusal,
    };
    let mut org = system.org();
    if let Err(message) = webhooks.iter().try_for_each(|webhook| webhook.check(&org)) {
        return door_error(message);
    }
    let count = webhooks.len();
    org.notices.webhooks.extend(webhooks);
    json_reply(200, &json!({"registered": count}))
}
