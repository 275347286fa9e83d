//! `GET /v1/companies/{company}/{entity}/changes`.

use std::ops::Bound;

use serde_json::{Value, json};

use super::{
    errors::Failure,
    position::{self, Scope},
    query::Query,
};
use crate::data::Stamp;
use crate::sage::{ChangePoint, Entity, World, shown};

/// A page never exceeds this many bytes.
pub const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Room for what surrounds the records of a page.
const ENVELOPE_BYTES: usize = 4096;

/// One page of changes.
pub fn page(
    world: &mut World,
    company: &str,
    entity: &'static Entity,
    query: &Query,
) -> Result<Value, Failure> {
    let from = bound(query, "from_date", "from_time", 0)?
        .ok_or_else(|| Failure::bad_request("The parameter from_date is required."))?;
    let to = bound(query, "to_date", "to_time", i64::MAX)?;
    let limit = query.number("limit", 500, 1000)?;
    let list = format!("changes/{company}/{}", entity.name);
    let scope = Scope {
        list: &list,
        generation: world.generation,
    };
    let from = match query.one("after")? {
        None => Bound::Included(ChangePoint {
            date: from.0,
            time: from.1,
            key: String::new(),
        }),
        Some(after) => Bound::Excluded(point(position::decode(&scope, after)?)?),
    };
    // The observation is taken before the read: what the read shows is at least that new.
    let as_of = world.observe();
    let mut records = Vec::new();
    let mut bytes = ENVELOPE_BYTES;
    let mut last: Option<&ChangePoint> = None;
    let mut next = None;
    let table = world
        .companies
        .get(company)
        .and_then(|company| company.table(entity));
    for (at, row) in table
        .into_iter()
        .flat_map(|table| table.changes(from.clone()))
    {
        if to
            .as_ref()
            .is_some_and(|(date, time)| (&at.date, at.time) > (date, *time))
        {
            break;
        }
        let record = shown(row);
        bytes += record.to_string().len() + 1;
        let full = records.len() >= limit || bytes > PAGE_BYTES;
        if let Some(last) = last.filter(|_| full) {
            next = Some(position::encode(
                &scope,
                &[&last.date, &last.time.to_string(), &last.key],
            ));
            break;
        }
        records.push(record);
        last = Some(at);
    }
    Ok(
        json!({"as_of": as_of, "server_time": world.server_time(), "records": records, "next": next}),
    )
}

fn bound(
    query: &Query,
    date: &str,
    time: &str,
    default_time: i64,
) -> Result<Option<(String, i64)>, Failure> {
    let Some(day) = query.one(date)? else {
        return match query.one(time)? {
            None => Ok(None),
            Some(_) => Err(Failure::bad_request(format!("{time} needs {date}."))),
        };
    };
    if day.len() != 8 || !day.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::bad_request(format!(
            "{date} is a date as YYYYMMDD, not {day:?}."
        )));
    }
    let time_of_day = match query.one(time)? {
        None => default_time,
        Some(text) => Stamp::time_number(text).ok_or_else(|| {
            Failure::bad_request(format!(
                "{time} is decimal hours such as 13.50000, not {text:?}."
            ))
        })?,
    };
    Ok(Some((day.to_owned(), time_of_day)))
}

fn point(parts: Vec<String>) -> Result<ChangePoint, Failure> {
    let unreadable =
        || Failure::bad_request("The position `after` is not one that this list has given.");
    let [date, time, key] = <[String; 3]>::try_from(parts).map_err(|_| unreadable())?;
    Ok(ChangePoint {
        date,
        time: time.parse().map_err(|_| unreadable())?,
        key,
    })
}
