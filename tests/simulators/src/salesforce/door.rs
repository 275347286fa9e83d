//! Salesforce's control door.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    door_edits::{self, Edit},
    door_faults::{self, FaultBody},
    org::{System, shown_time},
    render,
    schema::{OBJECTS, object},
};
use crate::control::{
    DOOR_BODY, Gate, ResetBody, door_body, door_error, door_list, json_reply, lock,
};

struct Door {
    system: Arc<System>,
    gate: Arc<Gate<System>>,
}

type Shared = State<Arc<Door>>;

/// The routes below `/_sim`.
pub fn router(system: Arc<System>, gate: Arc<Gate<System>>) -> Router {
    Router::new()
        .route("/_sim/stats", get(stats))
        .route("/_sim/records/{object}", get(records))
        .route("/_sim/edit", post(edit))
        .route("/_sim/faults", post(faults).get(standing))
        .route("/_sim/reset", post(reset))
        .layer(DefaultBodyLimit::max(DOOR_BODY))
        .with_state(Arc::new(Door { system, gate }))
}

async fn stats(State(door): Shared) -> Response {
    let org = door.system.org();
    let now = org.now();
    let records: Map<String, Value> = org
        .stores
        .values()
        .filter(|store| store.object.writable)
        .map(|store| (store.object.name.to_owned(), json!(store.len())))
        .collect();
    json_reply(
        200,
        &json!({
            "system": "salesforce",
            "calls": lock(&door.gate.stats).calls(),
            "api_usage": org.budget.total(),
            "api_limit": org.budget.limit(),
            "tokens_issued": org.sessions.issued(),
            "tokens_live": org.sessions.live(now),
            "rows": {
                "inserted": org.counts.inserted, "updated": org.counts.updated,
                "failed": org.counts.failed, "deleted": org.counts.deleted,
            },
            "records": records,
            "now": shown_time(now),
        }),
    )
}

#[derive(Deserialize)]
struct Which {
    id: Option<String>,
    key: Option<String>,
}

async fn records(
    State(door): Shared,
    Path(name): Path<String>,
    Query(which): Query<Which>,
) -> Response {
    let Some(object) = object(&name) else {
        let known: Vec<&str> = OBJECTS.iter().map(|object| object.name).collect();
        return door_error(format!(
            "there is no object {name:?}; there are {}",
            known.join(", ")
        ));
    };
    let org = door.system.org();
    let records: Vec<Value> = org
        .stores
        .get(object.name)
        .into_iter()
        .flat_map(|store| store.all())
        .filter(|record| record.deleted.is_none())
        .filter(|record| {
            which
                .id
                .as_ref()
                .is_none_or(|id| record.id.as_str() == id || record.id.short() == id)
        })
        .filter(|record| {
            which
                .key
                .as_ref()
                .is_none_or(|key| record.text("Sage_Key__c") == key)
        })
        .map(|record| render::whole(&org, object, record, door_edits::BASE, None))
        .collect();
    json_reply(200, &json!({"count": records.len(), "records": records}))
}

async fn edit(State(door): Shared, body: Bytes) -> Response {
    let edits: Vec<Edit> = match door_list(&body, "edits") {
        Ok(edits) => edits,
        Err(refusal) => return *refusal,
    };
    let mut org = door.system.org();
    let done: Result<Vec<Value>, String> = edits
        .iter()
        .map(|edit| door_edits::apply(&mut org, edit))
        .collect();
    match done {
        Ok(records) => json_reply(200, &json!({"edited": records.len(), "records": records})),
        Err(message) => door_error(message),
    }
}

async fn faults(State(door): Shared, body: Bytes) -> Response {
    let body: FaultBody = match door_body(&body) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    let mut org = door.system.org();
    match door_faults::apply(&mut org, &mut lock(&door.gate.faults), body) {
        Ok(standing) => json_reply(200, &standing),
        Err(message) => door_error(message),
    }
}

async fn standing(State(door): Shared) -> Response {
    json_reply(
        200,
        &door_faults::standing(&door.system.org(), &lock(&door.gate.faults)),
    )
}

async fn reset(State(door): Shared, body: Bytes) -> Response {
    let body: ResetBody = match door_body(&body) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    door.system.org().reset();
    lock(&door.gate.stats).clear();
    lock(&door.gate.faults).clear();
    json_reply(200, &body.done())
}
