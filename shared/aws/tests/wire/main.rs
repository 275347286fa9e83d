//! What the adapters make of answers that come on a bad day: lost, partial, refused.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise"
)]

mod ambiguous;
mod connections;
mod cost;
mod creations;
mod faults;
mod groups;
mod queue;
mod secrets;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;

use counterpart_aws::{DynamoStore, Tables, Usage};
use counterpart_delivery::{Link, Stage};
use counterpart_domain::{AsOf, Company, CrmId, Entity, SageKey, TargetName, digest_of};
use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(test);
}

/// A store whose DynamoDB is at `endpoint`.
fn store_at(endpoint: &str) -> (DynamoStore, Arc<Usage>) {
    let usage = Arc::new(Usage::default());
    let config = support::config(endpoint);
    let store = DynamoStore::new(&config, Tables::with_prefix("test"), Arc::clone(&usage));
    (store, usage)
}

fn zoho() -> TargetName {
    TargetName::new("zoho").unwrap()
}

fn key(local: &str) -> SageKey {
    let company = Company::new("ABC").unwrap();
    SageKey::new(&company, Entity::CUSTOMER, local).unwrap()
}

fn link(local: &str) -> Link {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let version = digest_of(["m"]);
    Link {
        crm_id: Some(CrmId("77".to_owned())),
        source_hash: digest_of(["s"]),
        rep_version: digest_of(["r"]),
        ..Link::new(
            zoho(),
            key(local),
            Stage::Linked,
            AsOf::default(),
            version,
            now,
        )
    }
}

/// A text that cannot be made smaller.
fn noise(letters: u32) -> String {
    let letter = |n: u32| char::from_u32(0x4e00 + n.wrapping_mul(2_654_435_761) % 20_000);
    (0..letters).filter_map(letter).collect()
}

/// The operation that a request asks for: `PutItem`.
fn operation(request: &Request) -> String {
    let target = request.headers.get("x-amz-target").unwrap();
    let target = target.to_str().unwrap();
    target.rsplit('.').next().unwrap().to_owned()
}

fn body_of(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn refusal(status: u16, code: &str, more: Value) -> ResponseTemplate {
    let mut body = json!({"__type": format!("com.amazonaws#{code}"), "message": "no"});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    ResponseTemplate::new(status)
        .insert_header("x-amzn-errortype", code)
        .set_body_json(body)
}
