//! The rules, one by one. The general laws are in `properties`.

use super::*;

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::text(*value)))
        .collect()
}

fn side(fields: &Fields) -> Side<'_> {
    Side::of(fields)
}

fn policy(owner: FieldOwner, on_conflict: OnConflict, foreign_edit: ForeignEdit) -> Policy {
    let rule = FieldRule {
        owner,
        on_conflict,
        foreign_edit,
        crm_length: Some(10),
        sage_length: None,
    };
    Policy {
        fields: [("Phone".to_owned(), rule)].into(),
        ..Policy::default()
    }
}

/// Both sides hold "555-1" and have read it from each other.
fn agreed() -> Shadow {
    let base = BaseField {
        sage: Known::Read(Value::text("555-1")),
        crm: Known::Read(Value::text("555-1")),
        reverted: None,
    };
    [("Phone".to_owned(), base)].into()
}

fn decide(policy: &Policy, sage: &str, crm: Option<&str>) -> Decision {
    let (sage, crm) = (
        fields(&[("Phone", sage)]),
        crm.map(|crm| fields(&[("Phone", crm)])),
    );
    let crm = crm.as_ref().map_or(Crm::Unread, |crm| Crm::Read(side(crm)));
    reconcile(Base::Agreed(&agreed()), side(&sage), crm, policy)
}

#[test]
fn a_creation_sends_what_is_not_blank_and_nothing_of_the_crms_own_fields() {
    let own = policy(FieldOwner::Crm, OnConflict::Sage, ForeignEdit::Report);
    let sage = fields(&[("Phone", "555-1"), ("Fax", ""), ("City", "Racine")]);
    let decision = reconcile(Base::None, side(&sage), Crm::Absent, &own);
    assert!(decision.create);
    assert_eq!(decision.to_crm, fields(&[("City", "Racine")]));
}

#[test]
fn a_policy_without_creation_leaves_the_record_out() {
    let never = Policy {
        create: CreateInCrm::Never,
        ..Policy::default()
    };
    let decision = reconcile(
        Base::None,
        side(&fields(&[("City", "Racine")])),
        Crm::Absent,
        &never,
    );
    assert!(decision.left_out && decision.is_quiet());
}

#[test]
fn only_fields_that_changed_are_sent() {
    let sage = fields(&[("Phone", "555-1"), ("City", "Racine")]);
    let decision = reconcile(
        Base::Agreed(&agreed()),
        side(&sage),
        Crm::Unread,
        &Policy::default(),
    );
    assert_eq!(decision.to_crm, fields(&[("City", "Racine")]));
}

#[test]
fn an_edit_of_sages_field_in_the_crm_is_reported_once_or_reverted() {
    let report = policy(FieldOwner::Sage, OnConflict::Sage, ForeignEdit::Report);
    let decision = decide(&report, "555-1", Some("555-9"));
    assert!(decision.is_quiet());
    assert_eq!(decision.notes[0].kind, NoteKind::ForeignEditKept);
    let sage = fields(&[("Phone", "555-1")]);
    let crm = fields(&[("Phone", "555-9")]);
    let again = reconcile(
        Base::Agreed(&decision.shadow),
        side(&sage),
        Crm::Read(side(&crm)),
        &report,
    );
    assert!(again.notes.is_empty(), "reported once");

    let revert = policy(FieldOwner::Sage, OnConflict::Sage, ForeignEdit::Revert);
    assert_eq!(
        decide(&revert, "555-1", Some("555-9")).to_crm,
        fields(&[("Phone", "555-1")])
    );
}

#[test]
fn a_revert_that_the_crm_undoes_by_itself_is_not_repeated_for_ever() {
    let revert = policy(FieldOwner::Sage, OnConflict::Sage, ForeignEdit::Revert);
    let (sage, odd) = (
        fields(&[("Phone", "555-1")]),
        fields(&[("Phone", "+1 555 1")]),
    );
    let first = decide(&revert, "555-1", Some("+1 555 1"));
    assert_eq!(first.to_crm.len(), 1);
    let second = reconcile(
        Base::Agreed(&first.shadow),
        side(&sage),
        Crm::Read(side(&odd)),
        &revert,
    );
    assert!(second.is_quiet());
    let third = reconcile(
        Base::Agreed(&second.shadow),
        side(&sage),
        Crm::Read(side(&odd)),
        &revert,
    );
    assert!(third.is_quiet() && third.notes.is_empty());
}

#[test]
fn conflicts_follow_the_policy() {
    for (on_conflict, to_crm, to_sage, notes) in [
        (OnConflict::Sage, 1, 0, 0),
        (OnConflict::Crm, 0, 1, 0),
        (OnConflict::Latest, 1, 0, 0),
        (OnConflict::Park, 0, 0, 1),
    ] {
        let both = policy(FieldOwner::Both, on_conflict, ForeignEdit::Report);
        let decision = decide(&both, "555-2", Some("555-3"));
        let counts = (
            decision.to_crm.len(),
            decision.to_sage.len(),
            decision.notes.len(),
        );
        assert_eq!(counts, (to_crm, to_sage, notes), "{on_conflict:?}");
    }
}

#[test]
fn latest_takes_the_crms_edit_when_it_is_later() {
    let both = policy(FieldOwner::Both, OnConflict::Latest, ForeignEdit::Report);
    let (sage, crm) = (fields(&[("Phone", "555-2")]), fields(&[("Phone", "555-3")]));
    let at = |second| Some(Timestamp::from_second(second).unwrap());
    let decision = reconcile(
        Base::Agreed(&agreed()),
        Side {
            edited_at: at(10),
            ..Side::of(&sage)
        },
        Crm::Read(Side {
            edited_at: at(11),
            ..Side::of(&crm)
        }),
        &both,
    );
    assert_eq!(decision.to_sage, crm);
}

#[test]
fn an_older_value_that_may_have_reached_the_crm_is_overwritten_and_is_no_edit() {
    let both = policy(FieldOwner::Both, OnConflict::Crm, ForeignEdit::Report);
    let (sage, crm) = (fields(&[("Phone", "555-1")]), fields(&[("Phone", "555-0")]));
    let decision = reconcile(
        Base::Stale(&agreed()),
        side(&sage),
        Crm::Read(side(&crm)),
        &both,
    );
    assert_eq!(decision.to_crm, sage);
    assert!(decision.to_sage.is_empty());
}

#[test]
fn what_a_side_cut_or_rounded_is_no_edit() {
    let both = policy(FieldOwner::Both, OnConflict::Crm, ForeignEdit::Report);
    let sage = fields(&[("Phone", "0123456789 and more")]);
    let written = reconcile(Base::None, side(&sage), Crm::Absent, &both);
    let cut = fields(&[("Phone", "0123456789")]);
    let decision = reconcile(
        Base::Agreed(&written.shadow),
        side(&sage),
        Crm::Read(side(&cut)),
        &both,
    );
    assert!(decision.is_quiet());
    assert_eq!(
        decision.shadow["Phone"].crm,
        Known::Read(Value::text("0123456789"))
    );
}

#[test]
fn fields_that_may_not_be_updated_stay() {
    let listed = Policy {
        update: UpdateInCrm::Listed(vec!["City".to_owned()]),
        ..Policy::default()
    };
    let sage = fields(&[("Phone", "555-2"), ("City", "Racine")]);
    let decision = reconcile(Base::Agreed(&agreed()), side(&sage), Crm::Unread, &listed);
    assert_eq!(decision.to_crm, fields(&[("City", "Racine")]));
}

#[test]
fn what_cannot_be_read_is_no_edit_and_takes_nothing_away() {
    let unread = BTreeSet::from(["Phone".to_owned()]);
    let blank = Fields::from([("Phone".to_owned(), Value::Blank)]);
    let sage = Side {
        unread: &unread,
        ..Side::of(&blank)
    };
    for owner in [FieldOwner::Sage, FieldOwner::Crm, FieldOwner::Both] {
        let policy = policy(owner, OnConflict::Sage, ForeignEdit::Report);
        let first = fields(&[("Phone", "555")]);
        let agreed = reconcile(Base::None, Side::of(&first), Crm::Absent, &policy).shadow;
        // It became unreadable: nothing moves, and what was agreed on stays.
        for crm in [Crm::Unread, Crm::Read(Side::of(&first))] {
            let held = if owner == FieldOwner::Crm {
                continue;
            } else {
                crm
            };
            let decision = reconcile(Base::Agreed(&agreed), sage, held, &policy);
            assert!(decision.is_quiet(), "{owner:?} {decision:?}");
            assert_eq!(decision.shadow["Phone"].sage.value(), &Value::text("555"));
        }
        // At a first meeting the CRM keeps what it has, and a creation leaves the field blank.
        let met = reconcile(Base::None, sage, Crm::Read(Side::of(&first)), &policy);
        assert!(met.is_quiet(), "{owner:?} {met:?}");
        assert!(
            reconcile(Base::None, sage, Crm::Absent, &policy)
                .to_crm
                .is_empty()
        );
        // An edit in the CRM goes to Sage where it may.
        let edited = fields(&[("Phone", "777")]);
        let decision = reconcile(
            Base::Agreed(&agreed),
            sage,
            Crm::Read(Side::of(&edited)),
            &policy,
        );
        assert!(decision.to_crm.is_empty(), "{owner:?}");
        assert_eq!(
            decision.to_sage.is_empty(),
            owner == FieldOwner::Sage,
            "{owner:?}"
        );
    }
}

/// A record that the CRM had already: it is adopted by its key, marked dirty by a race, reverted.
#[test]
fn what_was_never_read_takes_nothing_away_later_either() {
    let unread = BTreeSet::from(["Phone".to_owned()]);
    let blank = Fields::from([("Phone".to_owned(), Value::Blank)]);
    let sage = Side {
        unread: &unread,
        ..Side::of(&blank)
    };
    let theirs = fields(&[("Phone", "777")]);
    for owner in [FieldOwner::Sage, FieldOwner::Crm, FieldOwner::Both] {
        for foreign_edit in [ForeignEdit::Report, ForeignEdit::Revert] {
            let policy = policy(owner, OnConflict::Sage, foreign_edit);
            let made = reconcile(Base::None, sage, Crm::Absent, &policy).shadow;
            let met = reconcile(Base::None, sage, Crm::Read(side(&theirs)), &policy).shadow;
            for known in [&made, &met] {
                for base in [Base::None, Base::Agreed(known), Base::Stale(known)] {
                    for crm in [Crm::Unread, Crm::Read(side(&theirs))] {
                        let decision = reconcile(base, sage, crm, &policy);
                        assert!(
                            decision.to_crm.is_empty(),
                            "{owner:?} {base:?} {decision:?}"
                        );
                        assert!(
                            decision.to_sage.is_empty(),
                            "{owner:?} {base:?} {decision:?}"
                        );
                    }
                }
            }
            // Once it can be read, it is the CRM's.
            let readable = fields(&[("Phone", "555")]);
            let decision = reconcile(Base::Agreed(&made), side(&readable), Crm::Unread, &policy);
            let wanted = owner != FieldOwner::Crm;
            assert_eq!(
                !decision.to_crm.is_empty(),
                wanted,
                "{owner:?} {decision:?}"
            );
        }
    }
}
