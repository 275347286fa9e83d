use proptest::prelude::*;

use super::*;

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

fn fails(odd: &mut Notes, job: &str, minutes: i64) -> Whose {
    failed(odd, &[job], "place_order", at(minutes))[0]
}

#[test]
fn a_job_that_fails_while_others_of_its_kind_get_through_is_its_own_trouble() {
    let mut odd = Notes::new();
    for _ in 0..2 {
        assert_eq!(fails(&mut odd, "odd", 0), Whose::Unknown);
        assert!(!passed(&mut odd, "b", "change_record"), "of another kind");
        assert_eq!(fails(&mut odd, "odd", 1), Whose::Unknown);
        assert!(passed(&mut odd, "a", "place_order"));
        assert!(!passed(&mut odd, "a", "place_order"), "noted once");
    }
    assert_eq!(fails(&mut odd, "odd", 2), Whose::Own);
    assert!(odd.is_empty());
}

#[test]
fn what_several_fail_for_and_nobody_gets_through_is_everybodys() {
    let mut odd = Notes::new();
    assert_eq!(fails(&mut odd, "a", 0), Whose::Unknown);
    for (minutes, job) in (1..).zip(["b", "c", "a", "b"]) {
        assert_eq!(fails(&mut odd, job, minutes), Whose::Everybodys);
    }
    assert!(passed(&mut odd, "d", "place_order"));
    assert_eq!(fails(&mut odd, "a", 9), Whose::Unknown);
}

#[test]
fn what_fails_in_one_call_is_one_testimony_also_when_it_is_tried_again() {
    let mut odd = Notes::new();
    for minutes in [0, 2, 9] {
        let both = failed(&mut odd, &["a", "b"], "update", at(minutes));
        assert_eq!(both, [Whose::Unknown; 2]);
    }
    for (minutes, job) in [(10, "a"), (11, "b")] {
        let alone = failed(&mut odd, &[job], "update", at(minutes));
        assert_eq!(alone, [Whose::Unknown], "{job}");
    }
    let third = failed(&mut odd, &["c"], "update", at(12));
    assert_eq!(third, [Whose::Everybodys]);
}

#[test]
fn failures_of_another_kind_say_nothing() {
    let mut odd = Notes::new();
    failed(&mut odd, &["contact"], "create Contacts", at(0));
    let other = failed(&mut odd, &["account"], "create Accounts", at(1));
    assert_eq!(other, [Whose::Unknown]);
    let read = failed(&mut odd, &["deal"], "read Contacts", at(2));
    assert_eq!(read, [Whose::Unknown]);
    assert!(!passed(&mut odd, "x", "update Contacts"));
}

#[test]
fn what_nobody_met_again_for_a_while_or_what_ended_is_forgotten() {
    let mut odd = Notes::new();
    assert_eq!(fails(&mut odd, "old", 0), Whose::Unknown);
    assert_eq!(fails(&mut odd, "new", 240), Whose::Unknown);
    assert!(!odd.contains_key("old"));
    assert!(!ended(&mut odd, "new", "change_record"));
    assert!(ended(&mut odd, "new", "place_order"));
    assert_eq!(fails(&mut odd, "next", 241), Whose::Unknown);
}

#[test]
fn of_too_many_the_oldest_is_forgotten_whatever_its_name() {
    let mut odd = Notes::new();
    fails(&mut odd, "z", 0);
    for minutes in 1..=20 {
        fails(&mut odd, &format!("a{minutes:02}"), minutes);
    }
    assert_eq!(odd.len(), MOST_JOBS);
    assert!(!odd.contains_key("z") && odd.contains_key("a01"));
}

proptest! {
    /// Without anybody getting through, however many fail however often, nothing is anybody's own.
    #[test]
    fn an_outage_parks_nothing(jobs in proptest::collection::vec((0..40_u32, 0..100_i64), 0..300)) {
        let (mut odd, mut minutes) = (Notes::new(), 0);
        for (job, later) in jobs {
            minutes += later;
            prop_assert_ne!(fails(&mut odd, &job.to_string(), minutes), Whose::Own);
            prop_assert!(odd.len() <= MOST_JOBS);
        }
    }
}
