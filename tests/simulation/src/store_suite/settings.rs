//! Checks of [`Settings`](counterpart_delivery::ports::Settings).

use counterpart_delivery::IntentKind;
use counterpart_delivery::pause::{Did, Pause, PauseNote, Pauses, Scope};
use counterpart_delivery::ports::{Circuit, ConfigVersion, OddJob, PackProgress, Store, Tokens};
use futures_util::future::join_all;
use jiff::Timestamp;

use super::samples::{at, zoho, zoho_eu};

/// Who did not read the newest pushes nothing.
pub async fn a_configuration_is_pushed_onto_the_one_that_was_read<S: Store + Tokens>(store: &S) {
    assert_eq!(store.config().await.unwrap(), None);
    assert!(!store.push_config("too early", 4, at(0)).await.unwrap());
    assert!(store.push_config("one", 0, at(0)).await.unwrap());
    assert!(
        !store.push_config("one", 0, at(0)).await.unwrap(),
        "the same text, too"
    );
    assert!(!store.push_config("ahead", 2, at(0)).await.unwrap());
    let pushes = join_all((0..5).map(|_| store.push_config("two", 1, at(9)))).await;
    let won = pushes.into_iter().filter(|push| matches!(push, Ok(true)));
    assert_eq!(won.count(), 1);
    let wanted = ConfigVersion {
        version: 2,
        text: "two".to_owned(),
        pushed_at: at(9),
    };
    assert_eq!(store.config().await.unwrap(), Some(wanted));
    assert!(store.push_config("three", 2, at(10)).await.unwrap());
    for (version, limit, older) in [
        (3, 9, vec!["two", "one"]),
        (3, 1, vec!["two"]),
        (1, 9, vec![]),
    ] {
        let found = store.configs_before(version, limit).await.unwrap();
        let found: Vec<_> = found.iter().map(|config| config.text.as_str()).collect();
        assert_eq!(found, older, "before {version}");
    }
}

/// After the pause, one may try: the others find that somebody was faster.
pub async fn a_circuit_is_written_by_the_first_who_read_it<S: Store + Tokens>(store: &S) {
    assert_eq!(store.circuit(&zoho()).await.unwrap(), Circuit::default());
    let odd = OddJob {
        kind: "place_order".to_owned(),
        failures: 2,
        others_passed: true,
        first: at(10),
        at: at(20),
    };
    let open = Circuit {
        failures: 3,
        open_until: Some(at(30)),
        since: Some(at(10)),
        probing: true,
        odd: [("job-1".to_owned(), odd)].into(),
        reason: "E_CRM_DOWN: Zoho is down.".to_owned(),
        most_rows: Some(50),
        rev: 0,
    };
    assert!(store.put_circuit(&zoho(), &open).await.unwrap());
    assert!(!store.put_circuit(&zoho(), &open).await.unwrap());
    let read = store.circuit(&zoho()).await.unwrap();
    assert_eq!(
        read,
        Circuit {
            rev: 1,
            ..open.clone()
        }
    );
    let target = zoho();
    let probes = join_all((0..5).map(|_| store.put_circuit(&target, &read))).await;
    let won = probes.into_iter().filter(|probe| matches!(probe, Ok(true)));
    assert_eq!(won.count(), 1);
    assert_eq!(store.circuit(&zoho()).await.unwrap().rev, 2);
    let ahead = Circuit { rev: 9, ..open };
    assert!(!store.put_circuit(&zoho(), &ahead).await.unwrap());
    assert_eq!(store.circuit(&zoho_eu()).await.unwrap(), Circuit::default());
}

/// With each change goes its note, and whoever did not read the last one changes nothing.
pub async fn pauses_are_written_with_their_notes_by_the_first_who_read_them<S: Store + Tokens>(
    store: &S,
) {
    let none = (Circuit::default(), Pauses::default());
    assert_eq!(store.circuit_and_pauses(&zoho()).await.unwrap(), none);
    assert_eq!(store.pause_notes(9).await.unwrap(), []);
    let pause = |id: &str, since| Pause {
        id: id.to_owned(),
        scope: Scope::told_by(&zoho(), Some(IntentKind::Order)),
        by: "ann".to_owned(),
        reason: "new price list".to_owned(),
        since: at(since),
        until: (since > 10).then(|| at(since + 60)),
        ended: None,
    };
    let note = |id: &str, since| PauseNote {
        at: at(since),
        did: Did::Began,
        by: "ann".to_owned(),
        pause: pause(id, since),
    };
    let kept = |all, rev| Pauses { all, rev };
    let one = kept(vec![pause("one", 10)], 0);
    assert!(store.put_pauses(&one, &note("one", 10)).await.unwrap());
    let late = kept(vec![pause("late", 11)], 0);
    assert!(!store.put_pauses(&late, &note("late", 11)).await.unwrap());
    let both = kept(vec![pause("one", 10), pause("two", 20)], 1);
    let two = note("two", 20);
    let puts = join_all((0..5).map(|_| store.put_pauses(&both, &two))).await;
    let won = puts.into_iter().filter(|put| matches!(put, Ok(true)));
    assert_eq!(won.count(), 1);
    let both = Pauses { rev: 2, ..both };
    assert_eq!(store.pauses().await.unwrap(), both);
    let circuit = Circuit {
        failures: 1,
        ..Circuit::default()
    };
    assert!(store.put_circuit(&zoho(), &circuit).await.unwrap());
    let circuit = Circuit { rev: 1, ..circuit };
    let asked = store.circuit_and_pauses(&zoho()).await.unwrap();
    assert_eq!(asked, (circuit, both));
    let told = store.pause_notes(9).await.unwrap();
    assert_eq!(told, [note("two", 20), note("one", 10)]);
    assert_eq!(store.pause_notes(1).await.unwrap().len(), 1);
}

/// Until it is written again.
pub async fn the_progress_of_a_pack_is_kept<S: Store + Tokens>(store: &S) {
    let none = store.pack_progress("p1").await.unwrap();
    assert_eq!(none, PackProgress::default());
    let mut progress = PackProgress {
        trying: Some("01-ABF".to_owned()),
        kills: [("01-ABF".to_owned(), 5)].into(),
    };
    for _ in 0..2 {
        let far = Timestamp::from_second(4_102_444_800).unwrap();
        store.put_pack_progress("p1", &progress, far).await.unwrap();
        assert_eq!(store.pack_progress("p1").await.unwrap(), progress);
        progress.trying = None;
    }
    assert_eq!(store.pack_progress("p2").await.unwrap(), none);
}
