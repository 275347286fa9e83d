//! Records to store.

use std::collections::BTreeMap;

use counterpart_delivery::{Entry, Link, LinkWrite, Outcome, OutcomeItem, Stage};
use counterpart_domain::reconcile::{BaseField, Known};
use counterpart_domain::{
    AsOf, Company, CrmId, Digest, Entity, Record, RepKey, SageKey, TargetName, Value, digest_of,
};
use jiff::Timestamp;

pub(super) fn zoho() -> TargetName {
    TargetName::new("zoho").unwrap()
}

pub(super) fn zoho_eu() -> TargetName {
    TargetName::new("zoho-eu").unwrap()
}

pub(super) fn abc() -> Company {
    Company::new("ABC").unwrap()
}

pub(super) fn xyz() -> Company {
    Company::new("XYZ").unwrap()
}

pub(super) fn customer(number: &str) -> SageKey {
    SageKey::new(&abc(), Entity::CUSTOMER, &format!("01-{number}")).unwrap()
}

pub(super) fn contact(number: &str, code: &str) -> SageKey {
    SageKey::new(&abc(), Entity::CONTACT, &format!("01-{number}/{code}")).unwrap()
}

pub(super) fn rep(number: &str) -> RepKey {
    RepKey {
        company: abc(),
        rep: format!("01-{number}"),
    }
}

/// A whole second: stores may keep leases to the millisecond.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_375_800 + seconds).unwrap()
}

pub(super) fn as_of(epoch: u64, sequence: u64) -> AsOf {
    AsOf { epoch, sequence }
}

pub(super) fn hash(text: &str) -> Digest {
    digest_of([text])
}

pub(super) fn id(text: &str) -> CrmId {
    CrmId(text.to_owned())
}

pub(super) fn record(key: &SageKey) -> Record {
    let (division, rest) = key.local.split_once('-').unwrap();
    let (number, code) = rest.split_once('/').unwrap_or((rest, ""));
    let mut columns = BTreeMap::from([("ARDivisionNo", division), ("CustomerNo", number)]);
    if key.entity == Entity::CONTACT {
        columns.extend([("ContactCode", code), ("ContactName", "Artie Johnson")]);
    } else {
        columns.extend([
            ("CustomerName", "Größe & Söhne \"O'Hara\""),
            ("CreditLimit", "120000.00"),
            ("CreditHold", "N"),
            ("UDF_REGION", "MIDWEST"),
        ]);
    }
    let owned = columns
        .into_iter()
        .map(|(n, v)| (n.to_owned(), v.to_owned()));
    Record::from_columns(key, &owned.collect()).unwrap()
}

/// A link with something in every field.
pub(super) fn link(key: &SageKey) -> Link {
    let base = |sage, crm| BaseField {
        sage,
        crm,
        reverted: None,
    };
    let name = Value::text("Größe");
    let agreed = base(Known::Read(name.clone()), Known::Written(name.clone()));
    let reverted = BaseField {
        reverted: Some(Value::text("Groesse")),
        ..base(Known::Written(Value::Blank), Known::Read(name))
    };
    Link {
        target: zoho(),
        key: key.clone(),
        stage: Stage::Linked,
        crm_id: Some(id("4150868000000225013")),
        as_of: as_of(2, u64::MAX),
        source_hash: hash("source"),
        mapping_version: hash("mapping"),
        rep_version: hash("reps"),
        shadow: [("Account_Name", agreed), ("Phone", reverted)]
            .map(|(field, base)| (field.to_owned(), base))
            .into(),
        record: Some(record(key)),
        rep: Some(rep("0100")),
        parked: Some(as_of(2, 7)),
        dirty: true,
        key_unwritten: true,
        sage_owned: true,
        resting: false,
        key_restored: Some(at(0)),
        last: Some(counterpart_delivery::LastOutcome {
            run: "r1".to_owned(),
            outcome: Outcome::Created,
        }),
        rev: 0,
        updated_at: at(0),
    }
}

/// A link with nothing but a stage, for a key of which little matters.
pub(super) fn plain_link(key: &SageKey, rep: Option<RepKey>) -> Link {
    let (as_of, version) = (as_of(2, u64::MAX), hash("mapping"));
    Link {
        source_hash: hash("source"),
        rep_version: hash("reps"),
        rep,
        ..Link::new(zoho(), key.clone(), Stage::Excluded, as_of, version, at(0))
    }
}

/// A write without reverse item.
pub(super) fn write(link: Link) -> LinkWrite {
    LinkWrite::in_place(link)
}

/// A write that links to `new`, away from `old`.
pub(super) fn relink(mut link: Link, old: Option<&str>, new: Option<&str>) -> LinkWrite {
    link.crm_id = new.map(id);
    LinkWrite {
        link,
        previous_crm_id: old.map(id),
        write_reverse: new.is_some(),
    }
}

pub(super) fn entry(key: &SageKey, as_of: AsOf) -> Entry {
    Entry {
        local_key: key.local.clone(),
        as_of,
        hash: hash(&format!("{as_of:?}")),
        record: record(key),
        run: "r1".to_owned(),
        first_sent: at(0),
        attempts: 0,
        answers: Vec::new(),
    }
}

pub(super) fn outcome(run: &str, key: &SageKey, outcome: Outcome) -> OutcomeItem {
    OutcomeItem {
        run: run.to_owned(),
        target: zoho(),
        key: key.clone(),
        outcome,
        code: Some("E_TEST".to_owned()),
        changes: vec![counterpart_delivery::FieldChange {
            field: "Phone".to_owned(),
            before: String::new(),
            after: "+1 555".to_owned(),
        }],
        notes: vec![counterpart_domain::Note::new(
            "Billing_State",
            "N_TEST",
            "It went over as it was.",
        )],
        mapping_version: hash("mapping"),
        attempts: 1,
        at: at(0),
    }
}
