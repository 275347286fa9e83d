//! `/query`, `/queryAll` and the pages after the first.

use axum::http::Method;
use serde_json::{Value, json};

use super::{
    errors::Fail,
    ids::Id,
    org::Org,
    reply::{Call, Reply},
    requests::method_not_allowed,
    soql,
};

/// Rows of an answer, unless the header tells otherwise.
const BATCH: usize = 2_000;
const LEAST: usize = 200;

/// Runs a query; `all` sees the recycle bin.
pub fn run(org: &mut Org, call: &Call<'_>, all: bool) -> Reply {
    if call.method != Method::GET {
        return method_not_allowed(call, "GET");
    }
    let Some(text) = call.params.get("q") else {
        return Fail::new(400, "MALFORMED_QUERY", "A query string has to be specified").reply();
    };
    let found = match soql::run(org, text, all, &call.base()) {
        Ok(found) => found,
        Err(fail) => return fail.reply(),
    };
    let size = batch_size(call.header("sforce-query-options"));
    if found.rows.len() <= size {
        return Reply::json(
            200,
            json!({"totalSize": found.total, "done": true, "records": found.rows}),
        );
    }
    let first: Vec<Value> = found.rows.iter().take(size).cloned().collect();
    let id = org.locators.keep(found.rows);
    Reply::json(
        200,
        json!({
            "totalSize": found.total,
            "done": false,
            "nextRecordsUrl": next(call, &id, size),
            "records": first,
        }),
    )
}

fn next(call: &Call<'_>, id: &Id, from: usize) -> String {
    format!("{}/query/{id}-{from}", call.base())
}

/// `batchSize=500` of the header, within Salesforce's bounds.
fn batch_size(header: &str) -> usize {
    header
        .split([';', ','])
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("batchSize"))
        .and_then(|(_, size)| size.trim().parse::<usize>().ok())
        .map_or(BATCH, |size| size.clamp(LEAST, BATCH))
}

/// A further page.
pub fn more(org: &Org, call: &Call<'_>, locator: &str) -> Reply {
    if call.method != Method::GET {
        return method_not_allowed(call, "GET");
    }
    let page = locator.split_once('-').and_then(|(id, from)| {
        let id = Id::parse(id)?;
        let records = org.locators.find(&id)?;
        Some((
            id,
            records,
            from.parse::<usize>()
                .ok()
                .filter(|from| *from < records.len())?,
        ))
    });
    let Some((id, records, from)) = page else {
        return Fail::new(400, "INVALID_QUERY_LOCATOR", "invalid query locator").reply();
    };
    let size = batch_size(call.header("sforce-query-options"));
    let rows = records
        .get(from..records.len().min(from + size))
        .unwrap_or(&[]);
    let done = from + rows.len() >= records.len();
    let mut body = json!({"totalSize": records.len(), "done": done, "records": rows});
    if !done {
        body["nextRecordsUrl"] = json!(next(call, &id, from + rows.len()));
    }
    Reply::json(200, body)
}
