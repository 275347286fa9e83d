//! The records of a query in their order, and what of them is shown.

use std::{cmp::Ordering, collections::BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    compare::Wanted,
    fault::{invalid_field, malformed},
    filter,
    path::{Path, resolve},
    syntax::{Query, Select},
};
use crate::salesforce::{
    errors::Fail,
    org::Org,
    render,
    schema::{Kind, Object},
    store::Record,
};

/// Most rows that OFFSET skips.
const MAX_OFFSET: usize = 2_000;
/// Most rows with FIELDS(ALL) or FIELDS(CUSTOM).
const MAX_FIELDS_ROWS: usize = 200;

/// The records that a query wants, sorted, before LIMIT and OFFSET.
///
/// # Errors
/// The query names what is not there.
pub fn records<'a>(
    org: &'a Org,
    object: &'static Object,
    query: &Query,
    text: &str,
    deleted: bool,
) -> Result<Vec<&'a Record>, Fail> {
    let filter = filter::checked(org, object, query.condition.as_ref(), text)?;
    // The index knows no deleted records.
    let few = if deleted {
        None
    } else {
        filter.candidates(org, object)
    };
    let candidates: Vec<&Record> = match few {
        Some(few) => few,
        None => org.store(object)?.all().collect(),
    };
    let mut found: Vec<&Record> = candidates
        .into_iter()
        .filter(|record| record.deleted.is_none() || (deleted && object.keeps_deleted()))
        .filter(|record| !record.hidden)
        .filter(|record| filter.fits(org, record))
        .collect();
    sort(org, object, query, text, &mut found)?;
    Ok(found)
}

fn sort(
    org: &Org,
    object: &'static Object,
    query: &Query,
    text: &str,
    records: &mut Vec<&Record>,
) -> Result<(), Fail> {
    let mut keys: Vec<(Path, bool, bool)> = Vec::new();
    for order in &query.order {
        let path = resolve(org, object, &order.field, text)?;
        if matches!(
            path.field.kind,
            Kind::LongText | Kind::Html | Kind::Address(_)
        ) {
            let message = format!(
                "field '{}' can not be sorted in a query call",
                path.field.name
            );
            return Err(invalid_field(text, order.field.at, &message));
        }
        keys.push((path, order.descending, order.nulls_last));
    }
    if keys.is_empty() {
        return Ok(());
    }
    let mut keyed: Vec<(Vec<Wanted>, &Record)> = records
        .iter()
        .map(|record| {
            let values = keys
                .iter()
                .map(|(path, _, _)| filter::sortable(path, &path.value(org, record)));
            (values.collect(), *record)
        })
        .collect();
    keyed.sort_by(|(one, _), (other, _)| {
        let by_keys = keys.iter().zip(one.iter().zip(other)).map(
            |((_, descending, nulls_last), (one, other))| {
                let nulls = if *nulls_last {
                    Ordering::Greater
                } else {
                    Ordering::Less
                };
                match (*one == Wanted::Null, *other == Wanted::Null) {
                    (true, true) => Ordering::Equal,
                    (true, false) => nulls,
                    (false, true) => nulls.reverse(),
                    (false, false) => {
                        let order = moment(one, other);
                        if *descending { order.reverse() } else { order }
                    }
                }
            },
        );
        by_keys.fold(Ordering::Equal, Ordering::then)
    });
    *records = keyed.into_iter().map(|(_, record)| record).collect();
    Ok(())
}

fn moment(one: &Wanted, other: &Wanted) -> Ordering {
    match (one, other) {
        (Wanted::Time(one, _), Wanted::Time(other, _)) => one.cmp(other),
        _ => one.order(other).unwrap_or(Ordering::Equal),
    }
}

/// One thing that is shown of a record.
enum Shown {
    Path(Path),
    Children(&'static str, Query, &'static Object, &'static str),
}

/// The rows of a query without groups.
///
/// # Errors
/// The query names what is not there.
pub fn rows(
    org: &Org,
    object: &'static Object,
    query: &Query,
    text: &str,
    deleted: bool,
    base: &str,
) -> Result<Vec<Value>, Fail> {
    if query.offset > MAX_OFFSET {
        return Err(Fail::new(
            400,
            "NUMBER_OUTSIDE_VALID_RANGE",
            format!("Maximum SOQL offset allowed is {MAX_OFFSET}"),
        ));
    }
    let shown = columns(org, object, query, text)?;
    let found = records(org, object, query, text, deleted)?;
    let limit = query.limit.unwrap_or(usize::MAX);
    found
        .into_iter()
        .skip(query.offset)
        .take(limit)
        .map(|record| row(org, object, &shown, record, text, base))
        .collect()
}

fn columns(
    org: &Org,
    object: &'static Object,
    query: &Query,
    text: &str,
) -> Result<Vec<Shown>, Fail> {
    let (mut shown, mut seen) = (Vec::new(), BTreeSet::new());
    for select in &query.select {
        match select {
            Select::Field(name, None) => {
                if !seen.insert(name.text.to_lowercase()) {
                    let message = format!("duplicate field selected: {}", name.text);
                    return Err(invalid_field(text, name.at, &message));
                }
                shown.push(Shown::Path(resolve(org, object, name, text)?));
            }
            Select::Field(name, Some(alias)) => {
                return Err(malformed(
                    text,
                    name.at,
                    &format!("only aggregate expressions use field aliasing: '{alias}'"),
                ));
            }
            Select::Fields(which) => {
                let all = which.text.to_uppercase();
                if all != "STANDARD" && query.limit.is_none_or(|limit| limit > MAX_FIELDS_ROWS) {
                    return Err(malformed(
                        text,
                        which.at,
                        &format!(
                            "The SOQL FIELDS function must have a LIMIT of at most {MAX_FIELDS_ROWS}"
                        ),
                    ));
                }
                let wanted: fn(bool) -> bool = match all.as_str() {
                    "ALL" => |_| true,
                    "STANDARD" => |custom| !custom,
                    "CUSTOM" => |custom| custom,
                    _ => {
                        return Err(malformed(
                            text,
                            which.at,
                            &format!("unexpected token: '{}'", which.text),
                        ));
                    }
                };
                let settings = &org.settings;
                for field in object
                    .all_fields()
                    .filter(|field| field.is_there(settings) && wanted(field.is_custom()))
                {
                    shown.push(Shown::Path(Path {
                        hops: Vec::new(),
                        object,
                        field,
                    }));
                }
            }
            Select::Children(inner) => {
                let mut references = org.catalog.references(object.name);
                let known = references.find_map(|(target, field)| {
                    let name = field.children?;
                    let fits = name.eq_ignore_ascii_case(&inner.from.text);
                    fits.then_some((name, target, field.name))
                });
                let Some((name, target, field)) = known else {
                    let message = format!(
                        "Didn't understand relationship '{}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.",
                        inner.from.text
                    );
                    let mut fail = malformed(text, inner.from.at, &message);
                    "INVALID_TYPE".clone_into(&mut fail.code);
                    return Err(fail);
                };
                shown.push(Shown::Children(name, (**inner).clone(), target, field));
            }
            Select::Count | Select::Aggregate(..) => {}
        }
    }
    Ok(shown)
}

fn row(
    org: &Org,
    object: &'static Object,
    shown: &[Shown],
    record: &Record,
    text: &str,
    base: &str,
) -> Result<Value, Fail> {
    let mut row = Map::new();
    row.insert(
        "attributes".to_owned(),
        render::attributes(object, &record.id, base),
    );
    for item in shown {
        match item {
            Shown::Path(path) => place(org, &mut row, path, record, base),
            Shown::Children(name, query, target, field) => {
                let mut inner = query.clone();
                let own = super::equals(field, record.id.as_str());
                inner.condition = Some(match inner.condition.take() {
                    Some(condition) => super::syntax::Condition::All(vec![own, condition]),
                    None => own,
                });
                let children = rows(org, target, &inner, text, false, base)?;
                let value = if children.is_empty() {
                    Value::Null
                } else {
                    json!({"totalSize": children.len(), "done": true, "records": children})
                };
                row.insert((*name).to_owned(), value);
            }
        }
    }
    Ok(Value::Object(row))
}

/// Puts a value where its path says: `Account.Owner.Name` is nested twice.
fn place(org: &Org, row: &mut Map<String, Value>, path: &Path, record: &Record, base: &str) {
    let mut here = row;
    for depth in 1..=path.hops.len() {
        let Some((field, target)) = path.hops.get(depth - 1) else {
            return;
        };
        let way = Path {
            hops: path.hops.get(..depth).unwrap_or(&[]).to_vec(),
            object: target,
            field: path.field,
        };
        let name = field.relationship.unwrap_or(field.name);
        let Some(end) = way.end(org, record) else {
            here.insert(name.to_owned(), Value::Null);
            return;
        };
        let inner = here
            .entry(name.to_owned())
            .or_insert_with(|| json!({"attributes": render::attributes(target, &end.id, base)}));
        match inner {
            Value::Object(inner) => here = inner,
            _ => return,
        }
    }
    here.insert(path.field.name.to_owned(), path.value(org, record));
}
