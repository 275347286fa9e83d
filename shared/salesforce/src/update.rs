//! Writing by id. Page: "Update Multiple Records with Fewer Round-Trips".

use counterpart_config::salesforce_id;
use counterpart_delivery::ports::{Clock, Ids, RowOutcome, Tokens, UpdateRow};
use counterpart_domain::{Class, CrmId, Fault};
use counterpart_http::{
    ApiCall, Judged, Priority, Product as _, Purpose, json_body, without_twins,
};
use reqwest::Method;

use crate::client::{SalesforceClient, checked_name};
use crate::product::Salesforce;
use crate::rows::Sent;
use crate::upsert::{MOST_ROWS, too_many};
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
        if rows.len() > MOST_ROWS {
            return Err(too_many(rows.len()));
        }
        let known: Vec<Option<UpdateRow>> = rows
            .iter()
            .map(|row| {
                Some(UpdateRow {
                    id: CrmId(salesforce_id(&row.id.0)?),
                    fields: row.fields.clone(),
                })
            })
            .collect();
        let mut outcomes: Vec<RowOutcome> = rows.iter().map(|row| Err(no_record(row))).collect();
        let (places, known): (Vec<usize>, Vec<UpdateRow>) = known
            .into_iter()
            .enumerate()
            .filter_map(|(at, row)| Some((at, row?)))
            .unzip();
        for positions in without_twins(known.iter().map(|row| row.id.0.clone())) {
            let part: Vec<&UpdateRow> = positions.iter().filter_map(|at| known.get(*at)).collect();
            // A later call that fails as a whole takes the earlier ones along: all of them may be repeated.
            let judged = self.update_once(object, &part, priority).await?;
            for (position, outcome) in positions.iter().zip(judged) {
                let place = places.get(*position).and_then(|at| outcomes.get_mut(*at));
                if let Some(place) = place {
                    *place = outcome;
                }
            }
        }
        Ok(outcomes)
    }

    async fn update_once(
        &self,
        object: &str,
        rows: &[&UpdateRow],
        priority: Priority,
    ) -> Result<Vec<RowOutcome>, Fault> {
        let body = CollectionBody {
            all_or_none: false,
            records: rows.iter().map(|row| UpdateBody { object, row }).collect(),
        };
        let body = json_body(Salesforce::NAME, &body)?;
        let reply = self
            .call(&ApiCall {
                purpose: Purpose::Write,
                priority,
                method: Method::PATCH,
                path: self.path("composite/sobjects"),
                query: &[],
                headers: &[],
                body: Some(body),
                credits: 1,
            })
            .await?;
        self.count(|usage| usage.rows_written += u64::try_from(rows.len()).unwrap_or(u64::MAX));
        let sent: Vec<Sent<'_>> = rows.iter().map(|row| Sent::by_id(row)).collect();
        let judged = self.judge_all(&sent, &reply)?;
        Ok(judged
            .into_iter()
            .map(|judged| match judged {
                Judged::Final(outcome) => outcome,
                Judged::Raced(fault) => Err(fault),
            })
            .collect())
    }
}

/// What is no id is the id of no record; nothing is sent for it.
fn no_record(row: &UpdateRow) -> Fault {
    Fault::new(
        Class::Data,
        "E_CRM_RECORD_GONE",
        format!("{} is no record of Salesforce.", row.id),
    )
}
