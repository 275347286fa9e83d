//! What fields of a record have been. Pages: "OpportunityHistory", "StandardObjectNameHistory", "OrderHistory".
//!
//! Every stage of an opportunity is kept in `OpportunityHistory`, whatever the org has set up. Of other fields there is a
//! history only where it is tracked, for 18 months; whether it was tracked from the start, a row of the record's creation
//! and values that follow from one another tell.

use counterpart_config::salesforce_id;
use counterpart_delivery::ports::{Clock, Ids, Past, Tokens, Was};
use counterpart_domain::{CrmId, Fault, Fields, Value};
use counterpart_http::Purpose;
use jiff::Timestamp;

use crate::client::{SalesforceClient, checked_name};
use crate::faults::unreadable;
use crate::query::{Row, instant, plain, raw};
use crate::soql::quoted;
use crate::wire::value::{FieldType, incoming};

/// The field whose values are always kept, and of which object.
const STAGE: (&str, &str) = ("Opportunity", "StageName");
/// The row that tells of the creation.
const CREATED: &str = "created";
/// Faults that say that there is no such history, or none for us.
const NO_HISTORY: [&str; 3] = [
    "E_CRM_MODULE_INVALID",
    "E_CRM_FIELD_INVALID",
    "E_CRM_PERMISSION",
];

impl<T: Tokens, C: Clock + Ids> SalesforceClient<T, C> {
    pub(crate) async fn read_past(
        &self,
        object: &str,
        id: &CrmId,
        now: &Fields,
    ) -> Result<Past, Fault> {
        checked_name(object)?;
        let Some(id) = salesforce_id(&id.0) else {
            return Ok(Past::new());
        };
        let mut past = Past::new();
        let is_stage = |field: &String| object == STAGE.0 && field.eq_ignore_ascii_case(STAGE.1);
        let (stages, others): (Vec<&String>, Vec<&String>) =
            now.keys().partition(|field| is_stage(field));
        for stage in stages {
            let values = self.stages(&id).await?;
            if !values.is_empty() {
                past.insert(stage.clone(), values);
            }
        }
        if !others.is_empty() {
            let rows = self.tracked(object, &id, &others).await?;
            for field in others {
                let kind = now.get(field).map_or(FieldType::Text, FieldType::of);
                if let Some(values) = values_of(&rows, field, kind) {
                    past.insert(field.clone(), values);
                }
            }
        }
        Ok(past)
    }

    async fn stages(&self, id: &str) -> Result<Vec<Was>, Fault> {
        let soql = format!(
            "SELECT StageName, CreatedDate FROM OpportunityHistory WHERE OpportunityId = {} ORDER BY CreatedDate, Id",
            quoted(id)
        );
        let rows = self.rows_if_any(&soql).await?;
        rows.iter()
            .map(|row| was(row, "StageName", FieldType::Text))
            .collect()
    }

    async fn tracked(&self, object: &str, id: &str, fields: &[&String]) -> Result<Vec<Row>, Fault> {
        let (history, parent) = history_of(object);
        let mut names = vec![quoted(CREATED)];
        for field in fields {
            names.push(quoted(checked_name(field)?));
        }
        let soql = format!(
            "SELECT Field, OldValue, NewValue, CreatedDate FROM {history} WHERE {parent} = {} AND Field IN ({}) ORDER BY CreatedDate, Id",
            quoted(id),
            names.join(", ")
        );
        self.rows_if_any(&soql).await
    }

    async fn rows_if_any(&self, soql: &str) -> Result<Vec<Row>, Fault> {
        match self.sale_query("query", soql).await {
            Err(fault) if NO_HISTORY.contains(&fault.code.as_ref()) => {
                tracing::info!(fault = %fault, "Salesforce keeps no history here, or shows none");
                Ok(Vec::new())
            }
            answer => answer,
        }
    }
}

/// The object that keeps the history of another one's fields, and its reference to it.
fn history_of(object: &str) -> (String, String) {
    match object.strip_suffix("__c") {
        Some(custom) => (format!("{custom}__History"), "ParentId".to_owned()),
        None if object == "Opportunity" => (
            "OpportunityFieldHistory".to_owned(),
            "OpportunityId".to_owned(),
        ),
        None => (format!("{object}History"), format!("{object}Id")),
    }
}

/// A field's values from the creation on; none where they are not all told.
fn values_of(rows: &[Row], field: &str, kind: FieldType) -> Option<Vec<Was>> {
    let of = |name: &str| {
        let name = name.to_owned();
        rows.iter().filter(move |row| {
            plain(row, "Field").is_some_and(|own| own.eq_ignore_ascii_case(&name))
        })
    };
    let created = of(CREATED).find_map(at)?;
    let mut values: Vec<Was> = Vec::new();
    for row in of(field) {
        let old = incoming(kind, raw(row, "OldValue")?)?;
        match values.last() {
            // Tracking was off in between.
            Some(last) if last.value != old => return None,
            Some(_) => {}
            None => values.push(Was {
                at: created,
                value: old,
            }),
        }
        values.push(was(row, "NewValue", kind).ok()?);
    }
    // Without a change nobody knows whether it is tracked.
    (!values.is_empty()).then_some(values)
}

fn was(row: &Row, name: &str, kind: FieldType) -> Result<Was, Fault> {
    let value = raw(row, name).and_then(|raw| incoming(kind, raw));
    let at = at(row).ok_or_else(|| unreadable(Purpose::Read, "a row of history without its time"));
    Ok(Was {
        at: at?,
        value: value.unwrap_or(Value::Blank),
    })
}

fn at(row: &Row) -> Option<Timestamp> {
    plain(row, "CreatedDate").and_then(|text| instant(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(json: &str) -> Vec<Row> {
        serde_json::from_str(json).unwrap()
    }

    fn told(json: &str) -> Option<Vec<(String, String)>> {
        let values = values_of(&rows(json), "Status", FieldType::Text)?.into_iter();
        Some(
            values
                .map(|was| (was.at.to_string(), was.value.to_string()))
                .collect(),
        )
    }

    const MADE: &str = r#"{"Field":"created","OldValue":null,"NewValue":null,"CreatedDate":"2026-11-01T09:00:00.000+0000"}"#;

    fn change(from: &str, to: &str, at: &str) -> String {
        format!(
            r#"{{"Field":"Status","OldValue":"{from}","NewValue":"{to}","CreatedDate":"2026-11-{at}T09:00:00.000+0000"}}"#
        )
    }

    #[test]
    fn a_tracked_field_is_told_from_its_creation_on() {
        let json = format!("[{MADE},{}]", change("Draft", "Activated", "20"));
        let wanted = [
            ("2026-11-01T09:00:00Z", "Draft"),
            ("2026-11-20T09:00:00Z", "Activated"),
        ];
        let wanted = wanted.map(|(at, value)| (at.to_owned(), value.to_owned()));
        assert_eq!(told(&json), Some(wanted.to_vec()));
    }

    #[test]
    fn what_is_not_told_from_the_beginning_is_not_told() {
        let (first, gap) = (
            change("Draft", "Activated", "20"),
            change("Draft", "Activated", "25"),
        );
        for json in [
            "[]".to_owned(),
            // Older than the history is kept, or from before it was tracked.
            format!("[{first}]"),
            // Never changed, or never tracked.
            format!("[{MADE}]"),
            // Not tracked in between.
            format!("[{MADE},{first},{gap}]"),
        ] {
            assert_eq!(told(&json), None, "{json}");
        }
    }

    #[test]
    fn each_object_has_its_history_elsewhere() {
        let name = |object: &str| {
            let (history, parent) = history_of(object);
            format!("{history}.{parent}")
        };
        assert_eq!(name("Opportunity"), "OpportunityFieldHistory.OpportunityId");
        assert_eq!(name("Order"), "OrderHistory.OrderId");
        assert_eq!(name("Account"), "AccountHistory.AccountId");
        assert_eq!(name("Deal__c"), "Deal__History.ParentId");
    }
}
