//! A DynamoDB in this process, or the one at `COUNTERPART_TEST_DYNAMODB`, with empty tables.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use counterpart_aws::{DynamoStore, SdkConfig, SystemClock, Tables, Usage, tuned};
use counterpart_delivery::ports::Ids as _;

/// A configuration that calls `endpoint` with credentials that open nothing but servers on this machine.
pub fn config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "tests");
    let base = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(aws_sdk_dynamodb::config::SharedCredentialsProvider::new(
            credentials,
        ))
        .build();
    tuned(&base)
}

/// A store with the tables of the template, all empty.
pub async fn empty_store() -> (DynamoStore, Arc<Usage>) {
    let endpoint = match std::env::var("COUNTERPART_TEST_DYNAMODB") {
        Ok(endpoint) => endpoint,
        Err(_) => start().await,
    };
    let config = config(&endpoint);
    let client = Client::new(&config);
    // Many tests share a server that is not their own.
    let tables = Tables::with_prefix(&format!("test-{}", SystemClock.new_id()));
    create(
        &client,
        &tables.links,
        Some(("by_rep", "rep", ProjectionType::KeysOnly)),
    )
    .await;
    for table in [
        &tables.ledger,
        &tables.reps,
        &tables.cursors,
        &tables.parked,
        &tables.settings,
        &tables.tokens,
    ] {
        create(&client, table, None).await;
    }
    let usage = Arc::new(Usage::default());
    let store = DynamoStore::new(&config, tables, Arc::clone(&usage));
    (store, usage)
}

async fn start() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let database = dynoxide::Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    endpoint
}

async fn create(client: &Client, table: &str, index: Option<(&str, &str, ProjectionType)>) {
    let mut call = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(keys("")));
    let mut names = vec!["pk".to_owned(), "sk".to_owned()];
    if let Some((name, prefix, projection)) = index {
        let prefix = format!("{prefix}_");
        names.extend([format!("{prefix}pk"), format!("{prefix}sk")]);
        let projection = Projection::builder().projection_type(projection).build();
        let index = GlobalSecondaryIndex::builder()
            .index_name(name)
            .set_key_schema(Some(keys(&prefix)))
            .projection(projection);
        call = call.global_secondary_indexes(index.build().unwrap());
    }
    for name in names {
        let attribute = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S);
        call = call.attribute_definitions(attribute.build().unwrap());
    }
    call.send().await.unwrap();
}

fn keys(prefix: &str) -> Vec<KeySchemaElement> {
    [("pk", KeyType::Hash), ("sk", KeyType::Range)]
        .map(|(name, kind)| {
            KeySchemaElement::builder()
                .attribute_name(format!("{prefix}{name}"))
                .key_type(kind)
                .build()
                .unwrap()
        })
        .into()
}
