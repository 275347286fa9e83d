//! A Salesforce that is scripted reply by reply, and a client of it over ports in memory.

use std::time::Duration;

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{Crm as _, StoredToken, Tokens as _, UpsertCall, UpsertRow};
use counterpart_domain::{Company, Entity, Fault, Fields, SageKey, TargetName, Value};
use counterpart_salesforce::{Connection, Credentials, Grant, SalesforceClient, Timeouts};
use counterpart_simulation::VirtualClock;
use counterpart_simulation::memory::MemoryStore;
use serde_json::{Value as Json, json};
use wiremock::matchers::{method, path, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub type Client = SalesforceClient<MemoryStore, VirtualClock>;

pub const UPSERT: &str = "/services/data/v67.0/composite/sobjects/Account/Sage_Key__c";
pub const QUERY: &str = "/services/data/v67.0/query";
pub const TOKEN: &str = "/services/oauth2/token";
pub const SECRET: &str = "s3cr3t-of-the-client";
pub const CLIENT_ID: &str = "3MVG9.CLIENTID";

pub fn target() -> TargetName {
    TargetName::new("salesforce").unwrap()
}

pub fn clock() -> VirtualClock {
    VirtualClock::new("2026-11-22T12:00:00Z".parse().unwrap(), 7)
}

pub fn credentials() -> Credentials {
    Credentials {
        client_id: SecretText::new(CLIENT_ID),
        grant: Grant::ClientCredentials {
            client_secret: SecretText::new(SECRET),
        },
    }
}

/// Tokens are asked for at the server; the API is wherever its replies say.
pub fn connection(server: &MockServer) -> Connection {
    Connection {
        login_url: Some(server.uri()),
        allow_loopback: true,
        timeouts: Timeouts {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(10),
        },
        ..Connection::to("acme.my.salesforce.com")
    }
}

pub fn client_with(
    connection: &Connection,
    credentials: Credentials,
    store: &MemoryStore,
    clock: &VirtualClock,
) -> Client {
    SalesforceClient::new(
        target(),
        connection,
        credentials,
        store.clone(),
        clock.clone(),
    )
    .unwrap()
}

pub fn client(server: &MockServer, store: &MemoryStore, clock: &VirtualClock) -> Client {
    client_with(&connection(server), credentials(), store, clock)
}

/// A server that hands out tokens, and a client of it.
pub async fn ready() -> (MockServer, Client) {
    let server = MockServer::start().await;
    token_answer(&server, 200, granted(&server, "00D!good")).await;
    let client = client(&server, &MemoryStore::new(), &clock());
    described(&server).await;
    (server, client)
}

/// The fields of all objects, for whoever asks what they hold.
async fn described(server: &MockServer) {
    let field = |(name, kind, to): (&str, &str, Option<&str>)| {
        let relation = to.map(|_| name.trim_end_matches("Id"));
        json!({"name": name, "type": kind, "relationshipName": relation, "referenceTo": to.into_iter().collect::<Vec<_>>()})
    };
    let fields = [
        ("Name", "string", None),
        ("OwnerId", "reference", Some("User")),
        ("AccountId", "reference", Some("Account")),
        ("Product2Id", "reference", Some("Product2")),
        ("Parent__c", "reference", None),
        ("Since__c", "date", None),
        ("CloseDate", "date", None),
    ]
    .map(field);
    let lines =
        json!({"relationshipName": "OpportunityLineItems", "childSObject": "OpportunityLineItem"});
    let body = json!({"name": "Any", "fields": fields, "childRelationships": [lines]});
    Mock::given(path_regex("/describe$"))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .with_priority(200)
        .mount(server)
        .await;
}

/// A token reply that names the server as the instance.
pub fn granted(server: &MockServer, token: &str) -> Json {
    json!({"access_token": token, "instance_url": server.uri(), "token_type": "Bearer", "scope": "api",
           "id": "https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA",
           "issued_at": "1763812800000", "signature": "x"})
}

pub async fn token_answer(server: &MockServer, status: u16, body: Json) {
    Mock::given(method("POST"))
        .and(path(TOKEN))
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(server)
        .await;
}

pub async fn stored(store: &MemoryStore) -> Option<StoredToken> {
    store.token(&target()).await.unwrap()
}

/// The next replies at an address; later ones are for later calls.
pub async fn answers(server: &MockServer, at: &str, replies: Vec<ResponseTemplate>) {
    for reply in replies {
        Mock::given(path(at))
            .respond_with(reply)
            .up_to_n_times(1)
            .mount(server)
            .await;
    }
}

pub fn key(local: &str) -> SageKey {
    SageKey::new(&Company::new("ABC").unwrap(), Entity::CUSTOMER, local).unwrap()
}

/// A call for accounts with one row per local key.
pub fn call(keys: &[&str]) -> UpsertCall {
    UpsertCall {
        module: "Account".into(),
        key_field: "Sage_Key__c".into(),
        rows: keys
            .iter()
            .map(|local| UpsertRow {
                key: key(local),
                fields: Fields::from([("Name".into(), Value::Text(format!("Customer {local}")))]),
            })
            .collect(),
    }
}

pub fn id(n: usize) -> String {
    counterpart_config::salesforce_id(&format!("001D0000{n:07}")).unwrap()
}

pub fn created(n: usize) -> Json {
    json!({"id": id(n), "success": true, "errors": [], "created": true})
}

pub fn updated(n: usize) -> Json {
    json!({"id": id(n), "success": true, "errors": [], "created": false})
}

pub fn row_error(code: &str, message: &str, fields: &[&str]) -> Json {
    json!({"success": false, "errors": [{"statusCode": code, "message": message, "fields": fields}]})
}

pub fn rows(rows: impl Into<Vec<Json>>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(rows.into())
}

pub fn error(status: u16, code: &str, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!([{"message": message, "errorCode": code}]))
}

pub fn expired() -> ResponseTemplate {
    error(401, "INVALID_SESSION_ID", "Session expired or invalid")
}

/// The requests for tokens, and the others.
pub async fn requests(server: &MockServer) -> (Vec<Request>, Vec<Request>) {
    let all = server.received_requests().await.unwrap();
    all.into_iter()
        .filter(|request| !request.url.path().ends_with("/describe"))
        .partition(|request| request.url.path() == TOKEN)
}

/// A request as one reads it: line, the headers that matter, body.
pub fn shown(request: &Request) -> String {
    let headers: String = request
        .headers
        .iter()
        .filter(|(name, _)| {
            let name = name.as_str();
            name.starts_with("sforce") || matches!(name, "authorization" | "content-type")
        })
        .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()))
        .collect();
    let query = request.url.query().map(|query| format!("?{query}"));
    format!(
        "{} {}{}\n{headers}\n{}\n",
        request.method,
        request.url.path(),
        query.unwrap_or_default(),
        String::from_utf8_lossy(&request.body)
    )
}

/// A Salesforce that takes the one token and refuses every other.
pub async fn takes_only(server: &MockServer, token: &str) {
    let good = format!("Bearer {token}");
    Mock::given(path(UPSERT))
        .respond_with(move |request: &Request| {
            if request.headers["authorization"].to_str().unwrap() == good {
                rows([updated(1)])
            } else {
                expired()
            }
        })
        .mount(server)
        .await;
}

pub async fn refused_token(
    status: u16,
    body: Json,
) -> (Fault, MemoryStore, VirtualClock, Client, MockServer) {
    let (server, clock, store) = (MockServer::start().await, clock(), MemoryStore::new());
    token_answer(&server, status, body).await;
    let client = client(&server, &store, &clock);
    let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
    (fault, store, clock, client, server)
}
