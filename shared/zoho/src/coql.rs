//! Reading by key, with COQL: exact, and without the lag of the search index. Pages: "Get Records through a COQL
//! Query", and Zoho's own answers on its quoting rules.

use std::collections::BTreeMap;

use counterpart_delivery::ports::{Clock, CrmRecord, Ids, Tokens};
use counterpart_domain::{CrmId, Fault, SageKey, Value};
use counterpart_http::{ApiCall, Priority, Product as _, Purpose, json_body};
use jiff::Timestamp;
use reqwest::Method;

use crate::client::{ZohoClient, checked_name};
use crate::credits::query_credits;
use crate::faults::{refused, unreadable};
use crate::product::Zoho;
use crate::wire::records::{QueryBody, QueryReply};
use crate::wire::value::plainly;

/// Zoho takes at most 100 values in an IN list.
const MOST_KEYS: usize = 100;
/// Documents name 50 fields a query; three of them are ours (id, key, time).
const MOST_FIELDS: usize = 47;
/// A query for at most this many rows costs one credit. The key is unique, so 100 keys have no more rows than that.
const ROWS: u64 = 200;
/// Pages of one query, at the very most: against a server that never stops saying `more_records`.
const MOST_PAGES: usize = 20;

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    pub(crate) async fn read_by_key(
        &self,
        module: &str,
        key_field: &str,
        keys: &[SageKey],
        fields: &[String],
    ) -> Result<Vec<CrmRecord>, Fault> {
        checked_name(module)?;
        checked_name(key_field)?;
        for field in fields {
            checked_name(field)?;
        }
        let wanted: Vec<&str> = fields
            .iter()
            .map(String::as_str)
            .filter(|field| !is_ours(field, key_field))
            .collect();
        // At least one group, so that records are found even when no field is asked for.
        let groups: Vec<&[&str]> = if wanted.is_empty() {
            vec![&[]]
        } else {
            wanted.chunks(MOST_FIELDS).collect()
        };
        let mut found: BTreeMap<CrmId, CrmRecord> = BTreeMap::new();
        for keys in keys.chunks(MOST_KEYS) {
            for group in &groups {
                for record in self.query(module, key_field, keys, group).await? {
                    match found.get_mut(&record.id) {
                        Some(known) => known.fields.extend(record.fields),
                        None => {
                            found.insert(record.id.clone(), record);
                        }
                    }
                }
            }
        }
        // What was asked for by one of our own names is answered like the rest.
        for record in found.values_mut() {
            if fields.iter().any(|field| field == key_field) {
                let key = record.key.clone().map_or(Value::Blank, Value::text);
                record.fields.insert(key_field.to_owned(), key);
            }
        }
        Ok(found.into_values().collect())
    }

    /// One query, page by page: the next page starts after the last id, so nothing is read twice or left out while
    /// records come and go.
    async fn query(
        &self,
        module: &str,
        key_field: &str,
        keys: &[SageKey],
        fields: &[&str],
    ) -> Result<Vec<CrmRecord>, Fault> {
        let mut records: Vec<CrmRecord> = Vec::new();
        let mut after: Option<CrmId> = None;
        for _ in 0..MOST_PAGES {
            let text = select(module, key_field, keys, fields, after.as_ref());
            let page = self.page(module, &text, key_field).await?;
            let last = page
                .records
                .iter()
                .map(|record| &record.id)
                .max_by_key(|id| order(id));
            let last = last.cloned();
            records.extend(page.records);
            match last {
                Some(last) if page.more => after = Some(last),
                _ => return Ok(records),
            }
        }
        Err(unreadable(Purpose::Read, "a query by key has no end"))
    }

    /// Asks a query for at most `rows` rows; none where nothing is found.
    pub(crate) async fn ask(
        &self,
        priority: Priority,
        select_query: &str,
        rows: u64,
    ) -> Result<Option<QueryReply>, Fault> {
        let body = json_body(Zoho::NAME, &QueryBody { select_query })?;
        let reply = self
            .call(&ApiCall {
                purpose: Purpose::Read,
                priority,
                method: Method::POST,
                path: "/crm/v8/coql".to_owned(),
                query: &[],
                headers: &[],
                body: Some(body),
                credits: query_credits(rows),
            })
            .await?;
        if reply.status == 204 {
            return Ok(None);
        }
        if reply.status != 200 {
            return Err(refused(&reply, self.moment()));
        }
        let answer: QueryReply = serde_json::from_str(&reply.body)
            .map_err(|error| unreadable(Purpose::Read, &error.to_string()))?;
        self.count(|usage| usage.rows_read += u64::try_from(answer.data.len()).unwrap_or(0));
        Ok(Some(answer))
    }

    async fn page(&self, module: &str, select_query: &str, key_field: &str) -> Result<Page, Fault> {
        let Some(answer) = self.ask(Priority::Record, select_query, ROWS).await? else {
            return Ok(Page::default());
        };
        let more = answer.info.more_records;
        let mut records = Vec::with_capacity(answer.data.len());
        for row in answer.data {
            let own = |name: &str| row.get(name).map(|raw| plainly(raw)).and_then(plain);
            let id = own("id").ok_or_else(|| unreadable(Purpose::Read, "a row without id"))?;
            let mut fields = BTreeMap::new();
            for (name, raw) in row.iter().filter(|(name, _)| !is_ours(name, key_field)) {
                fields.insert(name.clone(), self.read_value(module, name, raw).await?);
            }
            records.push(CrmRecord {
                id: CrmId(id),
                key: own(key_field),
                modified: own("Modified_Time").and_then(|text| text.parse::<Timestamp>().ok()),
                fields,
            });
        }
        Ok(Page { records, more })
    }
}

#[derive(Default)]
struct Page {
    records: Vec<CrmRecord>,
    more: bool,
}

/// Fields that every query reads anyway.
fn is_ours(field: &str, key_field: &str) -> bool {
    field == "id" || field == key_field || field == "Modified_Time"
}

/// Ids are numbers in text: longer is larger.
pub(crate) fn order(id: &CrmId) -> (usize, String) {
    (id.0.len(), id.0.clone())
}

pub(crate) fn plain(value: Value) -> Option<String> {
    match value {
        Value::Blank => None,
        other => Some(other.to_string()),
    }
}

/// The query. All names were checked before; the keys are quoted here.
fn select(
    module: &str,
    key_field: &str,
    keys: &[SageKey],
    fields: &[&str],
    after: Option<&CrmId>,
) -> String {
    let mut columns = vec!["id", key_field, "Modified_Time"];
    columns.extend(fields);
    let keys: Vec<String> = keys.iter().map(|key| quoted(&key.text())).collect();
    let mut condition = format!("{key_field} in ({})", keys.join(", "));
    if let Some(id) = after {
        condition = format!("({condition} and id > {})", quoted(&id.0));
    }
    format!(
        "select {} from {module} where {condition} order by id asc limit {ROWS}",
        columns.join(", ")
    )
}

/// A text in single quotes; a single quote within is doubled (a backslash has no meaning of its own).
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use counterpart_domain::{Company, Entity};

    use super::*;

    #[test]
    fn keys_are_quoted_and_pages_go_by_id() {
        let abc = Company::new("ABC").unwrap();
        let keys: Vec<SageKey> = ["01-ABF/ARTIE JOHN", "01-ABF/O'BRIEN"]
            .iter()
            .map(|local| SageKey::new(&abc, Entity::CONTACT, local).unwrap())
            .collect();
        insta::assert_snapshot!(select(
            "Contacts",
            "Sage_Key",
            &keys,
            &["Last_Name", "Email"],
            None
        ));
        insta::assert_snapshot!(select(
            "Contacts",
            "Sage_Key",
            &keys[..1],
            &[],
            Some(&CrmId("4150868000000376008".into()))
        ));
    }
}
