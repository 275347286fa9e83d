//! `GET /crm/v8/{module}`.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::{
    errors::Failure,
    org::Org,
    page_token, render,
    requests::{Params, instant},
    schema::Module,
    store::{Id, Record},
};

/// Most fields of one call.
const MAX_FIELDS: usize = 50;
/// Most records without a page token.
const PAGED: usize = 2_000;
/// Most records with page tokens.
const TOKENED: usize = 100_000;

/// What a list answers.
#[derive(Debug)]
pub enum Listed {
    /// 200 with a body.
    Page(Value),
    /// 204: there are no records.
    Empty,
    /// 304: none was modified since.
    NotModified,
}

/// The names of `fields`.
///
/// # Errors
/// REQUIRED_PARAM_MISSING, LIMIT_EXCEEDED.
pub fn field_names<'a>(params: &'a Params) -> Result<Vec<&'a str>, Failure> {
    let names: Vec<&'a str> = params
        .get("fields")
        .unwrap_or("")
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() {
        return Err(Failure::missing_param("fields"));
    }
    limit_fields(&names)?;
    Ok(names)
}

/// # Errors
/// LIMIT_EXCEEDED above 50 fields.
pub fn limit_fields(names: &[&str]) -> Result<(), Failure> {
    if names.len() > MAX_FIELDS {
        return Err(Failure::new(
            400,
            "LIMIT_EXCEEDED",
            &json!({"limit": MAX_FIELDS, "param_name": "fields"}),
            "limit exceeded",
        ));
    }
    Ok(())
}

/// One page.
pub fn list(
    org: &mut Org,
    module: &'static Module,
    params: &Params,
    headers: &HeaderMap,
) -> Result<Listed, Failure> {
    let names = field_names(params)?;
    org.charge(1)?;
    let since = instant(headers, "If-Modified-Since")?;
    let now = org.now();
    let per_page = params.number("per_page", 200, 200)?;
    let bound_to = format!(
        "{}?{}&since={since:?}",
        module.name,
        params.without(&["page_token", "page"])
    );
    let (from, tokened) = start(params, per_page, &bound_to, now)?;
    let store = org.store(module)?;
    let mut records: Vec<&Record> = match params.get("ids") {
        Some(ids) => ids
            .split(',')
            .filter_map(|id| id.trim().parse::<Id>().ok())
            .filter_map(|id| store.get(id))
            .collect(),
        None => store.all().filter(|record| !record.hidden).collect(),
    };
    records.retain(|record| !record.hidden);
    if records.is_empty() {
        return Ok(Listed::Empty);
    }
    if let Some(since) = since {
        records.retain(|record| record.modified >= since);
        if records.is_empty() {
            return Ok(Listed::NotModified);
        }
    }
    let (sort_by, ascending) = sort(params, &mut records)?;
    let page: Vec<Value> = records
        .iter()
        .skip(from)
        .take(per_page)
        .map(|record| render::with_fields(org, module, record, &names))
        .collect();
    if page.is_empty() {
        return Ok(Listed::Empty);
    }
    let end = from + page.len();
    let more = records.len() > end;
    let token = (more && end < TOKENED).then(|| page_token::encode(end, &bound_to, now));
    let before = (tokened && from >= per_page)
        .then(|| page_token::encode(from - per_page, &bound_to, now).0);
    let info = json!({
        "call": false, "email": false, "per_page": per_page, "count": page.len(), "page": from / per_page + 1,
        "sort_by": sort_by, "sort_order": if ascending { "asc" } else { "desc" }, "more_records": more,
        "next_page_token": token.as_ref().map(|(token, _)| token), "previous_page_token": before,
        "page_token_expiry": token.as_ref().map(|(_, end)| org.time(*end)),
    });
    Ok(Listed::Page(json!({"data": page, "info": info})))
}

/// The first row of the page, and whether a token named it.
fn start(
    params: &Params,
    per_page: usize,
    bound_to: &str,
    now: i64,
) -> Result<(usize, bool), Failure> {
    if let Some(token) = params.get("page_token") {
        if params.get("page").is_some() {
            let details =
                json!({"ambiguity_due_to": [{"param_name": "page"}, {"param_name": "page_token"}]});
            return Err(Failure::new(
                400,
                "AMBIGUITY_DURING_PROCESSING",
                &details,
                "Ambiguity while processing the request",
            ));
        }
        let from = page_token::decode(token, bound_to, now)?;
        if from >= TOKENED {
            let message = "You can only get upto 100000 records using page_token param";
            return Err(Failure::new(
                400,
                "PAGINATION_LIMIT_EXCEEDED",
                &json!({"param_name": "page_token"}),
                message,
            ));
        }
        return Ok((from, true));
    }
    let from = (params.number("page", 1, 1_000_000)? - 1) * per_page;
    if from + per_page > PAGED {
        let message = "You can only get the first 2000 records without using page_token param";
        return Err(Failure::new(
            400,
            "DISCRETE_PAGINATION_LIMIT_EXCEEDED",
            &json!({"limit": PAGED}),
            message,
        ));
    }
    Ok((from, false))
}

fn sort(params: &Params, records: &mut [&Record]) -> Result<(&'static str, bool), Failure> {
    let ascending = match params.get("sort_order") {
        None | Some("desc") => false,
        Some("asc") => true,
        Some(_) => return Err(Failure::invalid_param("sort_order")),
    };
    let sort_by = match params.get("sort_by") {
        None | Some("id") => "id",
        Some("Modified_Time") => "Modified_Time",
        Some("Created_Time") => "Created_Time",
        Some(_) => return Err(Failure::invalid_param("sort_by")),
    };
    records.sort_by_key(|record| match sort_by {
        "Modified_Time" => (record.modified, record.id),
        "Created_Time" => (record.created, record.id),
        _ => (0, record.id),
    });
    if !ascending {
        records.reverse();
    }
    Ok((sort_by, ascending))
}
