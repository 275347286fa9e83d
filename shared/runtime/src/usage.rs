//! The line that every invocation ends with: what it used, and the measures that alarms are made of.

use counterpart_aws::UsageCounts;
use serde::Serialize;

use crate::CrmUse;

/// One invocation's use. Written as one JSON line with `"metric":"usage"`; the template takes its measures from it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UsageLine {
    metric: &'static str,
    /// `poller`, `crm-writer` and so on.
    pub function: &'static str,
    /// The company, where the invocation was about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// The target, where it was about one. The template's measures of the writers are kept apart by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The entity, where it was about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<&'static str>,
    /// DynamoDB, SQS and Secrets Manager.
    #[serde(flatten)]
    pub aws: UsageCounts,
    /// Calls to CRMs, without those for tokens.
    pub crm_calls: u64,
    /// Of these, calls that wrote.
    pub crm_write_calls: u64,
    /// Rows that they carried.
    pub crm_rows: u64,
    /// What the calls cost, in the CRM's own unit.
    pub crm_credits: u64,
    /// Calls to Sage agents.
    pub agent_calls: u64,
    /// Packs sent (poller) or taken (crm-writer).
    pub packs: u64,
    /// Records in them.
    pub pack_records: u64,
    /// Packs that were handed back, to be taken again; not those that are paused.
    pub handed_back: u64,
    /// What was not done because it is paused: packs, events and jobs that were handed back, or a poll.
    #[serde(skip_serializing_if = "is_none_of_them")]
    pub paused: u64,
    /// Pauses that have lasted too long not to be told of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pauses_forgotten: Option<u64>,
    /// Records parked.
    pub parked: u64,
    /// Changes in a CRM that were queued, or taken from the queue.
    #[serde(skip_serializing_if = "is_none_of_them")]
    pub events: u64,
    /// Jobs for Sage that were queued, or taken from the queue.
    #[serde(skip_serializing_if = "is_none_of_them")]
    pub jobs: u64,
    /// Creations in Sage that wait because as many as may be were done within the hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creations_held: Option<u64>,
    /// Watch channels that had lapsed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lapsed: Option<u64>,
    /// Changes in a CRM of which nobody told, though there was time enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untold: Option<u64>,
    /// Event relays that told us of changes before, and do not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relays_stopped: Option<u64>,
    /// Modules of which events were lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resyncs: Option<u64>,
    /// 1: the configuration in force is one that this version of the program cannot read, and it works by an older one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_behind: Option<u64>,
    /// How far the cursor is behind when the poll is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor_lag_seconds: Option<i64>,
    /// The stable code of the fault that ended the invocation early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault_code: Option<String>,
    /// How long it took.
    pub duration_ms: u64,
}

impl UsageLine {
    /// An invocation that has used nothing.
    #[must_use]
    pub fn new(function: &'static str) -> Self {
        Self {
            metric: "usage",
            function,
            company: None,
            target: None,
            entity: None,
            aws: UsageCounts::default(),
            crm_calls: 0,
            crm_write_calls: 0,
            crm_rows: 0,
            crm_credits: 0,
            agent_calls: 0,
            packs: 0,
            pack_records: 0,
            handed_back: 0,
            paused: 0,
            pauses_forgotten: None,
            parked: 0,
            events: 0,
            jobs: 0,
            creations_held: None,
            lapsed: None,
            untold: None,
            relays_stopped: None,
            resyncs: None,
            config_behind: None,
            cursor_lag_seconds: None,
            fault_code: None,
            duration_ms: 0,
        }
    }

    /// Counts calls to CRMs.
    pub fn crm(&mut self, used: CrmUse) {
        self.crm_calls += used.calls;
        self.crm_write_calls += used.write_calls;
        self.crm_rows += used.rows;
        self.crm_credits += used.credits;
    }

    /// The line.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self)
            .unwrap_or_else(|error| format!("{{\"metric\":\"none\",\"error\":\"{error}\"}}"))
    }

    /// Writes the line to standard output, where Lambda takes it for the log.
    pub fn emit(&self) {
        println!("{}", self.text());
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a reference over"
)]
const fn is_none_of_them(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writers_line_names_its_target() {
        let mut line = UsageLine::new("crm-writer");
        line.target = Some("salesforce".into());
        assert!(line.text().starts_with(
            r#"{"metric":"usage","function":"crm-writer","target":"salesforce","dynamodb_requests":0"#
        ));
    }

    #[test]
    fn the_line_is_one_flat_json_object() {
        let mut line = UsageLine::new("poller");
        line.company = Some("ABC".into());
        line.entity = Some("customer");
        line.aws.dynamodb_write_units = 1.5;
        line.cursor_lag_seconds = Some(31);
        insta::assert_snapshot!(line.text(), @r#"{"metric":"usage","function":"poller","company":"ABC","entity":"customer","dynamodb_requests":0,"dynamodb_read_units":0.0,"dynamodb_write_units":1.5,"sqs_requests":0,"secrets_requests":0,"crm_calls":0,"crm_write_calls":0,"crm_rows":0,"crm_credits":0,"agent_calls":0,"packs":0,"pack_records":0,"handed_back":0,"parked":0,"cursor_lag_seconds":31,"duration_ms":0}"#);
    }
}
