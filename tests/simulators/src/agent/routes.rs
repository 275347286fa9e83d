//! The agent's routes, with the bearer check.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, RawQuery, Request, State},
    http::header,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::Value;

use super::{
    capabilities, changes, digests,
    errors::Failure,
    keys,
    query::Query,
    records,
    system::{System, TOKEN},
    write_routes,
};
use crate::control::{Gate, door, gate, json_reply};
use crate::sage::{Entity, World};

type Shared = State<Arc<System>>;

/// The agent as a service.
pub fn router(system: Arc<System>) -> Router {
    let passing = Arc::new(Gate::new(system.clone()));
    let guarded = Router::new()
        .route("/v1/capabilities", get(serve_capabilities))
        .route(
            "/v1/companies/{company}/{entity}/changes",
            get(serve_changes),
        )
        .route(
            "/v1/companies/{company}/{entity}/records",
            get(serve_records).merge(write_routes::create_record()),
        )
        .route(
            "/v1/companies/{company}/{entity}/records/{*key}",
            get(serve_record).merge(write_routes::update_record()),
        )
        .route("/v1/companies/{company}/{entity}/keys", get(serve_keys))
        .route(
            "/v1/companies/{company}/{entity}/digests",
            get(serve_digests),
        )
        .merge(write_routes::routes())
        .route_layer(middleware::from_fn(bearer));
    Router::new()
        .route("/v1/health", get(serve_health))
        .merge(guarded)
        .fallback(|| async { Failure::new("E_NOT_FOUND", "There is no such path.") })
        .method_not_allowed_fallback(|| async {
            Failure::bad_request("The path does not have this method.")
        })
        .layer(middleware::from_fn_with_state(passing.clone(), gate))
        .with_state(system)
        .merge(door(passing))
}

async fn bearer(request: Request, next: Next) -> Response {
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let fits = token
        .and_then(|value| value.split_once(' '))
        .is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && token == TOKEN);
    if fits {
        return next.run(request).await;
    }
    let mut refusal =
        Failure::new("E_UNAUTHORIZED", "The bearer token is missing or wrong.").into_response();
    refusal.headers_mut().insert(
        header::WWW_AUTHENTICATE,
        header::HeaderValue::from_static("Bearer"),
    );
    refusal
}

async fn serve_health(State(system): Shared) -> Response {
    json_reply(200, &capabilities::health(&system.world()))
}

async fn serve_capabilities(State(system): Shared) -> Response {
    json_reply(200, &capabilities::capabilities(&system.world()))
}

async fn serve_changes(
    system: Shared,
    Path((company, entity)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
) -> Response {
    let known = [
        "from_date",
        "from_time",
        "to_date",
        "to_time",
        "limit",
        "after",
    ];
    answer(
        &system,
        &company,
        &entity,
        raw.as_deref(),
        &known,
        changes::page,
    )
}

async fn serve_records(
    system: Shared,
    Path((company, entity)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
) -> Response {
    answer(
        &system,
        &company,
        &entity,
        raw.as_deref(),
        &["key"],
        records::named,
    )
}

async fn serve_record(
    system: Shared,
    Path((company, entity, key)): Path<(String, String, String)>,
    RawQuery(raw): RawQuery,
) -> Response {
    answer(
        &system,
        &company,
        &entity,
        raw.as_deref(),
        &[],
        |world, company, entity, _| records::one(world, company, entity, &key),
    )
}

async fn serve_keys(
    system: Shared,
    Path((company, entity)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
) -> Response {
    answer(
        &system,
        &company,
        &entity,
        raw.as_deref(),
        &["limit", "after"],
        keys::page,
    )
}

async fn serve_digests(
    system: Shared,
    Path((company, entity)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
) -> Response {
    answer(
        &system,
        &company,
        &entity,
        raw.as_deref(),
        &["size", "limit", "after"],
        digests::page,
    )
}

/// The entity of a name, if the agent of this site offers it.
///
/// # Errors
/// E_UNKNOWN_ENTITY.
pub fn entity(world: &World, name: &str) -> Result<&'static Entity, Failure> {
    Entity::named(name)
        .filter(|entity| entity.is_offered(&world.settings.site))
        .ok_or_else(|| Failure::new("E_UNKNOWN_ENTITY", format!("There is no entity {name:?}.")))
}

/// Checks company, entity and query, then lets `read` answer.
fn answer(
    system: &System,
    company: &str,
    entity: &str,
    raw: Option<&str>,
    known: &[&str],
    read: impl FnOnce(&mut World, &str, &'static Entity, &Query) -> Result<Value, Failure>,
) -> Response {
    let mut world = system.world();
    let result = if world.companies.contains_key(company) {
        self::entity(&world, entity)
            .and_then(|entity| read(&mut world, company, entity, &Query::parse(raw, known)?))
    } else {
        Err(Failure::new(
            "E_UNKNOWN_COMPANY",
            format!("There is no company {company:?}."),
        ))
    };
    match result {
        Ok(body) => json_reply(200, &body),
        Err(failure) => failure.into_response(),
    }
}
