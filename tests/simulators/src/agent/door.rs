//! The agent's control door.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    edits::{self, Edit},
    entity::Entity,
    world::{System, World, shown},
};
use crate::{
    clock::{Clock, ClockChange},
    control::{Gate, Rule, door_body, door_error, door_list, json_reply, lock},
    data::DataSet,
};

/// The longest body of the control door, in bytes.
const DOOR_BODY: usize = 8 * 1024 * 1024;

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
        .route("/_sim/reset", post(reset))
        .layer(DefaultBodyLimit::max(DOOR_BODY))
        .with_state(Arc::new(Door { system, gate }))
}

async fn stats(State(door): Shared) -> Response {
    let world = door.system.world();
    let companies: Vec<Value> = world
        .companies
        .iter()
        .map(|(code, company)| {
            let counts: serde_json::Map<String, Value> = Entity::ALL
                .into_iter()
                .map(|entity| {
                    (
                        entity.name().to_owned(),
                        json!(company.table(entity).map_or(0, super::table::Table::len)),
                    )
                })
                .collect();
            json!({"code": code, "records": counts})
        })
        .collect();
    json_reply(
        200,
        &json!({
            "system": "agent",
            "calls": lock(&door.gate.stats).calls(),
            "companies": companies,
            "server_time": world.server_time(),
        }),
    )
}

#[derive(Deserialize)]
struct Which {
    company: Option<String>,
    key: Option<String>,
}

async fn records(
    State(door): Shared,
    Path(module): Path<String>,
    Query(which): Query<Which>,
) -> Response {
    let Some(entity) = Entity::named(&module) else {
        return door_error(format!(
            "there is no module {module:?}; there are customers, contacts, salespersons"
        ));
    };
    let world = door.system.world();
    let wanted = world
        .companies
        .iter()
        .filter(|(code, _)| which.company.as_ref().is_none_or(|wanted| wanted == *code));
    let records: Vec<Value> = wanted
        .flat_map(|(code, company)| {
            company
                .table(entity)
                .into_iter()
                .flat_map(|table| table.after(None))
                .map(move |row| (code, row))
        })
        .filter(|(_, row)| which.key.as_ref().is_none_or(|key| *key == row.key))
        .map(|(code, row)| {
            let mut record = shown(row);
            record["company"] = json!(code);
            record
        })
        .collect();
    json_reply(200, &json!({"count": records.len(), "records": records}))
}

async fn edit(State(door): Shared, body: Bytes) -> Response {
    let edits: Vec<Edit> = match door_list(&body, "edits") {
        Ok(edits) => edits,
        Err(refusal) => return *refusal,
    };
    let mut world = door.system.world();
    let done: Result<Vec<Value>, String> = edits
        .iter()
        .map(|edit| edits::apply(&mut world, edit))
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
    counter_lost: bool,
    expire_positions: bool,
}

async fn faults(State(door): Shared, body: Bytes) -> Response {
    let body: FaultBody = match door_body(&body) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    let mut world = door.system.world();
    let mut faults = lock(&door.gate.faults);
    if body.clear {
        faults.clear();
        world.clock = Clock::new(-360);
    }
    if let Some(change) = &body.clock
        && let Err(message) = world.clock.change(change)
    {
        return door_error(message);
    }
    if body.counter_lost {
        world.lose_counter();
    }
    if body.expire_positions {
        world.generation += 1;
    }
    for rule in body.rules {
        if let Err(message) = faults.add(rule) {
            return door_error(message);
        }
    }
    json_reply(
        200,
        &json!({"rules": faults.rules(), "server_time": world.server_time()}),
    )
}

async fn standing(State(door): Shared) -> Response {
    json_reply(200, &json!({"rules": lock(&door.gate.faults).rules()}))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ResetBody {
    seed: Option<u64>,
    customers: Option<u32>,
}

async fn reset(State(door): Shared, body: Bytes) -> Response {
    let body: ResetBody = match door_body(&body) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    let mut world = door.system.world();
    let data = DataSet {
        seed: body.seed.unwrap_or(world.data.seed),
        customers: body.customers.unwrap_or(world.data.customers).min(200_000),
    };
    *world = World::new(data);
    lock(&door.gate.stats).clear();
    lock(&door.gate.faults).clear();
    json_reply(
        200,
        &json!({"reset": true, "seed": data.seed, "customers": data.customers}),
    )
}
