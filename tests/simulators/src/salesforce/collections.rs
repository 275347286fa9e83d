//! `/composite/sobjects`: up to 200 rows in one call, each with its own verdict, in their order.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::{
    collections_read::listed,
    errors::Fail,
    ids::Id,
    org::Org,
    reply::{Call, Reply},
    requests::{method_not_allowed, unreadable, writer},
    schema::{Field, Kind, Object},
    writes::{self, Writer},
};
use crate::shared::folded;

/// Most rows of a write.
const MOST: usize = 200;

/// What became of a row: its id and, of an upsert, whether it is new.
type Verdict = Result<(Id, Option<bool>), Vec<Fail>>;

/// A write's rows, and whether they stand or fall together.
struct Rows {
    records: Vec<Value>,
    all_or_none: bool,
}

fn rows(call: &Call<'_>) -> Result<Rows, Fail> {
    let mut body: Map<String, Value> =
        serde_json::from_slice(call.body).map_err(|error| unreadable(&error))?;
    let all_or_none = body
        .get("allOrNone")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    if let Some(unknown) = body
        .keys()
        .find(|name| !matches!(name.as_str(), "allOrNone" | "records"))
    {
        return Err(Fail::new(
            400,
            "JSON_PARSER_ERROR",
            format!(
                "Unrecognized field \"{unknown}\", not marked as ignorable at [line:1, column:1]"
            ),
        ));
    }
    let records = match body.remove("records") {
        Some(Value::Array(records)) => records,
        None | Some(Value::Null) => Vec::new(),
        Some(_) => {
            return Err(Fail::new(
                400,
                "JSON_PARSER_ERROR",
                "Cannot deserialize instance of list from a value or request may be missing a required field at [line:1, column:1]",
            ));
        }
    };
    bounded(records.len())?;
    Ok(Rows {
        records,
        all_or_none,
    })
}

fn bounded(count: usize) -> Result<(), Fail> {
    if count == 0 {
        return Err(Fail::new(
            400,
            "REQUIRED_FIELD_MISSING",
            "At least 1 record is required",
        ));
    }
    if count > MOST {
        return Err(Fail::new(
            400,
            "EXCEEDED_ID_LIMIT",
            format!("record limit reached. cannot submit more than {MOST} records into this call"),
        ));
    }
    Ok(())
}

/// `/composite/sobjects`.
pub fn mixed(org: &mut Org, call: &Call<'_>, user: &Id) -> Reply {
    let done = match call.method {
        Method::POST | Method::PATCH => rows(call).map(|rows| {
            let inserts = call.method == Method::POST;
            let writer = writer(org, call, user, false);
            all(org, rows, |org, row| {
                let object = typed(org, row)?;
                if inserts {
                    return writes::create(org, object, row, &writer).map(|id| (id, None));
                }
                let (id, row) = own_id(object, row)?;
                writes::update(org, object, &id, &row, &writer).map(|()| (id, None))
            })
        }),
        Method::DELETE => delete(org, call, user),
        _ => return method_not_allowed(call, "DELETE,PATCH,POST"),
    };
    done.unwrap_or_else(|fail| fail.reply())
}

fn delete(org: &mut Org, call: &Call<'_>, user: &Id) -> Result<Reply, Fail> {
    let ids: Vec<Value> = listed(call.params.get("ids")).map(|id| json!(id)).collect();
    bounded(ids.len())?;
    let writer = writer(org, call, user, false);
    let all_or_none = call.params.get("allOrNone") == Some("true");
    let rows = Rows {
        records: ids.into_iter().map(|id| json!({"Id": id})).collect(),
        all_or_none,
    };
    Ok(all(org, rows, |org, row| {
        let text = row.get("Id").and_then(Value::as_str).unwrap_or("");
        let malformed = || vec![Fail::row("MALFORMED_ID", format!("malformed id {text}"))];
        let id = Id::parse(text).ok_or_else(malformed)?;
        let object = org
            .catalog
            .of_prefix(id.prefix())
            .filter(|object| object.writable)
            .ok_or_else(malformed)?;
        writes::delete(org, object, &id, &writer).map(|()| (id, None))
    }))
}

/// `PATCH /composite/sobjects/{object}/{field}`.
pub fn upsert(
    org: &mut Org,
    object: &'static Object,
    name: &str,
    call: &Call<'_>,
    user: &Id,
) -> Reply {
    if call.method != Method::PATCH {
        return method_not_allowed(call, "PATCH");
    }
    let Some(field) = object
        .field(name)
        .filter(|field| field.is_there(&org.settings))
        .filter(|field| field.external_id || field.kind == Kind::Id)
    else {
        return Fail::no_external_id(name).reply();
    };
    let rows = match rows(call) {
        Ok(rows) => rows,
        Err(fail) => return fail.reply(),
    };
    let writer = writer(org, call, user, false);
    let mut seen = BTreeSet::new();
    all(org, rows, |org, row| {
        upsert_one(org, object, field, row, &writer, &mut seen)
    })
}

fn upsert_one(
    org: &mut Org,
    object: &'static Object,
    field: &'static Field,
    row: &Map<String, Value>,
    writer: &Writer,
    seen: &mut BTreeSet<String>,
) -> Verdict {
    let own = typed(org, row)?;
    if own.name != object.name {
        return Err(vec![Fail::row(
            "INVALID_TYPE",
            format!(
                "The record is of type {}, the request of type {}",
                own.name, object.name
            ),
        )]);
    }
    let mut row = row.clone();
    let key_name = row
        .keys()
        .find(|name| name.eq_ignore_ascii_case(field.name))
        .cloned();
    let key = key_name
        .and_then(|name| row.remove(&name))
        .unwrap_or(Value::Null);
    if field.kind == Kind::Id && folded(&key).is_none() {
        return writes::create(org, object, &row, writer).map(|id| (id, Some(true)));
    }
    if row.keys().any(|name| name.eq_ignore_ascii_case("Id")) {
        return Err(vec![Fail::row(
            "INVALID_FIELD",
            "The Id field should not be specified in the sobject data.",
        )]);
    }
    let Some(folded) = folded(&key) else {
        return Err(vec![Fail::field(
            "MISSING_ARGUMENT",
            field.name,
            format!("{} not specified", field.name),
        )]);
    };
    if !seen.insert(folded) {
        let shown = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
        return Err(vec![Fail::field(
            "DUPLICATE_VALUE",
            field.name,
            format!("Duplicate external id specified: {shown}"),
        )]);
    }
    writes::upsert(org, object, field, &key, &row, writer, false).map(|(id, new)| (id, Some(new)))
}

/// The object that a row's `attributes` name.
fn typed(org: &Org, row: &Map<String, Value>) -> Result<&'static Object, Vec<Fail>> {
    let name = row
        .get("attributes")
        .and_then(|attributes| attributes.get("type"))
        .and_then(Value::as_str)
        .ok_or_else(|| {
            vec![Fail::row(
                "INVALID_TYPE",
                "Records must specify their type in attributes",
            )]
        })?;
    match org.catalog.object(name) {
        Some(object) if object.writable => Ok(object),
        Some(object) => Err(vec![Fail::row(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            format!(
                "entity type {} does not support this operation",
                object.name
            ),
        )]),
        None => Err(vec![Fail::row(
            "INVALID_TYPE",
            format!("sObject type '{name}' is not supported."),
        )]),
    }
}

/// The row's id, and the row without it.
fn own_id(
    object: &Object,
    row: &Map<String, Value>,
) -> Result<(Id, Map<String, Value>), Vec<Fail>> {
    let mut row = row.clone();
    let name = row
        .keys()
        .find(|name| name.eq_ignore_ascii_case("Id"))
        .cloned();
    let id = name.and_then(|name| row.remove(&name));
    match id.as_ref().and_then(Value::as_str) {
        None => Err(vec![Fail::row(
            "MISSING_ARGUMENT",
            "Id not specified in an update call",
        )]),
        Some(text) => match Id::parse(text) {
            Some(id) => Ok((id, row)),
            None => Err(vec![Fail::field(
                "MALFORMED_ID",
                "Id",
                format!("{} ID: id value of incorrect type: {text}", object.label),
            )]),
        },
    }
}

/// Does the rows one after the other; with `allOrNone`, one failure undoes the others.
fn all(
    org: &mut Org,
    rows: Rows,
    mut one: impl FnMut(&mut Org, &Map<String, Value>) -> Verdict,
) -> Reply {
    if let Some(limit) = trigger_limit(org, rows.records.len()) {
        org.counts.failed += rows.records.len() as u64;
        let verdicts = rows.records.iter().map(|_| Err(vec![limit.clone()]));
        return Reply::json(200, verdicts.map(|verdict| shown(&verdict)).collect());
    }
    let counted = org.counts.clone();
    org.begin();
    let mut verdicts: Vec<Verdict> = rows
        .records
        .iter()
        .map(|row| match row {
            Value::Object(row) => one(org, row),
            _ => Err(vec![Fail::row("INVALID_TYPE", "A record is an object")]),
        })
        .collect();
    let failed = verdicts.iter().filter(|verdict| verdict.is_err()).count();
    if rows.all_or_none && failed > 0 {
        org.roll_back();
        org.counts = counted;
        org.counts.failed += verdicts.len() as u64;
        for verdict in verdicts.iter_mut().filter(|verdict| verdict.is_ok()) {
            *verdict = Err(vec![Fail::row(
                "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                "Record rolled back because not all records were valid and the request was using AllOrNone header",
            )]);
        }
    } else {
        org.commit();
        org.counts.failed += failed as u64;
    }
    Reply::json(200, verdicts.iter().map(shown).collect())
}

/// The SOQL queries of one transaction (Apex Developer Guide, "Execution Governors and Limits").
const MOST_QUERIES: u64 = 100;

/// The limit that an Apex trigger meets. It cannot be caught, and takes the whole transaction along: each row of the call bears
/// it.
fn trigger_limit(org: &Org, rows: usize) -> Option<Fail> {
    let needed = org.settings.trigger_queries.saturating_mul(rows as u64);
    (needed > MOST_QUERIES).then(|| {
        Fail::row(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "AccountTrigger: System.LimitException: Too many SOQL queries: 101",
        )
    })
}

fn shown(verdict: &Verdict) -> Value {
    match verdict {
        Ok((id, new)) => {
            let mut shown = json!({"id": id.as_str(), "success": true, "errors": []});
            if let Some(new) = new {
                shown["created"] = json!(new);
            }
            shown
        }
        Err(fails) => {
            let errors: Vec<Value> = fails.iter().map(Fail::of_row).collect();
            json!({"success": false, "errors": errors})
        }
    }
}
