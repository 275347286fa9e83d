//! What the keeper says of pauses, for the alarms that look at queues: what lies in a paused queue waits as it should.

use counterpart_delivery::IntentKind;
use counterpart_delivery::pause::{Pausing, Scope};
use counterpart_domain::TargetName;
use serde::Serialize;

/// Whether something in a queue is paused, or was until just now. One JSON line with `"metric":"paused"`; the template takes its
/// measure from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct PausedLine<'a> {
    metric: &'static str,
    /// As the template names it.
    queue: &'a str,
    paused: u8,
}

/// The queues by their names in the template, each with whether something may wait in it for a pause. Of the others it is said,
/// too: an alarm that finds nothing new goes on with what it found last.
#[must_use]
pub(crate) fn queues(pausing: &Pausing<'_>) -> Vec<(String, bool)> {
    let targets = &pausing.config.targets;
    // The company of an event is not known before it is read.
    let events = targets.iter().any(|(name, target)| {
        let entities = target
            .entities
            .keys()
            .map(|of| Some(IntentKind::Record(*of)));
        let orders = target.orders.iter().map(|_| Some(IntentKind::Order));
        let mut kinds = entities.chain(orders);
        kinds.any(|kind| pausing.holds_up(&Scope::told_by(name, kind)))
    });
    let jobs = pausing.holds_up_any(&Scope::default());
    let packs = |name: &TargetName| {
        let paused = pausing.holds_up_any(&Scope::told_by(name, None));
        (format!("CrmWrites{name}"), paused)
    };
    let shared = [
        ("CrmEvents".to_owned(), events),
        ("SageWrites".to_owned(), jobs),
    ];
    shared
        .into_iter()
        .chain(targets.keys().map(packs))
        .collect()
}

/// How many pauses have lasted too long not to be told of.
#[must_use]
pub(crate) fn forgotten(pausing: &Pausing<'_>) -> u64 {
    let all = pausing.pauses.all.iter();
    all.filter(|pause| pause.is_forgotten(pausing.now)).count() as u64
}

/// Writes a line for each queue.
pub(crate) fn emit(queues: &[(String, bool)]) {
    for (queue, paused) in queues {
        println!("{}", line(queue, *paused));
    }
}

fn line(queue: &str, paused: bool) -> String {
    let line = PausedLine {
        metric: "paused",
        queue,
        paused: paused.into(),
    };
    serde_json::to_string(&line).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use counterpart_config::SyncConfig;
    use counterpart_delivery::pause::{Pause, Pauses};
    use counterpart_domain::{Company, Entity};
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    fn told(scope: Scope, hours: i64) -> (Vec<String>, u64) {
        let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
        let since: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let pause = Pause {
            id: "a".to_owned(),
            scope,
            by: "ann".to_owned(),
            reason: "backup".to_owned(),
            since,
            until: None,
            ended: Some(since + SignedDuration::from_hours(100)),
        };
        let pauses = Pauses {
            all: vec![pause],
            rev: 1,
        };
        let pausing = Pausing {
            pauses: &pauses,
            config: &config,
            now: since + SignedDuration::from_hours(hours),
        };
        let told = queues(&pausing);
        assert_eq!(told.len(), 3, "{told:?}");
        let paused = told.into_iter().filter(|(_, paused)| *paused);
        (paused.map(|(name, _)| name).collect(), forgotten(&pausing))
    }

    #[test]
    fn each_pause_is_told_of_the_queues_that_it_reaches() {
        let company = Scope {
            company: Company::new("ABC").ok(),
            ..Scope::default()
        };
        assert_eq!(told(company, 1).0, ["SageWrites", "CrmWriteszoho"]);
        let target = TargetName::new("zoho").unwrap();
        let contacts = Scope::told_by(&target, Some(IntentKind::Record(Entity::CONTACT)));
        let all = ["CrmEvents", "SageWrites", "CrmWriteszoho"];
        assert_eq!(told(contacts, 1).0, all);
        // What waited comes back within the hour after it.
        assert_eq!(told(Scope::default(), 100).0, all);
        assert_eq!(told(Scope::default(), 101).0, [""; 0]);
        assert_eq!(
            line("CrmEvents", true),
            r#"{"metric":"paused","queue":"CrmEvents","paused":1}"#
        );
        assert!(line("CrmEvents", false).ends_with(r#""paused":0}"#));
    }

    #[test]
    fn a_pause_without_an_end_is_told_of_after_two_days() {
        for (hours, many) in [(47, 0), (48, 1), (99, 1), (100, 0)] {
            assert_eq!(told(Scope::default(), hours).1, many, "after {hours} hours");
        }
    }
}
