//! `counterpart doctor` and `counterpart agent check`, against the simulated systems.

use counterpart_config::SyncConfig;
use serde_json::{Value, json};

use crate::desk::Desk;

/// The checks that are not well: subject, check, state, code.
pub fn ill(said: &Value) -> Vec<String> {
    let checks = said["checks"].as_array().unwrap().iter();
    checks
        .filter(|check| check["state"] != "ok")
        .map(|check| {
            let text = |name: &str| check[name].as_str().unwrap().to_owned();
            format!(
                "{} {}: {} {}",
                text("subject"),
                text("check"),
                text("state"),
                text("code")
            )
        })
        .collect()
}

#[tokio::test]
async fn a_healthy_deployment_is_well_in_every_part() {
    let desk = Desk::configured().await;
    let (code, said) = desk.json(&["doctor"]).await;
    assert_eq!((code, ill(&said)), (Some(0), vec![]), "{said:#}");
    let of = |area: &str| {
        let checks = said["checks"].as_array().unwrap().iter();
        checks.filter(|check| check["area"] == area).count()
    };
    // Seven tables, five queues, three secrets, the quota and the topic; health, capabilities, two refusals, four feeds with digests, what is offered
    // besides, the reference column, five questions, the search for customers and the site; connection, clock, users, two modules with their queries.
    assert_eq!((of("aws"), of("sage"), of("crm")), (17, 21, 7), "{said:#}");

    let output = desk.run(&["doctor", "--target", "zoho"]).await;
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("ABC Distribution (simulated)"), "{shown}");
    assert!(
        !shown.contains("capabilities") && !shown.contains('\u{1b}'),
        "{shown}"
    );
}

#[tokio::test]
async fn what_is_ill_is_named_and_hides_nothing_else() {
    let desk = Desk::configured().await;
    let faults = json!({"rules": [{"operation": "settings.modules", "code": "OAUTH_SCOPE_MISMATCH"},
                                  {"operation": "coql", "code": "OAUTH_SCOPE_MISMATCH"}],
                        "clock": {"offset_seconds": 0}});
    desk.tell("zoho", "faults", &faults).await;
    desk.tell(
        "agent",
        "faults",
        &json!({"clock": {"offset_seconds": 300},
        "rules": [{"operation": "*.digests", "code": "E_SAGE_DOWN"}]}),
    )
    .await;
    let (code, said) = desk.json(&["doctor"]).await;
    assert_eq!(code, Some(1));
    insta::assert_debug_snapshot!(ill(&said));
}

#[tokio::test]
async fn a_scope_that_was_not_granted_shows_and_all_that_are_needed_are_named() {
    let desk = Desk::configured().await;
    let granted = desk.simulated()["zoho"]["scopes"].as_array().unwrap();
    let fewer: Vec<&Value> = granted
        .iter()
        .filter(|scope| **scope != "ZohoCRM.coql.READ")
        .collect();
    desk.tell("zoho", "faults", &json!({"scopes": fewer})).await;
    let (code, said) = desk.json(&["doctor", "--target", "zoho"]).await;
    let failed =
        ["customer", "contact"].map(|entity| format!("zoho {entity} query: fail E_CRM_SCOPE"));
    assert_eq!((code, ill(&said)), (Some(1), failed.to_vec()), "{said:#}");
    let checks = said["checks"].as_array().unwrap().iter();
    let remedy = checks
        .filter(|check| check["code"] == "E_CRM_SCOPE")
        .find_map(|check| check["remedy"].as_str())
        .unwrap();
    for scope in granted {
        assert!(
            remedy.contains(scope.as_str().unwrap()),
            "{scope}: {remedy}"
        );
    }
}

#[tokio::test]
async fn without_a_configuration_the_tables_are_tried_all_the_same() {
    let desk = Desk::new().await;
    let (code, said) = desk.json(&["doctor"]).await;
    assert_eq!(
        (code, ill(&said)),
        (
            Some(1),
            vec!["sync.toml configuration: fail E_CONFIG_NONE".to_owned()]
        )
    );
    assert!(said["checks"].as_array().unwrap().len() >= 9, "{said}");

    let file = desk.file("sync.toml", &desk.sync_toml());
    assert_eq!(desk.json(&["doctor", "--file", &file]).await.0, Some(0));
    let nowhere =
        SyncConfig::DEFAULT.replace("https://sage-agent.example.com:8443", "http://127.0.0.1:9");
    let nowhere = desk.file("nowhere.toml", &nowhere);
    let (code, said) = desk
        .json(&["doctor", "--file", &nowhere, "--company", "ABC"])
        .await;
    assert_eq!(code, Some(1));
    assert_eq!(
        ill(&said),
        ["ABC health: fail E_SAGE_DOWN", "ABC contract: skip "]
    );
    let health = said["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["check"] == "health")
        .unwrap();
    assert!(
        health["found"]
            .as_str()
            .unwrap()
            .contains("nothing listens"),
        "{health}"
    );
}

#[tokio::test]
async fn an_agent_is_tried_by_itself() {
    let desk = Desk::new().await;
    let url = desk.simulated()["agent"]["url"]
        .as_str()
        .unwrap()
        .to_owned();
    let token = desk.file(
        "agent.json",
        &json!({"token": desk.simulated()["agent"]["token"]}).to_string(),
    );
    let (code, said) = desk
        .json(&["agent", "check", &url, "--token-file", &token])
        .await;
    assert_eq!((code, ill(&said)), (Some(0), vec![]), "{said:#}");
    let subjects: std::collections::BTreeSet<_> = said["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["subject"].as_str().unwrap())
        .collect();
    assert!(
        subjects.contains("ABC") && subjects.contains("XYZ"),
        "{subjects:?}"
    );

    let found = |said: &Value, check: &str| {
        let checks = said["checks"].as_array().unwrap().iter();
        let mut of = checks.filter(|one| one["subject"] == "ABC" && one["check"] == check);
        of.next().unwrap()["found"].as_str().unwrap().to_owned()
    };
    let site = "order history kept; code page windows-1252; time zone America/Chicago";
    assert_eq!(found(&said, "site"), site);
    assert!(
        found(&said, "customer search").ends_with("ABF is"),
        "{said:#}"
    );
    // One of an older contract goes on, and what it cannot say is said not to be known.
    desk.tell("agent", "faults", &json!({"site": {"contract": "1.1"}}))
        .await;
    let (code, said) = desk
        .json(&["agent", "check", &url, "--token-file", &token])
        .await;
    assert_eq!(
        (code, ill(&said)),
        (
            Some(0),
            vec![
                "ABC customer search: skip ".to_owned(),
                "XYZ customer search: skip ".to_owned()
            ]
        )
    );
    let site = "order history not said; code page not said; time zone not said";
    assert_eq!(found(&said, "site"), site);
    let without = json!({"site": {"contract": "1.2", "order_history": false}});
    desk.tell("agent", "faults", &without).await;
    let (_, said) = desk
        .json(&["agent", "check", &url, "--token-file", &token])
        .await;
    assert_eq!(ill(&said)[0], "ABC site: warn ");

    let wrong = desk.file("wrong.json", "{\"token\": \"another\"}");
    let (code, said) = desk
        .json(&["agent", "check", &url, "--token-file", &wrong])
        .await;
    assert_eq!(
        (code, ill(&said)),
        (
            Some(1),
            vec!["agent capabilities: fail E_SAGE_UNAUTHORIZED".to_owned()]
        )
    );
}

#[tokio::test]
async fn an_agent_that_breaks_its_contract_is_not_let_through() {
    let desk = Desk::new().await;
    let agent = &desk.simulated()["agent"];
    let (url, token) = (
        agent["url"].as_str().unwrap(),
        agent["token"].as_str().unwrap(),
    );
    let ask = async |path: &str| -> Value {
        let request = counterpart_simulators::plain_http()
            .build()
            .unwrap()
            .get(format!("{url}{path}"))
            .bearer_auth(token);
        request.send().await.unwrap().json().await.unwrap()
    };
    let capabilities = ask("/v1/capabilities").await;
    let page = ask("/v1/companies/ABC/customers/changes?from_date=19000101&limit=5").await;
    let always = |operation: &str, body: &Value| json!({"operation": operation, "status": 200, "body": body});
    let rules = json!({"rules": [always("capabilities", &capabilities), always("customers.changes", &page)]});
    desk.tell("agent", "faults", &rules).await;
    let file = desk.file("agent.json", &json!({"token": token}).to_string());
    let (code, said) = desk
        .json(&[
            "agent",
            "check",
            url,
            "--token-file",
            &file,
            "--company",
            "ABC",
        ])
        .await;
    assert_eq!(code, Some(1));
    assert_eq!(
        ill(&said),
        [
            "ABC a wrong token is refused: fail E_AGENT_OPEN",
            "ABC an unknown company is refused: fail E_AGENT_OPEN",
            "ABC customers in order: fail E_AGENT_AS_OF",
        ]
    );
}

#[tokio::test]
async fn both_crms_are_tried_and_their_people_are_paired() {
    let desk = Desk::new().await;
    let file = desk.file("sync.toml", &desk.sync_toml_of_both());
    let pushed = desk.run(&["config", "push", &file]).await;
    assert!(pushed.status.success(), "{pushed:?}");
    let (code, said) = desk.json(&["doctor", "--target", "salesforce"]).await;
    assert_eq!((code, ill(&said)), (Some(0), vec![]), "{said:#}");
    let crm: Vec<_> = said["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["area"] == "crm")
        .collect();
    assert!(
        crm.len() >= 7 && crm.iter().all(|check| check["subject"] == "salesforce"),
        "{said:#}"
    );

    desk.salesperson("01-0100", "Kentley, Jim").await;
    let (code, said) = desk.json(&["reps", "match"]).await;
    let pairs = said["pairs"].as_array().unwrap();
    assert_eq!((code, pairs.len()), (Some(0), 2), "{said:#}");
    assert!(
        pairs
            .iter()
            .all(|pair| pair["state"] == "proposed" && pair["users"][0]["score"] == 90),
        "{said:#}"
    );
}

#[tokio::test]
async fn an_event_relay_that_stands_still_or_would_skip_events_is_seen() {
    let desk = Desk::new().await;
    let org = &desk.simulated()["salesforce"]["org_id"];
    let text = desk.sync_toml_of_both();
    let text = format!("{text}\n[targets.salesforce.events]\norganizations = [{org}]\n");
    let file = desk.file("sync.toml", &text);
    let pushed = desk.run(&["config", "push", &file]).await;
    assert!(pushed.status.success(), "{pushed:?}");
    let relays = async |desk: &Desk| -> Vec<String> {
        let (_, said) = desk.json(&["doctor", "--target", "salesforce"]).await;
        let checks = said["checks"].as_array().unwrap().iter();
        let relays = checks.filter(|check| {
            let check = check["check"].as_str().unwrap();
            check.starts_with("event relay ")
        });
        relays
            .map(|check| {
                let text = |name: &str| check[name].as_str().unwrap().to_owned();
                format!("{} {}", text("state"), text("found"))
            })
            .collect()
    };
    assert_eq!(relays(&desk).await, Vec::<String>::new());
    let listed = [
        json!({"objects": ["Account"]}),
        json!({"objects": ["Account"], "recovery": "EARLIEST"}),
    ];
    desk.tell("salesforce", "change_events", &json!({"relays": listed}))
        .await;
    let seen = relays(&desk).await;
    assert!(
        seen[0].starts_with("warn RUNNING, nothing relayed yet; aws.partner/salesforce.com/00D"),
        "{seen:?}"
    );
    assert!(seen[0].contains("recovers from LATEST"), "{seen:?}");
    assert!(
        seen[1].starts_with("ok RUNNING") && seen[1].ends_with("recovers from EARLIEST"),
        "{seen:?}"
    );
    let error = json!({"relay": 1, "status": "ERROR",
        "error_code": "sfdc.platform.eventbus.relay.event.delivery.limit.error",
        "error_message": "You have exceeded the event delivery limit for your org."});
    desk.tell("salesforce", "change_events/status", &error)
        .await;
    let seen = relays(&desk).await;
    assert!(
        seen[1].starts_with("warn ERROR") && seen[1].contains("delivery limit"),
        "{seen:?}"
    );
}

#[tokio::test]
async fn the_promises_of_writing_are_tried_on_an_explicit_wish_only() {
    let desk = Desk::new().await;
    let agent = &desk.simulated()["agent"];
    let url = agent["url"].as_str().unwrap().to_owned();
    let token = desk.file("agent.json", &json!({"token": agent["token"]}).to_string());
    let check = [
        "agent",
        "check",
        &url,
        "--token-file",
        &token,
        "--company",
        "ABC",
    ];
    let write = ["--write", "--customer", "01-ABF", "--item", "6655"];
    let (_, before) = desk.json(&check).await;
    let open = desk.open_orders().await;

    let (code, said) = desk.json(&[&check[..], &write[..]].concat()).await;
    assert_eq!((code, ill(&said)), (Some(0), vec![]), "{said:#}");
    let count = |said: &Value| said["checks"].as_array().unwrap().len();
    assert_eq!(count(&said), count(&before) + 3);
    assert_eq!(desk.open_orders().await, open, "nothing stays");

    desk.tell(
        "agent",
        "faults",
        &json!({"drop": [{"column": "UDF_CRM_REFERENCE"}]}),
    )
    .await;
    let (code, said) = desk.json(&[&check[..], &write[..]].concat()).await;
    assert_eq!(code, Some(1));
    assert_eq!(
        ill(&said),
        ["ABC round trip of the mark: fail E_SAGE_MARK_DROPPED"]
    );
    assert_eq!(desk.open_orders().await, open);
}

#[tokio::test]
async fn web_services_are_described_and_a_changed_description_is_seen() {
    let desk = Desk::configured().await;
    let url = desk.simulated()["soap"]["url"].as_str().unwrap().to_owned();
    let text = desk.sync_toml();
    let line = text
        .lines()
        .find(|line| line.starts_with("agent_url"))
        .unwrap()
        .to_owned();
    let way = format!("{line}\nwrite = {{ soap = {{ url = \"{url}\" }} }}");
    let without: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("write "))
        .collect();
    let file = desk.file("soap.toml", &without.join("\n").replacen(&line, &way, 1));
    let doctor = ["doctor", "--file", &file, "--company", "ABC"];
    let services = |said: &Value| -> Vec<String> {
        let checks = said["checks"].as_array().unwrap().iter();
        checks
            .filter(|check| check["check"].as_str().unwrap().starts_with("web services"))
            .map(|check| {
                format!(
                    "{} {}",
                    check["state"].as_str().unwrap(),
                    check["found"].as_str().unwrap()
                )
            })
            .collect()
    };
    let (code, said) = desk.json(&[&doctor[..], &["--learn"]].concat()).await;
    assert_eq!((code, ill(&said)), (Some(0), vec![]), "{said:#}");
    let seen = services(&said);
    assert!(
        seen[0].starts_with("ok learned and stored: namespace http://mas90.sage.com/ws"),
        "{seen:?}"
    );
    assert_eq!(seen.len(), 3, "{seen:?}");
    assert!(
        !said
            .to_string()
            .contains(desk.simulated()["soap"]["password"].as_str().unwrap())
    );

    let trip = ["--write", "--customer", "01-ABF", "--item", "6655"];
    let open = desk.open_orders().await;
    let (code, said) = desk.json(&[&doctor[..], &trip[..]].concat()).await;
    assert_eq!((code, ill(&said)), (Some(0), vec![]), "{said:#}");
    assert_eq!(desk.open_orders().await, open);

    // The same address, another description.
    desk.tell(
        "soap",
        "faults",
        &json!({"binding": {"other_fields": "last"}}),
    )
    .await;
    let (_, said) = desk.json(&doctor).await;
    assert!(
        services(&said)[0].starts_with("warn the service is not what was learned of it"),
        "{said:#}"
    );
}
