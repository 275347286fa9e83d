//! `GET …/records` (up to 100 keys) and `GET …/records/{key}`.

use serde_json::{Value, json};

use super::{errors::Failure, query::Query};
use crate::sage::{Entity, World, shown};

/// The most keys that one call may name.
const MAX_KEYS: usize = 100;
/// The longest key, in bytes: division, number, contact code and separators, with room for UTF-8.
const MAX_KEY_BYTES: usize = 128;

/// The records of the named keys, in the order in which they were named.
pub fn named(
    world: &mut World,
    company: &str,
    entity: &'static Entity,
    query: &Query,
) -> Result<Value, Failure> {
    let keys: Vec<&str> = query.all("key").collect();
    if keys.is_empty() || keys.len() > MAX_KEYS {
        return Err(Failure::bad_request(format!(
            "Name 1 to {MAX_KEYS} keys, not {}.",
            keys.len()
        )));
    }
    for key in &keys {
        checked(key)?;
    }
    let as_of = world.observe();
    let table = world
        .companies
        .get(company)
        .and_then(|company| company.table(entity));
    let (mut records, mut missing) = (Vec::new(), Vec::new());
    for key in keys {
        match table.and_then(|table| table.get(key)) {
            Some(row) => records.push(shown(row)),
            None => missing.push(key.to_owned()),
        }
    }
    Ok(
        json!({"as_of": as_of, "server_time": world.server_time(), "records": records, "missing": missing}),
    )
}

/// One record.
pub fn one(
    world: &mut World,
    company: &str,
    entity: &'static Entity,
    key: &str,
) -> Result<Value, Failure> {
    checked(key)?;
    let as_of = world.observe();
    let table = world
        .companies
        .get(company)
        .and_then(|company| company.table(entity));
    let Some(row) = table.and_then(|table| table.get(key)) else {
        return Err(Failure::new(
            "E_NOT_FOUND",
            format!("{company} has no record {key:?} in {}.", entity.name),
        ));
    };
    Ok(json!({"as_of": as_of, "server_time": world.server_time(), "record": shown(row)}))
}

fn checked(key: &str) -> Result<(), Failure> {
    if key.is_empty() || key.len() > MAX_KEY_BYTES {
        return Err(Failure::bad_request(format!(
            "A key has 1 to {MAX_KEY_BYTES} bytes."
        )));
    }
    Ok(())
}
