//! Reading by any field: the children of a record, and those that are alike. Page: "Get Records through a COQL Query", whose
//! lookups are compared by id.

use std::collections::BTreeMap;

use counterpart_delivery::ports::{Clock, CrmRecord, Ids, Tokens};
use counterpart_domain::{Class, CrmId, Fault};
use counterpart_http::{Priority, Purpose};
use jiff::Timestamp;

use crate::client::{ZohoClient, checked_name};
use crate::coql::{order, plain, quoted};
use crate::faults::unreadable;
use crate::wire::value::plainly;

/// Values of one list. Zoho takes 100; names are longer than keys.
const MOST_VALUES: usize = 50;
/// Fields of one query, beside the id and the time.
const MOST_FIELDS: usize = 47;
/// A query for at most this many rows costs one credit.
const ROWS: u64 = 200;
/// Pages of one query, at the very most.
const MOST_PAGES: usize = 50;

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    pub(crate) async fn read_by_field(
        &self,
        module: &str,
        field: &str,
        values: &[String],
        blank: Option<&str>,
        fields: &[String],
        most: Option<usize>,
    ) -> Result<Vec<CrmRecord>, Fault> {
        let (module, field) = (checked_name(module)?, checked_name(field)?);
        let blank = blank.map(checked_name).transpose()?;
        let mut wanted: Vec<&str> = Vec::new();
        for name in fields {
            let name = checked_name(name)?;
            if name != "id" && name != "Modified_Time" && !wanted.contains(&name) {
                wanted.push(name);
            }
        }
        wanted.truncate(MOST_FIELDS);
        let most = most.unwrap_or(usize::MAX);
        let mut found: Vec<CrmRecord> = Vec::new();
        for part in values.chunks(MOST_VALUES) {
            let condition = condition(field, part, blank);
            let left = most.saturating_sub(found.len());
            found.extend(self.all_of(module, &condition, &wanted, left).await?);
            if found.len() > most {
                break;
            }
        }
        Ok(found)
    }

    /// Page by page: the next one starts after the last id. No more pages once there are more than `most`.
    async fn all_of(
        &self,
        module: &str,
        condition: &str,
        wanted: &[&str],
        most: usize,
    ) -> Result<Vec<CrmRecord>, Fault> {
        let mut found: Vec<CrmRecord> = Vec::new();
        let mut after: Option<CrmId> = None;
        for _ in 0..MOST_PAGES {
            let query = select(module, condition, wanted, after.as_ref());
            let Some(answer) = self.ask(Priority::Record, &query, ROWS).await? else {
                return Ok(found);
            };
            let mut page = Vec::with_capacity(answer.data.len());
            for row in &answer.data {
                let read = |name: &str| row.get(name).and_then(|raw| plain(plainly(raw)));
                let id = read("id").ok_or_else(|| unreadable(Purpose::Read, "a row without id"))?;
                let mut fields = BTreeMap::new();
                for (name, raw) in row {
                    if name != "id" && name != "Modified_Time" {
                        fields.insert(name.clone(), self.read_value(module, name, raw).await?);
                    }
                }
                page.push(CrmRecord {
                    id: CrmId(id),
                    key: None,
                    modified: read("Modified_Time").and_then(|text| text.parse::<Timestamp>().ok()),
                    fields,
                });
            }
            let last = page.iter().map(|record| &record.id);
            let last = last.max_by_key(|id| order(id)).cloned();
            found.extend(page);
            match last {
                Some(last) if answer.info.more_records && found.len() <= most => after = Some(last),
                _ => return Ok(found),
            }
        }
        Err(too_many(module))
    }
}

/// Fewer values may be fewer records; of one value nobody can look at so many.
fn too_many(module: &str) -> Fault {
    Fault::new(
        Class::Data,
        "E_CRM_TOO_MANY",
        format!(
            "Zoho has more than {} records of {module} that were asked for by a field: too many to be looked at.",
            MOST_PAGES as u64 * ROWS
        ),
    )
}

/// All names were checked before; the values are quoted here.
fn condition(field: &str, values: &[String], blank: Option<&str>) -> String {
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    let condition = format!("{field} in ({})", values.join(", "));
    match blank {
        Some(blank) => format!("({condition} and {blank} is null)"),
        None => condition,
    }
}

fn select(module: &str, condition: &str, wanted: &[&str], after: Option<&CrmId>) -> String {
    let mut columns = vec!["id", "Modified_Time"];
    columns.extend(wanted);
    let condition = match after {
        Some(id) => format!("({condition} and id > {})", quoted(&id.0)),
        None => condition.to_owned(),
    };
    format!(
        "select {} from {module} where {condition} order by id asc limit {ROWS}",
        columns.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_and_pages_go_by_id() {
        let values = ["O'Brien".to_owned(), "ABF".to_owned()];
        let unkeyed = condition("Account_Name", &values, Some("Sage_Key"));
        insta::assert_snapshot!(
            select("Accounts", &unkeyed, &["Phone"], None),
            @"select id, Modified_Time, Phone from Accounts where (Account_Name in ('O''Brien', 'ABF') and Sage_Key is null) order by id asc limit 200"
        );
        let last = CrmId("4150868000000376008".into());
        let all = condition("Account_Name", &values[1..], None);
        insta::assert_snapshot!(
            select("Contacts", &all, &[], Some(&last)),
            @"select id, Modified_Time from Contacts where (Account_Name in ('ABF') and id > '4150868000000376008') order by id asc limit 200"
        );
    }
}
