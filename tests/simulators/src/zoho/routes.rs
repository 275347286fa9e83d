//! Zoho's routes.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, RawQuery, State},
    http::{HeaderMap, StatusCode},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{
    auth, coql, deletes, door,
    errors::Failure,
    external, layouts,
    lists::{self, Listed},
    meta, modules_meta, notices,
    org::{Org, System},
    org_meta,
    requests::Params,
    schema::Module,
    search, setup, timeline, token_endpoint, users,
    writes::{self, Write},
};
use crate::control::{Gate, gate, json_reply};

type Shared = State<Arc<System>>;

/// Zoho as a service.
pub fn router(system: Arc<System>) -> Router {
    let passing = Arc::new(Gate::new(system.clone()));
    let crm = Router::new()
        .route("/crm/v8/coql", post(query))
        .route(
            "/crm/v8/users",
            get(|state, query| read(state, query, users::list)),
        )
        .route("/crm/v8/users/{id}", get(user))
        .route(
            "/crm/v8/actions/watch",
            get(|state, query| read(state, query, notices::details))
                .post(|state, body| watch(state, body, notices::enable))
                .put(|state, body| watch(state, body, notices::replace))
                .patch(|state, body| watch(state, body, notices::update))
                .delete(unwatch),
        )
        .route(
            "/crm/v8/org",
            get(|state, query| read(state, query, |org, _| org_meta::organisation(org).map(Some))),
        )
        .route(
            "/crm/v8/org/currencies",
            get(|state, query| read(state, query, |org, _| org_meta::currencies(org).map(Some))),
        )
        .route(
            "/crm/v8/settings/fields",
            get(|state, query| {
                read(state, query, |org, params| {
                    meta::fields(org, params).map(Some)
                })
            })
            .post(new_fields),
        )
        .route("/crm/v8/settings/fields/{id}", get(field))
        .route(
            "/crm/v8/settings/layouts",
            get(|state, query| {
                read(state, query, |org, params| {
                    layouts::layouts(org, params).map(Some)
                })
            }),
        )
        .route("/crm/v8/settings/layouts/{id}", get(layout))
        .route(
            "/crm/v8/settings/modules",
            get(|state, query| read(state, query, |org, _| modules_meta::modules(org).map(Some)))
                .post(|state, body| watch(state, body, setup::modules)),
        )
        .route(
            "/crm/v8/settings/profiles",
            get(|state, query| read(state, query, |org, _| org_meta::profiles(org).map(Some))),
        )
        .route("/crm/v8/settings/modules/{name}", get(one_module))
        .route(
            "/crm/v8/{module}",
            get(list).post(insert).put(update).delete(delete_many),
        )
        .route("/crm/v8/{module}/upsert", post(upsert))
        .route("/crm/v8/{module}/deleted", get(deleted))
        .route("/crm/v8/{module}/search", get(find))
        .route("/crm/v8/{module}/actions/count", get(count))
        .route(
            "/crm/v8/{module}/{record}",
            get(get_one).put(update_one).delete(delete_one),
        )
        .route("/crm/v8/{module}/{record}/__timeline", get(past))
        .method_not_allowed_fallback(|| async {
            Failure::new(
                400,
                "INVALID_REQUEST_METHOD",
                &json!({}),
                "The http request method type is not a valid one",
            )
        })
        .route_layer(middleware::from_fn_with_state(
            system.clone(),
            auth::authorized,
        ));
    Router::new()
        .merge(crm)
        .route(
            "/oauth/v2/token",
            post(token_endpoint::token).fallback(token_endpoint::wrong_method),
        )
        .route("/oauth/v2/token/revoke", post(token_endpoint::revoke))
        .fallback(|| async {
            Failure::new(
                404,
                "INVALID_URL_PATTERN",
                &json!({}),
                "Please check if the URL trying to access is a correct one",
            )
        })
        // The gate has bounded the body already.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(passing.clone(), gate))
        .with_state(system.clone())
        .merge(door::router(system, passing))
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// 200 with a body, 204 without one, or the failure.
fn answered(result: Result<Option<Value>, Failure>) -> Response {
    match result {
        Ok(Some(body)) => json_reply(200, &body),
        Ok(None) => empty(StatusCode::NO_CONTENT),
        Err(failure) => failure.into_response(),
    }
}

async fn read(
    State(system): Shared,
    RawQuery(raw): RawQuery,
    answer: fn(&mut Org, &Params) -> Result<Option<Value>, Failure>,
) -> Response {
    answered(answer(&mut system.org(), &Params::parse(raw.as_deref())))
}

async fn watch(
    State(system): Shared,
    body: Bytes,
    answer: fn(&mut Org, &Bytes) -> Result<Response, Failure>,
) -> Response {
    answer(&mut system.org(), &body).unwrap_or_else(Failure::into_response)
}

async fn unwatch(State(system): Shared, RawQuery(raw): RawQuery) -> Response {
    let params = Params::parse(raw.as_deref());
    notices::disable(&mut system.org(), &params).unwrap_or_else(Failure::into_response)
}

/// The module that a path names. The organisation is locked for no longer than that.
fn named(system: &System, name: &str) -> Result<&'static Module, Failure> {
    let found = system.org().catalog.module(name);
    found.ok_or_else(|| Failure::invalid_module(0))
}

async fn query(State(system): Shared, body: Bytes) -> Response {
    answered(coql::run(&mut system.org(), &body))
}

async fn user(State(system): Shared, Path(id): Path<String>) -> Response {
    answered(users::one(&mut system.org(), &id))
}

async fn field(State(system): Shared, Path(id): Path<String>, RawQuery(raw): RawQuery) -> Response {
    answered(meta::field(
        &mut system.org(),
        &id,
        &Params::parse(raw.as_deref()),
    ))
}

async fn layout(
    State(system): Shared,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Response {
    let params = Params::parse(raw.as_deref());
    answered(layouts::layout(&mut system.org(), &id, &params))
}

async fn new_fields(State(system): Shared, RawQuery(raw): RawQuery, body: Bytes) -> Response {
    let params = Params::parse(raw.as_deref());
    setup::fields(&mut system.org(), &params, &body).unwrap_or_else(Failure::into_response)
}

async fn one_module(State(system): Shared, Path(name): Path<String>) -> Response {
    answered(modules_meta::one(&mut system.org(), &name).map(Some))
}

async fn list(
    State(system): Shared,
    Path(module): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Response {
    let params = Params::parse(raw.as_deref());
    match named(&system, &module)
        .and_then(|module| lists::list(&mut system.org(), module, &params, &headers))
    {
        Ok(Listed::Page(body)) => json_reply(200, &body),
        Ok(Listed::Empty) => empty(StatusCode::NO_CONTENT),
        Ok(Listed::NotModified) => empty(StatusCode::NOT_MODIFIED),
        Err(failure) => failure.into_response(),
    }
}

fn write(
    system: &System,
    module: &str,
    kind: &Write,
    headers: &HeaderMap,
    body: &Bytes,
) -> Response {
    named(system, module)
        .and_then(|module| writes::write(&mut system.org(), module, kind, headers, body))
        .unwrap_or_else(Failure::into_response)
}

async fn insert(
    State(system): Shared,
    Path(module): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    write(&system, &module, &Write::Insert, &headers, &body)
}

async fn update(
    State(system): Shared,
    Path(module): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    write(&system, &module, &Write::Update(None), &headers, &body)
}

async fn upsert(
    State(system): Shared,
    Path(module): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    write(&system, &module, &Write::Upsert, &headers, &body)
}

async fn update_one(
    State(system): Shared,
    Path((module, record)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match id_of(&system, &module, &record, &headers) {
        Ok(id) => write(&system, &module, &Write::Update(Some(id)), &headers, &body),
        Err(failure) => failure.into_response(),
    }
}

/// The id of the record that a path names; an unknown one stays what it is, for the row's verdict.
fn id_of(system: &System, module: &str, record: &str, headers: &HeaderMap) -> Result<u64, Failure> {
    let module = named(system, module)?;
    let found = external::find(&system.org(), module, record, headers)?.map(|record| record.id);
    Ok(found.or_else(|| record.parse().ok()).unwrap_or(0))
}

async fn delete_many(
    State(system): Shared,
    Path(module): Path<String>,
    RawQuery(raw): RawQuery,
) -> Response {
    let params = Params::parse(raw.as_deref());
    named(&system, &module)
        .and_then(|module| deletes::many(&mut system.org(), module, &params))
        .unwrap_or_else(Failure::into_response)
}

async fn delete_one(
    State(system): Shared,
    Path((module, record)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Response {
    let params = Params::parse(raw.as_deref());
    id_of(&system, &module, &record, &headers)
        .and_then(|id| {
            let module = named(&system, &module)?;
            deletes::single(&mut system.org(), module, &id.to_string(), &params)
        })
        .unwrap_or_else(Failure::into_response)
}

async fn deleted(
    State(system): Shared,
    Path(module): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Response {
    let params = Params::parse(raw.as_deref());
    answered(
        named(&system, &module)
            .and_then(|module| deletes::list(&mut system.org(), module, &params, &headers)),
    )
}

async fn find(
    State(system): Shared,
    Path(module): Path<String>,
    RawQuery(raw): RawQuery,
) -> Response {
    let params = Params::parse(raw.as_deref());
    answered(
        named(&system, &module)
            .and_then(|module| search::search(&mut system.org(), module, &params)),
    )
}

async fn count(State(system): Shared, Path(module): Path<String>) -> Response {
    answered(named(&system, &module).and_then(|module| {
        let mut org = system.org();
        org.charge(1)?;
        Ok(Some(json!({"count": org.store(module)?.len()})))
    }))
}

async fn past(
    State(system): Shared,
    Path((module, record)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
) -> Response {
    let params = Params::parse(raw.as_deref());
    answered(
        named(&system, &module)
            .and_then(|module| timeline::get(&mut system.org(), module, &record, &params)),
    )
}

async fn get_one(
    State(system): Shared,
    Path((module, record)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Response {
    let params = Params::parse(raw.as_deref());
    answered(
        named(&system, &module).and_then(|module| {
            external::get(&mut system.org(), module, &record, &params, &headers)
        }),
    )
}
