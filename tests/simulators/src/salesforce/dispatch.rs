//! From a path to a resource. One function, so that composite calls can make calls, too.

use axum::http::Method;
use serde_json::json;

use super::{
    collections, collections_read, composite, describe,
    errors::Fail,
    ids::Id,
    listings, metadata,
    org::Org,
    query,
    reply::{Call, Reply},
    requests::method_not_allowed,
    row_resource,
    schema::Object,
};

/// Answers a call of a user.
pub fn answer(org: &mut Org, call: &Call<'_>, user: &Id) -> Reply {
    if let Err(fail) = supported(&call.version) {
        return fail.reply();
    }
    if let Err(fail) = readable(call) {
        return fail.reply();
    }
    let base = call.base();
    let parts: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match parts.as_slice() {
        [] => read(call, || {
            Reply::json(200, listings::resources(org, user, &base))
        }),
        ["limits"] => read(call, || Reply::json(200, listings::limits(org))),
        ["recent"] => read(call, || Reply::json(200, json!([]))),
        ["query"] => query::run(org, call, false),
        ["queryAll"] => query::run(org, call, true),
        ["query" | "queryAll", locator] => query::more(org, call, locator),
        ["sobjects"] => read(call, || Reply::json(200, describe::global(org, &base))),
        ["sobjects", name, rest @ ..] => match known(org, name) {
            Some(object) => of_object(org, object, rest, call, user),
            None => Fail::not_found().reply(),
        },
        ["tooling", rest @ ..] => metadata::dispatch(org, rest, call),
        ["composite"] => composite::composite(org, call, user),
        ["composite", "batch"] => composite::batch(org, call, user),
        ["composite", "sobjects"] => collections::mixed(org, call, user),
        ["composite", "sobjects", name] => match known(org, name) {
            Some(object) => collections_read::get(org, object, call),
            None => Fail::not_found().reply(),
        },
        ["composite", "sobjects", name, field] => match known(org, name) {
            Some(object) => collections::upsert(org, object, field, call, user),
            None => Fail::not_found().reply(),
        },
        _ => Fail::not_found().reply(),
    }
}

fn of_object(
    org: &mut Org,
    object: &'static Object,
    rest: &[&str],
    call: &Call<'_>,
    user: &Id,
) -> Reply {
    let base = call.base();
    match rest {
        [] if call.method == Method::POST => row_resource::create(org, object, call, user),
        [] if call.method == Method::GET => Reply::json(200, describe::info(org, object, &base)),
        [] => method_not_allowed(call, "GET,HEAD,POST"),
        ["describe"] => read(call, || {
            Reply::json(200, describe::whole(org, object, &base))
        }),
        ["updated"] => read(call, || {
            listings::updated(org, object, call).unwrap_or_else(|fail| fail.reply())
        }),
        ["deleted"] => read(call, || {
            listings::deleted(org, object, call).unwrap_or_else(|fail| fail.reply())
        }),
        [id] => row_resource::by_id(org, object, without_format(id), call, user),
        [field, value] => {
            // What looks like a file's name ends is not found, whatever the key.
            if value.to_lowercase().ends_with(".inc") {
                return Fail::not_found().reply();
            }
            row_resource::by_external_id(org, object, (field, without_format(value)), call, user)
        }
        _ => Fail::not_found().reply(),
    }
}

fn known(org: &Org, name: &str) -> Option<&'static Object> {
    org.catalog
        .object(name)
        .filter(|object| object.is_there(&org.settings))
}

/// A path may end with the format of its answer.
fn without_format(text: &str) -> &str {
    text.strip_suffix(".json").unwrap_or(text)
}

fn read(call: &Call<'_>, answer: impl FnOnce() -> Reply) -> Reply {
    if matches!(call.method, Method::GET | Method::HEAD) {
        answer()
    } else {
        method_not_allowed(call, "GET,HEAD")
    }
}

fn supported(version: &str) -> Result<(), Fail> {
    let number = version
        .strip_prefix('v')
        .and_then(|number| number.strip_suffix(".0"))
        .and_then(|number| number.parse::<u32>().ok());
    match number {
        Some(number) if (listings::OLDEST..=listings::NEWEST).contains(&number) => Ok(()),
        Some(number) if (20..listings::OLDEST).contains(&number) => Err(Fail::new(
            410,
            "UNSUPPORTED_API_VERSION",
            format!("API version {number}.0 is retired and no longer supported"),
        )),
        _ => Err(Fail::not_found()),
    }
}

/// Bodies are JSON; XML is not offered here.
fn readable(call: &Call<'_>) -> Result<(), Fail> {
    let kind = call.header("content-type").to_lowercase();
    let writes = matches!(call.method, Method::POST | Method::PATCH | Method::PUT);
    if writes && !kind.starts_with("application/json") {
        return Err(Fail::new(
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            format!("Content-Type header specified in HTTP request is not supported: {kind}"),
        ));
    }
    if writes && call.body.is_empty() {
        return Err(Fail::new(
            400,
            "JSON_PARSER_ERROR",
            "The HTTP entity body is required, but this request has no entity body.",
        ));
    }
    Ok(())
}
