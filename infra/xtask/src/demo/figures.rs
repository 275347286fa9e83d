//! The figures that the demo ends with: as JSON for a machine, as a table for a person.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Failure, Result};

/// What became of the records of one entity, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Read from Sage.
    pub seen: u64,
    /// New in the CRM.
    pub created: u64,
    /// Changed in the CRM.
    pub updated: u64,
    /// Nothing to write.
    pub unchanged: u64,
    /// Left out by the configuration.
    pub excluded: u64,
    /// Set aside with a code and a sentence.
    pub parked: u64,
    /// Overtaken by a newer observation.
    #[serde(skip_serializing_if = "is_none_of_them")]
    pub superseded: u64,
    /// Neither written nor set aside yet.
    #[serde(skip_serializing_if = "is_none_of_them")]
    pub open: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a reference over"
)]
fn is_none_of_them(count: &u64) -> bool {
    *count == 0
}

impl Tally {
    /// Reads one entity's totals as `counterpart status --json` prints them.
    pub fn of(totals: &Value) -> Self {
        let count = |name: &str| totals.get(name).and_then(Value::as_u64).unwrap_or(0);
        Self {
            seen: count("seen"),
            created: count("created"),
            updated: count("updated"),
            unchanged: count("unchanged"),
            excluded: count("excluded"),
            parked: count("parked"),
            superseded: count("superseded"),
            open: count("waiting") + count("in_flight"),
        }
    }

    /// What both hold together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            seen: self.seen + other.seen,
            created: self.created + other.created,
            updated: self.updated + other.updated,
            unchanged: self.unchanged + other.unchanged,
            excluded: self.excluded + other.excluded,
            parked: self.parked + other.parked,
            superseded: self.superseded + other.superseded,
            open: self.open + other.open,
        }
    }

    /// Records with a verdict.
    pub fn accounted(self) -> u64 {
        self.created + self.updated + self.unchanged + self.excluded + self.parked + self.superseded
    }
}

/// The import into one target.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Import {
    /// All entities together.
    #[serde(flatten)]
    pub total: Tally,
    /// Calls that wrote.
    pub crm_calls: u64,
    /// The fewest calls that could have carried as many rows.
    pub floor_calls: u64,
    /// Calls of every kind, with the reading ones.
    pub all_calls: u64,
    /// Records in a pack, on average.
    pub mean_pack: f64,
    /// The same by entity.
    pub entities: BTreeMap<String, Tally>,
}

/// A record set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parked {
    /// The Sage key.
    pub key: String,
    /// A stable code.
    pub code: String,
    /// A sentence that says what to do.
    pub message: String,
}

impl Parked {
    /// Reads the list that `counterpart parked list --json` prints.
    ///
    /// # Errors
    /// When an entry lacks its key, its code or its sentence.
    pub fn list(said: &Value) -> Result<Vec<Self>> {
        let field = |entry: &Value, name: &str| {
            entry
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .ok_or_else(|| Failure::new(format!("a parked record has no {name}: {entry}")))
        };
        said.as_array()
            .ok_or_else(|| Failure::new("counterpart parked list --json printed no list"))?
            .iter()
            .map(|entry| {
                Ok(Self {
                    key: field(entry, "key")?,
                    code: field(entry, "code")?,
                    message: field(entry, "message")?,
                })
            })
            .collect()
    }
}

/// Cost for a thousand records.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PerThousand {
    /// Requests to SQS.
    pub sqs_requests: f64,
    /// Requests to DynamoDB.
    pub dynamodb_requests: f64,
    /// Write units of DynamoDB.
    pub dynamodb_write_units: f64,
    /// Read units of DynamoDB.
    pub dynamodb_read_units: f64,
    /// Credits that Zoho counted.
    pub zoho_credits: f64,
}

/// How long a change took.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Arrival {
    /// Milliseconds from the poll, or from the hint, to the record in Zoho.
    pub zoho_ms: u64,
}

/// A poll of unchanged data.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct SecondPoll {
    /// Calls that wrote.
    pub crm_write_calls: u64,
}

/// Everything.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figures {
    /// By target.
    pub import: BTreeMap<String, Import>,
    /// The second poll.
    pub second_poll: SecondPoll,
    /// An edit in Sage, by the next poll.
    pub edit: Arrival,
    /// Another salesperson in Sage, by the same poll.
    pub rep_change: Arrival,
    /// A salesperson mapped late, without an edit in Sage.
    pub rep_mapped: Arrival,
    /// An edit in Sage, by a hint.
    pub hint: Arrival,
    /// After the import.
    pub parked: Vec<Parked>,
    /// Cost of the import.
    pub per_1000: PerThousand,
    /// Seconds that the import took.
    pub import_seconds: f64,
}

/// One decimal place: more would be noise.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of records are far below 2^52"
)]
pub fn per_thousand(amount: f64, records: u64) -> f64 {
    if records == 0 {
        return 0.0;
    }
    rounded(amount * 1000.0 / records as f64)
}

/// One decimal place.
pub fn rounded(amount: f64) -> f64 {
    (amount * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_tally_counts_each_record_once() {
        let tally = Tally::of(&json!({
            "seen": 10, "created": 4, "updated": 1, "unchanged": 2, "excluded": 1, "parked": 1, "waiting": 1
        }));
        assert_eq!(tally.accounted() + tally.open, tally.seen);
        assert_eq!(tally.plus(tally).created, 8);
    }

    #[test]
    fn parked_records_without_a_sentence_are_no_report() {
        assert!(
            Parked::list(&json!([{ "key": "ABC:01-A", "code": "E_X", "message": "" }])).is_err()
        );
        let good = json!([{ "key": "ABC:01-A", "code": "E_X", "message": "Do this." }]);
        assert_eq!(Parked::list(&good).unwrap().len(), 1);
    }

    #[test]
    fn the_json_has_the_agreed_shape() {
        let mut figures = Figures::default();
        figures.import.insert("zoho".to_owned(), Import::default());
        let said = serde_json::to_value(&figures).unwrap();
        for pointer in [
            "/import/zoho/seen",
            "/import/zoho/created",
            "/import/zoho/updated",
            "/import/zoho/unchanged",
            "/import/zoho/excluded",
            "/import/zoho/parked",
            "/import/zoho/crm_calls",
            "/import/zoho/floor_calls",
            "/second_poll/crm_write_calls",
            "/edit/zoho_ms",
            "/hint/zoho_ms",
            "/parked",
            "/per_1000/sqs_requests",
            "/per_1000/dynamodb_write_units",
            "/per_1000/dynamodb_read_units",
            "/per_1000/zoho_credits",
        ] {
            assert!(said.pointer(pointer).is_some(), "{pointer} is missing");
        }
    }

    #[test]
    fn costs_are_rounded_to_one_place() {
        assert!((per_thousand(123.456, 2000) - 61.7).abs() < 1e-9);
        assert!(per_thousand(1.0, 0).abs() < 1e-9);
    }
}
