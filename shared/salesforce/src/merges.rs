//! What became of records that were merged. Pages of the standard objects: `MasterRecordId`.

use counterpart_config::{SALESFORCE, salesforce_id};
use counterpart_delivery::ports::{Clock, Ids, Tokens};
use counterpart_domain::{CrmId, Fault};

use crate::client::{SalesforceClient, checked_name};
use crate::query::{Row, no_id, plain};
use crate::soql::quoted;

/// As many as a merge of merges has; each takes at most two at once.
const MOST: u32 = 50;

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    /// `queryAll` finds the recycle bin's rows; what was taken out of the bin tells nothing any more.
    pub(crate) async fn survivor_of(
        &self,
        object: &str,
        id: &CrmId,
    ) -> Result<Option<CrmId>, Fault> {
        let rows = self.merges("MasterRecordId", object, "Id", id).await?;
        let row = rows.into_iter().next();
        let survivor = row.and_then(|row| plain(&row, "MasterRecordId"));
        Ok(survivor.map(CrmId))
    }

    pub(crate) async fn merged_with(&self, object: &str, id: &CrmId) -> Result<Vec<CrmId>, Fault> {
        let rows = self.merges("Id", object, "MasterRecordId", id).await?;
        let id = |row: &Row| Ok(CrmId(plain(row, "Id").ok_or_else(no_id)?));
        rows.iter().map(id).collect()
    }

    async fn merges(
        &self,
        column: &str,
        object: &str,
        by: &str,
        id: &CrmId,
    ) -> Result<Vec<Row>, Fault> {
        let object = checked_name(object)?;
        let Some(soql) = select(column, object, by, id) else {
            return Ok(Vec::new());
        };
        match self.sale_query("queryAll", &soql).await {
            // An integration user who may not see the field.
            Err(fault) if fault.code == "E_CRM_FIELD_INVALID" => Ok(Vec::new()),
            answer => answer,
        }
    }
}

/// None: the object cannot be merged, or what is no id is the id of nothing.
fn select(column: &str, object: &str, by: &str, id: &CrmId) -> Option<String> {
    let known = |name: &&str| name.eq_ignore_ascii_case(object);
    if !SALESFORCE.mergeable.iter().any(known) {
        return None;
    }
    let id = quoted(&salesforce_id(&id.0)?);
    Some(format!(
        "SELECT {column} FROM {object} WHERE {by} = {id} AND IsDeleted = true LIMIT {MOST}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_merged_is_asked_for_merges() {
        let id = CrmId("001000000000001AAA".to_owned());
        let asked = select("MasterRecordId", "Account", "Id", &id);
        insta::assert_snapshot!(asked.unwrap(), @"SELECT MasterRecordId FROM Account WHERE Id = '001000000000001AAA' AND IsDeleted = true LIMIT 50");
        for other in ["Sage_Item__c", "Asset"] {
            assert_eq!(select("Id", other, "MasterRecordId", &id), None);
        }
        let none = CrmId("' OR Name != '".to_owned());
        assert_eq!(select("Id", "Account", "MasterRecordId", &none), None);
    }
}
