use counterpart_config::Test;
use counterpart_domain::CrmId;
use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

fn at(hours: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
}

fn since(hours: i64) -> Since {
    Since::instant(at(hours))
}

fn equals(field: &str, value: &str) -> CrmCondition {
    CrmCondition {
        field: field.to_owned(),
        test: Test::Equals(Value::text(value)),
    }
}

/// A field's values at these hours.
fn values(values: &[(i64, &str)]) -> Vec<Was> {
    let was = |(hours, value): &(i64, &str)| Was {
        at: at(*hours),
        value: Value::text(*value),
    };
    values.iter().map(was).collect()
}

fn past(fields: &[(&str, &[(i64, &str)])]) -> Past {
    let field = |(name, of): &(&str, &[(i64, &str)])| ((*name).to_owned(), values(of));
    fields.iter().map(field).collect()
}

/// The record that a history leads up to.
fn now(past: &Past) -> Document {
    let last = |values: &Vec<Was>| values.last().map(|was| was.value.clone());
    let fields = past
        .iter()
        .filter_map(|(name, of)| Some((name.clone(), last(of)?)));
    let created = past.values().flatten().map(|was| was.at).min();
    document(created, fields.collect())
}

fn document(created: Option<Timestamp>, fields: Fields) -> Document {
    Document {
        module: "Deals".to_owned(),
        id: CrmId("1".to_owned()),
        fields,
        lines: Vec::new(),
        created,
        modified: None,
        modified_by: None,
    }
}

#[test]
fn the_first_time_counts_whatever_came_afterwards() {
    let when = [equals("Stage", "Won")];
    let met = |stages: &[(i64, &str)]| {
        let past = past(&[("Stage", stages)]);
        first_met(&when, &now(&past), &past)
    };
    assert_eq!(met(&[(0, "Open"), (5, "Won")]), Met::At(at(5)));
    // Created as it is.
    assert_eq!(met(&[(3, "Won")]), Met::At(at(3)));
    // Opened again, and won again.
    assert_eq!(
        met(&[(0, "Open"), (5, "Won"), (8, "Open"), (9, "Won")]),
        Met::At(at(5))
    );
    // Won and opened within one second.
    assert_eq!(
        met(&[(0, "Open"), (5, "Won"), (5, "Open"), (9, "Won")]),
        Met::At(at(5))
    );
    // The same value twice, as where an amount changed beside it.
    assert_eq!(met(&[(0, "Open"), (5, "Won"), (6, "Won")]), Met::At(at(5)));
}

#[test]
fn several_conditions_are_met_together_or_not_at_all() {
    let when = [equals("Stage", "Won"), equals("Ready", "yes")];
    let of = |stages: &[(i64, &str)], ready: &[(i64, &str)]| {
        let past = past(&[("Stage", stages), ("Ready", ready)]);
        first_met(&when, &now(&past), &past)
    };
    assert_eq!(
        of(&[(0, "Open"), (5, "Won")], &[(0, "no"), (7, "yes")]),
        Met::At(at(7))
    );
    // Never both at once before the end.
    assert_eq!(
        of(
            &[(0, "Won"), (2, "Open"), (9, "Won")],
            &[(0, "no"), (3, "yes")]
        ),
        Met::At(at(9))
    );
    let without = past(&[("Stage", &[(0, "Won")])]);
    assert_eq!(first_met(&when, &now(&without), &without), Met::Unknown);
}

#[test]
fn a_history_that_does_not_lead_up_to_the_record_says_nothing() {
    let when = [equals("Stage", "Won")];
    let past = past(&[("Stage", &[(0, "Open")])]);
    let won = Fields::from([("Stage".to_owned(), Value::text("Won"))]);
    let won = document(Some(at(0)), won);
    assert_eq!(first_met(&when, &won, &past), Met::NotYet);
    assert_eq!(by_history(since(1), &when, &won, &past), Age::Untold);
}

#[test]
fn a_history_that_begins_after_the_record_is_not_the_whole_of_it() {
    let when = [equals("Stage", "Won")];
    let past = past(&[("Stage", &[(50, "Won")])]);
    let at_once = now(&past);
    assert_eq!(first_met(&when, &at_once, &past), Met::At(at(50)));
    for created in [None, Some(at(2))] {
        let older = document(created, at_once.fields.clone());
        assert_eq!(first_met(&when, &older, &past), Met::Unknown);
        assert_eq!(by_history(since(10), &when, &older, &past), Age::Untold);
    }
}

#[test]
fn dates_decide_where_they_leave_no_doubt() {
    let day = |text: &str| Some(text.parse().unwrap());
    let since = Since::parse("2026-12-01").unwrap();
    let (before, after) = (
        Some("2026-12-01T11:59:59Z".parse().unwrap()),
        Some("2026-12-01T12:00:00Z".parse().unwrap()),
    );
    assert_eq!(by_dates(since, after, after, None), Some(Age::New));
    assert_eq!(
        by_dates(since, after, after, day("2026-12-01")),
        Some(Age::New)
    );
    assert_eq!(
        by_dates(since, after, after, day("2024-03-05")),
        Some(Age::ClosedBefore("2024-03-05".parse().unwrap()))
    );
    assert_eq!(
        by_dates(since, before, before, None),
        before.map(Age::Untouched)
    );
    assert_eq!(by_dates(since, before, after, None), None);
    assert_eq!(by_dates(since, None, None, None), None);
    assert_eq!(by_dates(since, None, after, day("2027-01-01")), None);
}

/// Changes of two fields, in order of time, each of them one of three values.
fn changes() -> impl Strategy<Value = Vec<(i64, usize, &'static str)>> {
    let value = prop_oneof![Just("Won"), Just("Open"), Just("yes")];
    let change = (0..200i64, 0..2usize, value);
    prop::collection::vec(change, 0..12).prop_map(|mut changes| {
        changes.sort_by_key(|(at, ..)| *at);
        changes
    })
}

const FIELDS: [&str; 2] = ["Stage", "Ready"];

fn told(changes: &[(i64, usize, &'static str)]) -> Past {
    let mut past = past(&[("Stage", &[(-1, "Open")]), ("Ready", &[(-1, "Open")])]);
    for (hours, field, value) in changes {
        let of = past.get_mut(FIELDS[*field]).unwrap();
        of.retain(|was| was.at != at(*hours));
        of.extend(values(&[(*hours, value)]));
    }
    past
}

proptest! {
    /// Hour by hour, as one who looked at the record all the time would have seen it.
    #[test]
    fn the_first_moment_is_the_one_that_a_watcher_sees(changes in changes()) {
        let past = told(&changes);
        let when = [equals("Stage", "Won"), equals("Ready", "yes")];
        let holds = |hour: i64| {
            let state = |name: &str| {
                let mut seen = past[name].iter().filter(|was| was.at <= at(hour));
                seen.next_back().map(|was| was.value.to_string())
            };
            state("Stage").as_deref() == Some("Won") && state("Ready").as_deref() == Some("yes")
        };
        let seen = (-1..200).find(|hour| holds(*hour)).map(at);
        let wanted = seen.map_or(Met::NotYet, Met::At);
        prop_assert_eq!(first_met(&when, &now(&past), &past), wanted);
    }

    /// What was met before is never new, whatever happens to the record after; nor is anything that is not told.
    #[test]
    fn nothing_that_may_be_older_is_new(
        changes in changes(), later in changes(), from in 0..200i64, missing in any::<bool>(),
    ) {
        let mut all = changes.clone();
        all.extend(later.iter().map(|(hour, field, value)| (hour + 200, *field, *value)));
        let mut past = told(&all);
        let when = [equals("Stage", "Won"), equals("Ready", "yes")];
        let fields = now(&past);
        let earlier = told(&changes);
        let met = first_met(&when, &now(&earlier), &earlier);
        if missing {
            past.remove("Ready");
        }
        let age = by_history(since(from), &when, &fields, &past);
        match met {
            _ if missing => prop_assert_eq!(age, Age::Untold),
            Met::At(first) if first < at(from) => prop_assert_eq!(age, Age::Old(first)),
            Met::At(first) => prop_assert_eq!(age, Age::New, "{}", first),
            _ => prop_assert!(!matches!(age, Age::Old(met) if met >= at(from))),
        }
    }

    /// By dates alone, new is only what was created in time and does not say otherwise.
    #[test]
    fn dates_alone_never_make_an_old_record_new(
        created in prop::option::of(0..400i64), modified in prop::option::of(0..400i64), from in 0..400i64,
    ) {
        let age = by_dates(since(from), created.map(at), modified.map(at), None);
        prop_assert_eq!(age == Some(Age::New), created.is_some_and(|created| created >= from));
    }
}
