//! Bulk writes, by key and by id. Pages: "Upsert Multiple Records with Fewer Round-Trips", "Update Multiple Records with
//! Fewer Round-Trips".

use std::borrow::Cow;

use counterpart_config::salesforce_id;
use counterpart_delivery::ports::{
    Clock, Ids, RowOutcome, Tokens, UpdateRow, UpsertCall, UpsertRow,
};
use counterpart_domain::Fault;
use counterpart_http::{
    Judged, Priority, Purpose, Reply, check_rows, update_by_id, with_second_try,
};
use reqwest::Method;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value as Json;

use crate::client::{SalesforceClient, checked_name};
use crate::duplicates::calls;
use crate::faults::{refused, unreadable};
use crate::product::Salesforce;
use crate::rows::{Sent, judge, met_by_all};
use crate::wire::value::Outgoing;

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    /// One call for all rows, or more where a key comes twice; and, where somebody else wrote or deleted a row's record
    /// at the same moment, one more for those rows only.
    pub(crate) async fn upsert_rows(&self, call: &UpsertCall) -> Result<Vec<RowOutcome>, Fault> {
        let object = checked_name(&call.module)?;
        let key_field = checked_name(&call.key_field)?;
        check_rows::<Salesforce>(call.rows.len())?;
        let mut all = Cow::Borrowed(call.rows.as_slice());
        for (at, row) in call.rows.iter().enumerate() {
            if let Cow::Owned(fields) = self.in_html(object, &row.fields).await?
                && let Some(row) = all.to_mut().get_mut(at)
            {
                row.fields = fields;
            }
        }
        let mut outcomes: Vec<(usize, RowOutcome)> = Vec::with_capacity(call.rows.len());
        for positions in calls(&call.rows) {
            let rows: Vec<&UpsertRow> = positions.iter().filter_map(|at| all.get(*at)).collect();
            // A later call that fails as a whole takes the earlier ones along: all of them may be repeated.
            let part = with_second_try(&rows, async |rows| {
                self.upsert_once(object, key_field, rows).await
            })
            .await?;
            outcomes.extend(positions.into_iter().zip(part));
        }
        outcomes.sort_by_key(|(at, _)| *at);
        Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
    }

    async fn upsert_once(
        &self,
        object: &str,
        key_field: &str,
        rows: &[&UpsertRow],
    ) -> Result<Vec<Judged>, Fault> {
        let body = CollectionBody {
            all_or_none: false,
            records: rows
                .iter()
                .map(|row| RowBody {
                    object,
                    key_field,
                    row,
                })
                .collect(),
        };
        let path = self.path(&format!("composite/sobjects/{object}/{key_field}"));
        let reply = self
            .api
            .write_rows(Method::PATCH, path, Priority::Record, rows.len(), &body)
            .await?;
        let sent: Vec<Sent<'_>> = rows
            .iter()
            .map(|row| Sent::by_key(key_field, row))
            .collect();
        self.judge_all(&sent, &reply)
    }

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
        let mut all = Cow::Borrowed(rows);
        for (at, row) in rows.iter().enumerate() {
            if let Cow::Owned(fields) = self.in_html(object, &row.fields).await?
                && let Some(row) = all.to_mut().get_mut(at)
            {
                row.fields = fields;
            }
        }
        update_by_id::<Salesforce>(&all, salesforce_id, async |rows| {
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

    /// The verdict on each row of a bulk write, by position.
    fn judge_all(&self, rows: &[Sent<'_>], reply: &Reply) -> Result<Vec<Judged>, Fault> {
        let moment = self.moment();
        if !reply.is_success() {
            return Err(refused(reply, moment));
        }
        let entries: Vec<Json> = serde_json::from_str(&reply.body)
            .map_err(|_| unreadable(Purpose::Write, "no list in the answer to a bulk write"))?;
        if entries.len() != rows.len() {
            return Err(unreadable(
                Purpose::Write,
                &format!("{} rows sent, {} answered", rows.len(), entries.len()),
            ));
        }
        let judged: Vec<Judged> = rows
            .iter()
            .zip(&entries)
            .map(|(row, entry)| judge(*row, entry, moment))
            .collect();
        met_by_all(&judged).map_or(Ok(judged), Err)
    }
}

/// The body of a bulk write.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct CollectionBody<R> {
    /// False: one bad row does not take the others along.
    all_or_none: bool,
    /// The rows.
    records: Vec<R>,
}

/// One row of an upsert: its type and the key field first, then the others. Never an `Id`: the key decides.
struct RowBody<'a> {
    /// The object.
    object: &'a str,
    /// The external id field.
    key_field: &'a str,
    /// The row.
    row: &'a UpsertRow,
}

#[derive(serde::Serialize)]
struct Attributes<'a> {
    r#type: &'a str,
}

impl Serialize for RowBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let attributes = Attributes {
            r#type: self.object,
        };
        map.serialize_entry("attributes", &attributes)?;
        map.serialize_entry(self.key_field, &self.row.key.text())?;
        for (name, value) in &self.row.fields {
            let ours = ["Id", "attributes", self.key_field]
                .iter()
                .any(|own| own.eq_ignore_ascii_case(name));
            if !ours {
                map.serialize_entry(name, &Outgoing(value))?;
            }
        }
        map.end()
    }
}

/// One row of an update: its type and its id first, then the fields.
struct UpdateBody<'a> {
    /// The object.
    object: &'a str,
    /// The row.
    row: &'a UpdateRow,
}

impl Serialize for UpdateBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let attributes = Attributes {
            r#type: self.object,
        };
        map.serialize_entry("attributes", &attributes)?;
        map.serialize_entry("id", &self.row.id.0)?;
        for (name, value) in &self.row.fields {
            let ours = ["Id", "attributes"]
                .iter()
                .any(|own| own.eq_ignore_ascii_case(name));
            if !ours {
                map.serialize_entry(name, &Outgoing(value))?;
            }
        }
        map.end()
    }
}
