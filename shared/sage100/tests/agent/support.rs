//! What the tests of the client share.

use std::time::Duration;

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{Clock, Window};
use counterpart_domain::{Company, Entity, SageKey, Stamp};
use counterpart_sage100::{AgentClient, AgentSettings};
use jiff::Timestamp;
use serde_json::{Value, json};
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A clock that stands still.
#[derive(Clone)]
pub struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        "2026-11-22T19:30:00Z".parse().unwrap()
    }
    async fn sleep(&self, _: Duration) {}
}

pub fn client_of(url: &str) -> AgentClient<Still> {
    let mut settings = AgentSettings::new(url, SecretText::new("agent-token"));
    settings.allow_loopback = true;
    settings.timeout = Duration::from_millis(400);
    AgentClient::new(&settings, Still).unwrap()
}

/// An agent that answers everything with `response`.
pub async fn agent(response: ResponseTemplate) -> (MockServer, AgentClient<Still>) {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(response)
        .mount(&server)
        .await;
    let client = client_of(&server.uri());
    (server, client)
}

pub fn json_answer(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

pub fn abc() -> Company {
    Company::new("ABC").unwrap()
}

pub fn customer(local: &str) -> SageKey {
    SageKey::new(&abc(), Entity::CUSTOMER, local).unwrap()
}

pub fn window() -> Window {
    Window {
        from: Stamp::parse("20261120", "8").unwrap(),
        to: None,
        after: None,
        limit: 500,
    }
}

pub fn record(number: &str, time: &str) -> Value {
    json!({
        "key": format!("01-{number}"), "date_updated": "20261120", "time_updated": time,
        "fields": {"ARDivisionNo": "01", "CustomerNo": number, "CustomerName": "American Business Futures",
                   "CreditLimit": "120000.00", "UDF_REGION": "MIDWEST"}
    })
}

pub fn time() -> Value {
    json!({"date": "20261122", "time": "13.50000", "utc_offset_minutes": -360, "instant": "2026-11-22T19:30:00Z"})
}

pub fn page(records: &[Value], next: Option<&str>) -> Value {
    json!({"as_of": {"epoch": 1, "sequence": 42}, "server_time": time(), "records": records, "next": next})
}

/// What an agent says that it offers of company ABC. An empty `reads` and `writes` is an agent of version 1.0.
pub fn capabilities(reads: &[&str], writes: &[&str]) -> Value {
    let mut company = json!({"code": "ABC", "name": "ABC", "entities": {}});
    let old = reads.is_empty() && writes.is_empty();
    if !old {
        company["reads"] = json!(reads);
        company["writes"] = json!(writes);
    }
    json!({"contract_version": if old { "1.0" } else { "1.1" }, "sage_version": "7.20", "utc_offset_minutes": -360,
        "max_page_size": 1000, "companies": [company]})
}

/// Lets an agent say so.
pub async fn capable(server: &MockServer, reads: &[&str], writes: &[&str]) {
    Mock::given(path("/v1/capabilities"))
        .respond_with(json_answer(&capabilities(reads, writes)))
        .with_priority(1)
        .mount(server)
        .await;
}
