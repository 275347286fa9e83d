//! Writing by id. Page: "Update Multiple Records with Fewer Round-Trips".

use counterpart_config::salesforce_id;
use counterpart_delivery::ports::{Clock, Ids, RowOutcome, Tokens, UpdateRow};
use counterpart_domain::Fault;
use counterpart_http::{Judged, Priority, update_by_id};
use reqwest::Method;

use crate::client::{SalesforceClient, checked_name};
use crate::product::Salesforce;
use crate::rows::Sent;
use crate::wire::records::{CollectionBody, UpdateBody};

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    /// One call for all rows, or more where an id comes twice: Salesforce refuses both rows then.
    pub(crate) async fn update_rows(
        &self,
        object: &str,
        rows: &[UpdateRow],
        priority: Priority,
    ) -> Result<Vec<RowOutcome>, Fault> {
        let object = checked_name(object)?;
        for name in rows.iter().flat_map(|row| row.fields.keys()) {
            checked_name(name)?;
        }
        update_by_id::<Salesforce>(rows, salesforce_id, async |rows| {
            self.update_once(object, rows, priority).await
        })
        .await
    }

    async fn update_once(
        &self,
        object: &str,
        rows: &[&UpdateRow],
        priority: Priority,
    ) -> Result<Vec<Judged>, Fault> {
        let body = CollectionBody {
            all_or_none: false,
            records: rows.iter().map(|row| UpdateBody { object, row }).collect(),
        };
        let path = self.path("composite/sobjects");
        let reply = self
            .api
            .write_rows(Method::PATCH, path, priority, rows.len(), &body)
            .await?;
        let sent: Vec<Sent<'_>> = rows.iter().map(|row| Sent::by_id(row)).collect();
        self.judge_all(&sent, &reply)
    }
}
