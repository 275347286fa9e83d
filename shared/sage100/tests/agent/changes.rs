//! Pages of changes: what is asked, what is read, what is refused.

use crate::support::{abc, agent, json_answer, page, record, window};
use counterpart_delivery::ports::Sage;
use counterpart_domain::{Entity, Stamp};
use serde_json::json;

#[tokio::test]
async fn a_page_is_asked_for_by_window_and_position_and_read_whole() {
    let body = page(
        &[record("ABF", "9.25000"), record("BRESLIN", "15.2")],
        Some("p2"),
    );
    let (server, client) = agent(json_answer(&body)).await;
    let mut asked = window();
    asked.to = Some(Stamp::parse("20261122", "13.4916").unwrap());
    asked.after = Some("a/b+c=&d".into());
    let page = client
        .changes(&abc(), Entity::CUSTOMER, &asked)
        .await
        .unwrap();

    let requests = server.received_requests().await.unwrap();
    let url = &requests[0].url;
    insta::assert_snapshot!(
        format!("{}?{}", url.path(), url.query().unwrap()),
        @"/v1/companies/ABC/customers/changes?from_date=20261120&from_time=8.00000&limit=500&to_date=20261122&to_time=13.49160&after=a%2Fb%2Bc%3D%26d"
    );
    assert_eq!(requests[0].headers["authorization"], "Bearer agent-token");
    insta::assert_debug_snapshot!(page);
    assert_eq!(client.calls(), 1);
}

#[tokio::test]
async fn a_bad_record_and_a_bad_key_never_harm_their_neighbours() {
    let body = page(
        &[
            record("ABF", "9.25000"),
            json!({"key": "01-NUMBER", "date_updated": "20261120", "time_updated": "9.3", "fields": {"CreditLimit": 7}}),
            json!({"key": "01-LIMIT", "date_updated": "20261120", "time_updated": "9.4",
                   "fields": {"ARDivisionNo": "01", "CustomerNo": "LIMIT", "CreditLimit": "much"}}),
            json!({"key": "01-STAMP", "date_updated": "yesterday", "time_updated": "9.4", "fields": {}}),
            json!({"key": "NODIVISION", "date_updated": "20261120", "time_updated": "9.5", "fields": {}}),
            json!("no record at all"),
            record("BRESLIN", "15.2"),
        ],
        None,
    );
    let (_server, client) = agent(json_answer(&body)).await;
    let page = client
        .changes(&abc(), Entity::CUSTOMER, &window())
        .await
        .unwrap();
    let read: Vec<_> = page
        .records
        .iter()
        .map(|r| match &r.record {
            Ok(_) => format!("{} {}: ok", r.key, r.stamp),
            Err(fault) => format!("{} {}: {fault}", r.key, r.stamp),
        })
        .chain(page.unreadable.iter().map(|one| one.fault.to_string()))
        .collect();
    insta::assert_snapshot!(read.join("\n"));
    // A person has to see what it was.
    let raw = page
        .records
        .iter()
        .map(|one| (one.record.is_err(), one.raw.is_some()));
    assert!(raw.clone().all(|(bad, kept)| bad == kept), "{page:?}");
    assert!(
        page.records[2]
            .raw
            .as_ref()
            .unwrap()
            .contains(r#""CreditLimit":"much""#)
    );
    assert_eq!(page.unreadable[1].raw, r#""no record at all""#);
}

#[tokio::test]
async fn a_page_that_breaks_the_contract_is_refused_whole() {
    let ok = record("ABF", "9.25");
    let foreign = json!({"key": "XYZ:01-ABF", "date_updated": "20261120", "time_updated": "9.5", "fields": {}});
    let mut no_clock = page(std::slice::from_ref(&ok), None);
    no_clock["server_time"]["date"] = json!("");
    let mut odd_offset = page(std::slice::from_ref(&ok), None);
    odd_offset["server_time"]["utc_offset_minutes"] = json!(3600);
    let mut no_as_of = page(std::slice::from_ref(&ok), None);
    no_as_of.as_object_mut().unwrap().remove("as_of");
    let bodies = [
        // As text "15.2" comes before "9.5": an agent that sorts so loses edits.
        page(&[record("A", "15.2"), record("B", "9.5")], None),
        page(&[ok.clone(), foreign], None),
        page(&[ok.clone(), ok.clone()], None),
        page(std::slice::from_ref(&ok), Some("p1")),
        page(&[], Some("p2")),
        page(std::slice::from_ref(&ok), Some("")),
        page(
            &[record("A", "9"), record("B", "9"), record("C", "9")],
            None,
        ),
        no_clock,
        odd_offset,
        no_as_of,
    ];
    let mut details = Vec::new();
    for body in bodies {
        let (_server, client) = agent(json_answer(&body)).await;
        let mut asked = window();
        asked.after = Some("p1".into());
        asked.limit = 2;
        let fault = client
            .changes(&abc(), Entity::CUSTOMER, &asked)
            .await
            .unwrap_err();
        assert_eq!(fault.code, "E_SAGE_CONTRACT");
        details.push(fault.detail);
    }
    insta::assert_snapshot!(details.join("\n"));
}

#[tokio::test]
async fn records_of_one_second_may_stand_in_any_order() {
    let body = page(
        &[record("B", "9.5"), record("A", "9.5"), record("C", "15.2")],
        None,
    );
    let (_server, client) = agent(json_answer(&body)).await;
    let page = client
        .changes(&abc(), Entity::CUSTOMER, &window())
        .await
        .unwrap();
    assert_eq!(page.records.len(), 3);
}

#[tokio::test]
async fn no_page_larger_than_the_contract_allows_is_asked_for() {
    let (server, client) = agent(json_answer(&page(&[], None))).await;
    let mut asked = window();
    asked.limit = 50_000;
    client
        .changes(&abc(), Entity::CONTACT, &asked)
        .await
        .unwrap();
    let url = server.received_requests().await.unwrap()[0].url.clone();
    assert!(url.path().ends_with("/contacts/changes"));
    assert!(url.query().unwrap().ends_with("limit=1000"));
}
