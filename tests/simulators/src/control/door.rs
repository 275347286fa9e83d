//! The control door: the same five doors of every system, which fills in what is its own.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, State},
    response::Response,
    routing::{get, post},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Faults, Gate, Personality, door_body, door_error, door_list, json_reply, lock};

/// The longest body, in bytes.
const BODY: usize = 8 * 1024 * 1024;

/// By what records are narrowed: the query parameters.
pub type Which = BTreeMap<String, String>;

/// The body of a reset. A CRM starts empty, so a seed changes nothing there; it is taken so that
/// one body fits all doors.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResetBody {
    /// Seed of the generated data.
    pub seed: Option<u64>,
    /// Generated customers.
    pub customers: Option<u32>,
}

/// A system behind a control door.
pub trait Doorkeeper: Personality {
    /// One edit.
    type Edit: DeserializeOwned + Send;
    /// What can be set, rules among it.
    type Settings: DeserializeOwned + Send;

    /// Counts; `calls` are those of the gate.
    fn stats(&self, calls: Value) -> Value;

    /// The records of a module.
    ///
    /// # Errors
    /// There is no such module.
    fn records(&self, module: &str, which: &Which) -> Result<Vec<Value>, String>;

    /// Makes edits; answers what the records are now. Edits before a faulty one stay.
    ///
    /// # Errors
    /// What is wrong with one of them.
    fn edit(&self, edits: &[Self::Edit]) -> Result<Vec<Value>, String>;

    /// Sets what a body tells; answers what stands.
    ///
    /// # Errors
    /// What is wrong with it.
    fn set(&self, faults: &mut Faults, body: Self::Settings) -> Result<Value, String>;

    /// What stands.
    fn standing(&self, faults: &Faults) -> Value;

    /// Puts everything back to the start; answers seed and customers.
    fn reset(&self, body: &ResetBody) -> (Option<u64>, Option<u32>);
}

/// The routes below `/_sim`.
pub fn door<P: Doorkeeper>(gate: Arc<Gate<P>>) -> Router {
    Router::new()
        .route("/_sim/stats", get(stats::<P>))
        .route("/_sim/records/{module}", get(records::<P>))
        .route("/_sim/edit", post(edit::<P>))
        .route("/_sim/faults", post(set::<P>).get(standing::<P>))
        .route("/_sim/reset", post(reset::<P>))
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(gate)
}

type Shared<P> = State<Arc<Gate<P>>>;

async fn stats<P: Doorkeeper>(State(gate): Shared<P>) -> Response {
    let calls = lock(&gate.stats).calls();
    json_reply(200, &gate.system.stats(calls))
}

async fn records<P: Doorkeeper>(
    State(gate): Shared<P>,
    Path(module): Path<String>,
    Query(which): Query<Which>,
) -> Response {
    match gate.system.records(&module, &which) {
        Ok(records) => json_reply(200, &json!({"count": records.len(), "records": records})),
        Err(message) => door_error(message),
    }
}

async fn edit<P: Doorkeeper>(State(gate): Shared<P>, body: Bytes) -> Response {
    let edits: Vec<P::Edit> = match door_list(&body, "edits") {
        Ok(edits) => edits,
        Err(refusal) => return *refusal,
    };
    match gate.system.edit(&edits) {
        Ok(records) => json_reply(200, &json!({"edited": records.len(), "records": records})),
        Err(message) => door_error(message),
    }
}

async fn set<P: Doorkeeper>(State(gate): Shared<P>, body: Bytes) -> Response {
    let body: P::Settings = match door_body(&body) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    match gate.system.set(&mut lock(&gate.faults), body) {
        Ok(standing) => json_reply(200, &standing),
        Err(message) => door_error(message),
    }
}

async fn standing<P: Doorkeeper>(State(gate): Shared<P>) -> Response {
    json_reply(200, &gate.system.standing(&lock(&gate.faults)))
}

async fn reset<P: Doorkeeper>(State(gate): Shared<P>, body: Bytes) -> Response {
    let body: ResetBody = match door_body(&body) {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    let (seed, customers) = gate.system.reset(&body);
    lock(&gate.stats).clear();
    lock(&gate.faults).clear();
    json_reply(
        200,
        &json!({"reset": true, "seed": seed, "customers": customers}),
    )
}
