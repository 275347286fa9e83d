//! Customers by name, telephone number and postal code, and what a site says of itself: read exactly, or refused; what an
//! older agent does not say is not known.

use counterpart_delivery::ports::{CustomerQuery, FoundBy, SageSearch as _, Site};
use counterpart_domain::Class;
use counterpart_sage100::AgentClient;
use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Still, abc, agent, capabilities, capable, client_of, customer, json_answer};

fn query() -> CustomerQuery {
    CustomerQuery {
        name: Some("Nine & Sons".into()),
        phone: Some("4145554787".into()),
        postal_code: Some("53205".into()),
    }
}

fn found(key: &str, by: &[&str]) -> Value {
    json!({"key": key, "by": by, "fields": {"CustomerName": "NINE & SONS   ", "TelephoneNo": "", "City": "Racine",
        "ZipCode": "53205", "CustomerStatus": "I"}})
}

fn page(customers: &[Value], more: bool) -> Value {
    json!({"as_of": {"epoch": 1, "sequence": 54}, "customers": customers, "more": more})
}

async fn answering(answer: ResponseTemplate) -> (MockServer, AgentClient<Still>) {
    let server = MockServer::start().await;
    capable(&server, &["customer_search"], &[]).await;
    Mock::given(path("/v1/companies/ABC/customer-search"))
        .respond_with(answer)
        .mount(&server)
        .await;
    let client = client_of(&server.uri());
    (server, client)
}

#[tokio::test]
async fn who_may_be_meant_is_named_with_the_reason() {
    let body = page(&[found("01-NINE", &["name", "phone", "ear"])], true);
    let (server, client) = answering(json_answer(&body)).await;
    let answer = client.find_customers(&abc(), &query()).await.unwrap();
    assert_eq!(answer.as_of.sequence, 54);
    assert!(answer.value.more);
    let one = &answer.value.customers[0];
    assert_eq!(one.key, customer("01-NINE"));
    assert_eq!(one.by, [FoundBy::Name, FoundBy::Phone]);
    assert_eq!((&*one.name, &*one.city), ("NINE & SONS", "Racine"));
    let asked = server.received_requests().await.unwrap();
    assert_eq!(
        asked.last().unwrap().url.query(),
        Some("name=Nine%20%26%20Sons&phone=4145554787&postal_code=53205&limit=10")
    );
}

#[tokio::test]
async fn an_answer_that_breaks_the_contract_is_never_taken_for_nobody() {
    let mut nameless = found("01-NINE", &["name"]);
    nameless["fields"].as_object_mut().unwrap().remove("City");
    let many: Vec<Value> = (0..11)
        .map(|n| found(&format!("01-{n}"), &["name"]))
        .collect();
    let twice = [found("01-NINE", &["name"]), found("01-NINE", &["phone"])];
    for body in [
        page(&many, false),
        page(&twice, false),
        page(&[found("ABC:01-NINE", &["name"])], false),
        page(&[nameless], false),
        page(&[], true),
        json!({"as_of": {"epoch": 1, "sequence": 54}, "customers": []}),
    ] {
        let (_server, client) = answering(json_answer(&body)).await;
        let fault = client.find_customers(&abc(), &query()).await.unwrap_err();
        assert_eq!(fault.code, "E_SAGE_CONTRACT", "{body}");
    }
    let gone =
        json!({"code": "E_NOT_FOUND", "message": "There is no such path.", "retryable": false});
    let (_server, client) = answering(ResponseTemplate::new(404).set_body_json(gone)).await;
    let fault = client.find_customers(&abc(), &query()).await.unwrap_err();
    assert_eq!(fault.code, "E_SAGE_CONTRACT");
}

#[tokio::test]
async fn who_cannot_be_named_is_there_all_the_same() {
    let body = page(&[found("NINE", &["name"])], false);
    let (_server, client) = answering(json_answer(&body)).await;
    let answer = client.find_customers(&abc(), &query()).await.unwrap();
    assert!(answer.value.customers.is_empty() && answer.value.more);
}

#[tokio::test]
async fn an_agent_that_does_not_search_is_not_asked_and_is_not_taken_for_one_that_found_nobody() {
    for reads in [&[][..], &["orders", "items"]] {
        let server = MockServer::start().await;
        capable(&server, reads, &[]).await;
        let client = client_of(&server.uri());
        let fault = client.find_customers(&abc(), &query()).await.unwrap_err();
        assert_eq!(
            (fault.class, &*fault.code),
            (Class::Configuration, "E_SAGE_NOT_OFFERED")
        );
        let asked = server.received_requests().await.unwrap();
        assert!(asked.iter().all(|one| one.url.path() == "/v1/capabilities"));
    }
}

#[tokio::test]
async fn a_site_says_what_it_knows_and_the_rest_is_not_known() {
    let site = async |of: Value| {
        let (_server, client) = agent(json_answer(&of)).await;
        client.site(&abc()).await.unwrap()
    };
    let silent = Site::default();
    assert_eq!(site(capabilities(&[], &[])).await, silent, "contract 1.0");
    assert_eq!(
        site(capabilities(&["orders"], &["orders"])).await,
        silent,
        "contract 1.1"
    );
    let mut newer = capabilities(&["orders", "customer_search"], &["orders"]);
    newer["contract_version"] = json!("1.2");
    assert_eq!(site(newer.clone()).await, silent, "contract 1.2 without");
    newer["companies"][0]["order_history"] = json!(false);
    newer["code_page"] = json!("windows-1252");
    newer["time_zone"] = json!("America/Chicago");
    let known = site(newer.clone()).await;
    assert_eq!(known.order_history, Some(false));
    assert_eq!(known.code_page.as_deref(), Some("windows-1252"));
    assert_eq!(known.time_zone.as_deref(), Some("America/Chicago"));
    newer["companies"][0]["order_history"] = Value::Null;
    newer["code_page"] = json!("what Windows says");
    newer["time_zone"] = json!("");
    assert_eq!(site(newer).await, silent, "not in the contract's form");
}
