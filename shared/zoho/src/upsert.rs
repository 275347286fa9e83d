//! Bulk writes. Page: "Upsert Records".

use std::borrow::Cow;

use counterpart_delivery::ports::{Clock, Ids, RowOutcome, Tokens, UpsertCall, UpsertRow};
use counterpart_domain::Fault;
use counterpart_http::{Judged, Priority, Purpose, Reply, check_rows, with_second_try};
use reqwest::Method;
use serde_json::Value as Json;

use crate::client::{ZohoClient, checked_name};
use crate::faults::{refused, unreadable};
use crate::product::Zoho;
use crate::rows::{Sent, judge};
use crate::wire::error::ApiError;
use crate::wire::records::{RowBody, UpsertBody};

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    /// One call for all rows; and, where Zoho reports a row's own key as a duplicate (two writers at the same moment),
    /// one more for those rows only.
    pub(crate) async fn upsert_rows(&self, call: &UpsertCall) -> Result<Vec<RowOutcome>, Fault> {
        checked_name(&call.module)?;
        checked_name(&call.key_field)?;
        check_rows::<Zoho>(call.rows.len())?;
        let mut all = Cow::Borrowed(call.rows.as_slice());
        for (at, row) in call.rows.iter().enumerate() {
            if let Cow::Owned(fields) = self.in_html(&call.module, &row.fields).await?
                && let Some(row) = all.to_mut().get_mut(at)
            {
                row.fields = fields;
            }
        }
        let rows: Vec<&UpsertRow> = all.iter().collect();
        with_second_try(&rows, async |rows| {
            self.upsert_once(&call.module, &call.key_field, rows).await
        })
        .await
    }

    async fn upsert_once(
        &self,
        module: &str,
        key_field: &str,
        rows: &[&UpsertRow],
    ) -> Result<Vec<Judged>, Fault> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let body = UpsertBody {
            data: rows.iter().map(|row| RowBody { key_field, row }).collect(),
            duplicate_check_fields: [key_field],
            trigger: [],
        };
        let path = format!("/crm/v8/{module}/upsert");
        let reply = self
            .api
            .write_rows(Method::POST, path, Priority::Record, rows.len(), &body)
            .await?;
        let sent: Vec<Sent<'_>> = rows
            .iter()
            .map(|row| Sent::by_key(key_field, row))
            .collect();
        self.judge_all(&sent, &reply)
    }

    /// The verdict on each row of a bulk write, by position.
    pub(crate) fn judge_all(&self, rows: &[Sent<'_>], reply: &Reply) -> Result<Vec<Judged>, Fault> {
        let moment = self.moment();
        match reply.status {
            // Some refusals of a single row come under a status of their own.
            200 | 201 | 202 | 207 | 400 | 403 | 404 | 409 | 412 => {}
            other if reply.is_success() => {
                return Err(unreadable(Purpose::Write, &format!("HTTP {other}")));
            }
            _ => return Err(refused(reply, moment)),
        }
        let body: Option<Json> = serde_json::from_str(&reply.body).ok();
        let entries = body
            .as_ref()
            .and_then(|body| body.get("data"))
            .and_then(Json::as_array);
        match entries {
            Some(entries) if entries.len() == rows.len() => Ok(rows
                .iter()
                .zip(entries)
                .map(|(row, entry)| judge(*row, entry, moment))
                .collect()),
            // One entry for many rows is an error of the call, wrapped.
            Some(entries) => match entries.as_slice() {
                [only] if !reply.is_success() && ApiError::of(only).is_some() => {
                    Err(refused(reply, moment))
                }
                _ => Err(unreadable(
                    Purpose::Write,
                    &format!("{} rows sent, {} answered", rows.len(), entries.len()),
                )),
            },
            None if reply.is_success() && body.as_ref().and_then(ApiError::of).is_none() => Err(
                unreadable(Purpose::Write, "no data in the answer to a bulk write"),
            ),
            None => Err(refused(reply, moment)),
        }
    }
}
