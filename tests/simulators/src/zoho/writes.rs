//! Insert, update and upsert.

use axum::{body::Bytes, http::HeaderMap, response::Response};
use serde_json::{Value, json};

use super::{
    errors::{Failure, RowError},
    matching,
    notices::{self, Operation},
    org::Org,
    requests::{WriteBody, instant},
    rows::Row,
    sales,
    schema::Module,
    store::{Id, Record},
};
use crate::control::json_reply;

/// What kind of write.
#[derive(Debug, Clone)]
pub enum Write {
    /// New records only.
    Insert,
    /// Known records: the id of each row, or this one for the only row.
    Update(Option<Id>),
    /// Known or new, by check fields.
    Upsert,
}

/// What became of a row.
struct Done {
    id: Id,
    inserted: bool,
    /// The field by which an upsert found the record.
    found_by: Option<&'static str>,
}

/// Does a write; each row has its own verdict.
///
/// # Errors
/// The request as a whole is refused.
pub fn write(
    org: &mut Org,
    module: &'static Module,
    kind: &Write,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, Failure> {
    let body = WriteBody::parse(body)?;
    let order = matching::check_order(module, body.check_fields.as_deref())?;
    let unmodified_since = instant(headers, "If-Unmodified-Since")?;
    org.charge(body.cost())?;
    let single = match kind {
        Write::Update(Some(id)) => Some(*id),
        Write::Insert | Write::Upsert | Write::Update(None) => None,
    };
    let mut results = Vec::new();
    let (mut ok, mut stale) = (0, 0);
    for (index, row) in body.rows.iter().enumerate() {
        let verdict = Row::check(org, module, index, row).and_then(|mut row| {
            row.id = single.or(row.id);
            one(org, module, kind, &order, unmodified_since, &row)
        });
        match verdict {
            Ok(done) => {
                ok += 1;
                org.counts.triggers_fired += body.triggers;
                results.push(success(org, module, kind, &done));
            }
            Err(error) => {
                stale += usize::from(error.code == "ALREADY_MODIFIED");
                org.counts.failed += 1;
                results.push(error.shown());
            }
        }
    }
    notices::settle(org, body.workflow);
    let all_ok = if matches!(kind, Write::Insert) {
        201
    } else {
        200
    };
    let status = match (ok, results.len()) {
        (ok, all) if ok == all => all_ok,
        (0, all) if stale == all => 412,
        (0, _) => 400,
        _ => org.settings.mixed_status,
    };
    Ok(json_reply(status, &json!({"data": results})))
}

fn one(
    org: &mut Org,
    module: &'static Module,
    kind: &Write,
    order: &[&'static str],
    since: Option<i64>,
    row: &Row,
) -> Result<Done, RowError> {
    let store = org
        .stores
        .get(module.name)
        .ok_or_else(|| RowError::invalid("data", &row.path))?;
    let id_path = format!("{}.id", row.path);
    let found = match (kind, row.id) {
        (Write::Insert, _) => None,
        (Write::Update(_), None) => return Err(RowError::mandatory("id", &id_path)),
        (Write::Update(_) | Write::Upsert, Some(id)) => match store.get(id) {
            Some(record) => Some((None, record.id)),
            None => return Err(RowError::no_such_id("id", &id_path)),
        },
        (Write::Upsert, None) => {
            matching::find(store, order, row).map(|(field, record)| (Some(field), record.id))
        }
    };
    match found {
        Some((found_by, id)) => {
            update(org, module, row, id, since)?;
            Ok(Done {
                id,
                inserted: false,
                found_by,
            })
        }
        None => Ok(Done {
            id: insert(org, module, row)?,
            inserted: true,
            found_by: None,
        }),
    }
}

fn insert(org: &mut Org, module: &'static Module, row: &Row) -> Result<Id, RowError> {
    row.check_mandatory(module)?;
    let me = org.integration_user();
    let now = org.now();
    let store = org
        .stores
        .get(module.name)
        .ok_or_else(|| RowError::invalid("data", &row.path))?;
    row.check_unique(org, store, None)?;
    let id = org.new_id();
    let mut record = Record {
        id,
        values: std::collections::BTreeMap::new(),
        owner: me,
        created: now,
        modified: now,
        created_by: me,
        modified_by: me,
        locked: false,
        hidden: false,
    };
    row.apply(&mut record);
    sales::complete(org, module, row, None, &mut record)?;
    notices::record(org, module, None, &record, Operation::Insert);
    if let Some(store) = org.stores.get_mut(module.name) {
        store.put(record);
    }
    org.counts.inserted += 1;
    Ok(id)
}

fn update(
    org: &mut Org,
    module: &'static Module,
    row: &Row,
    id: Id,
    since: Option<i64>,
) -> Result<(), RowError> {
    row.check_not_cleared(module)?;
    let id_path = format!("{}.id", row.path);
    let store = org
        .stores
        .get(module.name)
        .ok_or_else(|| RowError::invalid("data", &row.path))?;
    let record = store
        .get(id)
        .ok_or_else(|| RowError::no_such_id("id", &id_path))?;
    if record.hidden {
        let details = json!({"permissions": [format!("Crm_Implied_Edit_{}", module.name)]});
        return Err(RowError::new("NO_PERMISSION", details, "permission denied"));
    }
    if record.locked {
        let details = json!({"api_name": "id", "json_path": id_path, "action": "record_locking"});
        return Err(RowError::new(
            "RECORD_LOCKED",
            details,
            "Sorry, you cannot perform this operation as the record is locked.",
        ));
    }
    if since.is_some_and(|since| record.modified > since) {
        let details = details(org, record);
        return Err(RowError::new(
            "ALREADY_MODIFIED",
            details,
            "record updated time has already passed if-unmodified-since time",
        ));
    }
    row.check_unique(org, store, Some(id))?;
    let old = record.clone();
    let mut record = old.clone();
    row.apply(&mut record);
    sales::complete(org, module, row, Some(&old), &mut record)?;
    record.modified = org.now();
    record.modified_by = org.integration_user();
    notices::record(org, module, Some(&old), &record, Operation::Update);
    if let Some(store) = org.stores.get_mut(module.name) {
        store.put(record);
    }
    org.counts.updated += 1;
    Ok(())
}

fn details(org: &Org, record: &Record) -> Value {
    let named = |id| org.user(id).map(super::users::User::named);
    json!({
        "id": record.id.to_string(),
        "Created_Time": org.time(record.created),
        "Modified_Time": org.time(record.modified),
        "Created_By": named(record.created_by),
        "Modified_By": named(record.modified_by),
    })
}

fn success(org: &Org, module: &Module, kind: &Write, done: &Done) -> Value {
    let record = org
        .stores
        .get(module.name)
        .and_then(|store| store.get(done.id));
    let mut details = record.map_or(Value::Null, |record| details(org, record));
    details["$approval_state"] = json!("approved");
    let message = if done.inserted {
        "record added"
    } else {
        "record updated"
    };
    let mut result =
        json!({"code": "SUCCESS", "details": details, "message": message, "status": "success"});
    if matches!(kind, Write::Upsert) {
        result["action"] = json!(if done.inserted { "insert" } else { "update" });
        result["duplicate_field"] = json!(done.found_by);
    }
    result
}
