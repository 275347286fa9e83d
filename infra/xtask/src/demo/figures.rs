//! The figures that the demo ends with: as JSON for a machine, as a table for a person.

use std::collections::BTreeMap;
use std::time::Duration;

use counterpart_domain::Entity;
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

    /// What came since `earlier`.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            seen: self.seen.saturating_sub(earlier.seen),
            created: self.created.saturating_sub(earlier.created),
            updated: self.updated.saturating_sub(earlier.updated),
            unchanged: self.unchanged.saturating_sub(earlier.unchanged),
            excluded: self.excluded.saturating_sub(earlier.excluded),
            parked: self.parked.saturating_sub(earlier.parked),
            superseded: self.superseded.saturating_sub(earlier.superseded),
            open: self.open.saturating_sub(earlier.open),
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
    pub entities: BTreeMap<Entity, Tally>,
}

/// A record set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parked {
    /// The target that it is parked for.
    pub target: String,
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
    /// When an entry lacks its target, its key, its code or its sentence.
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
                    target: field(entry, "target")?,
                    key: field(entry, "key")?,
                    code: field(entry, "code")?,
                    message: field(entry, "message")?,
                })
            })
            .collect()
    }
}

/// Cost for a thousand records of one target.
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
    /// What each CRM bills, in its own unit: `zoho_credits` and so on.
    #[serde(flatten)]
    pub units: BTreeMap<&'static str, f64>,
}

/// How long a change took: milliseconds from the poll, or from the hint, to the record in each CRM, as `zoho_ms` and so
/// on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Arrival(BTreeMap<String, u64>);

impl Arrival {
    /// Notes that it is in a target after so long.
    pub fn note(&mut self, target: &str, after: Duration) {
        let milliseconds = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        self.0.insert(format!("{target}_ms"), milliseconds);
    }

    /// How long it took to one target.
    pub fn to(&self, target: &str) -> u64 {
        self.0.get(&format!("{target}_ms")).copied().unwrap_or(0)
    }
}

/// A poll of unchanged data.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SecondPoll {
    /// Calls that wrote, to all CRMs.
    pub crm_write_calls: u64,
    /// The same by target.
    pub targets: BTreeMap<&'static str, u64>,
}

/// A deal that became an order.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OrderFigures {
    /// The Opportunity's or Deal's id.
    pub crm_id: String,
    /// `SalesOrderNo`.
    pub sage_order_no: String,
    /// Orders that Sage has more than before; one.
    pub sage_orders_created: u64,
    /// Whether the CRM shows the number.
    pub written_back: bool,
    /// Milliseconds from the closing to the end of each hop: `taken` by the way in, `transformed`, `in_sage`,
    /// `written_back`.
    pub hops_ms: BTreeMap<&'static str, u64>,
    /// CPU time of all functions from the closing until nothing was queued any more.
    #[serde(skip)]
    pub functions_cpu: Duration,
}

/// All sales of a CRM, held against Sage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SalesFigures {
    /// Sales, by the record that asked for the order.
    pub checked_records: u64,
    /// Orders in Sage that they are; as many.
    pub orders: u64,
    /// What they come to in the CRM, in dollars.
    pub crm_total: String,
    /// What they come to in Sage; the same.
    pub sage_total: String,
}

/// An edit in Sage while one CRM is down.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outage {
    /// The target that was down.
    pub down: &'static str,
    /// Calls that it refused meanwhile.
    pub refused_calls: u64,
    /// Calls that the edit cost at the other targets.
    pub others_calls: u64,
    /// What the same edit costs there when nothing is down.
    pub others_calls_without: u64,
    /// What became of the edit at the other targets.
    pub others_outcomes: Tally,
    /// The same when nothing is down.
    pub others_outcomes_without: Tally,
    /// Milliseconds from the poll to the last of the other targets.
    pub others_ms: u64,
    /// The same when nothing is down.
    pub others_ms_without: u64,
    /// Milliseconds from the end of the outage until the target had the edit, by itself.
    pub caught_up_ms: u64,
}

/// Everything.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figures {
    /// By target.
    pub import: BTreeMap<&'static str, Import>,
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
    /// An edit in Sage while one CRM is down, each CRM once.
    pub outage: Vec<Outage>,
    /// A deal of each CRM.
    pub orders: BTreeMap<&'static str, OrderFigures>,
    /// All sales, with `--sales`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sales: BTreeMap<&'static str, SalesFigures>,
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
    use crate::target::TARGETS;
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
            Parked::list(
                &json!([{ "target": "zoho", "key": "ABC:01-A", "code": "E_X", "message": "" }])
            )
            .is_err()
        );
        let good =
            json!([{ "target": "zoho", "key": "ABC:01-A", "code": "E_X", "message": "Do this." }]);
        assert_eq!(Parked::list(&good).unwrap().len(), 1);
    }

    #[test]
    fn the_json_has_the_agreed_shape() {
        let mut figures = Figures::default();
        for target in TARGETS {
            let name = target.name;
            figures.import.insert(name, Import::default());
            figures.edit.note(name, Duration::from_millis(1));
            figures.hint.note(name, Duration::from_millis(2));
            figures.per_1000.units.insert(target.unit, 1.0);
        }
        figures.outage.push(Outage::default());
        let said = serde_json::to_value(&figures).unwrap();
        assert!(said.get("sales").is_none(), "only with --sales");
        for target in TARGETS {
            figures.sales.insert(target.name, SalesFigures::default());
        }
        let said = serde_json::to_value(&figures).unwrap();
        let common = [
            "/second_poll/crm_write_calls",
            "/parked",
            "/per_1000/sqs_requests",
            "/per_1000/dynamodb_write_units",
            "/per_1000/dynamodb_read_units",
            "/outage/0/down",
            "/outage/0/others_calls",
            "/outage/0/caught_up_ms",
        ]
        .map(str::to_owned);
        let of_targets = TARGETS.iter().flat_map(|target| {
            let name = target.name;
            let counts = [
                "seen",
                "created",
                "updated",
                "unchanged",
                "excluded",
                "parked",
                "crm_calls",
                "floor_calls",
            ]
            .map(|count| format!("/import/{name}/{count}"));
            let others = [
                format!("/edit/{name}_ms"),
                format!("/hint/{name}_ms"),
                format!("/per_1000/{}", target.unit),
            ];
            let sales = ["checked_records", "orders", "crm_total", "sage_total"]
                .map(|member| format!("/sales/{name}/{member}"));
            counts.into_iter().chain(others).chain(sales)
        });
        for pointer in of_targets.chain(common) {
            assert!(said.pointer(&pointer).is_some(), "{pointer} is missing");
        }
    }

    #[test]
    fn costs_are_rounded_to_one_place() {
        assert!((per_thousand(123.456, 2000) - 61.7).abs() < 1e-9);
        assert!(per_thousand(1.0, 0).abs() < 1e-9);
    }
}
