//! How long each hop took: from the lines that the functions end with.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::error::Result;
use crate::stack::Stack;
use crate::stack::crm::Crm;
use crate::stack::deploy::STACK;

/// The functions on the way, and what their hop is called.
const WAY: [(&str, &str); 2] = [
    ("order-transform", "transformed"),
    ("sage-writer", "in_sage"),
];

/// The way of one deal, from the moment it is closed.
pub struct Hops {
    cpu: Duration,
    closed_ms: u64,
    found: BTreeMap<&'static str, u64>,
}

impl Hops {
    /// Begins to count.
    ///
    /// # Errors
    /// When CPU time cannot be read.
    pub fn begin(stack: &Stack) -> Result<Self> {
        Ok(Self {
            cpu: stack.functions_cpu()?,
            closed_ms: now_ms(),
            found: BTreeMap::new(),
        })
    }

    /// CPU time of all functions since then.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn functions_cpu(&self, stack: &Stack) -> Result<Duration> {
        Ok(stack.functions_cpu()?.saturating_sub(self.cpu))
    }

    /// The CRM shows the number.
    pub fn written_back(&mut self, after: Duration) {
        let after = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        self.found.insert("written_back", after);
    }

    /// Looks when the functions were done with it.
    ///
    /// # Errors
    /// When the logs cannot be read.
    pub fn read(&mut self, stack: &Stack, crm: &Crm) -> Result<()> {
        let way_in = if crm.target.ways_in.channels {
            "webhooks"
        } else {
            "platform-events"
        };
        let way = [(way_in, "taken")].into_iter().chain(WAY);
        for (function, hop) in way {
            let group = format!("/aws/lambda/{STACK}-{function}");
            let lines = stack.aws.log_events(&group, self.closed_ms)?;
            let done = lines.iter().find(|(_, line)| is_usage(line));
            if let Some((at, _)) = done {
                self.found.insert(hop, at.saturating_sub(self.closed_ms));
            }
        }
        Ok(())
    }

    /// Milliseconds from the closing, by hop.
    pub fn milliseconds(self) -> BTreeMap<&'static str, u64> {
        self.found
    }
}

fn is_usage(line: &str) -> bool {
    serde_json::from_str::<Value>(line)
        .is_ok_and(|line| line.get("metric").and_then(Value::as_str) == Some("usage"))
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
}
