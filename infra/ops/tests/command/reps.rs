//! `counterpart reps match`, `coverage` and what an import would touch, against the simulated systems.

use counterpart_delivery::ports::{Links as _, Reps as _, SalespersonRow};
use counterpart_delivery::{Link, LinkWrite, PutLink, Stage};
use counterpart_domain::{AsOf, Company, CrmId, Entity, RepKey, SageKey, TargetName, digest_of};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::desk::Desk;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn rep(number: &str) -> RepKey {
    RepKey {
        company: Company::new("ABC").unwrap(),
        rep: number.into(),
    }
}

/// The salespersons of company ABC as the agent tells them, put where a poll would put them.
async fn salespersons(desk: &Desk) {
    for (number, name, email) in [
        ("01-0100", "Jim Kentley", "jim.kentley@abc-dist.example"),
        ("01-0110", "Westland, Shelly", ""),
        (
            "01-0120",
            "Marcus Odell",
            "marcus.odell+sage@abc-dist.example",
        ),
        ("01-0130", "Priya Raman", "jim.kentley@abc-dist.example"),
        ("01-0990", "Walter Finch", "walter.finch@abc-dist.example"),
    ] {
        let row = SalespersonRow {
            rep: rep(number),
            name: name.into(),
            email: email.into(),
        };
        desk.store.put_salesperson(&row).await.unwrap();
    }
}

async fn link(desk: &Desk, number: &str, of: &str, stage: Stage) {
    let key = SageKey::new(&Company::new("ABC").unwrap(), Entity::CUSTOMER, number).unwrap();
    let as_of = AsOf {
        epoch: 1,
        sequence: 1,
    };
    let linked = stage == Stage::Linked;
    let (target, now) = (TargetName::new("zoho").unwrap(), Timestamp::UNIX_EPOCH);
    let link = Link {
        crm_id: linked.then(|| {
            CrmId(
                format!("77{}", number.len()) + &number.replace(|c: char| !c.is_ascii_digit(), ""),
            )
        }),
        rep: Some(rep(of)),
        parked: (stage == Stage::Unwritten).then_some(as_of),
        ..Link::new(target, key, stage, as_of, digest_of(["b"]), now)
    };
    let write = LinkWrite {
        link,
        previous_crm_id: None,
        write_reverse: linked,
    };
    assert!(matches!(
        desk.store.put_link(&write).await.unwrap(),
        PutLink::Stored(_)
    ));
}

fn of<'a>(said: &'a Value, number: &str) -> &'a Value {
    let pairs = said["pairs"].as_array().unwrap().iter();
    pairs
        .into_iter()
        .find(|pair| pair["salesperson"] == number)
        .unwrap()
}

#[tokio::test]
async fn pairs_are_proposed_shown_and_saved_only_when_they_are_accepted() {
    let desk = Desk::configured().await;
    salespersons(&desk).await;
    let (code, said) = desk.json(&["reps", "match"]).await;
    assert_eq!(
        (code, &said["plan"]["written"]),
        (Some(0), &json!(false)),
        "{said:#}"
    );
    assert_eq!(of(&said, "01-0110")["users"][0]["score"], 90);
    assert_eq!(of(&said, "01-0120")["users"][0]["score"], 95);
    // Her address is Jim's, and she has a user of her own.
    assert_eq!(of(&said, "01-0130")["users"][0]["user_name"], "Priya Raman");
    // His user is inactive.
    assert_eq!(of(&said, "01-0990")["state"], "nobody");
    assert!(
        desk.store
            .reps(&TargetName::new("zoho").unwrap(), &rep("x").company)
            .await
            .unwrap()
            .is_empty()
    );

    let shown = desk.run(&["reps", "match"]).await;
    insta::with_settings!({filters => vec![(r"57257\d+", "ID")]}, {
        insta::assert_snapshot!(text(&shown.stdout));
    });

    let (code, said) = desk
        .json(&["reps", "match", "--accept", "--min-score", "95"])
        .await;
    assert_eq!((code, &said["plan"]["written"]), (Some(0), &json!(true)));
    let (_, again) = desk
        .json(&["reps", "match", "--accept", "--min-score", "95"])
        .await;
    assert_eq!(
        (&again["plan"]["written"], &of(&again, "01-0120")["state"]),
        (&json!(false), &json!("mapped"))
    );
    assert_eq!(of(&again, "01-0110")["state"], "proposed");
}

#[tokio::test]
async fn proposals_go_through_a_file_that_the_import_reads_back() {
    let desk = Desk::configured().await;
    salespersons(&desk).await;
    let csv = text(&desk.run(&["reps", "match", "--csv"]).await.stdout);
    assert!(
        csv.starts_with("company,salesperson,target,user_id,user_name,score,reason\n"),
        "{csv}"
    );
    let file = desk.file("proposals.csv", &csv);
    let (code, imported) = desk.json(&["reps", "import", &file]).await;
    assert_eq!(code, Some(0), "{imported}");
    assert_eq!(
        imported["changes"].as_array().unwrap().len(),
        4,
        "{imported:#}"
    );
    // Who has nobody keeps a blank user, which takes nothing away.
    assert_eq!(imported["same"], 1);
}

#[tokio::test]
async fn an_import_says_first_how_many_customers_it_concerns() {
    let desk = Desk::configured().await;
    salespersons(&desk).await;
    for (number, of, stage) in [
        ("01-A1", "01-0100", Stage::Linked),
        ("01-A22", "01-0100", Stage::Linked),
        ("01-A333", "01-0100", Stage::Unwritten),
        ("01-A4444", "01-0100", Stage::Excluded),
        ("01-B1", "01-0990", Stage::Unwritten),
    ] {
        link(&desk, number, of, stage).await;
    }
    let file = "company,salesperson,target,user_id,user_name\nABC,01-0100,zoho,415,Jim Kentley\n";
    let file = desk.file("reps.csv", file);
    let dry = desk.run(&["reps", "import", &file, "--dry-run"]).await;
    assert!(
        text(&dry.stdout).contains("(2 customers get another owner, 1 parked are tried again)"),
        "{dry:?}"
    );
    assert!(
        text(&dry.stdout).contains("415 is no active user there"),
        "{dry:?}"
    );
    let (_, said) = desk.json(&["reps", "import", &file, "--unchecked"]).await;
    assert_eq!(said["strangers"][0]["user_id"], "415");
    assert_eq!(
        said["changes"][0]["customers"],
        json!({"linked": 2, "parked": 1, "more": false})
    );

    let (code, said) = desk.json(&["reps", "coverage", "--from", "links"]).await;
    let coverage = &said["coverage"][0];
    assert_eq!(code, Some(0));
    assert_eq!(
        (
            &coverage["covered"],
            &coverage["customers"],
            &coverage["percent"]
        ),
        (&json!(3), &json!(4), &json!("75.0")),
        "{said:#}"
    );
    let listed = text(&desk.run(&["reps", "list"]).await.stdout);
    assert!(
        listed.contains("zoho ABC: 1 of 5 reps, 75.0 % of the customers seen so far"),
        "{listed}"
    );
}

#[tokio::test]
async fn coverage_counts_the_open_customers_that_the_agent_holds() {
    let desk = Desk::configured().await;
    salespersons(&desk).await;
    let (code, said) = desk.json(&["reps", "coverage"]).await;
    assert_eq!(
        (code, &said["coverage"][0]["covered"]),
        (Some(0), &json!(0)),
        "{said:#}"
    );
    let customers = said["coverage"][0]["customers"].as_u64().unwrap();
    assert!(customers > 2, "{said:#}");
    desk.json(&["reps", "match", "--accept"]).await;
    let (_, said) = desk.json(&["reps", "coverage"]).await;
    let covered = said["coverage"][0]["covered"].as_u64().unwrap();
    assert!(covered > 0 && covered < customers, "{said:#}");
    let unmapped = said["coverage"][0]["unmapped"].as_array().unwrap();
    let left: u64 = unmapped
        .iter()
        .map(|rep| rep["customers"].as_u64().unwrap())
        .sum();
    assert_eq!(covered + left, customers);

    desk.tell(
        "agent",
        "faults",
        &json!({"rules": [{"code": "E_SAGE_DOWN"}]}),
    )
    .await;
    let (code, said) = desk.json(&["reps", "coverage"]).await;
    assert_eq!(
        (code, &said["unread"][0]["code"]),
        (Some(1), &json!("E_SAGE_DOWN"))
    );
}
