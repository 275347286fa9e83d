//! `/sobjects/{object}`, `/sobjects/{object}/{id}` and `/sobjects/{object}/{field}/{value}`.

use axum::http::Method;
use jiff::fmt::rfc2822;
use serde_json::json;

use super::{
    errors::{self, Fail},
    ids::Id,
    org::Org,
    render,
    reply::{Call, Reply},
    requests::{body, fields, method_not_allowed, writer},
    schema::{Field, Kind, Object},
    writes::{self, Writer},
};

fn only_writable(object: &Object, call: &Call<'_>) -> Result<(), Reply> {
    if object.writable {
        return Ok(());
    }
    let doing = match call.method {
        Method::POST => "insert",
        Method::DELETE => "delete",
        _ => "update",
    };
    Err(Fail::row(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        format!("entity type {} does not support {doing}", object.name),
    )
    .reply())
}

/// `POST /sobjects/{object}`.
pub fn create(org: &mut Org, object: &'static Object, call: &Call<'_>, user: &Id) -> Reply {
    if let Err(reply) = only_writable(object, call) {
        return reply;
    }
    let row = match body(call) {
        Ok(row) => row,
        Err(fail) => return fail.reply(),
    };
    let writer = writer(org, call, user, true);
    match writes::create(org, object, &row, &writer) {
        Ok(id) => created(201, object, &id, &writer, None),
        Err(fails) => failed(org, &fails),
    }
}

fn created(status: u16, object: &Object, id: &Id, writer: &Writer, created: Option<bool>) -> Reply {
    let mut body = json!({"id": id.as_str(), "success": true, "errors": []});
    if let Some(created) = created {
        body["created"] = json!(created);
    }
    let reply = Reply::json(status, body);
    if status == 201 {
        return reply.with(
            "location",
            format!("{}/sobjects/{}/{id}", writer.base, object.name),
        );
    }
    reply
}

fn failed(org: &mut Org, fails: &[Fail]) -> Reply {
    org.counts.failed += 1;
    errors::reply(fails)
}

/// `/sobjects/{object}/{id}`.
pub fn by_id(
    org: &mut Org,
    object: &'static Object,
    id: &str,
    call: &Call<'_>,
    user: &Id,
) -> Reply {
    let Some(known) = Id::parse(id) else {
        // What is no id is taken for the name of a field.
        return Fail::no_external_id(id).reply();
    };
    if known.prefix() != object.prefix {
        return Fail::not_found().reply();
    }
    one(org, object, &known, call, user)
}

fn one(org: &mut Org, object: &'static Object, id: &Id, call: &Call<'_>, user: &Id) -> Reply {
    match call.method {
        Method::GET | Method::HEAD => get(org, object, id, call),
        Method::PATCH | Method::DELETE => {
            if let Err(reply) = only_writable(object, call) {
                return reply;
            }
            // An id that never was is a wrong path; one in a row among many is a wrong reference.
            if org
                .stores
                .get(object.name)
                .is_none_or(|store| store.any(id).is_none())
            {
                return Fail::not_found().reply();
            }
            if is_stale(org, object, id, call) {
                return Reply::empty(412);
            }
            if call.method == Method::DELETE {
                let writer = writer(org, call, user, true);
                return match writes::delete(org, object, id, &writer) {
                    Ok(()) => Reply::empty(204),
                    Err(fails) => failed(org, &fails),
                };
            }
            let row = match body(call) {
                Ok(row) => row,
                Err(fail) => return fail.reply(),
            };
            if row.keys().any(|name| name.eq_ignore_ascii_case("Id")) {
                return Fail::row(
                    "INVALID_FIELD",
                    "The Id field should not be specified in the sobject data.",
                )
                .reply();
            }
            let writer = writer(org, call, user, true);
            match writes::update(org, object, id, &row, &writer) {
                Ok(()) => Reply::empty(204),
                Err(fails) => failed(org, &fails),
            }
        }
        _ => method_not_allowed(call, "DELETE,GET,HEAD,PATCH"),
    }
}

fn is_stale(org: &Org, object: &Object, id: &Id, call: &Call<'_>) -> bool {
    let since =
        rfc2822::parse(call.header("if-unmodified-since")).map(|at| at.timestamp().as_second());
    let modified = org
        .record(object.name, id)
        .map_or(0, |record| record.modified);
    since.is_ok_and(|since| modified > since)
}

fn get(org: &Org, object: &'static Object, id: &Id, call: &Call<'_>) -> Reply {
    let Some(store) = org.stores.get(object.name) else {
        return Fail::not_found().reply();
    };
    let record = match store.any(id) {
        None => return Fail::not_found().reply(),
        Some(record) if record.hidden => return Fail::not_found().reply(),
        Some(record) if record.deleted.is_some() => {
            return Fail::new(404, "ENTITY_IS_DELETED", "entity is deleted").reply();
        }
        Some(record) => record,
    };
    let since =
        rfc2822::parse(call.header("if-modified-since")).map(|at| at.timestamp().as_second());
    if since.is_ok_and(|since| record.modified <= since) {
        return Reply::empty(304);
    }
    match fields(org, object, call.params.get("fields")) {
        Ok(only) => Reply::json(
            200,
            render::whole(org, object, record, &call.base(), only.as_deref()),
        ),
        Err(fail) => fail.reply(),
    }
}

/// `/sobjects/{object}/{field}/{value}`.
pub fn by_external_id(
    org: &mut Org,
    object: &'static Object,
    (name, value): (&str, &str),
    call: &Call<'_>,
    user: &Id,
) -> Reply {
    let Some(field) = object
        .field(name)
        .filter(|field| field.is_there(&org.settings))
        .filter(|field| field.external_id || field.kind == Kind::Id)
    else {
        return Fail::no_external_id(name).reply();
    };
    if call.method == Method::PATCH {
        return upsert(org, object, field, value, call, user);
    }
    if field.kind == Kind::Id {
        return by_id(org, object, value, call, user);
    }
    let found: Vec<Id> = org
        .stores
        .get(object.name)
        .into_iter()
        .flat_map(|store| store.find(field.name, &json!(value)))
        .map(|record| record.id.clone())
        .collect();
    match found.as_slice() {
        [] => Fail::not_found().reply(),
        [id] => one(org, object, id, call, user),
        several => {
            let writer = writer(org, call, user, true);
            writes::several_match(object, field, several, &writer).reply()
        }
    }
}

fn upsert(
    org: &mut Org,
    object: &'static Object,
    field: &'static Field,
    value: &str,
    call: &Call<'_>,
    user: &Id,
) -> Reply {
    if let Err(reply) = only_writable(object, call) {
        return reply;
    }
    let row = match body(call) {
        Ok(row) => row,
        Err(fail) => return fail.reply(),
    };
    for closed in ["Id", field.name] {
        if let Some(name) = row.keys().find(|name| name.eq_ignore_ascii_case(closed)) {
            return Fail::row(
                "INVALID_FIELD",
                format!("The {name} field should not be specified in the sobject data."),
            )
            .reply();
        }
    }
    let writer = writer(org, call, user, true);
    let update_only = call.params.get("updateOnly") == Some("true");
    match writes::upsert(
        org,
        object,
        field,
        &json!(value),
        &row,
        &writer,
        update_only,
    ) {
        Ok((id, true)) => created(201, object, &id, &writer, Some(true)),
        Ok((_, false)) if call.version_number() < 46 => Reply::empty(204),
        Ok((id, false)) => created(200, object, &id, &writer, Some(false)),
        Err(fails) => failed(org, &fails),
    }
}
