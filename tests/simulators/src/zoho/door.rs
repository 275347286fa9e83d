//! Zoho's control door.

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
    org::{Refusal, System},
    render,
    schema::module,
};
use crate::{
    clock::ClockChange,
    control::{
        DOOR_BODY, Gate, ResetBody, Rule, door_body, door_error, door_list, json_reply, lock,
    },
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
        .route("/_sim/records/{module}", get(records))
        .route("/_sim/edit", post(edit))
        .route("/_sim/faults", post(faults).get(standing))
        .route("/_sim/grant", post(grant))
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
        .map(|store| (store.module.name.to_owned(), json!(store.len())))
        .collect();
    json_reply(
        200,
        &json!({
            "system": "zoho",
            "calls": lock(&door.gate.stats).calls(),
            "credits": org.credits.total(),
            "credits_limit": org.credits.limit(),
            "tokens_issued": org.oauth.issued(),
            "tokens_live": org.oauth.live(now),
            "triggers_fired": org.counts.triggers_fired,
            "rows": {
                "inserted": org.counts.inserted, "updated": org.counts.updated,
                "failed": org.counts.failed, "deleted": org.counts.deleted,
            },
            "records": records,
            "now": org.time(now),
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
    let Some(module) = module(&name) else {
        return door_error(format!(
            "there is no module {name:?}; there are Accounts, Contacts, Vendors"
        ));
    };
    let org = door.system.org();
    let Ok(store) = org.store(module) else {
        return door_error("the module has no store");
    };
    let records: Vec<Value> = store
        .all()
        .filter(|record| {
            which
                .id
                .as_ref()
                .is_none_or(|id| *id == record.id.to_string())
        })
        .filter(|record| {
            which
                .key
                .as_ref()
                .is_none_or(|key| record.values.get("Sage_Key") == Some(&json!(key)))
        })
        .map(|record| render::whole(&org, module, record))
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

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct FaultBody {
    clear: bool,
    rules: Vec<Rule>,
    clock: Option<ClockChange>,
    /// `access`: all access tokens end; `refresh`: the refresh tokens too.
    revoke: Option<String>,
    api_domain: Option<String>,
    refuse: Vec<Refusal>,
    credits_limit: Option<u64>,
    mixed_status: Option<u16>,
    strict_picklists: Option<bool>,
}

async fn faults(State(door): Shared, body: Bytes) -> Response {
    let body: FaultBody = match door_body(&body) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    let mut org = door.system.org();
    let mut faults = lock(&door.gate.faults);
    if body.clear {
        faults.clear();
        org.clear_settings();
    }
    if let Some(change) = &body.clock
        && let Err(message) = org.clock.change(change)
    {
        return door_error(message);
    }
    match body.revoke.as_deref() {
        None => {}
        Some("access") => org.oauth.revoke_access(),
        Some("refresh") => {
            org.oauth.revoke_refresh(None);
        }
        Some(other) => {
            return door_error(format!(
                "revoke is \"access\" or \"refresh\", not {other:?}"
            ));
        }
    }
    if let Some(status) = body.mixed_status
        && !(200..=499).contains(&status)
    {
        return door_error("mixed_status lies between 200 and 499");
    }
    let settings = &mut org.settings;
    settings.mixed_status = body.mixed_status.unwrap_or(settings.mixed_status);
    settings.strict_picklists = body.strict_picklists.unwrap_or(settings.strict_picklists);
    settings.refusals.extend(body.refuse);
    if let Some(domain) = body.api_domain {
        settings.api_domain = domain;
    }
    if let Some(limit) = body.credits_limit {
        org.credits.set_limit(limit);
    }
    for rule in body.rules {
        if let Err(message) = faults.add(rule) {
            return door_error(message);
        }
    }
    json_reply(
        200,
        &json!({
            "rules": faults.rules(), "refuse": org.settings.refusals, "api_domain": org.settings.api_domain,
            "mixed_status": org.settings.mixed_status, "strict_picklists": org.settings.strict_picklists,
            "credits_limit": org.credits.limit(), "now": org.time(org.now()),
        }),
    )
}

async fn standing(State(door): Shared) -> Response {
    json_reply(
        200,
        &json!({"rules": lock(&door.gate.faults).rules(), "refuse": door.system.org().settings.refusals}),
    )
}

/// A new grant code, as the API console makes one.
async fn grant(State(door): Shared) -> Response {
    json_reply(
        200,
        &json!({"grant_code": door.system.org().oauth.new_code()}),
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
