//! `/_sim/setup`: objects and fields that an administrator makes on Salesforce's screens.

use std::sync::Arc;

use axum::{Router, body::Bytes, extract::State, response::Response, routing::post};
use serde_json::{Value, json};

use super::Setup;
use crate::{
    control::{door_body, door_error, json_reply},
    salesforce::org::System,
};

/// The route.
pub fn router(system: Arc<System>) -> Router {
    Router::new()
        .route("/_sim/setup", post(make).get(shown))
        .with_state(system)
}

async fn make(State(system): State<Arc<System>>, body: Bytes) -> Response {
    let setup: Setup = match door_body(&body) {
        Ok(setup) => setup,
        Err(refusal) => return *refusal,
    };
    match super::apply(&mut system.org(), &setup) {
        Ok(made) => json_reply(200, &json!({"objects": made})),
        Err(message) => door_error(message),
    }
}

/// The custom objects, and the custom fields of all.
async fn shown(State(system): State<Arc<System>>) -> Response {
    let org = system.org();
    let objects = org.catalog.all().filter_map(|object| {
        let fields = object.fields.iter().filter(|field| field.is_custom());
        let names: Vec<&str> = fields.map(|field| field.name).collect();
        (object.is_custom() || !names.is_empty())
            .then(|| json!({"fullName": object.name, "keyPrefix": object.prefix, "fields": names}))
    });
    json_reply(200, &json!({"objects": objects.collect::<Vec<Value>>()}))
}
