//! What the adapters asked of AWS, counted where it is asked.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// Counters, shared by all adapters of a process. A call counts once, however often the SDK repeated it.
#[derive(Debug, Default)]
pub struct Usage {
    dynamodb_requests: AtomicU64,
    read_milliunits: AtomicU64,
    write_milliunits: AtomicU64,
    sqs_requests: AtomicU64,
    secrets_requests: AtomicU64,
}

/// The counters at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct UsageCounts {
    /// Calls to DynamoDB.
    pub dynamodb_requests: u64,
    /// Read units, as DynamoDB reported them.
    pub dynamodb_read_units: f64,
    /// Write units, as DynamoDB reported them (indexes and transactions included; a condition that fails reports none).
    pub dynamodb_write_units: f64,
    /// Calls to SQS: sends and hand-backs. The receives and deletes of an event source mapping are not among them.
    pub sqs_requests: u64,
    /// Calls to Secrets Manager.
    pub secrets_requests: u64,
}

impl Usage {
    /// The counters now.
    #[must_use]
    pub fn counts(&self) -> UsageCounts {
        let units = |counter: &AtomicU64| counter.load(Ordering::Relaxed) as f64 / 1000.0;
        UsageCounts {
            dynamodb_requests: self.dynamodb_requests.load(Ordering::Relaxed),
            dynamodb_read_units: units(&self.read_milliunits),
            dynamodb_write_units: units(&self.write_milliunits),
            sqs_requests: self.sqs_requests.load(Ordering::Relaxed),
            secrets_requests: self.secrets_requests.load(Ordering::Relaxed),
        }
    }

    /// The counters now; they begin again at zero.
    pub fn take(&self) -> UsageCounts {
        let take = |counter: &AtomicU64| counter.swap(0, Ordering::Relaxed);
        UsageCounts {
            dynamodb_requests: take(&self.dynamodb_requests),
            dynamodb_read_units: take(&self.read_milliunits) as f64 / 1000.0,
            dynamodb_write_units: take(&self.write_milliunits) as f64 / 1000.0,
            sqs_requests: take(&self.sqs_requests),
            secrets_requests: take(&self.secrets_requests),
        }
    }

    pub(crate) fn dynamodb_request(&self) {
        self.dynamodb_requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read_units(&self, units: f64) {
        add_milliunits(&self.read_milliunits, units);
    }

    pub(crate) fn write_units(&self, units: f64) {
        add_milliunits(&self.write_milliunits, units);
    }

    pub(crate) fn sqs_request(&self) {
        self.sqs_requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn secrets_request(&self) {
        self.secrets_requests.fetch_add(1, Ordering::Relaxed);
    }
}

/// Units come in halves; a negative or absurd figure counts as nothing.
fn add_milliunits(counter: &AtomicU64, units: f64) {
    let milliunits = (units * 1000.0).round();
    if (0.0..1e12).contains(&milliunits) {
        counter.fetch_add(milliunits as u64, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_units_add_up_and_taking_begins_anew() {
        let usage = Usage::default();
        usage.read_units(0.5);
        usage.read_units(0.5);
        usage.write_units(2.0);
        usage.dynamodb_request();
        let counts = usage.take();
        assert_eq!(counts.dynamodb_read_units, 1.0);
        assert_eq!(counts.dynamodb_write_units, 2.0);
        assert_eq!(counts.dynamodb_requests, 1);
        assert_eq!(usage.counts(), UsageCounts::default());
    }
}
