//! `DELETE /crm/v8/{module}?ids=…`, one record, and the list of what was deleted.

use axum::{http::HeaderMap, response::Response};
use serde_json::{Value, json};

use super::{
    errors::{Failure, shape},
    notices::{self, Operation},
    org::Org,
    requests::{MAX_ROWS, Params, instant},
    schema::Module,
    store::{Deleted, Id},
};
use crate::control::json_reply;

/// Deletes the records of `ids`.
pub fn many(org: &mut Org, module: &'static Module, params: &Params) -> Result<Response, Failure> {
    let ids: Vec<&str> = params
        .get("ids")
        .ok_or_else(|| Failure::missing_param("ids"))?
        .split(',')
        .map(str::trim)
        .collect();
    if ids.len() > MAX_ROWS {
        return Err(Failure::new(
            400,
            "LIMIT_EXCEEDED",
            &json!({"limit": MAX_ROWS, "param_name": "ids"}),
            "limit exceeded",
        ));
    }
    org.charge((ids.len() as u64).div_ceil(10))?;
    let fires = params.get("wf_trigger") != Some("false");
    let results: Vec<(bool, Value)> = ids.iter().map(|id| one(org, module, id, fires)).collect();
    notices::settle(org, fires);
    let ok = results.iter().filter(|(ok, _)| *ok).count();
    let status = match ok {
        ok if ok == results.len() => 200,
        0 => 400,
        _ => org.settings.mixed_status,
    };
    let data: Vec<Value> = results.into_iter().map(|(_, result)| result).collect();
    Ok(json_reply(status, &json!({"data": data})))
}

/// Deletes one record.
pub fn single(
    org: &mut Org,
    module: &'static Module,
    id: &str,
    params: &Params,
) -> Result<Response, Failure> {
    org.charge(1)?;
    let fires = params.get("wf_trigger") != Some("false");
    let (ok, result) = one(org, module, id, fires);
    notices::settle(org, fires);
    Ok(json_reply(
        if ok { 200 } else { 400 },
        &json!({"data": [result]}),
    ))
}

fn one(org: &mut Org, module: &'static Module, id: &str, fires: bool) -> (bool, Value) {
    let (now, me) = (org.now(), org.integration_user());
    let failed = |code, details, message| (false, shape(code, &details, message));
    let Some(number) = id.parse::<Id>().ok() else {
        return failed(
            "INVALID_DATA",
            json!({"id": id}),
            "either the request body or parameters is in wrong format",
        );
    };
    let Some(store) = org.stores.get_mut(module.name) else {
        return failed("INVALID_DATA", json!({"id": id}), "record not deleted");
    };
    match store.get(number) {
        None => return failed("INVALID_DATA", json!({"id": id}), "record not deleted"),
        Some(record) if record.locked => {
            let details = json!({"action": "record_locking", "id": id});
            return failed(
                "RECORD_LOCKED",
                details,
                "You cannot perform this operation as the record is locked.",
            );
        }
        Some(_) => {}
    }
    if let Some(record) = store.take(number) {
        store.deleted.push(Deleted {
            record: record.clone(),
            at: now,
            by: me,
        });
        notices::record(org, module, None, &record, Operation::Delete);
        org.counts.deleted += 1;
        org.counts.triggers_fired += u64::from(fires);
    }
    (
        true,
        json!({"code": "SUCCESS", "details": {"id": id}, "message": "record deleted", "status": "success"}),
    )
}

/// `GET /crm/v8/{module}/deleted`, newest first; `None` if there is nothing.
pub fn list(
    org: &mut Org,
    module: &'static Module,
    params: &Params,
    headers: &HeaderMap,
) -> Result<Option<Value>, Failure> {
    org.charge(2)?;
    let (page, per_page) = (
        params.number("page", 1, 1000)?,
        params.number("per_page", 200, 200)?,
    );
    if !matches!(
        params.get("type").unwrap_or("all"),
        "all" | "recycle" | "permanent"
    ) {
        return Err(Failure::new(
            400,
            "PATTERN_NOT_MATCHED",
            &json!({"param_name": "type"}),
            "Please check whether the input values are correct",
        ));
    }
    let since = instant(headers, "If-Modified-Since")?.unwrap_or(i64::MIN);
    let store = org.store(module)?;
    // Nothing leaves the recycle bin of the simulator, so nothing is deleted permanently.
    let permanent = params.get("type") == Some("permanent");
    let all: Vec<&Deleted> = store
        .deleted
        .iter()
        .rev()
        .filter(|deleted| !permanent && deleted.at >= since)
        .collect();
    let from = (page - 1) * per_page;
    let named = |id| org.user(id).map(super::users::User::named);
    let data: Vec<Value> = all
        .iter()
        .skip(from)
        .take(per_page)
        .map(|deleted| {
            json!({
                "deleted_by": named(deleted.by),
                "id": deleted.record.id.to_string(),
                "display_name": super::render::display_name(module, &deleted.record),
                "type": "recycle",
                "created_by": named(deleted.record.created_by),
                "deleted_time": org.time(deleted.at),
            })
        })
        .collect();
    if data.is_empty() {
        return Ok(None);
    }
    let more = all.len() > from + data.len();
    let info =
        json!({"per_page": per_page, "count": data.len(), "page": page, "more_records": more});
    Ok(Some(json!({"data": data, "info": info})))
}
