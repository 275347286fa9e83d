//! Reading: queries, page by page. Pages: "Execute a SOQL Query", "Get More Results from a SOQL Query".

use std::collections::{BTreeMap, BTreeSet, HashMap};

use counterpart_delivery::ports::{Clock, CrmRecord, CrmUser, Ids, Tokens};
use counterpart_domain::{CrmId, Fault, Fields, SageKey, Value, bounded};
use counterpart_http::{ApiCall, Priority, Purpose};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::value::RawValue;

use crate::client::{SalesforceClient, checked_name};
use crate::faults::{refused, unreadable};
use crate::soql::{groups, parts, select};
use crate::wire::value::{FieldType, incoming};

/// Pages of one query, at the very most: against a server that never comes to an end.
const MOST_PAGES: usize = 100;
/// The longest text that is kept of a user.
const LONGEST: usize = 255;

/// One row, by Salesforce's names.
pub(crate) type Row = BTreeMap<String, Box<RawValue>>;

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    pub(crate) async fn read_by_key(
        &self,
        object: &str,
        key_field: &str,
        keys: &[SageKey],
        fields: &[String],
    ) -> Result<Vec<CrmRecord>, Fault> {
        checked_name(object)?;
        checked_name(key_field)?;
        for field in fields {
            checked_name(field)?;
        }
        let mut wanted: Vec<&str> = Vec::new();
        for field in fields {
            let known = ["Id", "LastModifiedDate", key_field];
            let mut names = known.iter().chain(&wanted);
            // A field that is asked for twice, in whatever case, is refused.
            if !names.any(|other| other.eq_ignore_ascii_case(field)) {
                wanted.push(field);
            }
        }
        let asked: BTreeSet<String> = keys.iter().map(SageKey::text).collect();
        let folded: HashMap<String, &String> =
            asked.iter().map(|key| (key.to_lowercase(), key)).collect();
        let mut found: BTreeMap<CrmId, CrmRecord> = BTreeMap::new();
        for group in groups(&wanted) {
            let mut open = parts(object, key_field, keys, &group);
            while let Some(part) = open.pop() {
                let query = select(object, key_field, part, &group);
                let rows = match self.query(Purpose::Read, &query).await {
                    Ok(rows) => rows,
                    // Long texts: asked again alike, the answer would be as large.
                    Err(fault) if fault.code == "E_CRM_REPLY_TOO_LARGE" && part.len() > 1 => {
                        let (left, right) = part.split_at(part.len() / 2);
                        open.extend([left, right]);
                        continue;
                    }
                    Err(fault) => return Err(fault),
                };
                for row in rows {
                    let mut record = self.record(object, &row, key_field, &group, fields).await?;
                    // The field regards no case: what it found is the record of the key that was asked for.
                    record.key = record.key.map(|key| match folded.get(&key.to_lowercase()) {
                        Some(of) if !asked.contains(&key) => (*of).clone(),
                        _ => key,
                    });
                    match found.get_mut(&record.id) {
                        Some(known) => known.fields.extend(record.fields),
                        None => {
                            found.insert(record.id.clone(), record);
                        }
                    }
                }
            }
        }
        Ok(found.into_values().collect())
    }

    /// Active users who are people or integrations; no guests, no community members.
    pub(crate) async fn active_users(&self) -> Result<Vec<CrmUser>, Fault> {
        let query =
            "SELECT Id, Name, Email FROM User WHERE IsActive = true AND UserType = 'Standard'";
        let rows = self.query(Purpose::Metadata, query).await?;
        rows.iter()
            .map(|row| {
                let text = |name: &str| bounded(plain(row, name).unwrap_or_default(), LONGEST);
                Ok(CrmUser {
                    id: CrmId(plain(row, "Id").ok_or_else(no_id)?),
                    name: text("Name"),
                    email: text("Email"),
                })
            })
            .collect()
    }

    /// All rows of a query. What is not the whole answer is a fault: a failed query never counts as one without rows.
    pub(crate) async fn query(&self, purpose: Purpose, soql: &str) -> Result<Vec<Row>, Fault> {
        self.rows("query", purpose, Priority::Record, soql).await
    }

    /// As [`Self::query`], for a sale: the reserve of the day's calls is open to it. `resource`: `query`, or `queryAll`,
    /// which finds deleted rows as well.
    pub(crate) async fn sale_query(&self, resource: &str, soql: &str) -> Result<Vec<Row>, Fault> {
        self.rows(resource, Purpose::Read, Priority::Order, soql)
            .await
    }

    pub(crate) async fn rows(
        &self,
        resource: &str,
        purpose: Purpose,
        priority: Priority,
        soql: &str,
    ) -> Result<Vec<Row>, Fault> {
        let path = self.path(resource);
        let first = self.page(purpose, priority, &path, &[("q", soql)]).await?;
        self.to_the_end(purpose, priority, path, first).await
    }

    /// The rows of the page that was found at `path`, and of those after it: the answer to a query, or a child relationship
    /// within a row.
    pub(crate) async fn to_the_end(
        &self,
        purpose: Purpose,
        priority: Priority,
        mut path: String,
        first: QueryPage,
    ) -> Result<Vec<Row>, Fault> {
        let mut rows: Vec<Row> = Vec::new();
        let mut page = first;
        for _ in 0..MOST_PAGES {
            rows.extend(page.records);
            let next = match (page.done, page.next_records_url) {
                (true, _) if rows.len() as u64 == page.total_size => {
                    if purpose == Purpose::Read {
                        self.count(|usage| usage.rows_read += page.total_size);
                    }
                    return Ok(rows);
                }
                (true, _) => {
                    let why = format!("{} rows of {}", rows.len(), page.total_size);
                    return Err(unreadable(purpose, &why));
                }
                (false, Some(next)) => next,
                (false, None) => {
                    return Err(unreadable(
                        purpose,
                        "a query is not done, and has no next page",
                    ));
                }
            };
            if !is_path_of_ours(&next) || next == path {
                let why = format!("a next page at {:?}", bounded(next, 100));
                return Err(unreadable(purpose, &why));
            }
            path = next;
            page = self.page(purpose, priority, &path, &[]).await?;
        }
        Err(unreadable(purpose, "a query has no end"))
    }

    pub(crate) async fn record(
        &self,
        object: &str,
        row: &Row,
        key_field: &str,
        group: &[&str],
        fields: &[String],
    ) -> Result<CrmRecord, Fault> {
        let own = [&["Id", "LastModifiedDate", key_field], group].concat();
        let mut values = Fields::new();
        for field in fields {
            let asked = own.iter().any(|own| own.eq_ignore_ascii_case(field));
            let Some(raw) = raw(row, field).filter(|_| asked) else {
                continue;
            };
            let kind = self.read_as(object, field, raw).await?;
            values.extend(incoming(kind, raw).map(|value| (field.clone(), value)));
        }
        Ok(CrmRecord {
            id: CrmId(plain(row, "Id").ok_or_else(no_id)?),
            key: plain(row, key_field),
            modified: plain(row, "LastModifiedDate").and_then(|text| instant(&text)),
            fields: values,
        })
    }

    async fn page(
        &self,
        purpose: Purpose,
        priority: Priority,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<QueryPage, Fault> {
        let reply = self
            .call(&ApiCall {
                purpose,
                priority,
                method: Method::GET,
                path: path.to_owned(),
                query,
                headers: &[],
                body: None,
                credits: 1,
            })
            .await?;
        if reply.status != 200 {
            return Err(refused(&reply, self.moment()));
        }
        serde_json::from_str(&reply.body).map_err(|error| unreadable(purpose, &error.to_string()))
    }
}

/// The next page is on the same instance: a path below the API, plainly spelt, and nothing that could lead elsewhere.
fn is_path_of_ours(path: &str) -> bool {
    path.len() <= 300
        && path.starts_with("/services/data/v")
        && !path.contains("..")
        && !path.contains("//")
        && path
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'.' | b'_'))
}

pub(crate) fn no_id() -> Fault {
    unreadable(Purpose::Read, "a row without id")
}

/// What a row holds under a name in whatever case: Salesforce answers with its own spelling.
pub(crate) fn raw<'a>(row: &'a Row, name: &str) -> Option<&'a RawValue> {
    let found = row.get(name).or_else(|| {
        let mut same = row.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        same.next().map(|(_, raw)| raw)
    });
    found.map(|raw| &**raw)
}

/// A row's value as text; none for a blank.
pub(crate) fn plain(row: &Row, name: &str) -> Option<String> {
    // Of our own questions, these are ids.
    let field = if name.ends_with("Id") {
        FieldType::Reference
    } else {
        FieldType::Text
    };
    match incoming(field, raw(row, name)?)? {
        Value::Blank => None,
        other => Some(other.to_string()),
    }
}

/// `2015-08-19T08:17:00.000+0000`: an offset without a colon.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text)
        .or_else(|_| text.parse())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_a_path_below_the_api_and_nothing_else() {
        for path in [
            "/services/data/v67.0/query/01gRO0000016PIAYA2-500",
            "/services/data/v62.0/query/0r8xx3d_a-2000",
        ] {
            assert!(is_path_of_ours(path), "{path}");
        }
        for path in [
            "https://evil.com/services/data/v67.0/query/1",
            "//evil.com/services/data/v67.0/query/1",
            "/services/data/v67.0//evil.com",
            "/services/data/v67.0/../../x",
            "/services/data/v67.0/query/1?x=1",
            "/services/data/v67.0/query/1#x",
            "@evil.com/services/data/v67.0/query/1",
            ".evil.com/services/data/v67.0",
            "/services/data/v67.0/query/\\evil",
            "",
        ] {
            assert!(!is_path_of_ours(path), "{path}");
        }
    }

    #[test]
    fn instants_are_read_with_and_without_a_colon_in_the_offset() {
        for text in [
            "2015-08-19T08:17:00.000+0000",
            "2015-08-19T08:17:00.000Z",
            "2015-08-19T10:17:00+0200",
            "2015-08-19T10:17:00.000+02:00",
        ] {
            let read = instant(text).map(|instant| instant.to_string());
            assert_eq!(read.as_deref(), Some("2015-08-19T08:17:00Z"), "{text}");
        }
        assert_eq!(instant("yesterday"), None);
    }
}

/// A page of a query's answer. Values stay raw, for the sake of their digits.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueryPage {
    /// How many rows all pages have together.
    pub total_size: u64,
    /// Whether this is the last page.
    pub done: bool,
    /// Where the next page is.
    pub next_records_url: Option<String>,
    /// The rows.
    pub records: Vec<BTreeMap<String, Box<RawValue>>>,
}
