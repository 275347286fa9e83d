//! What lookups point to, with COQL: several paths and many records in one query. Page: "Get Records through a COQL Query".

use std::collections::{BTreeMap, BTreeSet};

use counterpart_delivery::ports::{Clock, Ids, Tokens};
use counterpart_domain::{Class, Fault, Value};
use counterpart_http::{Priority, Purpose};
use serde_json::value::RawValue;

use crate::client::{ZohoClient, checked_name};
use crate::coql::{plain, quoted};
use crate::faults::unreadable;
use crate::wire::records::Row;
use crate::wire::value::plainly;

/// Zoho takes at most 100 values in an IN list.
const MOST_IDS: usize = 100;
/// Documents name 50 fields a query; one of them is the id.
const MOST_FIELDS: usize = 49;
/// A query may lead over so many lookups.
const MOST_JOINS: usize = 2;
/// A query for at most this many rows costs one credit.
const ROWS: u64 = 200;

/// By record id, the values by path.
pub(crate) type Seen = BTreeMap<String, BTreeMap<String, Value>>;

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    /// The values at the ends of `paths`, of the records with these ids. Records that are not there are left out; a path
    /// over a blank lookup ends in a blank.
    pub(crate) async fn look_up(
        &self,
        module: &str,
        ids: &BTreeSet<String>,
        paths: &BTreeSet<&str>,
    ) -> Result<Seen, Fault> {
        let module = checked_name(module)?;
        let mut seen = Seen::new();
        let ids: Vec<String> = ids.iter().map(|id| quoted(id)).collect();
        for group in groups(paths)? {
            for ids in ids.chunks(MOST_IDS) {
                let query = format!(
                    "select id, {} from {module} where id in ({}) order by id asc limit {ROWS}",
                    group.join(", "),
                    ids.join(", ")
                );
                let answer = self.ask(Priority::Order, &query, ROWS).await;
                let Some(answer) = answer.map_err(unknown)? else {
                    continue;
                };
                for row in &answer.data {
                    let id = row.get("id").and_then(|raw| plain(plainly(raw)));
                    let id = id.ok_or_else(|| unreadable(Purpose::Read, "a row without id"))?;
                    let mut values = BTreeMap::new();
                    for path in &group {
                        let value = match at(row, path) {
                            Some(raw) => self.read_value(module, path, &raw).await?,
                            None => Value::Blank,
                        };
                        values.insert((*path).to_owned(), value);
                    }
                    seen.entry(id).or_default().extend(values);
                }
            }
        }
        Ok(seen)
    }
}

/// The value under a path: Zoho's answers have the path itself as a name.
fn at(row: &Row, path: &str) -> Option<Box<RawValue>> {
    if let Some(raw) = row.get(path) {
        return Some(raw.clone());
    }
    let (lookup, rest) = path.split_once('.')?;
    let inner: Row = serde_json::from_str(row.get(lookup)?.get()).ok()?;
    at(&inner, rest)
}

/// Lets only API names, joined by dots, into queries.
pub(crate) fn checked_path(path: &str) -> Result<&str, Fault> {
    for name in path.split('.') {
        checked_name(name)?;
    }
    Ok(path)
}

/// The lookups that a path leads over: `A.B.c` has `A` and `A.B`.
fn joins(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('.').map(|(at, _)| &path[..at])
}

/// Paths in groups that a query takes. They come in order, so that those over the same lookups are neighbours.
fn groups<'a>(paths: &BTreeSet<&'a str>) -> Result<Vec<Vec<&'a str>>, Fault> {
    let mut groups: Vec<(BTreeSet<&str>, Vec<&str>)> = Vec::new();
    for path in paths {
        let path = checked_path(path)?;
        let own: BTreeSet<&str> = joins(path).collect();
        if own.len() > MOST_JOINS {
            return Err(Fault::new(
                Class::Configuration,
                "E_CRM_FIELD_UNKNOWN",
                format!("{path} leads over more than the {MOST_JOINS} lookups that Zoho follows."),
            ));
        }
        let fits = |(joined, names): &&mut (BTreeSet<&str>, Vec<&str>)| {
            names.len() < MOST_FIELDS && joined.union(&own).count() <= MOST_JOINS
        };
        match groups.iter_mut().find(fits) {
            Some((joined, names)) => {
                joined.extend(own);
                names.push(path);
            }
            None => groups.push((own, vec![path])),
        }
    }
    Ok(groups.into_iter().map(|(_, names)| names).collect())
}

/// A query names fields, and nothing else that could be wrong.
fn unknown(fault: Fault) -> Fault {
    if fault.code == "E_CRM_QUERY_REFUSED" {
        return Fault {
            code: "E_CRM_FIELD_UNKNOWN".into(),
            ..fault
        };
    }
    fault
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_by_two_lookups_a_query() {
        let paths = BTreeSet::from([
            "Account_Name.Sage_Key",
            "Account_Name.Parent_Account.Sage_Key",
            "Contact_Name.Email",
            "Contact_Name.Phone",
            "Quote_Name.Subject",
            "Account_Name",
        ]);
        insta::assert_debug_snapshot!(groups(&paths).unwrap());
        for path in ["A.B.C.d", "A..b", "a from X", ""] {
            assert!(groups(&BTreeSet::from([path])).is_err(), "{path}");
        }
        let many: Vec<String> = (0..120).map(|n| format!("F{n}")).collect();
        let groups = groups(&many.iter().map(String::as_str).collect()).unwrap();
        assert_eq!(
            groups.iter().map(Vec::len).collect::<Vec<_>>(),
            [49, 49, 22]
        );
    }
}
