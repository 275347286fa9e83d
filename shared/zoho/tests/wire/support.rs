//! An in-memory token store, a virtual clock, and a Zoho that is scripted reply by reply.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{
    Clock, Ids, RefreshClaim, StoredToken, Tokens, UpsertCall, UpsertRow,
};
use counterpart_domain::{Class, Company, Entity, Fault, Fields, SageKey, TargetName, Value};
use counterpart_zoho::{Connection, Credentials, DataCenter, Timeouts, ZohoClient};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub type Client = ZohoClient<MemoryTokens, VirtualClock>;

/// Time that passes only in sleeps, and by order.
#[derive(Clone)]
pub struct VirtualClock(Arc<Mutex<(Timestamp, u64)>>);

impl VirtualClock {
    pub fn new() -> Self {
        let noon = "2026-11-22T12:00:00Z".parse().unwrap();
        Self(Arc::new(Mutex::new((noon, 0))))
    }

    pub fn pass(&self, seconds: i64) {
        let mut state = self.0.lock().unwrap();
        state.0 += SignedDuration::from_secs(seconds);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.now() + SignedDuration::try_from(duration).unwrap();
        // Twenty times as fast as real time: the others' replies need some to arrive.
        tokio::time::sleep(duration / 20).await;
        let mut state = self.0.lock().unwrap();
        state.0 = state.0.max(until);
    }
}

impl Ids for VirtualClock {
    fn new_id(&self) -> String {
        let mut state = self.0.lock().unwrap();
        state.1 += 1;
        format!("id{}", state.1)
    }

    fn random_below(&self, below: u64) -> u64 {
        below / 2
    }
}

#[derive(Default)]
pub struct TokenState {
    pub token: Option<StoredToken>,
    lease: Option<(String, Timestamp)>,
    pub not_before: Option<Timestamp>,
    pub grants: Vec<Timestamp>,
    /// Fails the next `store_token` with a lost lease, after storing this token in its stead.
    pub overtaken_by: Option<StoredToken>,
}

/// The shared store, as the port describes it.
#[derive(Clone, Default)]
pub struct MemoryTokens(pub Arc<Mutex<TokenState>>);

impl MemoryTokens {
    pub fn with(token: StoredToken) -> Self {
        let tokens = Self::default();
        tokens.0.lock().unwrap().token = Some(token);
        tokens
    }

    pub fn lease_to_somebody(&self, until: Timestamp) {
        self.0.lock().unwrap().lease = Some(("somebody".into(), until));
    }
}

impl Tokens for MemoryTokens {
    async fn token(&self, _: &TargetName) -> Result<Option<StoredToken>, Fault> {
        Ok(self.0.lock().unwrap().token.clone())
    }

    async fn claim_refresh(
        &self,
        _: &TargetName,
        owner: &str,
        stale: u64,
        now: Timestamp,
        lease_until: Timestamp,
        most: u32,
        window_seconds: i64,
    ) -> Result<RefreshClaim, Fault> {
        let mut state = self.0.lock().unwrap();
        if let Some(token) = state
            .token
            .clone()
            .filter(|token| token.generation != stale)
        {
            return Ok(RefreshClaim::Fresher(token));
        }
        if let Some((holder, until)) = &state.lease
            && holder != owner
            && *until > now
        {
            return Ok(RefreshClaim::Busy(*until));
        }
        if let Some(until) = state.not_before.filter(|until| *until > now) {
            return Ok(RefreshClaim::Exhausted(until));
        }
        let window = SignedDuration::from_secs(window_seconds);
        state.grants.retain(|granted| *granted + window > now);
        if state.grants.len() >= most as usize {
            return Ok(RefreshClaim::Exhausted(state.grants[0] + window));
        }
        state.grants.push(now);
        state.lease = Some((owner.to_owned(), lease_until));
        Ok(RefreshClaim::Granted)
    }

    async fn store_token(
        &self,
        _: &TargetName,
        owner: &str,
        token: &StoredToken,
    ) -> Result<(), Fault> {
        let mut state = self.0.lock().unwrap();
        if let Some(other) = state.overtaken_by.take() {
            state.token = Some(other);
            state.lease = None;
        }
        if state
            .lease
            .as_ref()
            .is_none_or(|(holder, _)| holder != owner)
        {
            return Err(Fault::new(Class::Transient, "E_LEASE_LOST", "Overtaken."));
        }
        let generation = state.token.as_ref().map_or(0, |token| token.generation) + 1;
        state.token = Some(StoredToken {
            generation,
            ..token.clone()
        });
        state.lease = None;
        Ok(())
    }

    async fn abandon_refresh(
        &self,
        _: &TargetName,
        owner: &str,
        not_before: Option<Timestamp>,
    ) -> Result<(), Fault> {
        let mut state = self.0.lock().unwrap();
        if state
            .lease
            .as_ref()
            .is_some_and(|(holder, _)| holder == owner)
        {
            state.lease = None;
            state.not_before = not_before;
        }
        Ok(())
    }
}

pub const SECRET: &str = "s3cr3t-of-the-client";
pub const REFRESH: &str = "1000.refresh-token";

pub fn credentials() -> Credentials {
    Credentials {
        client_id: SecretText::new("1000.CLIENTID"),
        client_secret: SecretText::new(SECRET),
        refresh_token: SecretText::new(REFRESH),
    }
}

pub fn connection(server: &MockServer) -> Connection {
    Connection {
        accounts_url: Some(format!("{}/oauth/v2/token", server.uri())),
        api_url: Some(server.uri()),
        allow_loopback: true,
        timeouts: Timeouts {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(10),
        },
        ..Connection::to(DataCenter::Us)
    }
}

pub fn client(server: &MockServer, tokens: &MemoryTokens, clock: &VirtualClock) -> Client {
    ZohoClient::new(
        TargetName::new("zoho").unwrap(),
        &connection(server),
        credentials(),
        tokens.clone(),
        clock.clone(),
    )
    .unwrap()
}

/// A token that the server takes, good for an hour.
pub fn token(text: &str, clock: &VirtualClock) -> StoredToken {
    StoredToken {
        access_token: SecretText::new(text),
        api_base: None,
        expires_at: clock.now() + SignedDuration::from_hours(1),
        generation: 1,
    }
}

/// A client with a good token, its server and its store.
pub async fn ready() -> (MockServer, Client) {
    let server = MockServer::start().await;
    let clock = VirtualClock::new();
    let client = client(
        &server,
        &MemoryTokens::with(token("1000.good", &clock)),
        &clock,
    );
    (server, client)
}

pub fn key(local: &str) -> SageKey {
    SageKey::new(&Company::new("ABC").unwrap(), Entity::CUSTOMER, local).unwrap()
}

/// A call for Accounts with one row per local key.
pub fn call(keys: &[&str]) -> UpsertCall {
    UpsertCall {
        module: "Accounts".into(),
        key_field: "Sage_Key".into(),
        rows: keys
            .iter()
            .map(|local| UpsertRow {
                key: key(local),
                fields: Fields::from([(
                    "Account_Name".into(),
                    Value::Text(format!("Customer {local}")),
                )]),
            })
            .collect(),
    }
}

pub fn inserted(id: &str) -> Json {
    json!({"code": "SUCCESS", "status": "success", "action": "insert", "duplicate_field": null,
           "details": {"id": id, "Modified_Time": "2026-11-22T13:00:00+01:00"}, "message": "record added"})
}

pub fn updated(id: &str) -> Json {
    json!({"code": "SUCCESS", "status": "success", "action": "update", "duplicate_field": "Sage_Key",
           "details": {"id": id, "Modified_Time": "2026-11-22T13:00:00+01:00"}, "message": "record updated"})
}

pub fn row_error(code: &str, details: Json) -> Json {
    json!({"code": code, "status": "error", "details": details, "message": "no"})
}

pub fn data(status: u16, rows: impl Into<Vec<Json>>) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"data": rows.into()}))
}

pub fn error(status: u16, code: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_json(json!({"code": code, "details": {}, "message": "m", "status": "error"}))
}

/// The next reply to an upsert of Accounts; later ones are for later calls.
pub async fn upsert_answers(server: &MockServer, replies: Vec<ResponseTemplate>) {
    for reply in replies {
        Mock::given(method("POST"))
            .and(path("/crm/v8/Accounts/upsert"))
            .respond_with(reply)
            .up_to_n_times(1)
            .mount(server)
            .await;
    }
}

pub async fn token_answer(server: &MockServer, status: u16, body: Json) {
    Mock::given(method("POST"))
        .and(path("/oauth/v2/token"))
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(server)
        .await;
}

/// The requests for tokens, and the others.
pub async fn requests(server: &MockServer) -> (Vec<Request>, Vec<Request>) {
    let all = server.received_requests().await.unwrap();
    all.into_iter()
        .partition(|request| request.url.path() == "/oauth/v2/token")
}

/// A request as one reads it: line, the headers that matter, body.
pub fn shown(request: &Request) -> String {
    let header = |name: &str| {
        request
            .headers
            .get(name)
            .map(|value| format!("{name}: {}\n", value.to_str().unwrap()))
            .unwrap_or_default()
    };
    let query = request
        .url
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    format!(
        "{} {}{query}\n{}{}\n{}\n",
        request.method,
        request.url.path(),
        header("authorization"),
        header("content-type"),
        String::from_utf8_lossy(&request.body)
    )
}
