//! What becomes of a record that Sage names, by what is known of it.

use counterpart_config::SyncConfig;
use counterpart_domain::{AsOf, Class, CrmId, Entity, Stamp, TargetName};
use jiff::Timestamp;

use super::*;
use crate::owner::RepTable;
use crate::poller::target_run::Buffer;

struct Case<'a> {
    link: Option<&'a Link>,
    parked: Option<Digest>,
    again: bool,
    everything: bool,
}

fn key() -> SageKey {
    SageKey {
        company: Company::new("ABC").unwrap(),
        entity: Entity::CUSTOMER,
        local: "01-ACE".to_owned(),
    }
}

fn judged(run: &TargetRun<'_>, changed: &ChangedRecord, case: &Case<'_>) -> &'static str {
    let parked = case.parked.clone().map(|content| (key(), content));
    let known = Known {
        link: case.link,
        parked: &parked.into_iter().collect(),
        again: case.again,
        everything: case.everything,
    };
    match admission(run, &key().company, changed, &known) {
        Admission::Unreadable(_) => "unreadable",
        Admission::Excluded(_) => "excluded",
        Admission::Unchanged => "unchanged",
        Admission::StillParked => "still parked",
        Admission::Send(_) => "sent",
    }
}

#[test]
fn only_what_was_read_before_and_is_known_to_be_the_same_is_not_sent() {
    let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
    let name = TargetName::new("zoho").unwrap();
    let target = config.targets.values().next().unwrap();
    let entity = &target.entities[&Entity::CUSTOMER];
    let run = TargetRun {
        name: &name,
        target,
        kind: Entity::CUSTOMER,
        entity,
        reps: RepTable::default(),
        buffer: Buffer::default(),
        durable: (0, None),
        failed: None,
    };
    let record = serde_json::from_str::<Record>(r#"{"customer":{}}"#).unwrap();
    let content = record.content_hash();
    let owner = entity.owner.as_ref();
    let applied = Link {
        crm_id: Some(CrmId("1".to_owned())),
        source_hash: content.clone(),
        rep_version: run.reps.version(owner, &key().company, &record),
        ..Link::new(
            name.clone(),
            key(),
            Stage::Linked,
            AsOf::default(),
            entity.version.clone(),
            Timestamp::UNIX_EPOCH,
        )
    };
    let marked = Link {
        dirty: true,
        ..applied.clone()
    };
    let parked = Link {
        parked: Some(AsOf::default()),
        ..applied.clone()
    };
    let other = counterpart_domain::digest_of(["other"]);
    let changed = |record| ChangedRecord {
        key: key(),
        stamp: Stamp::BEGINNING,
        record,
        raw: None,
    };
    let readable = changed(Ok(record));
    for (link, content_parked, again, everything, expected) in [
        (None, None, true, false, "sent"),
        (Some(&applied), None, true, false, "unchanged"),
        (Some(&applied), None, true, true, "unchanged"),
        // An older state of it may still be on its way.
        (Some(&applied), None, false, false, "sent"),
        (Some(&marked), None, true, false, "sent"),
        (Some(&parked), Some(&content), true, false, "still parked"),
        (Some(&parked), Some(&content), true, true, "sent"),
        (Some(&parked), Some(&content), false, false, "sent"),
        (Some(&parked), Some(&other), true, false, "sent"),
        (Some(&parked), None, true, false, "sent"),
    ] {
        let case = Case {
            link,
            parked: content_parked.cloned(),
            again,
            everything,
        };
        let judged = judged(&run, &readable, &case);
        assert_eq!(judged, expected, "{link:?} {again} {everything}");
    }
    let fault = Fault::new(Class::Data, "E_SAGE_RECORD", "unreadable");
    let case = Case {
        link: Some(&applied),
        parked: None,
        again: true,
        everything: false,
    };
    assert_eq!(judged(&run, &changed(Err(fault)), &case), "unreadable");
}
