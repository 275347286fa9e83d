//! The stage history of opportunities, which every organisation keeps: a row when one is made, and one whenever its stage,
//! amount or close date changes.

use serde_json::{Value, json};

use super::tables::STAGE_NAMES;
use crate::salesforce::{
    ids::Id,
    schema::{Field, Kind, Object},
    store::Record,
};

/// OpportunityHistory.
pub const OPPORTUNITY_HISTORY: Object = Object {
    name: "OpportunityHistory",
    label: "Opportunity History",
    plural: "Opportunity History",
    prefix: "008",
    writable: false,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::reference(
            "OpportunityId",
            "Opportunity ID",
            "Opportunity",
            "Opportunity",
        )
        .read_only(),
        Field::system("StageName", "Stage Name", Kind::Picklist(STAGE_NAMES), 255),
        Field::system("Amount", "Amount", Kind::Currency(18, 2), 0),
        Field::system("CloseDate", "Close Date", Kind::Date, 0),
    ],
};

/// What a change of these is kept for.
const KEPT: [&str; 3] = ["StageName", "Amount", "CloseDate"];

/// The row that a change of an opportunity leaves; none: it leaves none.
pub fn row(before: Option<&Record>, now: &Record, id: Id) -> Option<Record> {
    let value = |record: &Record, field: &str| record.values.get(field).cloned();
    let same =
        |field: &&str| before.is_some_and(|before| value(before, field) == value(now, field));
    if KEPT.iter().all(same) {
        return None;
    }
    let mut row = Record::new(id, now.modified, &now.modified_by);
    row.values
        .insert("OpportunityId", json!(now.id.to_string()));
    for field in KEPT {
        row.values
            .insert(field, value(now, field).unwrap_or(Value::Null));
    }
    Some(row)
}
