//! Writing by id. A row holds fields only: no subform is ever written, since Zoho appends rows that come without their id.
//! Page: "Update Records".

use counterpart_delivery::ports::{Clock, Ids, RowOutcome, Tokens, UpdateRow};
use counterpart_domain::{Class, Fault};
use counterpart_http::{
    ApiCall, Judged, Priority, Product as _, Purpose, json_body, without_twins,
};
use reqwest::Method;

use crate::client::{ZohoClient, checked_name};
use crate::document::is_id;
use crate::product::Zoho;
use crate::rows::Sent;
use crate::upsert::{MOST_ROWS, too_many};
use crate::usage::upsert_credits;
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
        if rows.len() > MOST_ROWS {
            return Err(too_many(rows.len()));
        }
        let mut outcomes: Vec<RowOutcome> = rows.iter().map(|row| Err(no_record(row))).collect();
        let known: Vec<(usize, &UpdateRow)> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| is_id(&row.id.0))
            .collect();
        for positions in without_twins(known.iter().map(|(_, row)| row.id.0.clone())) {
            let part: Vec<(usize, &UpdateRow)> = positions
                .iter()
                .filter_map(|at| known.get(*at).copied())
                .collect();
            // A later call that fails as a whole takes the earlier ones along: all of them may be repeated.
            let sent: Vec<&UpdateRow> = part.iter().map(|(_, row)| *row).collect();
            let judged = self.update_once(module, &sent, priority).await?;
            for ((at, _), outcome) in part.iter().zip(judged) {
                if let Some(place) = outcomes.get_mut(*at) {
                    *place = outcome;
                }
            }
        }
        Ok(outcomes)
    }

    async fn update_once(
        &self,
        module: &str,
        rows: &[&UpdateRow],
        priority: Priority,
    ) -> Result<Vec<RowOutcome>, Fault> {
        let body = UpdateBody {
            data: rows.iter().map(|row| UpdateRowBody(row)).collect(),
            trigger: [],
        };
        let body = json_body(Zoho::NAME, &body)?;
        let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let reply = self
            .call(&ApiCall {
                purpose: Purpose::Write,
                priority,
                method: Method::PUT,
                path: format!("/crm/v8/{module}"),
                query: &[],
                headers: &[],
                body: Some(body),
                credits: upsert_credits(count),
            })
            .await?;
        self.count(|usage| usage.rows_written += count);
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
        format!("{} is no record of Zoho.", row.id),
    )
}
