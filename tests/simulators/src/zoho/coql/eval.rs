//! Finding, sorting and showing the records of a query.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::{
    syntax::{Condition, Operator, Query, Select},
    value::{self, Comparable, Target, comparable, literal, resolve, shown},
};
use crate::zoho::{org::Org, schema::Module, store::Record};

/// The rows of a checked query.
pub fn rows(org: &Org, module: &'static Module, query: &Query, limit: usize) -> Option<Value> {
    let store = org.stores.get(module.name)?;
    let candidates: Vec<&Record> = match candidates(org, module, &query.condition) {
        Some(few) => few,
        None => store.all().collect(),
    };
    let mut records: Vec<&Record> = candidates
        .into_iter()
        .filter(|record| !record.hidden && fits(org, module, record, &query.condition))
        .collect();
    let columns = match &query.select {
        Select::Count(name) => {
            let count = json!({name: records.len()});
            return Some(json!({"data": [count], "info": {"count": 1, "more_records": false}}));
        }
        Select::Columns(columns) => columns,
    };
    sort(org, module, query, &mut records);
    let more = records.len() > query.offset + limit;
    let data: Vec<Value> = records
        .iter()
        .skip(query.offset)
        .take(limit)
        .map(|record| row(org, module, columns, record))
        .collect();
    if data.is_empty() {
        return None;
    }
    Some(json!({"info": {"count": data.len(), "more_records": more}, "data": data}))
}

/// The id is always shown.
fn row(org: &Org, module: &Module, columns: &[String], record: &Record) -> Value {
    let mut row = Map::new();
    row.insert("id".to_owned(), json!(record.id.to_string()));
    for column in columns {
        if let Ok(target) = resolve(&org.catalog, module, column) {
            let name = if matches!(target, Target::Id) {
                "id".to_owned()
            } else {
                column.clone()
            };
            row.insert(name, shown(org, record, target));
        }
    }
    Value::Object(row)
}

/// The few records that an index gives, if one helps.
fn candidates<'a>(
    org: &'a Org,
    module: &'static Module,
    condition: &Condition,
) -> Option<Vec<&'a Record>> {
    let store = org.stores.get(module.name)?;
    match condition {
        Condition::All(parts) => parts.iter().find_map(|part| candidates(org, module, part)),
        Condition::Test {
            column,
            operator: Operator::Equal | Operator::In,
            negated: false,
            values,
        } => {
            let mut few: Vec<&Record> = if column.eq_ignore_ascii_case("id") {
                values
                    .iter()
                    .filter_map(|value| store.get(value.text().parse().ok()?))
                    .collect()
            } else if store.is_indexed(column) {
                values
                    .iter()
                    .flat_map(|value| store.find(column, &json!(value.text())))
                    .collect()
            } else {
                return None;
            };
            few.sort_by_key(|record| record.id);
            few.dedup_by_key(|record| record.id);
            Some(few)
        }
        Condition::Any(_) | Condition::Test { .. } => None,
    }
}

fn fits(org: &Org, module: &'static Module, record: &Record, condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| fits(org, module, record, part)),
        Condition::Any(parts) => parts.iter().any(|part| fits(org, module, record, part)),
        Condition::Test {
            column,
            operator,
            negated,
            values,
        } => {
            let Ok(target) = resolve(&org.catalog, module, column) else {
                return false;
            };
            let found = comparable(&target, &shown(org, record, target));
            let wanted: Vec<Comparable> =
                values.iter().map(|value| literal(&target, value)).collect();
            test(&found, *operator, &wanted) != *negated
        }
    }
}

fn test(found: &Comparable, operator: Operator, wanted: &[Comparable]) -> bool {
    if operator == Operator::IsNull {
        return *found == Comparable::Null;
    }
    let Some(first) = wanted.first() else {
        return false;
    };
    let order = value::order(found, first);
    let null = *found == Comparable::Null;
    match operator {
        Operator::Equal => order == Ordering::Equal,
        Operator::NotEqual => order != Ordering::Equal,
        Operator::Less => !null && order == Ordering::Less,
        Operator::AtMost => !null && order != Ordering::Greater,
        Operator::Greater => !null && order == Ordering::Greater,
        Operator::AtLeast => !null && order != Ordering::Less,
        Operator::In => wanted
            .iter()
            .any(|one| value::order(found, one) == Ordering::Equal),
        Operator::Like => match (found, first) {
            (Comparable::Text(found), Comparable::Text(pattern)) => like(found, pattern),
            _ => false,
        },
        Operator::Between => {
            !null
                && order != Ordering::Less
                && wanted
                    .get(1)
                    .is_some_and(|high| value::order(found, high) != Ordering::Greater)
        }
        Operator::IsNull => null,
    }
}

/// `%` at the start or the end stands for any text.
fn like(text: &str, pattern: &str) -> bool {
    let (open_start, open_end) = (
        pattern.starts_with('%'),
        pattern.len() > 1 && pattern.ends_with('%'),
    );
    let core = pattern.trim_matches('%');
    match (open_start, open_end) {
        (true, true) => text.contains(core),
        (true, false) => text.ends_with(core),
        (false, true) => text.starts_with(core),
        (false, false) => text == core,
    }
}

/// By the columns of ORDER BY, then by id.
fn sort(org: &Org, module: &'static Module, query: &Query, records: &mut Vec<&Record>) {
    let columns: Vec<(Target, bool)> = query
        .order
        .iter()
        .filter_map(|(column, ascending)| {
            resolve(&org.catalog, module, column)
                .ok()
                .map(|target| (target, *ascending))
        })
        .collect();
    let mut keyed: Vec<(Vec<Comparable>, &Record)> = records
        .iter()
        .map(|record| {
            (
                columns
                    .iter()
                    .map(|(target, _)| comparable(target, &shown(org, record, *target)))
                    .collect(),
                *record,
            )
        })
        .collect();
    keyed.sort_by(|(one, a), (other, b)| {
        let by_columns =
            columns
                .iter()
                .zip(one.iter().zip(other))
                .map(|((_, ascending), (one, other))| {
                    let order = value::order(one, other);
                    if *ascending { order } else { order.reverse() }
                });
        by_columns
            .fold(Ordering::Equal, Ordering::then)
            .then(a.id.cmp(&b.id))
    });
    *records = keyed.into_iter().map(|(_, record)| record).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_knows_percent_at_both_ends() {
        assert!(like("american business futures", "%business%"));
        assert!(like("american business futures", "american%"));
        assert!(like("american business futures", "%futures"));
        assert!(!like("american business futures", "business"));
    }
}
