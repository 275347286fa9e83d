//! Each verb, once through.

use counterpart_delivery::ports::{Parked, Parking as _, Route};
use counterpart_domain::{Class, Company, Entity, Fault, SageKey};

use crate::desk::Desk;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn the_status_of_a_new_deployment_is_well() {
    let desk = Desk::configured().await;
    let (code, status) = desk.json(&["status"]).await;
    assert_eq!(code, Some(0), "{status}");
    assert_eq!(
        status["queues"]["zoho"].to_string(),
        r#"{"dead":0,"delayed":0,"in_flight":1,"visible":2}"#
    );
    assert_eq!(status["runs"].as_array().unwrap().len(), 0);
    assert_eq!(status["cursors"][0]["company"], "ABC");
    let shown = text(&desk.run(&["status"]).await.stdout);
    assert!(shown.contains("waiting") && !shown.contains('│'), "{shown}");
    let stranger = desk.run(&["status", "--company", "ZZZ"]).await;
    assert!(text(&stranger.stderr).contains("There is: ABC."));
}

#[tokio::test]
async fn reps_are_exported_filled_in_and_imported() {
    let desk = Desk::configured().await;
    desk.salesperson("01-0100", "Jim Kentley").await;
    desk.salesperson("01-0200", "Shelly Westland").await;
    let exported = text(&desk.run(&["reps", "export"]).await.stdout);
    let file = desk.file(
        "reps.csv",
        &exported.replace("01-0100,zoho,,", "01-0100,zoho,415,"),
    );

    let dry = desk.run(&["reps", "import", &file, "--dry-run"]).await;
    assert!(
        text(&dry.stdout).contains("zoho ABC:01-0100: nobody -> Jim Kentley (415)"),
        "{dry:?}"
    );
    assert_eq!(
        desk.json(&["reps", "list"]).await.1[0]["user_id"],
        serde_json::Value::Null
    );

    let stranger = desk.run(&["reps", "import", &file]).await;
    assert!(
        text(&stranger.stderr).starts_with("E_REPS_USER_UNKNOWN: "),
        "{stranger:?}"
    );
    let (code, imported) = desk.json(&["reps", "import", &file, "--unchecked"]).await;
    assert_eq!((code, imported["written"].as_bool()), (Some(0), Some(true)));
    let (_, again) = desk.json(&["reps", "import", &file]).await;
    assert_eq!(
        (again["written"].as_bool(), again["same"].as_u64()),
        (Some(false), Some(2))
    );
    assert_eq!(desk.json(&["reps", "list"]).await.1[0]["user_id"], "415");

    let blank = desk.file("blank.csv", &exported);
    let refused = desk.run(&["reps", "import", &blank]).await;
    assert!(
        text(&refused.stderr).starts_with("E_REPS_REMOVALS: "),
        "{refused:?}"
    );
    assert_eq!(desk.json(&["reps", "list"]).await.1[0]["user_id"], "415");
    assert!(
        desk.run(&["reps", "import", &blank, "--allow-removals"])
            .await
            .status
            .success()
    );

    let wrong = desk.file(
        "wrong.csv",
        "company,salesperson,target,user_id,user_name\nZZZ,01-0100,zoho,Jim,Jim\n",
    );
    let (code, said) = desk.json(&["reps", "import", &wrong]).await;
    assert_eq!(
        (code, said["findings"].as_array().unwrap().len()),
        (Some(1), 2),
        "{said}"
    );
}

#[tokio::test]
async fn what_is_parked_is_listed_and_shown() {
    let desk = Desk::configured().await;
    let key = SageKey::new(&Company::new("ABC").unwrap(), Entity::CUSTOMER, "01-AVNET").unwrap();
    let at = "2026-11-22T19:30:00Z".parse().unwrap();
    let fault = Fault::new(
        Class::Data,
        "E_REP_UNMAPPED",
        "ABC:01-AVNET belongs to salesperson 01-0990, who is mapped to no CRM user.",
    );
    let (id, route) = (key.storage(), Route::CrmWrites);
    let parked = Parked {
        key: Some(key),
        ..Parked::new("zoho", id, route, fault, "{}".into(), at)
    };
    desk.store.park(&parked).await.unwrap();
    let (code, list) = desk.json(&["parked", "list"]).await;
    assert_eq!(code, Some(0));
    assert_eq!(
        (list[0]["key"].as_str(), list[0]["code"].as_str()),
        (Some("ABC:01-AVNET"), Some("E_REP_UNMAPPED"))
    );
    let shown = desk.run(&["parked", "show", "ABC:01-AVNET"]).await;
    assert!(text(&shown.stdout).contains("01-0990"), "{shown:?}");
    let none = desk.run(&["parked", "show", "ABC:01-NONE"]).await;
    assert_eq!(none.status.code(), Some(1));
    assert!(text(&none.stderr).starts_with("E_NOT_PARKED: "));
    let nonsense = desk.run(&["parked", "burn"]).await;
    assert_eq!(nonsense.status.code(), Some(2));
}

#[tokio::test]
async fn a_redrive_of_everything_answers_no_question() {
    let desk = Desk::configured().await;
    let at = "2026-11-22T19:30:00Z".parse().unwrap();
    let old = "order#4150868000000700001";
    let fault = Fault::new(Class::Data, "E_SALE_TOO_OLD", "The sale was won before.");
    let payload = r#"{"version":1,"id":"e1","target":"zoho","module":"Deals","record":"4150868000000700001","change":"updated","source":"zoho_notification","received_at":"2026-11-22T19:29:58Z"}"#;
    let (id, payload) = (old.to_owned(), payload.to_owned());
    let parked = Parked::new("zoho", id, Route::CrmEvents, fault, payload, at);
    desk.store.park(&parked).await.unwrap();
    let all = ["parked", "redrive", "--yes"];
    let (code, done) = desk.json(&all).await;
    assert_eq!((code, &done[0]["would"]), (Some(0), &"asks".into()));
    assert_eq!(done[0]["done"], false);
    assert!(desk.sent_to("cp-crm-events").await.is_empty());
    let said = text(&desk.run(&all).await.stdout);
    assert!(said.contains("1 ask a question and stay parked"), "{said}");
    for named in [old, "--code=E_SALE_TOO_OLD"] {
        let (_, done) = desk.json(&["parked", "redrive", named, "--yes"]).await;
        assert_eq!(done[0]["done"], true, "{done}");
    }
    assert_eq!(desk.sent_to("cp-crm-events").await.len(), 2);
}

#[tokio::test]
async fn what_is_parked_is_redriven_after_it_was_said_what_that_does() {
    let desk = Desk::configured().await;
    let at = "2026-11-22T19:30:00Z".parse().unwrap();
    let event = r#"{"version":1,"id":"e1","target":"zoho","module":"Deals","record":"4150868000000700001","change":"updated","source":"zoho_notification","received_at":"2026-11-22T19:29:58Z"}"#;
    let platform = r#"{"source":"aws.partner/salesforce.com/00D5f000005KcCnEAK/0YL5f000000CabWGAS","detail-type":"AccountChangeEvent","detail":{"payload":{}}}"#;
    let item = |id: &str, route, payload: &str| {
        let fault = Fault::new(Class::Data, "E_ITEM_INACTIVE", "Item 1001 is inactive.");
        Parked::new("zoho", id.into(), route, fault, payload.into(), at)
    };
    for (id, route, payload) in [
        ("order#4150868000000700001", Route::CrmEvents, event),
        ("body#0af", Route::CrmWrites, "no json"),
        ("body#0b0", Route::PlatformEvents, platform),
    ] {
        desk.store.park(&item(id, route, payload)).await.unwrap();
    }
    let said = text(&desk.run(&["parked", "redrive"]).await.stdout);
    assert!(
        said.contains("would read Deals 4150868000000700001 again"),
        "{said}"
    );
    assert!(
        said.contains("nothing was sent") && said.contains("1 cannot be sent"),
        "{said}"
    );
    assert!(desk.sent_to("cp-crm-events").await.is_empty());
    let (code, other) = desk
        .json(&["parked", "redrive", "--code", "E_OTHER", "--yes"])
        .await;
    assert_eq!((code, other.as_array().unwrap().len()), (Some(0), 0));
    for times in 1..=2 {
        let (code, done) = desk
            .json(&["parked", "redrive", "order#4150868000000700001", "--yes"])
            .await;
        assert_eq!(code, Some(0), "{done}");
        assert_eq!(done[0]["would"], "read_again");
        assert_eq!(done[0]["done"], true);
        let sent = desk.sent_to("cp-crm-events").await;
        assert_eq!(sent.len(), times, "it may be repeated");
        assert!(
            sent[0].contains(r#""source":"redrive""#) && sent[0].contains(r#""attempts":1"#),
            "{sent:?}"
        );
    }
    let (code, done) = desk.json(&["parked", "redrive", "body#0b0", "--yes"]).await;
    assert_eq!(code, Some(0), "{done}");
    assert_eq!(done[0]["would"], "send_again");
    assert_eq!(desk.sent_to("cp-salesforce-events").await, [platform]);
    let none = desk.run(&["parked", "redrive", "order#1", "--yes"]).await;
    assert_eq!(none.status.code(), Some(1));
    assert!(text(&none.stdout).contains("E_NOT_PARKED: "), "{none:?}");
}

/// A sale of 01-ABF that waits for a person.
fn sale(record: &str) -> Parked {
    let at = "2026-11-22T19:30:00Z".parse().unwrap();
    let fault = Fault::new(Class::Data, "E_ITEM_INACTIVE", "Item 1001 is inactive.");
    let payload = format!(
        r#"{{"version":1,"id":"e1","target":"zoho","module":"Deals","record":"{record}","change":"updated","source":"zoho_notification","received_at":"2026-11-22T19:29:58Z"}}"#
    );
    let key = SageKey::new(&Company::new("ABC").unwrap(), Entity::CUSTOMER, "01-ABF").unwrap();
    let id = format!("order#{record}");
    Parked {
        key: Some(key),
        ..Parked::new("zoho", id, Route::SageWrites, fault, payload, at)
    }
}

#[tokio::test]
async fn a_list_of_ids_goes_on_past_a_bad_one_and_every_id_of_the_list_is_taken() {
    let desk = Desk::configured().await;
    for record in ["4150868000000700001", "4150868000000700002"] {
        desk.store.park(&sale(record)).await.unwrap();
    }
    let (_, list) = desk.json(&["parked", "list"]).await;
    let ids: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    let shown = text(&desk.run(&["parked", "list"]).await.stdout);
    for id in &ids {
        assert!(shown.contains(id), "{shown}");
        let (code, one) = desk.json(&["parked", "show", id]).await;
        assert_eq!((code, one.as_array().unwrap().len()), (Some(0), 1), "{one}");
    }
    // The customer's key stands for two sales: which, has to be said.
    let (code, both) = desk
        .json(&["parked", "redrive", "ABC:01-ABF", "--yes"])
        .await;
    assert_eq!(
        (code, &both[0]["code"]),
        (Some(1), &"E_PARKED_SEVERAL".into()),
        "{both}"
    );
    assert!(desk.sent_to("cp-crm-events").await.is_empty());
    let (code, done) = desk
        .json(&[
            "parked",
            "redrive",
            ids[0],
            "order#none",
            "4150868000000700002",
            "--yes",
        ])
        .await;
    assert_eq!(code, Some(1));
    let became: Vec<_> = done
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["id"].as_str().unwrap(), one["done"] == true))
        .collect();
    assert_eq!(
        became,
        [(ids[0], true), (ids[1], true), ("order#none", false)]
    );
    assert_eq!(desk.sent_to("cp-crm-events").await.len(), 2);
}

#[tokio::test]
async fn what_nobody_knows_is_an_error_everywhere_with_what_there_is() {
    let desk = Desk::configured().await;
    for (verb, known) in [
        (&["parked", "list", "nosuch"][..], "zoho, -"),
        (&["parked", "show", "x", "--target", "nosuch"], "zoho, -"),
        (&["parked", "redrive", "--target", "nosuch"], "zoho, -"),
        (&["status", "--company", "ZZZ"], "ABC"),
        (&["doctor", "--target", "nosuch"], "zoho"),
        (&["doctor", "--company", "ZZZ"], "ABC"),
        (
            &["hooks", "--api", "https://x", "--target", "nosuch"],
            "zoho",
        ),
        (&["reps", "match", "--target", "nosuch"], "zoho"),
        (&["channel", "list", "nosuch"], "zoho"),
        (&["circuit", "close", "nosuch"], "zoho"),
        (&["poll", "ZZZ", "customer"], "ABC"),
        (&["poll", "ABC", "nosuch"], "customer, contact"),
    ] {
        let (code, said) = desk.json(verb).await;
        assert_eq!(
            (code, &said["error"]["code"]),
            (Some(1), &"E_UNKNOWN".into()),
            "{verb:?}: {said}"
        );
        let remedy = said["error"]["remedy"].as_str().unwrap();
        assert!(
            remedy.starts_with("There is: ") && remedy.contains(known),
            "{verb:?}: {remedy}"
        );
    }
}

#[tokio::test]
async fn a_circuit_is_seen_with_its_reason_and_closed_by_somebody() {
    use counterpart_delivery::ports::{Circuit, Settings as _};
    let desk = Desk::configured().await;
    let zoho = counterpart_domain::TargetName::new("zoho").unwrap();
    let open = Circuit {
        failures: 3,
        open_until: Some("2099-01-01T00:00:00Z".parse().unwrap()),
        reason: "E_CRM_PERMISSION: Zoho lets us not read a deal.".into(),
        ..Circuit::default()
    };
    desk.store.put_circuit(&zoho, &open).await.unwrap();
    let (code, said) = desk.json(&["circuit", "list"]).await;
    assert_eq!(code, Some(1));
    let circuit = &said["circuits"][0];
    assert_eq!(
        (&circuit["state"], &circuit["code"], &circuit["waiting"]),
        (&"open".into(), &"E_CRM_PERMISSION".into(), &3.into())
    );
    let (code, closed) = desk.json(&["circuit", "close", "zoho"]).await;
    assert_eq!(
        (code, &closed["by"]),
        (Some(0), &"arn:aws:iam::1:user/jo".into()),
        "{closed}"
    );
    let (code, said) = desk.json(&["circuit", "list"]).await;
    assert_eq!(
        (code, &said["by_hand"][0]["who"]),
        (Some(0), &"arn:aws:iam::1:user/jo".into()),
        "{said}"
    );
}

#[tokio::test]
async fn the_poller_is_asked_now_for_all_or_for_keys() {
    let desk = Desk::configured().await;
    let (code, said) = desk.json(&["poll", "ABC", "customer"]).await;
    assert_eq!(
        (code, &said["report"]["seen"]),
        (Some(0), &3.into()),
        "{said}"
    );
    let hinted = desk
        .run(&[
            "poll",
            "ABC",
            "customer",
            "--key",
            "ABC:01-ABF",
            "--key",
            "01-GONE",
        ])
        .await;
    let said = text(&hinted.stdout);
    assert_eq!(hinted.status.code(), Some(1), "{hinted:?}");
    assert!(
        said.contains("1 of 2 keys read") && said.contains("ABC:01-GONE is not in Sage 100"),
        "{said}"
    );
}

#[tokio::test]
async fn the_channels_of_both_crms_are_listed() {
    let desk = Desk::of_local_stack().await;
    desk.tell(
        "salesforce",
        "change_events",
        &serde_json::json!({"relays": [{"recovery": "EARLIEST"}]}),
    )
    .await;
    let (code, said) = desk.json(&["channel", "list"]).await;
    assert_eq!(code, Some(1), "nothing is subscribed yet: {said}");
    let channels = said["channels"].as_array().unwrap();
    let of = |target: &str| {
        channels
            .iter()
            .filter(|one| one["target"] == target)
            .count()
    };
    assert!(of("zoho") >= 3 && of("salesforce") == 1, "{said:#}");
    assert!(
        channels
            .iter()
            .any(|one| one["by"].as_str().unwrap().starts_with("event relay")
                && one["state"] == "RUNNING"),
        "{said:#}"
    );
    let (_, only) = desk.json(&["channel", "list", "salesforce"]).await;
    assert_eq!(only["channels"].as_array().unwrap().len(), 1, "{only}");
}
