//! What was changed, and what was deleted. Page: "QueryAll".

use counterpart_config::{SALESFORCE, salesforce_id};
use counterpart_delivery::ports::{ChangedId, ChangesAfter, Clock, DeletedSince, Ids, Tokens};
use counterpart_domain::{CrmId, Fault, Value};
use counterpart_http::Purpose;
use jiff::Timestamp;

use crate::client::{SalesforceClient, checked_name};
use crate::faults::unreadable;
use crate::query::{Row, instant, no_id, plain, raw};
use crate::soql::quoted;
use crate::wire::value::{FieldType, incoming};

/// One page of an answer.
const MOST: u32 = 2_000;

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    /// `queryAll` finds the recycle bin's rows, too: a deletion moves `SystemModstamp`. What was taken out of the bin is
    /// found nowhere.
    pub(crate) async fn changed(
        &self,
        object: &str,
        since: Timestamp,
        after: Option<&ChangesAfter>,
        limit: u32,
    ) -> Result<Vec<ChangedId>, Fault> {
        let mut found: Vec<ChangedId> = Vec::new();
        let mut after = after.cloned();
        loop {
            let left = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            if left == 0 {
                return Ok(found);
            }
            let soql = select(object, since, after.as_ref(), left.min(MOST))?;
            let rows = self.sale_query("queryAll", &soql).await?;
            let full = rows.len() >= left.min(MOST) as usize;
            for row in &rows {
                found.push(changed(row, line_parent(object))?);
            }
            match found.last() {
                Some(last) if full => {
                    after = Some(ChangesAfter {
                        modified: last.modified,
                        id: last.id.clone(),
                    });
                }
                _ => return Ok(found),
            }
        }
    }
}

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    /// What lies in the recycle bin since then; of more than [`MOST`], the newest.
    pub(crate) async fn deleted(
        &self,
        object: &str,
        since: Timestamp,
    ) -> Result<DeletedSince, Fault> {
        let soql = select_deleted(object, since)?;
        let rows = self.sale_query("queryAll", &soql).await?;
        let id = |row: &Row| plain(row, "Id").map(CrmId).ok_or_else(no_id);
        Ok(DeletedSince {
            cut: rows.len() >= MOST as usize,
            ids: rows.iter().map(id).collect::<Result<_, Fault>>()?,
        })
    }
}

fn select_deleted(object: &str, since: Timestamp) -> Result<String, Fault> {
    let object = checked_name(object)?;
    let since = literal(since);
    Ok(format!(
        "SELECT Id FROM {object} WHERE IsDeleted = TRUE AND SystemModstamp >= {since} \
         ORDER BY SystemModstamp DESC LIMIT {MOST}"
    ))
}

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    /// A change event of a line names no more than the fields that were changed. Of what was deleted `queryAll` finds what lies
    /// in the recycle bin: products of an opportunity do not, but what one of them was counted for moves the opportunity's own
    /// stamp.
    pub(crate) async fn parent_of_line(
        &self,
        object: &str,
        id: &CrmId,
    ) -> Result<Option<CrmId>, Fault> {
        let (Some(parent), Some(id)) = (line_parent(object), salesforce_id(&id.0)) else {
            return Ok(None);
        };
        let soql = format!(
            "SELECT {parent} FROM {} WHERE Id = {}",
            checked_name(object)?,
            quoted(&id)
        );
        let rows = self.sale_query("queryAll", &soql).await?;
        let row = rows.first();
        Ok(row.and_then(|row| plain(row, parent)).map(CrmId))
    }
}

/// The field by which a line leads to its record.
fn line_parent(object: &str) -> Option<&'static str> {
    SALESFORCE.source_of_lines(object)?.line_parent
}

/// `parent`: the field of the record that it is a line of.
fn changed(row: &Row, parent: Option<&str>) -> Result<ChangedId, Fault> {
    let modified = plain(row, "SystemModstamp").and_then(|text| instant(&text));
    let deleted = raw(row, "IsDeleted").and_then(|raw| incoming(FieldType::Text, raw));
    Ok(ChangedId {
        id: CrmId(plain(row, "Id").ok_or_else(no_id)?),
        modified: modified.ok_or_else(|| unreadable(Purpose::Read, "a row without its time"))?,
        modified_by: plain(row, "LastModifiedById").map(CrmId),
        deleted: deleted == Some(Value::Flag(true)),
        line_of: parent.and_then(|parent| plain(row, parent)).map(CrmId),
    })
}

fn select(
    object: &str,
    since: Timestamp,
    after: Option<&ChangesAfter>,
    limit: u32,
) -> Result<String, Fault> {
    let object = checked_name(object)?;
    let mut condition = format!("SystemModstamp >= {}", literal(since));
    if let Some(after) = after {
        let at = literal(after.modified);
        let id = salesforce_id(&after.id.0).unwrap_or_default();
        condition = format!(
            "{condition} AND (SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > {}))",
            quoted(&id)
        );
    }
    let parent = line_parent(object).map_or_else(String::new, |parent| format!(", {parent}"));
    Ok(format!(
        "SELECT Id, SystemModstamp, LastModifiedById, IsDeleted{parent} FROM {object} WHERE {condition} \
         ORDER BY SystemModstamp, Id LIMIT {limit}"
    ))
}

/// A time as SOQL takes it: UTC, milliseconds, no quotes.
fn literal(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_go_by_time_and_id() {
        let since: Timestamp = "2026-11-22T12:00:00.1234567Z".parse().unwrap();
        insta::assert_snapshot!(select("Opportunity", since, None, 200).unwrap(), @"SELECT Id, SystemModstamp, LastModifiedById, IsDeleted FROM Opportunity WHERE SystemModstamp >= 2026-11-22T12:00:00.123Z ORDER BY SystemModstamp, Id LIMIT 200");
        let after = ChangesAfter {
            modified: "2026-11-22T12:00:05Z".parse().unwrap(),
            id: CrmId("006000000000001AAA".into()),
        };
        insta::assert_snapshot!(select("Opportunity", since, Some(&after), 2).unwrap(), @"SELECT Id, SystemModstamp, LastModifiedById, IsDeleted FROM Opportunity WHERE SystemModstamp >= 2026-11-22T12:00:00.123Z AND (SystemModstamp > 2026-11-22T12:00:05.000Z OR (SystemModstamp = 2026-11-22T12:00:05.000Z AND Id > '006000000000001AAA')) ORDER BY SystemModstamp, Id LIMIT 2");
        assert!(select("Opportunity WHERE", since, None, 1).is_err());
        insta::assert_snapshot!(select("OrderItem", since, None, 200).unwrap(), @"SELECT Id, SystemModstamp, LastModifiedById, IsDeleted, OrderId FROM OrderItem WHERE SystemModstamp >= 2026-11-22T12:00:00.123Z ORDER BY SystemModstamp, Id LIMIT 200");
        insta::assert_snapshot!(select_deleted("Opportunity", since).unwrap(), @"SELECT Id FROM Opportunity WHERE IsDeleted = TRUE AND SystemModstamp >= 2026-11-22T12:00:00.123Z ORDER BY SystemModstamp DESC LIMIT 2000");
    }
}
