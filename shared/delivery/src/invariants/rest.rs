//! Rest: nothing waits, nobody holds anything, and nothing is parked that only had to wait.

use counterpart_domain::{Class, Fault};

use super::{Broken, LEASES_END, NO_ECHO, NO_OWN_FAULT, OUTAGES_PARK_NOTHING, QUEUES_EMPTY};

/// A queue is empty, and so are its dead letters.
#[must_use]
pub fn queue(name: &str, messages: usize, dead: usize) -> Option<Broken> {
    let what = || format!("{name} holds {messages} messages and {dead} dead letters");
    (messages + dead > 0).then(|| Broken::new(&QUEUES_EMPTY, what()))
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
        assert_eq!(queue("crm-writes", 0, 0), None);
        assert!(queue("crm-writes", 0, 1).is_some());
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
