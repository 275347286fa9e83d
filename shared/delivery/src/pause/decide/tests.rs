use counterpart_config::SyncConfig;
use counterpart_domain::{Company, Entity, TargetName};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::super::{Pause, Pauses, Scope};
use super::*;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn abc() -> Company {
    Company::new("ABC").unwrap()
}

fn zoho() -> TargetName {
    TargetName::new("zoho").unwrap()
}

/// The default, with windows: `of` is the header of a table.
fn config(windows: &[(&str, &str)]) -> SyncConfig {
    let mut text = SyncConfig::DEFAULT.to_owned();
    for (of, window) in windows {
        let quiet = format!("{of}\nquiet = [{window}]");
        text = text.replacen(of, &quiet, 1);
    }
    SyncConfig::parse(&text).unwrap()
}

fn contacts() -> Scope {
    Scope::between(&abc(), &zoho(), IntentKind::Record(Entity::CONTACT))
}

fn pause(scope: Scope, since: &str, until: Option<&str>, ended: Option<&str>) -> Pause {
    Pause {
        id: since.to_owned(),
        scope,
        by: "ann".to_owned(),
        reason: "period end".to_owned(),
        since: at(since),
        until: until.map(at),
        ended: ended.map(at),
    }
}

fn kept(all: Vec<Pause>) -> Pauses {
    Pauses { all, rev: 1 }
}

fn of_company() -> Scope {
    Scope {
        company: Some(abc()),
        ..Scope::default()
    }
}

const NIGHTS: &str =
    r#"{ days = "mon-fri", from = "18:00", to = "06:00", zone = "America/Chicago" }"#;

#[test]
fn a_window_holds_what_its_table_is_about() {
    let none = Pauses::default();
    let night = at("2026-01-13T03:00:00Z");
    let held = |config: &SyncConfig, work: &Scope| {
        let pausing = Pausing {
            pauses: &none,
            config,
            now: night,
        };
        pausing.hold(work).is_some()
    };
    let poll = Scope::polls(&abc(), Entity::CONTACT);
    let event = Scope::told_by(&zoho(), Some(IntentKind::Record(Entity::CONTACT)));
    let sweep = Scope::told_by(&zoho(), None);
    let all = [&contacts(), &poll, &event, &sweep];
    let found = |config: &SyncConfig| all.map(|work| held(config, work));
    let of_company = config(&[("[companies.ABC]", NIGHTS)]);
    assert_eq!(found(&of_company), [true, true, false, false]);
    let of_target = config(&[("[targets.zoho]", NIGHTS)]);
    assert_eq!(found(&of_target), [true, false, true, true]);
    let of_entity = config(&[("[targets.zoho.contact]", NIGHTS)]);
    assert_eq!(found(&of_entity), [true, false, true, false]);
    let customers = Scope::between(&abc(), &zoho(), IntentKind::Record(Entity::CUSTOMER));
    assert!(!held(&of_entity, &customers));
}

#[test]
fn pauses_that_overlap_are_one_and_end_with_the_last() {
    let config = config(&[("[companies.ABC]", NIGHTS)]);
    let other = Scope::told_by(&zoho(), None);
    let pauses = kept(vec![
        pause(
            of_company(),
            "2026-01-13T01:00:00Z",
            Some("2026-01-13T15:00:00Z"),
            None,
        ),
        pause(
            other,
            "2026-01-13T02:00:00Z",
            Some("2026-01-13T14:00:00Z"),
            None,
        ),
    ]);
    let hold = |now| {
        let (pauses, config) = (&pauses, &config);
        Pausing {
            pauses,
            config,
            now: at(now),
        }
        .hold(&contacts())
    };
    let all = hold("2026-01-13T03:00:00Z").unwrap();
    assert_eq!(all.since, at("2026-01-13T00:00:00Z"), "the window's");
    assert_eq!(all.until, Some(at("2026-01-13T15:00:00Z")));
    assert_eq!(all.why.len(), 3);
    assert_eq!(all.why[0], "company ABC, by ann: period end");
    assert_eq!(hold("2026-01-13T14:30:00Z").unwrap().why.len(), 1);
    assert_eq!(hold("2026-01-13T15:00:00Z"), None);
    let open = kept(vec![
        pause(of_company(), "2026-01-13T13:00:00Z", None, None),
        pauses.all[0].clone(),
    ]);
    let pausing = Pausing {
        pauses: &open,
        config: &config,
        now: at("2026-01-13T14:00:00Z"),
    };
    assert_eq!(pausing.hold(&contacts()).unwrap().until, None);
}

#[test]
fn time_limits_stand_still_and_begin_anew() {
    let config = config(&[]);
    let ended = Some("2026-01-13T15:00:00Z");
    let pauses = kept(vec![pause(
        of_company(),
        "2026-01-13T01:00:00Z",
        Some("2026-01-13T20:00:00Z"),
        ended,
    )]);
    let pausing = |now| Pausing {
        pauses: &pauses,
        config: &config,
        now: at(now),
    };
    let first = at("2026-01-12T12:00:00Z");
    let counts = |now| pausing(now).counts_from(&contacts(), first);
    assert_eq!(counts("2026-01-13T14:59:59Z"), None);
    assert_eq!(
        counts("2026-01-13T16:00:00Z"),
        Some(at("2026-01-13T15:00:00Z"))
    );
    let holds_up = |now| pausing(now).holds_up(&contacts());
    assert!(holds_up("2026-01-13T15:59:00Z"));
    assert!(!holds_up("2026-01-13T16:00:00Z"));
    let queue = Scope::told_by(&zoho(), None);
    assert!(pausing("2026-01-13T15:59:00Z").holds_up_any(&queue));
    assert!(!pausing("2026-01-13T16:00:00Z").holds_up_any(&queue));
}

fn scopes() -> impl Strategy<Value = Scope> {
    let companies = proptest::option::of(proptest::sample::select(vec!["ABC", "XYZ"]));
    let targets = proptest::option::of(proptest::sample::select(vec!["zoho", "salesforce"]));
    let kinds = proptest::option::of(proptest::sample::select(vec!["order", "contact"]));
    (companies, targets, kinds).prop_map(|(company, target, kind)| Scope {
        company: company.and_then(|company| Company::new(company).ok()),
        target: target.and_then(TargetName::new),
        kind: kind.and_then(|kind| IntentKind::try_from(kind.to_owned()).ok()),
    })
}

fn pauses() -> impl Strategy<Value = Vec<Pause>> {
    let begin = at("2026-01-05T00:00:00Z");
    let one = (
        scopes(),
        0..200_i64,
        proptest::option::of(1..50_i64),
        proptest::option::of(1..50_i64),
    );
    let one = one.prop_map(move |(scope, since, until, ended)| {
        let since = begin + HOUR * i32::try_from(since).unwrap();
        let later = |hours: i64| since + HOUR * i32::try_from(hours).unwrap();
        Pause {
            id: String::new(),
            scope,
            by: String::new(),
            reason: String::new(),
            since,
            until: until.map(later),
            ended: ended.map(later),
        }
    });
    proptest::collection::vec(one, 0..6)
}

proptest! {
    /// Work is held exactly while a pause that covers it is on; and from the end on, time counts.
    #[test]
    fn work_is_held_while_anything_holds_it(all in pauses(), work in scopes(), hour in 0..300_i64) {
        let config = config(&[]);
        let now = at("2026-01-05T00:00:00Z") + HOUR * i32::try_from(hour).unwrap();
        let covering = all.iter().filter(|pause| pause.scope.covers(&work));
        let on = covering.clone().filter(|pause| pause.is_on(now)).count();
        let pauses = kept(all.clone());
        let pausing = Pausing { pauses: &pauses, config: &config, now };
        let hold = pausing.hold(&work);
        prop_assert_eq!(hold.as_ref().map_or(0, |hold| hold.why.len()), on);
        if let Some(Hold { until: Some(until), .. }) = &hold {
            prop_assert!(now < *until);
        }
        let first = now - HOUR * 20;
        let counts = pausing.counts_from(&work, first);
        prop_assert_eq!(counts.is_none(), on > 0);
        if let Some(from) = counts {
            // Never more than without the pauses, and never before the end of one.
            prop_assert!(from >= first && from <= now);
            prop_assert!(covering.filter_map(|pause| pause.over_at(now)).all(|end| end <= from));
        }
        // Whatever holds work of a scope holds up the queue that the work lies in.
        prop_assert!(hold.is_none() || pausing.holds_up_any(&Scope::default()));
    }
}
