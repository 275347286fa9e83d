//! Many records by their ids in one call.

use axum::http::Method;
use serde_json::{Value, json};

use super::{
    errors::Fail,
    ids::Id,
    org::Org,
    render,
    reply::{Call, Reply},
    requests::{fields, method_not_allowed, unreadable},
    schema::Object,
};

/// Most records of a read.
const MOST_READ: usize = 2_000;

/// The ids of `ids=A,B`.
pub fn listed(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or("")
        .split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty())
}

/// `GET /composite/sobjects/{object}?ids=&fields=`, or the same as a POST.
pub fn get(org: &Org, object: &'static Object, call: &Call<'_>) -> Reply {
    let (ids, names) = match call.method {
        Method::GET => (
            listed(call.params.get("ids")).map(str::to_owned).collect(),
            call.params.get("fields").unwrap_or("").to_owned(),
        ),
        Method::POST => {
            let body: Value = match serde_json::from_slice(call.body) {
                Ok(body) => body,
                Err(error) => return unreadable(&error).reply(),
            };
            let list = |name: &str| -> Vec<String> {
                let values = body.get(name).and_then(Value::as_array);
                values
                    .into_iter()
                    .flatten()
                    .filter_map(|value| value.as_str().map(str::to_owned))
                    .collect()
            };
            (list("ids"), list("fields").join(","))
        }
        _ => return method_not_allowed(call, "GET,POST"),
    };
    read(org, object, &ids, &names, &call.base()).unwrap_or_else(|fail| fail.reply())
}

fn read(
    org: &Org,
    object: &'static Object,
    ids: &[String],
    names: &str,
    base: &str,
) -> Result<Reply, Fail> {
    if ids.is_empty() {
        return Err(Fail::new(
            400,
            "REQUIRED_FIELD_MISSING",
            "The ids parameter is required",
        ));
    }
    if ids.len() > MOST_READ {
        return Err(Fail::new(
            400,
            "EXCEEDED_ID_LIMIT",
            format!(
                "record limit reached. cannot submit more than {MOST_READ} records into this call"
            ),
        ));
    }
    let only = fields(org, object, Some(names))?;
    let store = org.store(object)?;
    let records: Vec<Value> = ids
        .iter()
        .map(|id| {
            let record = Id::parse(id).and_then(|id| store.get(&id));
            let record = record.filter(|record| !record.hidden);
            record.map_or(Value::Null, |record| {
                render::whole(org, object, record, base, only.as_deref())
            })
        })
        .collect();
    Ok(Reply::json(200, json!(records)))
}
