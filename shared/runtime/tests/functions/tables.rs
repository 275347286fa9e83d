//! A DynamoDB in this process, with empty tables. The command's tests include this file too.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use counterpart_aws::{SdkConfig, Tables, tuned};

pub fn sdk(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "tests");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    tuned(&config)
}

/// A DynamoDB with the tables of the template, all empty.
pub async fn tables(tables: &Tables) -> SdkConfig {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = sdk(&format!("http://{}", listener.local_addr().unwrap()));
    let database = dynoxide::Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    let client = Client::new(&config);
    let by_rep = ("by_rep", "rep_", ProjectionType::KeysOnly);
    for (table, index) in [
        (&tables.links, Some(by_rep)),
        (&tables.ledger, None),
        (&tables.reps, None),
        (&tables.cursors, None),
        (&tables.parked, None),
        (&tables.settings, None),
        (&tables.tokens, None),
    ] {
        create(&client, table, index).await;
    }
    config
}

async fn create(client: &Client, table: &str, index: Option<(&str, &str, ProjectionType)>) {
    let mut call = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(keys("")));
    let mut prefixes = vec![""];
    if let Some((name, prefix, projection)) = index {
        prefixes.push(prefix);
        let index = GlobalSecondaryIndex::builder()
            .index_name(name)
            .set_key_schema(Some(keys(prefix)))
            .projection(Projection::builder().projection_type(projection).build());
        call = call.global_secondary_indexes(index.build().unwrap());
    }
    for name in prefixes
        .iter()
        .flat_map(|prefix| ["pk", "sk"].map(|name| format!("{prefix}{name}")))
    {
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
            let key = KeySchemaElement::builder().attribute_name(format!("{prefix}{name}"));
            key.key_type(kind).build().unwrap()
        })
        .into()
}
