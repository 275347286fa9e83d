use counterpart_domain::{Company, RepKey};

use super::*;

fn rep(number: &str, name: &str, email: &str) -> SalespersonRow {
    SalespersonRow {
        rep: RepKey {
            company: Company::new("ABC").unwrap(),
            rep: number.into(),
        },
        name: name.into(),
        email: email.into(),
    }
}

fn user(id: &str, name: &str, email: &str) -> CrmUser {
    CrmUser {
        id: CrmId(id.into()),
        name: name.into(),
        email: email.into(),
    }
}

/// What is found for the first of these salespersons.
fn found(rep: SalespersonRow, users: &[CrmUser]) -> Found {
    pair(&[rep], users, &[]).remove(0).found
}

fn proposed(found: &Found) -> (&str, u8) {
    match found {
        Found::Proposed(candidate) => (&candidate.user.id.0, candidate.score),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_address_goes_before_a_name_and_a_name_before_nothing() {
    let jim = || rep("01-0100", "Jim Kentley", "Jim.Kentley@abc.example ");
    for (users, id, score) in [
        (
            vec![
                user("1", "James K.", "jim.kentley@ABC.example"),
                user("2", "Ann Other", "ann@abc.example"),
            ],
            "1",
            80,
        ),
        (
            vec![user("1", "Jim Kentley", "jim.kentley@abc.example")],
            "1",
            100,
        ),
        (vec![user("1", "", "jim.kentley@abc.example")], "1", 100),
        (
            vec![user("1", "Jim Kentley", "jim.kentley+crm@abc.example")],
            "1",
            95,
        ),
        (vec![user("1", "KENTLEY, JIM", "jk@abc.example")], "1", 90),
        (vec![user("1", "J Kentley", "jk@abc.example")], "1", 75),
        // The address is somebody's who has another name, and another has the name.
        (
            vec![
                user("1", "Jimmy Kentleye", "jim.kentley@abc.example"),
                user("2", "Jim Kentley", "jk@abc.example"),
            ],
            "2",
            90,
        ),
    ] {
        assert_eq!(proposed(&found(jim(), &users)), (id, score), "{users:?}");
    }
    assert_eq!(
        found(jim(), &[user("1", "Ann Other", "kentley@abc.example")]),
        Found::Nobody
    );
    assert_eq!(
        found(rep("01-1", "", ""), &[user("1", "", "")]),
        Found::Nobody
    );
}

#[test]
fn two_users_who_fit_equally_well_are_for_a_person() {
    let twins = [
        user("1", "Jim Kentley", "a@abc.example"),
        user("2", "jim kentley", "b@abc.example"),
    ];
    let shared = [
        user("1", "Sales A", "sales@abc.example"),
        user("2", "Sales B", "sales@abc.example"),
    ];
    for (rep, users) in [
        (rep("01-1", "Jim Kentley", ""), &twins),
        (rep("01-1", "", "sales@abc.example"), &shared),
    ] {
        match found(rep, users) {
            Found::Ambiguous(candidates, why) => {
                assert_eq!(candidates.len(), 2);
                assert!(why.contains("equally well"), "{why}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn one_user_for_two_salespersons_is_for_a_person_mapped_ones_included() {
    let users = [user("1", "Jim Kentley", "jim@abc.example")];
    let reps = [
        rep("01-0100", "Jim Kentley", "jim@abc.example"),
        rep("02-0100", "Kentley, Jim", "jim@abc.example"),
    ];
    for pair in pair(&reps, &users, &[]) {
        assert!(
            matches!(&pair.found, Found::Ambiguous(_, why) if why.contains("01-0100, 02-0100")),
            "{pair:?}"
        );
    }
    let stored = RepMapping {
        rep: reps[0].rep.clone(),
        user_id: CrmId("1".into()),
        user_name: "Jim".into(),
    };
    let pairs = pair(&reps, &users, std::slice::from_ref(&stored));
    assert_eq!(pairs[0].found, Found::Mapped(stored, None));
    assert!(matches!(&pairs[1].found, Found::Ambiguous(..)), "{pairs:?}");
}

#[test]
fn who_is_mapped_is_left_alone_and_what_speaks_against_it_is_said() {
    let jim = rep("01-0100", "Jim Kentley", "jim@abc.example");
    let stored = |id: &str| RepMapping {
        rep: jim.rep.clone(),
        user_id: CrmId(id.into()),
        user_name: "Somebody".into(),
    };
    let users = [
        user("1", "Jim Kentley", "jim@abc.example"),
        user("2", "Ann Other", "ann@abc.example"),
    ];
    for (id, objection) in [
        ("1", None),
        ("2", Some("fits better")),
        ("9", Some("no active user")),
    ] {
        let pairs = pair(std::slice::from_ref(&jim), &users, &[stored(id)]);
        match (&pairs[0].found, objection) {
            (Found::Mapped(_, None), None) => {}
            (Found::Mapped(_, Some(said)), Some(wanted)) => {
                assert!(said.contains(wanted), "{said}")
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn who_is_only_alike_takes_nobody_from_whom_the_user_surely_is() {
    let users = [user("1", "Shelley Westland", "sw@abc.example")];
    let sure = rep("01-0110", "Shelley Westland", "sw@abc.example");
    let alike = rep("01-0120", "Shelly Westland", "");
    let pairs = pair(&[sure.clone(), alike.clone()], &users, &[]);
    assert_eq!(proposed(&pairs[0].found), ("1", 100));
    assert!(matches!(&pairs[1].found, Found::Ambiguous(_, why) if why.contains("01-0110")));
    // Two who are only alike: nobody knows.
    let other = rep("01-0130", "Shelleey Westland", "");
    let pairs = pair(&[alike, other], &users, &[]);
    assert!(
        pairs
            .iter()
            .all(|pair| matches!(pair.found, Found::Ambiguous(..)))
    );
    // Who is mapped to the user already comes first.
    let stored = RepMapping {
        rep: rep("01-0990", "", "").rep,
        user_id: CrmId("1".into()),
        user_name: "Shelley Westland".into(),
    };
    let pairs = pair(&[sure], &users, &[stored]);
    assert!(matches!(pairs[0].found, Found::Ambiguous(..)));
}
