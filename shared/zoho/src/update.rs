//! Writing by id. A row holds fields only: no subform is ever written, since Zoho appends rows that come without their id.
//! Page: "Update Records".

use std::borrow::Cow;

use counterpart_delivery::ports::{Clock, Ids, RowOutcome, Tokens, UpdateRow};
use counterpart_domain::Fault;
use counterpart_http::{Judged, Priority, update_by_id};
use reqwest::Method;

use crate::client::{ZohoClient, checked_name};
use crate::document::is_id;
use crate::product::Zoho;
use crate::rows::Sent;
use crate::wire::records::{UpdateBody, UpdateRowBody};

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    /// One call for all rows, or more where an id comes twice: in one call nothing says which of them comes last.
    pub(crate) async fn update_rows(
        &self,
        module: &str,
        rows: &[UpdateRow],
        priority: Priority,
    ) -> Result<Vec<RowOutcome>, Fault> {
        checked_name(module)?;
        for name in rows.iter().flat_map(|row| row.fields.keys()) {
            checked_name(name)?;
        }
        let record_id = |id: &str| is_id(id).then(|| id.to_owned());
        let mut all = Cow::Borrowed(rows);
        for (at, row) in rows.iter().enumerate() {
            if let Cow::Owned(fields) = self.in_html(module, &row.fields).await?
                && let Some(row) = all.to_mut().get_mut(at)
            {
                row.fields = fields;
            }
        }
        update_by_id::<Zoho>(&all, record_id, async |rows| {
            self.update_once(module, rows, priority).await
        })
        .await
    }

    async fn update_once(
        &self,
        module: &str,
        rows: &[&UpdateRow],
        priority: Priority,
    ) -> Result<Vec<Judged>, Fault> {
        let body = UpdateBody {
            data: rows.iter().map(|row| UpdateRowBody(row)).collect(),
            trigger: [],
        };
        let path = format!("/crm/v8/{module}");
        let reply = self
            .api
            .write_rows(Method::PUT, path, priority, rows.len(), &body)
            .await?;
        let sent: Vec<Sent<'_>> = rows.iter().map(|row| Sent::by_id(row)).collect();
        self.judge_all(&sent, &reply)
    }
}
