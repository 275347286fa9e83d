//! The messages: packs of generated customers of the simulated Sage, put together by the product's own types
//! (`bench-packs`), as the event source mapping hands them over.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::binaries::Binaries;
use crate::error::{Failure, Result, ensure};
use crate::process;
use crate::stack::simulators::Simulators;

/// Records of a pack: what one call to Salesforce takes.
pub const PACK: u32 = 200;

/// What happens to every record, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The first import.
    Created,
    /// One field of each is another, under a new observation.
    Changed,
    /// The messages of `Changed` once more.
    Redelivered,
    /// The content of `Changed` in another run.
    Unchanged,
}

/// All of them.
pub const PHASES: [Phase; 4] = [
    Phase::Created,
    Phase::Changed,
    Phase::Redelivered,
    Phase::Unchanged,
];

impl Phase {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Redelivered => "redelivered",
            Self::Unchanged => "unchanged",
        }
    }

    /// Whether the CRM has to be called.
    pub const fn writes(self) -> bool {
        matches!(self, Self::Created | Self::Changed)
    }

    /// The run whose messages are sent, and how often they were received by then.
    const fn run(self) -> (&'static str, u32) {
        match self {
            Self::Created => ("created", 1),
            Self::Changed => ("changed", 1),
            Self::Redelivered => ("changed", 2),
            Self::Unchanged => ("unchanged", 1),
        }
    }
}

/// The packs of all runs, in files.
pub struct Packs {
    dir: PathBuf,
    touched: bool,
}

impl Packs {
    /// Takes so many customers from a simulated Sage and has packs made of them. `touched`: what is unchanged was read anew.
    ///
    /// # Errors
    /// When the simulators or `bench-packs` fail.
    pub fn make(
        binaries: &Binaries,
        dir: &Path,
        size: u32,
        seed: u64,
        touched: bool,
    ) -> Result<Self> {
        let dir = dir.join("packs");
        std::fs::create_dir_all(&dir)?;
        let simulators = Simulators::start(&binaries.path("simulators"), &dir, size, seed)?;
        let said = simulators.door("agent")?.records("customers?company=ABC")?;
        drop(simulators);
        let rows = said.get("records").and_then(Value::as_array);
        let rows: Vec<&Value> = rows
            .into_iter()
            .flatten()
            .filter_map(|row| row.get("fields"))
            .take(size as usize)
            .collect();
        ensure(rows.len() == size as usize, || {
            format!(
                "the simulated Sage has {} customers, not {size}",
                rows.len()
            )
        })?;
        let file = dir.join("rows.json");
        std::fs::write(&file, serde_json::to_string(&rows)?)?;
        process::output(
            Command::new(binaries.path("bench-packs"))
                .arg(&file)
                .arg(&dir),
        )?;
        Ok(Self { dir, touched })
    }

    /// The bodies of a run, one pack each.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn bodies(&self, phase: Phase) -> Result<Vec<String>> {
        let run = match phase {
            Phase::Unchanged if self.touched => "touched",
            _ => phase.run().0,
        };
        let file = self.dir.join(format!("{run}.jsonl"));
        let text = std::fs::read_to_string(file)?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// The records as they are in the end, Sage's columns by CRM key.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn last(&self) -> Result<Vec<(String, Value)>> {
        let mut records = Vec::new();
        for body in self.bodies(Phase::Unchanged)? {
            let pack: Value = serde_json::from_str(&body)?;
            let company = pack.get("company").and_then(Value::as_str);
            let entries = pack.get("entries").and_then(Value::as_array);
            for entry in entries.into_iter().flatten() {
                let parts = company
                    .zip(entry.get("k").and_then(Value::as_str))
                    .zip(entry.pointer("/r/customer"));
                let ((company, key), customer) =
                    parts.ok_or_else(|| Failure::new(format!("no customer: {entry}")))?;
                records.push((format!("{company}:{key}"), customer.clone()));
            }
        }
        Ok(records)
    }
}

/// One pack as an event: a batch of one message.
pub fn event(phase: Phase, nth: usize, body: &str) -> String {
    let (run, received) = phase.run();
    json!({"Records": [{
        "messageId": message_id(phase, nth),
        "receiptHandle": format!("{run}-{nth}-{received}"),
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": received.to_string(),
            "SentTimestamp": "1795375800123",
            "SenderId": "AROAEXAMPLE:counterpart-poller",
            "ApproximateFirstReceiveTimestamp": "1795375800140",
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:bench-crm-writes-salesforce",
        "awsRegion": "us-east-1",
    }]})
    .to_string()
}

/// A message keeps its id when it is delivered again.
fn message_id(phase: Phase, nth: usize) -> String {
    let run = match phase.run().0 {
        "created" => 1,
        "changed" => 2,
        _ => 3,
    };
    format!("00000000-0000-4000-8{run:03}-{nth:012}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redelivered_message_is_the_same_one_received_twice() {
        let read = |phase| -> Value { serde_json::from_str(&event(phase, 7, "x")).unwrap() };
        let (first, second) = (read(Phase::Changed), read(Phase::Redelivered));
        let count = "/Records/0/attributes/ApproximateReceiveCount";
        assert_eq!(
            first.pointer("/Records/0/messageId"),
            second.pointer("/Records/0/messageId")
        );
        assert_eq!(first.pointer(count), Some(&json!("1")));
        assert_eq!(second.pointer(count), Some(&json!("2")));
        let other = read(Phase::Unchanged);
        assert_ne!(
            first.pointer("/Records/0/messageId"),
            other.pointer("/Records/0/messageId")
        );
    }
}
