//! Rest: nothing waits, nobody holds anything, and nothing is parked that only had to wait.

use counterpart_domain::{Class, Fault};

use super::{
    Broken, LEASES_END, NO_ECHO, NO_OWN_FAULT, NOTHING_DEAD, NOTHING_EXPIRES, OUTAGES_PARK_NOTHING,
    PAUSE_HOLDS, PROMPT_AFTER, QUEUES_EMPTY,
};

/// What a queue holds, and what became of messages that nobody took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueFacts<'a> {
    /// Its name.
    pub name: &'a str,
    /// Messages, in flight or not.
    pub messages: usize,
    /// Dead letters.
    pub dead: usize,
    /// Messages and dead letters that grew too old.
    pub expired: usize,
}

/// A queue is empty, and nothing of it is dead or gone.
pub fn queue(facts: QueueFacts<'_>) -> impl Iterator<Item = Broken> {
    let name = facts.name;
    let found = [
        (&QUEUES_EMPTY, facts.messages, "messages are left in"),
        (&NOTHING_DEAD, facts.dead, "dead letters lie beside"),
        (&NOTHING_EXPIRES, facts.expired, "messages grew too old in"),
    ];
    let found = found.into_iter().filter(|(_, count, _)| *count > 0);
    found.map(move |(of, count, what)| Broken::new(of, format!("{count} {what} {name}")))
}

/// An hour after an outage everything is done: `undone` says what is not.
#[must_use]
pub fn prompt(undone: &[String]) -> Option<Broken> {
    let first = undone.first()?;
    let what = format!(
        "{} things are not as they should be an hour after the outage or pause, such as: {first}",
        undone.len()
    );
    Some(Broken::new(&PROMPT_AFTER, what))
}

/// What was written while everything was paused.
#[must_use]
pub fn pause(written: &[String]) -> Option<Broken> {
    let what = || format!("written in a pause: {}", written.join(", "));
    (!written.is_empty()).then(|| Broken::new(&PAUSE_HOLDS, what()))
}

/// Nobody holds a lease any more.
#[must_use]
pub fn leases(held: &[String]) -> Option<Broken> {
    let what = || format!("still leased: {}", held.join(", "));
    (!held.is_empty()).then(|| Broken::new(&LEASES_END, what()))
}

/// What is parked is a record's own fault: nothing that would have gone through had it waited.
#[must_use]
pub fn parked(id: &str, fault: &Fault) -> Option<Broken> {
    let what = || format!("{id} is parked: {fault}");
    match fault.class {
        Class::Data => None,
        Class::Bug if fault.code == "E_KILLS_WORKER" => None,
        Class::Bug => Some(Broken::new(&NO_OWN_FAULT, what())),
        Class::Transient | Class::Throttled | Class::Ambiguous | Class::Configuration => {
            Some(Broken::new(&OUTAGES_PARK_NOTHING, what()))
        }
    }
}

/// Looked at once more, nothing is written: `written` says what was.
#[must_use]
pub fn echo(written: &[String]) -> Option<Broken> {
    let what = || {
        format!(
            "written although nothing had changed: {}",
            written.join(", ")
        )
    };
    (!written.is_empty()).then(|| Broken::new(&NO_ECHO, what()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told() {
        let facts = |messages, dead, expired| QueueFacts {
            name: "crm-writes",
            messages,
            dead,
            expired,
        };
        let broken = |facts| queue(facts).map(|one| one.invariant).collect::<Vec<_>>();
        assert_eq!(broken(facts(0, 0, 0)), [""; 0]);
        assert_eq!(broken(facts(1, 0, 0)), [QUEUES_EMPTY.id]);
        assert_eq!(
            broken(facts(0, 1, 1)),
            [NOTHING_DEAD.id, NOTHING_EXPIRES.id]
        );
        assert_eq!(prompt(&[]), None);
        assert!(prompt(&["a job".to_owned()]).is_some());
        assert_eq!(pause(&[]), None);
        assert!(pause(&["an order".to_owned()]).is_some());
        assert_eq!(leases(&[]), None);
        assert!(leases(&["order#1".to_owned()]).is_some());
        assert_eq!(echo(&[]), None);
        assert!(echo(&["Deals 1".to_owned()]).is_some());
    }

    #[test]
    fn only_a_records_own_fault_is_parked() {
        let fault = |class| Fault::new(class, "E_ANY", "Any.");
        assert_eq!(parked("order#1", &fault(Class::Data)), None);
        let dies = Fault::new(Class::Bug, "E_KILLS_WORKER", "Any.");
        assert_eq!(parked("order#1", &dies), None);
        for class in [
            Class::Bug,
            Class::Transient,
            Class::Throttled,
            Class::Ambiguous,
            Class::Configuration,
        ] {
            assert!(parked("order#1", &fault(class)).is_some(), "{class:?}");
        }
    }
}
