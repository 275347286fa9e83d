//! A simulated Salesforce, its control door, and clients of it.

use std::collections::BTreeMap;

use counterpart_delivery::ports::{Crm as _, UpsertCall, UpsertRow};
use counterpart_domain::{Company, Entity, Fault, SageKey, Value};
use counterpart_salesforce::{Connection, Credentials, SalesforceClient};
use counterpart_simulation::VirtualClock;
use counterpart_simulation::memory::MemoryStore;
use counterpart_simulators::{Options, Running, start};
use serde_json::{Value as Json, json};

use crate::support::{Client, target};

pub struct Org {
    _running: Running,
    pub url: String,
    pub told: Json,
    pub store: MemoryStore,
}

impl Org {
    pub async fn start() -> Self {
        let running = start(Options {
            salesforce: Some("127.0.0.1:0".parse().unwrap()),
            ..Options::default()
        })
        .await
        .unwrap();
        let told = running.announcement()["salesforce"].clone();
        Self {
            url: told["url"].as_str().unwrap().to_owned(),
            _running: running,
            told,
            store: MemoryStore::new(),
        }
    }

    pub fn client(&self, parts: &[&str]) -> Client {
        let secret: BTreeMap<&str, &Json> = parts
            .iter()
            .map(|part| (*part, &self.told[*part]))
            .collect();
        let secret = serde_json::to_string(&secret).unwrap();
        let connection = Connection {
            login_url: Some(self.told["login_url"].as_str().unwrap().to_owned()),
            allow_loopback: true,
            ..Connection::to(self.told["my_domain"].as_str().unwrap())
        };
        SalesforceClient::new(
            target(),
            &connection,
            Credentials::from_json(&secret).unwrap(),
            self.store.clone(),
            // The assertion's end is compared with the simulator's clock.
            VirtualClock::new(jiff::Timestamp::now(), 7),
        )
        .unwrap()
    }

    pub fn with_secret(&self) -> Client {
        self.client(&["client_id", "client_secret"])
    }

    pub fn with_key(&self) -> Client {
        self.client(&["client_id", "username", "private_key"])
    }

    pub async fn faults(&self, body: Json) {
        let door = counterpart_simulators::plain_http()
            .build()
            .unwrap()
            .post(format!("{}/_sim/faults", self.url));
        let reply = door.json(&body).send().await.unwrap();
        let status = reply.status();
        assert!(status.is_success(), "{status} {:?}", reply.text().await);
    }

    /// Says something at a control door, or asks what it shows (`null`).
    pub async fn door(&self, name: &str, body: &Json) -> Json {
        let url = format!("{}/_sim/{name}", self.url);
        let client = counterpart_simulators::plain_http().build().unwrap();
        let request = match body {
            Json::Null => client.get(url),
            body => client.post(url).json(body),
        };
        let reply = request.send().await.unwrap();
        let status = reply.status();
        let text = reply.text().await.unwrap();
        assert!(status.is_success(), "{status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Sets the door, and takes it back to its start.
    pub async fn after(
        &self,
        faults: Json,
        client: &Client,
        call: &UpsertCall,
    ) -> Result<Vec<String>, Fault> {
        self.faults(faults).await;
        let answer = client.upsert(call).await;
        self.faults(json!({"clear": true})).await;
        let outcomes = answer?;
        Ok(outcomes
            .into_iter()
            .map(|outcome| {
                outcome.map_or_else(|fault| fault.code.to_string(), |_| "written".to_owned())
            })
            .collect())
    }
}

pub fn rows<const N: usize>(rows: [(SageKey, &[(&str, Value)]); N]) -> Vec<UpsertRow> {
    rows.into_iter()
        .map(|(key, fields)| UpsertRow {
            key,
            fields: fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        })
        .collect()
}

pub fn upsert(module: &str, rows: Vec<UpsertRow>) -> UpsertCall {
    UpsertCall {
        module: module.into(),
        key_field: "Sage_Key__c".into(),
        rows,
    }
}

pub fn name(text: &str) -> (&'static str, Value) {
    ("Name", Value::Text(text.into()))
}

pub fn contact(code: &str) -> SageKey {
    SageKey::new(&Company::new("ABC").unwrap(), Entity::CONTACT, code).unwrap()
}
