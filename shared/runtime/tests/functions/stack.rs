//! A deployment in this process.

use std::collections::BTreeMap;
use std::sync::Arc;

use counterpart_aws::{SdkConfig, Tables};
use counterpart_config::SyncConfig;
use counterpart_delivery::ports::Settings as _;
use counterpart_domain::TargetName;
use counterpart_runtime::{
    CrmWriterFunction, Deployment, DynamoStore, Environment, PollerFunction,
};
use counterpart_simulators::{DataSet, Options, Running, start};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::Sha256;
use wiremock::MockServer;

use crate::services::{Secrets, Sent, services};
use crate::tables::{sdk, tables};

pub const HINT_KEY: &str = "a key for hints, long enough";
const ARN: &str = "arn:aws:sqs:us-east-1:1:cp-crm-writes-zoho";

pub struct Stack {
    simulators: Running,
    services: MockServer,
    dynamo: SdkConfig,
    pub sent: Sent,
    pub secrets: Secrets,
}

impl Stack {
    /// Company ABC, the default configuration, nothing read yet.
    pub async fn new() -> Self {
        let any = Some("127.0.0.1:0".parse().unwrap());
        let data = DataSet {
            customers: 0,
            seed: 1,
        };
        let simulators = start(Options {
            agent: any,
            zoho: any,
            data,
            ..Options::default()
        })
        .await
        .unwrap();
        let said = simulators.announcement();
        let secrets = json!({
            "cp/agent": {"token": said["agent"]["token"]},
            "cp/hint": {"key": HINT_KEY},
            "cp/zoho": {"client_id": said["zoho"]["client_id"], "client_secret": said["zoho"]["client_secret"],
                        "refresh_token": said["zoho"]["refresh_token"]},
        });
        let secrets = Secrets::new(secrets.into());
        let (services, sent) = services(Arc::clone(&secrets)).await;
        let dynamo = tables(&Tables::with_prefix("cp")).await;
        let stack = Self {
            simulators,
            services,
            dynamo,
            sent,
            secrets,
        };
        let deployment = stack.deployment();
        assert!(
            deployment
                .store
                .push_config(&stack.configuration(), 0, Timestamp::now())
                .await
                .unwrap()
        );
        stack
    }

    fn configuration(&self) -> String {
        let said = self.simulators.announcement();
        let quoted = |pointer: &str| said.pointer(pointer).unwrap().to_string();
        let zoho = format!(
            "data_center = \"us\"\naccounts_url = {}\napi_url = {}",
            quoted("/zoho/accounts_url"),
            quoted("/zoho/url")
        );
        let text = SyncConfig::DEFAULT
            .replace(
                "\"https://sage-agent.example.com:8443\"",
                &quoted("/agent/url"),
            )
            .replace("data_center = \"us\"", &zoho)
            .replace("unmapped = \"park\"", "unmapped = \"leave\"");
        SyncConfig::parse(&text).unwrap();
        text
    }

    pub fn deployment(&self) -> Deployment {
        let names = Tables::with_prefix("cp");
        let queue = format!("{}/1/cp-crm-writes-zoho", self.services.uri());
        let environment = Environment {
            tables: names.clone(),
            queues: BTreeMap::from([(TargetName::new("zoho").unwrap(), queue)]),
            crm_events: Some(format!("{}/1/cp-crm-events", self.services.uri())),
            sage_writes: Some(format!("{}/1/cp-sage-writes.fifo", self.services.uri())),
            salesforce_events: Some(format!("{}/1/cp-salesforce-events", self.services.uri())),
            secrets_prefix: "cp/".into(),
            allow_loopback: true,
        };
        let mut deployment = Deployment::new(environment, sdk(&self.services.uri()));
        let usage = Arc::clone(&deployment.usage);
        deployment.store = Arc::new(DynamoStore::new(&self.dynamo, names, usage));
        deployment
    }

    pub fn poller(&self) -> PollerFunction {
        PollerFunction::new(self.deployment())
    }

    pub fn writer(&self) -> CrmWriterFunction {
        CrmWriterFunction::new(self.deployment())
    }

    /// What was sent since the last time, as the event source mapping delivers it.
    pub fn batch(&self) -> Value {
        let bodies = std::mem::take(&mut *self.sent.lock().unwrap());
        let records: Vec<Value> = bodies
            .iter()
            .enumerate()
            .map(|(n, body)| message(&format!("m{n}"), body, ARN))
            .collect();
        json!({"Records": records})
    }

    /// The keys that Zoho's accounts carry.
    pub async fn accounts(&self) -> Vec<String> {
        let url = self.simulators.announcement()["zoho"]["url"]
            .as_str()
            .unwrap()
            .to_owned();
        let answer = counterpart_simulators::plain_http()
            .build()
            .unwrap()
            .get(format!("{url}/_sim/records/Accounts"))
            .send()
            .await
            .unwrap();
        let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let records = answer["records"].as_array().unwrap();
        let mut keys: Vec<String> = records
            .iter()
            .map(|record| record["Sage_Key"].as_str().unwrap_or("?").to_owned())
            .collect();
        keys.sort();
        keys
    }

    /// What a simulator's control door is told.
    pub async fn tell(&self, system: &str, path: &str, body: Value) {
        let url = self.simulators.announcement()[system]["url"]
            .as_str()
            .unwrap()
            .to_owned();
        let call = counterpart_simulators::plain_http()
            .build()
            .unwrap()
            .post(format!("{url}/_sim/{path}"))
            .body(body.to_string());
        let answer = call
            .header("content-type", "application/json")
            .send()
            .await
            .unwrap();
        assert!(
            answer.status().is_success(),
            "{}",
            answer.text().await.unwrap()
        );
    }
}

pub fn message(id: &str, body: &str, arn: &str) -> Value {
    json!({"messageId": id, "receiptHandle": "r", "body": body, "eventSourceARN": arn,
           "attributes": {"ApproximateReceiveCount": "1"}})
}

pub fn deadline() -> Timestamp {
    Timestamp::now()
        .checked_add(SignedDuration::from_secs(120))
        .unwrap()
}

/// A hint as the HTTP API passes it on.
pub fn hint(company: &str, key: &str, body: &str) -> Value {
    let at = Timestamp::now().as_second();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    let hex: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    json!({"version": "2.0", "rawPath": format!("/sage/{company}/hint"), "pathParameters": {"company": company},
           "requestContext": {"http": {"method": "POST"}}, "isBase64Encoded": false, "body": body,
           "headers": {"counterpart-signature": format!("t={at},v1={hex}")}})
}
