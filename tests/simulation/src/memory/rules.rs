//! What SQS does by itself with the messages of a queue, as `infra/template.yaml` has it: the template is read, so that the
//! simulation and a deployment cannot differ.

use std::sync::LazyLock;
use std::time::Duration;

use counterpart_delivery::ports::QueueName;
use jiff::SignedDuration;

/// The longest that a message may stay invisible after one receive, however often that is extended.
pub(super) const LONGEST_INVISIBLE: Duration = Duration::from_secs(12 * 3600);
/// The longest delay of a message that is sent to a standard queue.
pub(super) const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);

/// `crm-events`.
static CRM_EVENTS: LazyLock<QueueRules> =
    LazyLock::new(|| QueueRules::of("CrmEvents", "CrmEventsDead"));
/// `crm-writes` of a target.
static CRM_WRITES: LazyLock<QueueRules> =
    LazyLock::new(|| QueueRules::of("CrmWrites${Target}", "CrmWritesDead${Target}"));
/// `sage-writes.fifo`.
static SAGE_WRITES: LazyLock<QueueRules> =
    LazyLock::new(|| QueueRules::of("SageWrites", "SageWritesDead"));

const TEMPLATE: &str = include_str!("../../../../infra/template.yaml");

/// The limits of one queue and its dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRules {
    /// How long a received message stays invisible.
    pub visibility: Duration,
    /// How long a message is kept, counted from its first send. Then it is gone without a trace.
    pub retention: SignedDuration,
    /// How long its dead letters are kept: those of a standard queue from their first send, those of a FIFO queue from the
    /// time at which they became dead letters.
    pub dead_retention: SignedDuration,
    /// After so many receives a message goes to the dead letters.
    pub most_receives: u32,
    /// While so many are in flight, none is received.
    pub most_in_flight: usize,
}

impl QueueRules {
    /// Those of a queue. Salesforce's events have those of `crm-events`.
    pub(super) fn of_queue(name: &QueueName) -> &'static Self {
        match name {
            QueueName::CrmWrites(_) => &CRM_WRITES,
            QueueName::CrmEvents | QueueName::SalesforceEvents => &CRM_EVENTS,
            QueueName::SageWrites => &SAGE_WRITES,
        }
    }

    /// As the template has it.
    fn of(queue: &str, dead: &str) -> Self {
        let is_fifo = value(queue, "FifoQueue") == Some("true");
        let seconds = |of| SignedDuration::from_secs(number(of, "MessageRetentionPeriod"));
        Self {
            visibility: Duration::from_secs(number(queue, "VisibilityTimeout").unsigned_abs()),
            retention: seconds(queue),
            dead_retention: seconds(dead),
            most_receives: u32::try_from(number(queue, "maxReceiveCount")).unwrap_or(u32::MAX),
            most_in_flight: if is_fifo { 20_000 } else { 120_000 },
        }
    }
}

/// The lines of a resource of the template: those that are indented more than its name.
fn resource(name: &str) -> impl Iterator<Item = &'static str> {
    let depth = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    let is_it = move |line: &&str| {
        let line = line.trim_start_matches([' ', '-']).trim_matches('"');
        line.strip_suffix("\":").or_else(|| line.strip_suffix(':')) == Some(name)
    };
    let mut lines = TEMPLATE.lines();
    let outer = lines.find(is_it).map_or(usize::MAX, depth);
    lines.take_while(move |line| line.trim().is_empty() || depth(line) > outer)
}

/// What the template says under a key of a resource; none: nothing.
pub(super) fn value(name: &str, key: &str) -> Option<&'static str> {
    let of = |line: &'static str| {
        let (said, value) = line.trim().split_once(':')?;
        (said == key).then_some(value.trim())
    };
    resource(name).find_map(of)
}

#[expect(
    clippy::panic,
    reason = "without the template nothing can be simulated"
)]
fn number(name: &str, key: &str) -> i64 {
    let number = value(name, key).and_then(|text| text.parse().ok());
    number.unwrap_or_else(|| panic!("infra/template.yaml gives {name} no {key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_understood() {
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        for standard in [&*CRM_EVENTS, &*CRM_WRITES] {
            assert_eq!(standard.visibility, Duration::from_secs(1080));
            assert_eq!(standard.retention, days(10));
            assert_eq!(standard.dead_retention, days(14));
            assert_eq!(standard.most_receives, 1000);
            assert_eq!(standard.most_in_flight, 120_000);
        }
        assert_eq!(SAGE_WRITES.retention, days(14));
        assert_eq!(SAGE_WRITES.most_in_flight, 20_000);
        assert_eq!(value("CrmEvents", "NoSuchKey"), None);
        assert_eq!(value("NoSuchResource", "Type"), None);
    }

    #[test]
    fn dead_letters_of_a_standard_queue_are_kept_longer_than_its_messages() {
        for standard in [&*CRM_EVENTS, &*CRM_WRITES] {
            assert!(standard.dead_retention > standard.retention);
        }
    }
}
