//! What the functions used, from the line that each of their invocations ends with.
//!
//! The line is JSON with `"metric":"usage"`; its numbers are added up, whatever their names, so that a function may
//! count more than is read here.

use std::collections::BTreeMap;
use std::ops::Sub;

use serde_json::Value;

use crate::aws::LocalAws;
use crate::error::Result;
use crate::stack::deploy::STACK;
use crate::target::{TARGETS, Target};

const POLLER: &str = "poller";

/// The writer of a target.
pub fn writer(target: &Target) -> String {
    format!("crm-writer-{}", target.name)
}

fn functions() -> impl Iterator<Item = String> {
    std::iter::once(POLLER.to_owned()).chain(TARGETS.iter().map(writer))
}

/// Sums over invocations, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    sums: BTreeMap<String, f64>,
    /// Invocations that ended with a usage line.
    pub counted: u64,
    /// Invocations that Lambda reports at all.
    pub invocations: u64,
    /// Invocations that the event source made: each cost a receive and a delete that no function sees.
    pub from_queue: u64,
}

impl Usage {
    /// Reads everything that was logged since the stack started.
    ///
    /// # Errors
    /// When the logs can't be read.
    pub fn so_far(aws: &LocalAws) -> Result<Self> {
        let mut usage = Self::default();
        for function in functions() {
            let lines = aws.log_lines(&format!("/aws/lambda/{STACK}-{function}"), 0)?;
            for line in &lines {
                usage.add(&function, line);
            }
        }
        Ok(usage)
    }

    fn add(&mut self, function: &str, line: &str) {
        if line.starts_with("REPORT RequestId:") {
            self.invocations += 1;
            if function != POLLER {
                self.from_queue += 1;
            }
            return;
        }
        let Some(fields) = usage_fields(line) else {
            return;
        };
        self.counted += 1;
        for (name, value) in fields {
            if let Some(number) = value.as_f64() {
                *self.sums.entry(format!("{function}.{name}")).or_default() += number;
            }
        }
    }

    /// The sum of a number over all functions.
    pub fn sum(&self, name: &str) -> f64 {
        functions().map(|function| self.of(&function, name)).sum()
    }

    /// The sum of a number over one function.
    pub fn of(&self, function: &str, name: &str) -> f64 {
        self.sums
            .get(&format!("{function}.{name}"))
            .copied()
            .unwrap_or(0.0)
    }

    /// Requests to SQS: those of the functions, and a receive and a delete for each batch.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a count of requests is far below 2^52"
    )]
    pub fn sqs_requests(&self) -> f64 {
        self.sum("sqs_requests") + 2.0 * self.from_queue as f64
    }
}

/// The numbers of a usage line; some loggers put them under `fields`.
fn usage_fields(line: &str) -> Option<serde_json::Map<String, Value>> {
    let parsed: Value = serde_json::from_str(line.trim()).ok()?;
    let is_usage = |value: &Value| value.get("metric").and_then(Value::as_str) == Some("usage");
    let found = if is_usage(&parsed) {
        Some(&parsed)
    } else {
        parsed.get("fields").filter(|fields| is_usage(fields))
    };
    found.and_then(Value::as_object).cloned()
}

impl Sub<&Usage> for &Usage {
    type Output = Usage;

    fn sub(self, earlier: &Usage) -> Usage {
        let sums = self
            .sums
            .iter()
            .map(|(name, sum)| {
                let before = earlier.sums.get(name).copied().unwrap_or(0.0);
                (name.clone(), sum - before)
            })
            .collect();
        Usage {
            sums,
            counted: self.counted.saturating_sub(earlier.counted),
            invocations: self.invocations.saturating_sub(earlier.invocations),
            from_queue: self.from_queue.saturating_sub(earlier.from_queue),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_lines_are_added_up_and_other_lines_are_not() {
        let mut usage = Usage::default();
        for line in [
            "START RequestId: 1 Version: $LATEST",
            r#"{"level":"INFO","message":"polled"}"#,
            r#"{"metric":"usage","function":"crm-writer","sqs_requests":2,"dynamodb_write_units":1.5}"#,
            r#"{"level":"INFO","fields":{"metric":"usage","sqs_requests":1}}"#,
            "REPORT RequestId: 1 Duration: 3 ms",
        ] {
            usage.add("crm-writer-zoho", line);
        }
        assert_eq!((usage.counted, usage.invocations), (2, 1));
        assert!((usage.sqs_requests() - 5.0).abs() < 1e-9);
        assert!((usage.sum("dynamodb_write_units") - 1.5).abs() < 1e-9);
    }

    #[test]
    fn a_later_usage_less_an_earlier_one_is_what_lies_between() {
        let mut usage = Usage::default();
        let line = r#"{"metric":"usage","packs":3}"#;
        usage.add("poller", line);
        let earlier = usage.clone();
        usage.add("poller", line);
        usage.add("poller", line);
        let between = &usage - &earlier;
        assert!((between.of("poller", "packs") - 6.0).abs() < 1e-9);
        assert_eq!(between.counted, 2);
    }
}
