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
    assert!(text(&none.stderr).starts_with("E_NOT_PARKED: "));
}
