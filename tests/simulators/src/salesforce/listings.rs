//! Versions, resources, limits, and what was changed or deleted between two instants.

use serde_json::{Map, Value, json};

use super::{
    errors::Fail,
    ids::Id,
    org::{Org, shown_time},
    reply::{Call, Reply},
    schema::Object,
    store::Record,
    values,
};

/// The newest version, and the oldest that is not retired.
pub const NEWEST: u32 = 67;
/// The oldest version that still answers.
pub const OLDEST: u32 = 31;
/// How far back deletions can be asked for, and changes.
const DELETED_DAYS: i64 = 15;
const UPDATED_DAYS: i64 = 30;
/// How long deletions of what has no recycle bin are known.
const UNKEPT_SECONDS: i64 = 86_400;
const DAY: i64 = 86_400;

/// `GET /services/data`.
pub fn versions() -> Value {
    (OLDEST..=NEWEST)
        .map(|number| {
            let season = ["Spring", "Summer", "Winter"].get((number % 3) as usize).copied().unwrap_or("");
            // Version 67 is Summer '26; a year has three, and begins with Winter.
            let year = (number + 13) / 3;
            json!({"label": format!("{season} '{year:02}"), "url": format!("/services/data/v{number}.0"), "version": format!("{number}.0")})
        })
        .collect()
}

/// `GET /services/data/vNN.0`, with the identity URL of the user who asks.
pub fn resources(org: &Org, user: &Id, base: &str) -> Value {
    let names = [
        "sobjects",
        "query",
        "queryAll",
        "composite",
        "limits",
        "recent",
    ];
    let mut shown: Map<String, Value> = names
        .iter()
        .map(|name| ((*name).to_owned(), json!(format!("{base}/{name}"))))
        .collect();
    let identity = format!("{}/id/{}/{user}", org.url, org.organisation());
    shown.insert("identity".to_owned(), json!(identity));
    Value::Object(shown)
}

/// `GET /limits`.
pub fn limits(org: &Org) -> Value {
    json!({
        "DailyApiRequests": {"Max": org.budget.limit(), "Remaining": org.budget.left()},
        "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
        "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
        "ConcurrentAsyncGetReportInstances": {"Max": 200, "Remaining": 200},
        "DataStorageMB": {"Max": 11_264, "Remaining": 11_000},
        "FileStorageMB": {"Max": 11_264, "Remaining": 11_264},
        "HourlyTimeBasedWorkflow": {"Max": 1_000, "Remaining": 1_000},
        "SingleEmail": {"Max": 5_000, "Remaining": 5_000},
    })
}

/// The two instants of a call, as seconds.
fn span(org: &Org, call: &Call<'_>, days: i64) -> Result<(i64, i64), Fail> {
    let at = |name: &str| -> Result<i64, Fail> {
        let text = call
            .params
            .get(name)
            .ok_or_else(|| Fail::new(400, "MISSING_ARGUMENT", format!("{name} is required")))?;
        // In a query string, an unescaped plus arrives as a space.
        let text = text.replace(' ', "+");
        let parsed = values::instant(&text)
            .and_then(|text| jiff::Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok());
        parsed
            .map(|at| at.as_second().div_euclid(60) * 60)
            .ok_or_else(|| {
                Fail::new(
                    400,
                    "INVALID_REPLICATION_DATE",
                    format!("{name} is no date: {text}"),
                )
            })
    };
    let (start, end) = (at("start")?, at("end")?);
    if start >= end {
        return Err(Fail::new(
            400,
            "INVALID_REPLICATION_DATE",
            "startDate must be at least one minute earlier than endDate",
        ));
    }
    if start < org.now() - days * DAY {
        return Err(Fail::new(
            400,
            "INVALID_REPLICATION_DATE",
            format!("startDate before org replication enabled date or more than {days} days ago"),
        ));
    }
    Ok((start, end))
}

fn between<'a>(
    org: &'a Org,
    object: &Object,
    (start, end): (i64, i64),
    deleted: bool,
) -> Vec<&'a Record> {
    let records = org
        .stores
        .get(object.name)
        .into_iter()
        .flat_map(|store| store.all());
    records
        .filter(|record| record.deleted.is_some() == deleted)
        .filter(|record| (start..end).contains(&record.deleted.unwrap_or(record.modified)))
        .collect()
}

/// `GET /sobjects/{object}/updated`.
///
/// # Errors
/// The instants are missing, or too far back.
pub fn updated(org: &Org, object: &Object, call: &Call<'_>) -> Result<Reply, Fail> {
    let span = span(org, call, UPDATED_DAYS)?;
    let ids: Vec<&str> = between(org, object, span, false)
        .iter()
        .map(|record| record.id.as_str())
        .collect();
    Ok(Reply::json(
        200,
        json!({"ids": ids, "latestDateCovered": covered(org, span.1)}),
    ))
}

/// `GET /sobjects/{object}/deleted`.
///
/// # Errors
/// The instants are missing, or too far back.
pub fn deleted(org: &Org, object: &Object, call: &Call<'_>) -> Result<Reply, Fail> {
    let span = span(org, call, DELETED_DAYS)?;
    let kept = |record: &&&Record| {
        object.keeps_deleted()
            || record
                .deleted
                .is_some_and(|at| at > org.now() - UNKEPT_SECONDS)
    };
    let records: Vec<Value> = between(org, object, span, true)
        .iter()
        .filter(kept)
        .map(|record| json!({"id": record.id.as_str(), "deletedDate": shown_time(record.deleted.unwrap_or(0))}))
        .collect();
    Ok(Reply::json(
        200,
        json!({
            "deletedRecords": records,
            "earliestDateAvailable": shown_time(org.now() - DELETED_DAYS * DAY),
            "latestDateCovered": covered(org, span.1),
        }),
    ))
}

fn covered(org: &Org, end: i64) -> String {
    shown_time(end.min(org.now().div_euclid(60) * 60))
}
