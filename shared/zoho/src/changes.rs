//! What was changed, and what was deleted. Pages: "Get Records through a COQL Query", "Get Deleted Records".

use counterpart_delivery::ports::{
    ChangedId, ChangesAfter, Clock, DeletedSince, Deletions, Ids, Tokens,
};
use counterpart_domain::{CrmId, Fault};
use counterpart_http::{ApiCall, Priority, Purpose, id, text};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::Value as Json;

use crate::client::{ZohoClient, checked_name};
use crate::coql::{plain, quoted};
use crate::faults::{refused, unreadable};
use crate::metadata::list;
use crate::wire::records::Row;
use crate::wire::value::plainly;

/// The most rows of one query.
const MOST: u32 = 2_000;
/// The most rows of one page of deleted records.
const PER_PAGE: &str = "200";
/// Pages that are read for one question at most: 10,000 records.
const MOST_PAGES: u32 = 50;

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    /// Deletions are a list of their own at Zoho: [`ZohoClient::deleted_page`].
    pub(crate) async fn changed(
        &self,
        module: &str,
        since: Timestamp,
        after: Option<&ChangesAfter>,
        limit: u32,
    ) -> Result<Vec<ChangedId>, Fault> {
        let module = checked_name(module)?;
        // Zoho's times have whole seconds: what was changed later within this one has the same time as `since`.
        self.modified(module, second(since), after, limit).await
    }

    async fn modified(
        &self,
        module: &str,
        since: Timestamp,
        after: Option<&ChangesAfter>,
        limit: u32,
    ) -> Result<Vec<ChangedId>, Fault> {
        let mut found: Vec<ChangedId> = Vec::new();
        let mut after = after.cloned();
        loop {
            let left = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            let rows = left.min(MOST);
            if rows == 0 {
                return Ok(found);
            }
            let query = select(module, since, after.as_ref(), rows);
            let Some(answer) = self.ask(Priority::Order, &query, rows.into()).await? else {
                return Ok(found);
            };
            for row in &answer.data {
                found.push(changed(row)?);
            }
            match found.last() {
                Some(last) if answer.data.len() >= rows as usize || answer.info.more_records => {
                    let next = ChangesAfter {
                        modified: last.modified,
                        id: last.id.clone(),
                    };
                    if after.as_ref() == Some(&next) {
                        return Err(unreadable(Purpose::Read, "a query by time has no end"));
                    }
                    after = Some(next);
                }
                _ => return Ok(found),
            }
        }
    }

    /// What was deleted at `from` or later, as far as the first pages tell.
    pub(crate) async fn deleted(
        &self,
        module: &str,
        from: Timestamp,
    ) -> Result<DeletedSince, Fault> {
        let mut ids = Vec::new();
        for page in 1..=MOST_PAGES {
            let deletions = self.deleted_page(module, from, page).await?;
            ids.extend(deletions.rows.into_iter().map(|row| row.id));
            if !deletions.more {
                return Ok(DeletedSince { ids, cut: false });
            }
        }
        tracing::warn!(
            target.name = %self.target(),
            crm.module = module,
            found = ids.len(),
            "more was deleted than is looked through"
        );
        Ok(DeletedSince { ids, cut: true })
    }

    /// A page of what was deleted at `from` or later. The list has no order that is documented, and no end of its pages.
    pub(crate) async fn deleted_page(
        &self,
        module: &str,
        from: Timestamp,
        page: u32,
    ) -> Result<Deletions, Fault> {
        let from = second(from);
        // One second earlier, since nothing says whether the header's own second is still of the list.
        let header = literal(
            from.saturating_sub(SignedDuration::from_secs(1))
                .unwrap_or(from),
        );
        let page = page.to_string();
        let query = [
            ("type", "all"),
            ("page", page.as_str()),
            ("per_page", PER_PAGE),
        ];
        let reply = self
            .call(&ApiCall {
                purpose: Purpose::Read,
                priority: Priority::Order,
                method: Method::GET,
                path: format!("/crm/v8/{module}/deleted"),
                query: &query,
                headers: &[("If-Modified-Since", &header)],
                body: None,
                credits: 2,
            })
            .await?;
        match reply.status {
            204 | 304 => return Ok(Deletions::default()),
            200 => {}
            _ => return Err(refused(&reply, self.moment())),
        }
        let body: Json = serde_json::from_str(&reply.body)
            .map_err(|error| unreadable(Purpose::Read, &error.to_string()))?;
        let mut rows = Vec::new();
        for row in list(&body, "data")? {
            let at = text(row, "deleted_time").and_then(|text| text.parse::<Timestamp>().ok());
            let (Some(record), Some(modified)) = (id(row.get("id")), at) else {
                return Err(unreadable(Purpose::Read, "a deletion without id or time"));
            };
            if modified < from {
                continue;
            }
            rows.push(ChangedId {
                id: CrmId(record),
                modified,
                modified_by: id(row.pointer("/deleted_by/id")).map(CrmId),
                deleted: true,
                line_of: None,
            });
        }
        let more = body.pointer("/info/more_records").and_then(Json::as_bool);
        Ok(Deletions {
            rows,
            more: more == Some(true),
        })
    }
}

fn changed(row: &Row) -> Result<ChangedId, Fault> {
    let own = |name: &str| row.get(name).map(|raw| plainly(raw)).and_then(plain);
    let modified = own("Modified_Time").and_then(|text| text.parse().ok());
    match (own("id"), modified) {
        (Some(id), Some(modified)) => Ok(ChangedId {
            id: CrmId(id),
            modified,
            modified_by: own("Modified_By").map(CrmId),
            deleted: false,
            line_of: None,
        }),
        _ => Err(unreadable(Purpose::Read, "a row without id or time")),
    }
}

fn select(module: &str, since: Timestamp, after: Option<&ChangesAfter>, limit: u32) -> String {
    let condition = match after {
        // Of the last record's own second those with higher ids are left.
        Some(after) if after.modified >= since => {
            let at = quoted(&literal(after.modified));
            format!(
                "(Modified_Time > {at} or (Modified_Time = {at} and id > {}))",
                quoted(&after.id.0)
            )
        }
        _ => format!("Modified_Time >= {}", quoted(&literal(since))),
    };
    format!(
        "select id, Modified_Time, Modified_By from {module} where {condition} \
         order by Modified_Time asc, id asc limit {limit}"
    )
}

/// The second that an instant lies in.
fn second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_duration().as_secs() - i64::from(at.subsec_nanosecond() < 0))
        .unwrap_or(at)
}

/// A time as Zoho takes it: with an offset, without milliseconds.
pub(crate) fn literal(at: Timestamp) -> String {
    second(at).strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_go_by_second_and_id() {
        let since = second("2026-11-22T12:00:00.987Z".parse().unwrap());
        insta::assert_snapshot!(select("Deals", since, None, 200), @"select id, Modified_Time, Modified_By from Deals where Modified_Time >= '2026-11-22T12:00:00+00:00' order by Modified_Time asc, id asc limit 200");
        let after = |time: &str| ChangesAfter {
            modified: time.parse().unwrap(),
            id: CrmId("4150868000000376008".into()),
        };
        insta::assert_snapshot!(select("Deals", since, Some(&after("2026-11-22T12:00:05Z")), 2), @"select id, Modified_Time, Modified_By from Deals where (Modified_Time > '2026-11-22T12:00:05+00:00' or (Modified_Time = '2026-11-22T12:00:05+00:00' and id > '4150868000000376008')) order by Modified_Time asc, id asc limit 2");
        let earlier = select("Deals", since, Some(&after("2026-11-22T11:00:00Z")), 2);
        assert!(
            earlier.contains(">= '2026-11-22T12:00:00+00:00'"),
            "{earlier}"
        );
    }

    #[test]
    fn a_second_begins_before_the_instants_within_it() {
        for (at, whole) in [
            ("2026-11-22T12:00:00.999Z", "2026-11-22T12:00:00+00:00"),
            ("2026-11-22T12:00:00Z", "2026-11-22T12:00:00+00:00"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59+00:00"),
        ] {
            assert_eq!(literal(at.parse().unwrap()), whole);
        }
    }
}
