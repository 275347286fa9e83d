//! The routes since version 1.1: orders, items, stock, credit, prices, the search for customers, and everything that writes.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, Method, Uri},
    response::{IntoResponse, Response},
    routing::{get, patch, post, put},
};
use serde_json::Value;

use super::{
    asks, errors::Failure, keep::Request, orders, query::Query, routes, search, system::System,
    writes,
};
use crate::{control::json_reply, sage::World};

type Shared = State<Arc<System>>;

/// The routes below `/v1/companies/{company}`.
pub fn routes() -> Router<Arc<System>> {
    Router::new()
        .route("/v1/companies/{company}/items", get(items))
        .route("/v1/companies/{company}/stock", get(stock))
        .route("/v1/companies/{company}/credit", get(credit))
        .route("/v1/companies/{company}/price", get(price))
        .route(
            "/v1/companies/{company}/customer-search",
            get(search_customers),
        )
        .route(
            "/v1/companies/{company}/orders",
            get(find_orders).post(create_order),
        )
        .route(
            "/v1/companies/{company}/orders/{number}",
            put(change_order).delete(change_order),
        )
        .route("/v1/companies/{company}/order-numbers", post(order_number))
        .route(
            "/v1/companies/{company}/customer-numbers",
            post(customer_number),
        )
}

/// The methods that write records, beside the reads of the same paths.
pub fn create_record() -> axum::routing::MethodRouter<Arc<System>> {
    post(serve_create_record)
}

/// As above, of one record.
pub fn update_record() -> axum::routing::MethodRouter<Arc<System>> {
    patch(serve_update_record)
}

async fn items(system: Shared, Path(company): Path<String>, RawQuery(raw): RawQuery) -> Response {
    ask(&system, &company, raw.as_deref(), &["code"], asks::items)
}

async fn stock(system: Shared, Path(company): Path<String>, RawQuery(raw): RawQuery) -> Response {
    ask(&system, &company, raw.as_deref(), &["code"], asks::stock)
}

async fn credit(system: Shared, Path(company): Path<String>, RawQuery(raw): RawQuery) -> Response {
    ask(
        &system,
        &company,
        raw.as_deref(),
        &["customer"],
        asks::credit,
    )
}

async fn price(system: Shared, Path(company): Path<String>, RawQuery(raw): RawQuery) -> Response {
    let known = ["customer", "item", "quantity"];
    ask(&system, &company, raw.as_deref(), &known, asks::price_of)
}

async fn search_customers(
    system: Shared,
    Path(company): Path<String>,
    RawQuery(raw): RawQuery,
) -> Response {
    if !system.world().settings.site.is_newer_agent() {
        return Failure::new("E_NOT_FOUND", "There is no such path.").into_response();
    }
    let known = ["name", "phone", "postal_code", "limit"];
    ask(&system, &company, raw.as_deref(), &known, search::customers)
}

async fn find_orders(
    system: Shared,
    Path(company): Path<String>,
    RawQuery(raw): RawQuery,
) -> Response {
    let known = ["number", "reference", "reference_column"];
    ask(&system, &company, raw.as_deref(), &known, orders::find)
}

fn ask(
    system: &System,
    company: &str,
    raw: Option<&str>,
    known: &[&str],
    read: impl FnOnce(&mut World, &str, &Query) -> Result<Value, Failure>,
) -> Response {
    let mut world = system.world();
    let result = known_company(&world, company)
        .and_then(|()| Query::parse(raw, known))
        .and_then(|query| read(&mut world, company, &query));
    reply(result.map(|body| (200, body)))
}

async fn create_order(
    system: Shared,
    Path(company): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    write(
        &system,
        &company,
        (method, uri),
        &headers,
        &body,
        writes::create_order,
    )
}

async fn change_order(
    system: Shared,
    Path((company, number)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let deletes = method == Method::DELETE;
    let change = |world: &mut World, company: &str, body: Value| {
        if deletes {
            writes::delete_order(world, company, &number)
        } else {
            writes::update_order(world, company, &number, body)
        }
    };
    write(&system, &company, (method, uri), &headers, &body, change)
}

async fn serve_create_record(
    system: Shared,
    Path((company, entity)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let create = |world: &mut World, company: &str, body: Value| {
        writes::create_record(world, company, routes::entity(world, &entity)?, body)
    };
    write(&system, &company, (method, uri), &headers, &body, create)
}

async fn serve_update_record(
    system: Shared,
    Path((company, entity, key)): Path<(String, String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let update = |world: &mut World, company: &str, body: Value| {
        writes::update_record(world, company, routes::entity(world, &entity)?, &key, body)
    };
    write(&system, &company, (method, uri), &headers, &body, update)
}

async fn order_number(system: Shared, Path(company): Path<String>) -> Response {
    let mut world = system.world();
    let number = writes::next_order_number(&mut world, &company);
    reply(number.map(|body| (200, body)))
}

async fn customer_number(system: Shared, Path(company): Path<String>) -> Response {
    let mut world = system.world();
    let number = writes::next_customer_number(&mut world, &company);
    reply(number.map(|body| (200, body)))
}

fn write(
    system: &System,
    company: &str,
    (method, uri): (Method, Uri),
    headers: &HeaderMap,
    body: &Bytes,
    write: impl FnOnce(&mut World, &str, Value) -> Result<(u16, Value), Failure>,
) -> Response {
    if let Err(failure) = known_company(&system.world(), company) {
        return failure.into_response();
    }
    let body: Value = if method == Method::DELETE {
        Value::Null
    } else {
        match serde_json::from_slice(body) {
            Ok(body) => body,
            Err(error) => {
                return Failure::bad_request(format!("The body is no JSON: {error}."))
                    .into_response();
            }
        }
    };
    let request = Request {
        method: method.to_string(),
        path: uri.path().to_owned(),
        body: body.clone(),
    };
    system.keep.answer(company, headers, request, || {
        write(&mut system.world(), company, body)
    })
}

fn known_company(world: &World, company: &str) -> Result<(), Failure> {
    if world.companies.contains_key(company) {
        return Ok(());
    }
    Err(Failure::new(
        "E_UNKNOWN_COMPANY",
        format!("There is no company {company:?}."),
    ))
}

fn reply(result: Result<(u16, Value), Failure>) -> Response {
    match result {
        Ok((status, body)) => json_reply(status, &body),
        Err(failure) => failure.into_response(),
    }
}
