//! `GET …/keys`: every key, in key order.

use serde_json::{Value, json};

use super::{
    errors::Failure,
    position::{self, Scope},
    query::Query,
};
use crate::sage::{Entity, World};

/// One page of keys.
pub fn page(
    world: &mut World,
    company: &str,
    entity: &'static Entity,
    query: &Query,
) -> Result<Value, Failure> {
    let limit = query.number("limit", 1000, 1000)?;
    let list = format!("keys/{company}/{}", entity.name);
    let scope = Scope {
        list: &list,
        generation: world.generation,
    };
    let after = match query.one("after")? {
        None => None,
        Some(after) => position::decode(&scope, after)?.into_iter().next(),
    };
    let as_of = world.observe();
    let table = world
        .companies
        .get(company)
        .and_then(|company| company.table(entity));
    let mut keys: Vec<&str> = table
        .into_iter()
        .flat_map(|table| table.after(after.as_deref()))
        .map(|row| row.key.as_str())
        .take(limit + 1)
        .collect();
    let more = keys.len() > limit;
    keys.truncate(limit);
    let next = keys
        .last()
        .filter(|_| more)
        .map(|last| position::encode(&scope, &[last]));
    Ok(json!({"as_of": as_of, "keys": keys, "next": next}))
}
