//! `GET /crm/v8/{module}/{id}/__timeline`: what was done to a record, newest first.

use serde_json::{Value, json};

use super::{
    errors::Failure,
    org::Org,
    page_token, render,
    requests::Params,
    schema::Module,
    store::{Edit, Id, Record},
};

/// Entries of a page at most.
const MAX_PAGE: usize = 200;

/// A page of a record's timeline; `None` if there is no such record.
///
/// # Errors
/// A page that is too long, `per_page` beside a token, a token that is none.
pub fn get(
    org: &mut Org,
    module: &'static Module,
    record: &str,
    params: &Params,
) -> Result<Option<Value>, Failure> {
    org.charge(1)?;
    let org = &*org;
    let store = org.store(module)?;
    let Some(found) = record.parse().ok().and_then(|id: Id| store.get(id)) else {
        return Ok(None);
    };
    let wrong = |param: &str| {
        let details = json!({"param_name": param});
        Failure::new(400, "INVALID_DATA", &details, "invalid data")
    };
    let per_page = match params.get("per_page").map(str::parse) {
        None => MAX_PAGE,
        Some(Ok(rows)) if (1..=MAX_PAGE).contains(&rows) => rows,
        Some(_) => return Err(wrong("per_page")),
    };
    let from = match params.get("page_token") {
        Some(_) if params.get("per_page").is_some() => return Err(wrong("per_page")),
        Some(token) => page_token::decode(token, record, org.now())?,
        None => 0,
    };
    let edits = store.edits(found.id);
    let made = entry(
        org,
        module,
        found,
        "added",
        found.created,
        found.created_by,
        None,
    );
    let all = edits
        .iter()
        .rev()
        .map(|edit| {
            let changes = Some(changes(module, edit));
            entry(org, module, found, "updated", edit.at, edit.by, changes)
        })
        .chain([made]);
    let entries: Vec<Value> = all.skip(from).take(per_page).collect();
    let end = from + entries.len();
    let more = end <= edits.len();
    let next = more.then(|| page_token::encode(end, record, org.now()).0);
    Ok(Some(json!({
        "__timeline": entries,
        "info": {
            "per_page": per_page, "count": end - from, "sort_by": "audited_time", "sort_order": "desc",
            "next_page_token": next, "previous_page_token": null, "more_records": more,
        },
    })))
}

fn entry(
    org: &Org,
    module: &Module,
    record: &Record,
    action: &str,
    at: i64,
    by: Id,
    changes: Option<Vec<Value>>,
) -> Value {
    let name = org.user(by).map(|user| user.name);
    json!({
        "action": action, "audited_time": org.time(at), "source": "crm_ui",
        "done_by": {"name": name, "id": by.to_string()},
        "record": {
            "module": {"api_name": module.name}, "id": record.id.to_string(),
            "name": render::display_name(module, record),
        },
        "related_record": null, "automation_details": null, "field_history": changes,
    })
}

fn changes(module: &Module, edit: &Edit) -> Vec<Value> {
    let change = |(name, old, new): &(&'static str, Value, Value)| {
        json!({
            "api_name": name,
            "field_label": module.field(name).map_or(*name, |field| field.name),
            "_value": {"old": old, "new": new},
        })
    };
    edit.fields.iter().map(change).collect()
}
