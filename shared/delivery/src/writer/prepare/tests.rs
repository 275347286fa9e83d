//! What the stored link says of an observation, and what becomes of a pack's entries.

use counterpart_config::{EntityConfig, SyncConfig, TargetConfig};
use counterpart_domain::{AsOf, Company, CrmId, Entity, Record, TargetName, digest_of};
use jiff::Timestamp;

use super::*;
use crate::owner::RepTable;
use crate::{LastOutcome, WIRE_VERSION};

/// Fails in the worst way that code can.
struct Panics;

impl Mapper for Panics {
    fn map(&self, _: &EntityConfig, _: &SageKey, _: &Record) -> Result<Mapped, Fault> {
        panic!("on purpose")
    }
}

const fn as_of(sequence: u64) -> AsOf {
    AsOf { epoch: 1, sequence }
}

fn entry(sequence: u64, content: &str) -> Entry {
    Entry {
        local_key: "01-ACE".to_owned(),
        as_of: as_of(sequence),
        hash: digest_of([content]),
        record: serde_json::from_str::<Record>(r#"{"customer":{}}"#).unwrap(),
        run: "run".to_owned(),
        first_sent: Timestamp::UNIX_EPOCH,
        attempts: 0,
        answers: Vec::new(),
    }
}

fn pack(reason: Reason) -> Pack {
    Pack {
        version: WIRE_VERSION,
        id: "pack".to_owned(),
        target: TargetName::new("zoho").unwrap(),
        company: Company::new("ABC").unwrap(),
        entity: Entity::CUSTOMER,
        reason,
        config_version: 1,
        entries: Vec::new(),
    }
}

fn target(config: &SyncConfig) -> &TargetConfig {
    config.targets.values().next().unwrap()
}

fn snapshot(config: &SyncConfig) -> Snapshot<'_> {
    let target = target(config);
    Snapshot {
        target,
        entity: &target.entities[&Entity::CUSTOMER],
        reps: RepTable::default(),
        links: HashMap::new(),
        parents: HashMap::new(),
        again: false,
    }
}

/// The link of a record whose observation was applied.
fn applied(snapshot: &Snapshot<'_>, of: &Entry) -> Link {
    let pack = pack(Reason::Change);
    let (key, version) = (pack.key(of), snapshot.entity.version.clone());
    Link {
        crm_id: Some(CrmId("1".to_owned())),
        source_hash: of.hash.clone(),
        rep_version: rep_version(snapshot, of),
        last: Some(LastOutcome {
            run: of.run.clone(),
            outcome: Outcome::Created,
        }),
        ..Link::new(
            pack.target,
            key,
            Stage::Linked,
            of.as_of,
            version,
            Timestamp::UNIX_EPOCH,
        )
    }
}

fn rep_version(snapshot: &Snapshot<'_>, of: &Entry) -> Digest {
    let owner = snapshot.entity.owner.as_ref();
    let company = Company::new("ABC").unwrap();
    snapshot.reps.version(owner, &company, &of.record)
}

fn judged(snapshot: &Snapshot<'_>, reason: Reason, of: &Entry, link: &Link) -> String {
    let version = rep_version(snapshot, of);
    let judged = against_link(&pack(reason), snapshot, of, Some(link), &version);
    judged.map_or_else(|skip| format!("{skip:?}"), |()| "compared".to_owned())
}

#[test]
fn what_is_late_is_superseded_unless_it_may_have_been_written_before() {
    let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
    let mut snapshot = snapshot(&config);
    let link = applied(&snapshot, &entry(5, "new"));
    let late = entry(4, "old");
    let tried = Entry {
        attempts: 1,
        ..late.clone()
    };
    let superseded = "Done(Superseded, None)";
    for (reason, of, expected) in [
        (Reason::Change, &late, superseded),
        (Reason::Change, &tried, superseded),
        (Reason::Retry, &late, superseded),
        (Reason::Retry, &tried, "MayHaveOverwritten"),
        (Reason::Repair, &tried, "MayHaveOverwritten"),
    ] {
        assert_eq!(judged(&snapshot, reason, of, &link), expected, "{reason:?}");
    }
    snapshot.again = true;
    let received_again = judged(&snapshot, Reason::Change, &late, &link);
    assert_eq!(received_again, "MayHaveOverwritten");
}

#[test]
fn what_is_parked_counts_as_known() {
    let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
    let snapshot = snapshot(&config);
    let link = Link {
        parked: Some(as_of(7)),
        ..applied(&snapshot, &entry(5, "a"))
    };
    let between = judged(&snapshot, Reason::Change, &entry(6, "b"), &link);
    assert_eq!(between, "Done(Superseded, None)");
    let newer = judged(&snapshot, Reason::Change, &entry(7, "b"), &link);
    assert_eq!(newer, "compared");
}

#[test]
fn the_observation_that_a_link_holds_is_done_and_any_doubt_has_it_compared() {
    let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
    let snapshot = snapshot(&config);
    let held = entry(5, "a");
    let link = applied(&snapshot, &held);
    let in_run = judged(&snapshot, Reason::Change, &held, &link);
    assert_eq!(in_run, "Recorded(Created)");
    let of_another_run = Entry {
        run: "another".to_owned(),
        ..held.clone()
    };
    let elsewhere = judged(&snapshot, Reason::Change, &of_another_run, &link);
    assert_eq!(elsewhere, "Done(Unchanged, None)");
    let mut dirty = link.clone();
    dirty.dirty = true;
    let mut unkeyed = link.clone();
    unkeyed.key_unwritten = true;
    let mut mapped_otherwise = link.clone();
    mapped_otherwise.mapping_version = digest_of(["before"]);
    for doubt in [dirty, unkeyed, mapped_otherwise] {
        let doubted = judged(&snapshot, Reason::Change, &held, &doubt);
        assert_eq!(doubted, "compared");
    }
    let edited = judged(&snapshot, Reason::Edited, &held, &link);
    assert_eq!(edited, "compared");
    let mut creating = link;
    creating.stage = Stage::Creating;
    let under_way = judged(&snapshot, Reason::Change, &entry(6, "b"), &creating);
    assert_eq!(under_way, "WaitForCreation");
}

#[test]
fn of_two_contents_under_one_as_of_the_same_one_stays_whichever_comes_first() {
    let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
    let snapshot = snapshot(&config);
    let (one, other) = (entry(5, "a"), entry(5, "b"));
    let (low, high) = if one.hash < other.hash {
        (one, other)
    } else {
        (other, one)
    };
    let low_after_high = judged(&snapshot, Reason::Change, &low, &applied(&snapshot, &high));
    assert_eq!(
        low_after_high,
        r#"Done(Superseded, Some("E_AS_OF_REPEATED"))"#
    );
    let high_after_low = judged(&snapshot, Reason::Change, &high, &applied(&snapshot, &low));
    assert_eq!(high_after_low, "compared");
}

#[test]
fn a_key_that_a_pack_names_twice_counts_once_with_its_newest_observation() {
    let older_of_another_run = Entry {
        run: "another".to_owned(),
        ..entry(3, "a")
    };
    let entries = vec![entry(4, "b"), older_of_another_run, entry(5, "c")];
    let mut results = PackResults::default();
    let kept = newest(&pack(Reason::Change), entries, &mut results);
    assert_eq!(kept, [entry(5, "c")]);
    // Those of the same run have one outcome together, that of the newest.
    let superseded: Vec<_> = results.pending.iter().map(|of| of.entry.as_of).collect();
    assert_eq!(superseded, [as_of(3)]);
    assert_eq!(results.pending[0].outcome, Outcome::Superseded);
}

#[test]
fn a_record_on_which_the_mapping_fails_is_parked_and_its_link_stays_in_the_snapshot() {
    let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
    let mut snapshot = snapshot(&config);
    let (held, pack) = (entry(5, "a"), pack(Reason::Change));
    let link = applied(&snapshot, &held);
    snapshot.links.insert(pack.key(&held), link);
    let plan = prepare(&Panics, &pack, &mut snapshot, vec![entry(6, "b")]);
    assert!(plan.rows.is_empty());
    let [(_, Skip::Park(fault, None))] = plan.skipped.as_slice() else {
        panic!("{:?}", plan.skipped);
    };
    assert_eq!((fault.class, fault.code.as_ref()), (Class::Bug, "E_PANIC"));
    assert!(snapshot.links.contains_key(&pack.key(&held)));
}
