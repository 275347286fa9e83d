//! What a poll says.

use counterpart_delivery::pause::{Pause, Pauses};
use jiff::Timestamp;

use super::*;

fn wanted(company: &str, entity: &str, keys: &[&str]) -> Result<Wanted, Refusal> {
    let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
    let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    Wanted::read(&config, Company::new(company).unwrap(), entity, &keys)
}

#[test]
fn what_is_not_there_is_refused_with_what_is() {
    let refusal = wanted("ZZZ", "customer", &[]).unwrap_err();
    assert_eq!(
        (refusal.code.as_str(), refusal.remedy.as_str()),
        ("E_UNKNOWN", "There is: ABC.")
    );
    let refusal = wanted("ABC", "customers", &[]).unwrap_err();
    assert!(refusal.remedy.contains("customer, contact"), "{refusal:?}");
    assert_eq!(
        wanted("ABC", "customer", &["nokey"]).unwrap_err().code,
        "E_KEY"
    );
    assert_eq!(
        wanted("ABC", "customer", &["XYZ:01-ABF"]).unwrap_err().code,
        "E_KEY"
    );
    let both = wanted("ABC", "customer", &["ABC:01-ABF", "01-AVNET"]).unwrap();
    assert_eq!(both.keys, ["01-ABF", "01-AVNET"]);
}

#[test]
fn a_poll_says_what_came_and_what_is_amiss() {
    let poll = wanted("ABC", "customer", &[]).unwrap();
    let told = |report: Value| answer(&poll, &report, &BTreeMap::new(), Style::Plain);
    let well = told(
        json!({"run": "r", "pages": 2, "seen": 7, "sent": 3, "unchanged": 4, "excluded": 0,
                           "parked": 0, "complete": true, "missing": [], "failed": []}),
    );
    assert!(
        well.well
            && well
                .text
                .starts_with("ABC customer: 7 records seen in 2 pages; 3 sent"),
        "{well:?}"
    );
    let stopped = told(
        json!({"complete": false, "fault": {"code": "E_SAGE_DOWN", "message": "Sage is down."}}),
    );
    assert!(
        !stopped.well && stopped.text.contains("E_SAGE_DOWN: Sage is down."),
        "{stopped:?}"
    );
    let paused = told(
        json!({"pages": 1, "seen": 1, "complete": false, "paused": {"code": "E_PAUSED", "message": "This is paused."}}),
    );
    assert!(
        !paused.well
            && paused.text.contains("1 record seen in 1 page;")
            && paused.text.ends_with("\nThis is paused."),
        "{paused:?}"
    );
    let busy = told(json!({"busy_until": "2026-11-22T19:30:00Z"}));
    assert!(busy.text.contains("at work already"), "{busy:?}");
    let hint = wanted("ABC", "customer", &["01-ABF", "01-GONE"]).unwrap();
    let said = report_of(
        &json!({"statusCode": 202, "body": r#"{"accepted":1,"missing":["ABC:01-GONE"],"run":"r"}"#}),
    );
    let said = answer(&hint, &said.unwrap(), &BTreeMap::new(), Style::Plain);
    assert_eq!(
        said.text,
        "ABC customer: 1 of 2 keys read.\n  ABC:01-GONE is not in Sage 100."
    );
    let refused = report_of(
        &json!({"statusCode": 401, "body": r#"{"code":"E_HINT_UNSIGNED","message":"No."}"#}),
    );
    assert_eq!(refused.unwrap_err().code, "E_HINT_UNSIGNED");
    let later = report_of(
        &json!({"statusCode": 503, "body": r#"{"code":"E_HINT_LATER","message":"Later."}"#}),
    );
    assert!(!later.unwrap_err().text().to_lowercase().contains("hint"));
}

#[test]
fn a_poll_of_what_is_paused_is_refused_with_who_paused_it() {
    let config = SyncConfig::parse(SyncConfig::DEFAULT).unwrap();
    let now: Timestamp = "2026-11-22T19:30:00Z".parse().unwrap();
    let pause: Pause = serde_json::from_value(json!({
        "id": "2vur0a", "scope": Scope { company: Some(Company::new("ABC").unwrap()), ..Scope::default() },
        "since": now, "by": "pat", "reason": "period end",
    }))
    .unwrap();
    let pauses = Pauses {
        all: vec![pause],
        rev: 1,
    };
    let pausing = Pausing {
        pauses: &pauses,
        config: &config,
        now,
    };
    for keys in [&[] as &[&str], &["01-ABF"]] {
        let poll = wanted("ABC", "customer", keys).unwrap();
        let refusal = may_be_read(&poll, &pausing).unwrap_err();
        assert_eq!(refusal.code, "E_PAUSED");
        let said = refusal.text();
        for part in ["by pat: period end (id 2vur0a)", "counterpart resume ID"] {
            assert!(said.contains(part), "{said}");
        }
    }
}
