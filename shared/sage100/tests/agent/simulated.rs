//! The client against the simulated agent, which shares no code with it.

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{Sage as _, Window};
use counterpart_domain::{Class, Company, Entity, Stamp};
use counterpart_sage100::{AgentClient, AgentSettings};
use counterpart_simulators::{DataSet, Options, Running, start};
use serde_json::Value;

use crate::support::{Still, abc, customer};

async fn agent() -> (Running, AgentClient<Still>) {
    let data = DataSet {
        customers: 120,
        seed: 7,
    };
    let running = start(Options {
        agent: Some("127.0.0.1:0".parse().unwrap()),
        data,
        ..Options::default()
    })
    .await
    .unwrap();
    let said = running.announcement()["agent"].clone();
    let text = |name: &str| said[name].as_str().unwrap().to_owned();
    let mut settings = AgentSettings::new(text("url"), SecretText::new(text("token")));
    settings.allow_loopback = true;
    (running, AgentClient::new(&settings, Still).unwrap())
}

async fn control(running: &Running, path: &str, body: Value) {
    let url = running.announcement()["agent"]["url"].as_str().unwrap();
    let call = counterpart_simulators::plain_http()
        .build()
        .unwrap()
        .post(format!("{url}/_sim/{path}"));
    assert!(call.json(&body).send().await.unwrap().status().is_success());
}

#[tokio::test]
async fn every_record_is_read_once_over_small_pages_and_as_of_rises() {
    let (_running, client) = agent().await;
    for entity in Entity::ALL {
        let mut window = Window {
            from: Stamp::BEGINNING,
            to: None,
            after: None,
            limit: 7,
        };
        let (mut read, mut last) = (Vec::new(), None);
        loop {
            let page = client.changes(&abc(), entity, &window).await.unwrap();
            assert!(page.unreadable.is_empty(), "{:?}", page.unreadable);
            assert!(Some(page.as_of) > last);
            last = Some(page.as_of);
            for record in page.records {
                record.record.unwrap();
                read.push(record.key);
            }
            let Some(next) = page.next else { break };
            window.after = Some(next);
        }
        let (mut keys, mut after) = (Vec::new(), None);
        loop {
            let page = client
                .keys(&abc(), entity, 50, after.as_deref())
                .await
                .unwrap();
            keys.extend(page.keys);
            let Some(next) = page.next else { break };
            after = Some(next);
        }
        read.sort();
        keys.sort();
        assert_eq!(read, keys, "{entity}");
        let digests = client.digests(&abc(), entity, 1000, None).await.unwrap();
        let count: u64 = digests.ranges.iter().map(|range| range.count).sum();
        assert_eq!(usize::try_from(count).unwrap(), keys.len());
    }
}

#[tokio::test]
async fn one_number_in_two_companies_is_two_records() {
    let (_running, client) = agent().await;
    let ours = client.record(&customer("01-ABF")).await.unwrap().unwrap();
    let mut key = customer("01-ABF");
    key.company = Company::new("XYZ").unwrap();
    let theirs = client.record(&key).await.unwrap().unwrap();
    assert_ne!(
        ours.record.unwrap().get("CustomerName"),
        theirs.record.unwrap().get("CustomerName")
    );
    assert_eq!(client.record(&customer("01-NONE")).await.unwrap(), None);
}

#[tokio::test]
async fn the_agent_says_what_it_is_and_refuses_strangers() {
    let (running, client) = agent().await;
    client.health().await.unwrap();
    let capabilities = client.capabilities().await.unwrap();
    assert!(
        capabilities
            .companies
            .iter()
            .any(|company| company.code == abc())
    );
    let url = running.announcement()["agent"]["url"].as_str().unwrap();
    let stranger = crate::support::client_of(url);
    assert_eq!(
        stranger.capabilities().await.unwrap_err().code,
        "E_SAGE_UNAUTHORIZED"
    );
    let nobody = Company::new("ZZZ").unwrap();
    let fault = client
        .keys(&nobody, Entity::CUSTOMER, 10, None)
        .await
        .unwrap_err();
    assert_eq!(fault.code, "E_SAGE_UNKNOWN_COMPANY");
}

#[tokio::test]
async fn a_forgotten_position_and_a_busy_sage_are_told_apart() {
    let (running, client) = agent().await;
    for (code, wanted) in [
        ("E_POSITION_EXPIRED", "E_SAGE_POSITION_EXPIRED"),
        ("E_SAGE_BUSY", "E_SAGE_BUSY"),
        ("E_LOCKED", "E_SAGE_LOCKED"),
    ] {
        let rule = serde_json::json!({"clear": true, "rules": [{"operation": "*", "code": code, "times": 1}]});
        control(&running, "faults", rule).await;
        let fault = client.records(&[customer("01-ABF")]).await.unwrap_err();
        assert_eq!(fault.code, wanted);
        assert!(fault.is_retryable());
    }
}

#[tokio::test]
async fn an_agent_of_1_2_has_no_ship_to_addresses_and_says_so() {
    let (running, client) = agent().await;
    let offers = async || {
        let capabilities = client.capabilities().await.unwrap();
        let plural = Entity::SHIP_TO.plural();
        let mut companies = capabilities.companies.iter();
        companies.any(|company| company.entities.contains_key(plural))
    };
    assert!(offers().await);
    let older = serde_json::json!({"site": {"contract": "1.2"}});
    control(&running, "faults", older).await;
    assert!(!offers().await);
    let window = Window {
        from: Stamp::BEGINNING,
        to: None,
        after: None,
        limit: 7,
    };
    let asked = client.changes(&abc(), Entity::SHIP_TO, &window).await;
    let fault = asked.unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Configuration, "E_SAGE_UNKNOWN_ENTITY")
    );
    client
        .changes(&abc(), Entity::CONTACT, &window)
        .await
        .unwrap();
}
