use std::collections::BTreeMap;
use std::sync::Arc;

use counterpart_config::SyncConfig;
use counterpart_delivery::ports::{Circuit, Ledger as _, Settings as _};
use counterpart_delivery::{Kind, ManifestEntry, ManifestVerdict, Outcome, OutcomeItem, Run};
use counterpart_domain::{Company, Entity, SageKey, TargetName, digest_of};
use counterpart_runtime::{Active, QueueDepths};
use counterpart_simulation::{VirtualClock, memory::MemoryStore};
use jiff::Timestamp;

use super::*;
use crate::output::{Answer, Style};

fn now() -> Timestamp {
    "2026-11-22T19:30:00Z".parse().unwrap()
}

fn company() -> Company {
    Company::new("ABC").unwrap()
}

fn zoho() -> TargetName {
    TargetName::new("zoho").unwrap()
}

async fn run(
    store: &MemoryStore,
    id: &str,
    started_at: &str,
    entity: Entity,
    outcomes: &[(&str, Outcome)],
) {
    let started_at = started_at.parse().unwrap();
    let run = Run {
        id: id.into(),
        company: company(),
        entity,
        kind: Kind::Poll,
        started_at,
        finished_at: Some(started_at),
        stopped: None,
    };
    store.put_run(&run).await.unwrap();
    let sent = |key: &str| ManifestEntry {
        local_key: key.into(),
        hash: None,
        verdict: ManifestVerdict::Sent,
    };
    let mut manifest: Vec<_> = outcomes.iter().map(|(key, _)| sent(key)).collect();
    manifest.push(sent("01-INFLIGHT"));
    store
        .put_manifest(id, &zoho(), "1", &manifest)
        .await
        .unwrap();
    let items: Vec<_> = outcomes
        .iter()
        .map(|(key, outcome)| {
            let key = SageKey::new(&company(), entity, key).unwrap();
            let version = digest_of(["m"]);
            OutcomeItem::new(id.into(), zoho(), key, *outcome, version, started_at)
        })
        .collect();
    store.put_outcomes(&items).await.unwrap();
}

fn ask(query: &Query, prepare: impl AsyncFnOnce(&MemoryStore), dead: u64) -> Answer {
    let clock = VirtualClock::new(now(), 1);
    let store = MemoryStore::new();
    let written = "page_size = 500\nwrite = \"agent\"\ncreations_per_hour = 2";
    let text = SyncConfig::DEFAULT.replacen("page_size = 500", written, 1);
    let config = Arc::new(SyncConfig::parse(&text).unwrap());
    let active = Active {
        version: 3,
        config,
        in_force: 3,
    };
    clock.block_on(async {
        use Outcome::{Created, Parked, Unchanged, Updated};
        run(
            &store,
            "run1",
            "2026-11-22T17:00:00Z",
            Entity::CUSTOMER,
            &[("01-A", Created), ("01-B", Parked)],
        )
        .await;
        run(
            &store,
            "run2",
            "2026-11-22T19:15:00Z",
            Entity::CUSTOMER,
            &[("01-A", Updated), ("01-B", Unchanged)],
        )
        .await;
        run(
            &store,
            "run3",
            "2026-11-22T19:15:01Z",
            Entity::CONTACT,
            &[("01-A/X", Created)],
        )
        .await;
        prepare(&store).await;
        let depths = QueueDepths {
            visible: 2,
            in_flight: 1,
            delayed: 0,
            dead: Some(dead),
        };
        // Only failures come into it.
        let failures = QueueDepths {
            visible: dead,
            ..QueueDepths::default()
        };
        let poller_dead = TargetName::new("poller-dead").unwrap();
        let queues = BTreeMap::from([(zoho(), depths), (poller_dead, failures)]);
        let status = collect(&store, &active, query, queues, now())
            .await
            .unwrap();
        answer(&status, Style::Plain)
    })
}

const NEWEST: Query = Query {
    company: None,
    since: None,
    runs: 20,
};

#[test]
fn runs_are_summed_per_target_and_entity() {
    let status = ask(&NEWEST, async |_| {}, 0);
    assert!(status.well);
    insta::assert_snapshot!(status.text);
    insta::assert_json_snapshot!(status.json);
}

#[test]
fn only_the_runs_asked_for_count() {
    let seen = |status: &Answer| status.json["totals"]["zoho"]["customer"]["seen"].as_u64();
    assert_eq!(seen(&ask(&NEWEST, async |_| {}, 0)), Some(6));
    let since = Some("2026-11-22T19:00:00Z".parse().unwrap());
    assert_eq!(
        seen(&ask(&Query { since, ..NEWEST }, async |_| {}, 0)),
        Some(3)
    );
    let newest = ask(&Query { runs: 1, ..NEWEST }, async |_| {}, 0);
    assert_eq!(
        (seen(&newest), newest.json["runs"].as_array().unwrap().len()),
        (None, 1)
    );
}

#[test]
fn an_open_circuit_and_dead_letters_need_a_person() {
    let open = async |store: &MemoryStore| {
        let circuit = Circuit {
            failures: 4,
            open_until: Some("2026-11-22T19:35:00Z".parse().unwrap()),
            reason: "E_CRM_DOWN: Zoho does not answer.".into(),
            ..Circuit::default()
        };
        store.put_circuit(&zoho(), &circuit).await.unwrap();
    };
    let status = ask(&NEWEST, open, 3);
    assert!(!status.well);
    let codes: Vec<_> = status.json["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["code"].clone())
        .collect();
    assert_eq!(
        codes,
        ["E_CIRCUIT_OPEN", "E_DEAD_LETTERS", "E_DEAD_LETTERS"]
    );
}

#[test]
fn what_is_paused_stands_in_the_first_lines() {
    use counterpart_delivery::pause::{self, Scope};
    let begin = async |store: &MemoryStore, hours: i64| {
        let ago = jiff::SignedDuration::from_hours(hours);
        let clock = VirtualClock::new(now() - ago, 1);
        let scope = Scope::told_by(&zoho(), None);
        let begun = pause::change::begin(store, &clock, scope, "ann", "the org is rebuilt", None);
        begun.await.unwrap();
    };
    let young = ask(&NEWEST, async |store| begin(store, 3).await, 0);
    assert!(young.well, "nothing is wrong with a pause");
    let first: Vec<&str> = young.text.lines().take(2).collect();
    insta::assert_snapshot!(first.join("\n"), @r"
    PAUSED: target zoho since 2026-11-22T16:30:00Z, until somebody resumes it, by ann: the org is rebuilt (id 000000).
    In the queues: 3 in zoho.
    ");
    assert_eq!(young.json["pauses"][0]["by"], "ann");
    let old = ask(&NEWEST, async |store| begin(store, 48).await, 0);
    assert_eq!(old.json["problems"][0]["code"], "E_PAUSE_FORGOTTEN");
}

#[test]
fn a_flood_of_creations_needs_a_person() {
    use counterpart_delivery::ports::Creations as _;
    let create = async |store: &MemoryStore, many: usize| {
        for name in ["a", "b"].into_iter().take(many) {
            let counted = store.count_creation(&company(), 2, name, now()).await;
            counted.unwrap();
        }
    };
    let one = ask(&NEWEST, async |store| create(store, 1).await, 0);
    assert!(one.well);
    assert!(
        one.text
            .contains("company ABC within the last hour: 1 of 2")
    );
    let two = ask(&NEWEST, async |store| create(store, 2).await, 0);
    assert_eq!(two.json["problems"][0]["code"], "E_SAGE_CREATIONS_FULL");
    assert_eq!(two.json["creations"]["ABC"]["last_hour"], 2);
}

#[test]
fn what_is_parked_is_said_and_is_no_problem_of_the_deployment() {
    use counterpart_delivery::ports::{Parked, Parking as _, Route};
    let parked = async |store: &MemoryStore| {
        let fault = counterpart_domain::Fault::new(
            counterpart_domain::Class::Data,
            "E_REP_UNMAPPED",
            "Nobody is mapped.",
        );
        let (id, route) = ("ABC|customer|01-B".to_owned(), Route::CrmWrites);
        let one = Parked::new("zoho", id, route, fault, String::new(), now());
        store.park(&one).await.unwrap();
    };
    let status = ask(&NEWEST, parked, 0);
    assert!(status.well);
    let end = "\n1 record is parked: `counterpart parked list` says which, and why.";
    assert!(status.text.ends_with(end), "{}", status.text);
}
