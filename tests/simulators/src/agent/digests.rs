//! `GET …/digests`: count and hash of each range of keys, for sweeps that read little.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    errors::Failure,
    position::{self, Scope},
    query::Query,
};
use crate::data::{AUDIT, Row};
use crate::sage::{Entity, World};

/// One page of ranges of `size` keys each.
pub fn page(
    world: &mut World,
    company: &str,
    entity: &'static Entity,
    query: &Query,
) -> Result<Value, Failure> {
    let size = query.number("size", 500, 1000)?;
    let limit = query.number("limit", 100, 100)?;
    let list = format!("digests/{company}/{}/{size}", entity.name);
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
    let rows: Vec<&Row> = table
        .into_iter()
        .flat_map(|table| table.after(after.as_deref()))
        .take(size.saturating_mul(limit) + 1)
        .collect();
    let ranges: Vec<Value> = rows.chunks(size).take(limit).filter_map(range).collect();
    let given = rows
        .chunks(size)
        .take(limit)
        .map(<[&Row]>::len)
        .sum::<usize>();
    let next = rows
        .get(given.saturating_sub(1))
        .filter(|_| rows.len() > given)
        .map(|last| position::encode(&scope, &[&last.key]));
    Ok(json!({"as_of": as_of, "ranges": ranges, "next": next}))
}

fn range(rows: &[&Row]) -> Option<Value> {
    let (first, last) = (rows.first()?, rows.last()?);
    Some(json!({"first": first.key, "last": last.key, "count": rows.len(), "hash": hash(rows)}))
}

/// SHA-256, in hex, over each record in key order: key, line feed, then `name=value` and a line
/// feed for each field that is neither an audit column nor empty, sorted by name.
fn hash(rows: &[&Row]) -> String {
    let mut sha = Sha256::new();
    for row in rows {
        sha.update(row.key.as_bytes());
        sha.update(b"\n");
        // A BTreeMap is sorted by name already.
        for (name, value) in &row.fields {
            if value.is_empty() || AUDIT.iter().any(|column| column.name == name) {
                continue;
            }
            sha.update(name.as_bytes());
            sha.update(b"=");
            sha.update(value.as_bytes());
            sha.update(b"\n");
        }
    }
    sha.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
