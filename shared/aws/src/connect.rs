//! How the SDK's clients are set up: from the environment, with time-outs and retries that are named here, not left to
//! defaults.

use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_types::SdkConfig;

use crate::credentials::EnvironmentCredentials;
use crate::endpoint::Endpoints;
use crate::http::{CONNECT, client};

/// The region that the environment names.
#[must_use]
pub fn region_of_environment() -> Option<String> {
    let named = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    named("AWS_REGION").or_else(|| named("AWS_DEFAULT_REGION"))
}

/// The configuration of all clients of a function: credentials, region and endpoints as Lambda sets them in the
/// environment. Nothing is called, and nothing but the environment is read.
#[must_use]
pub fn sdk_config() -> SdkConfig {
    let credentials = SharedCredentialsProvider::new(EnvironmentCredentials::of_process());
    sdk_config_with(region_of_environment(), credentials)
}

/// The same with a region and credentials that come from elsewhere.
#[must_use]
pub fn sdk_config_with(
    region: Option<String>,
    credentials: SharedCredentialsProvider,
) -> SdkConfig {
    let endpoints = Endpoints::of_process();
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(region.map(Region::new))
        .credentials_provider(credentials);
    builder.set_endpoint_url(endpoints.of_all());
    builder.set_use_fips(switched_on("AWS_USE_FIPS_ENDPOINT"));
    builder.set_use_dual_stack(switched_on("AWS_USE_DUALSTACK_ENDPOINT"));
    tuned(&builder.service_config(endpoints).build())
}

/// The same configuration with this crate's time-outs and retries, and its HTTP client where there is none: 2 s to connect,
/// 5 s for one attempt, 12 s for a call with at most 3 attempts. A call never outlives a function's deadline guard by more
/// than that.
#[must_use]
pub fn tuned(config: &SdkConfig) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(12))
        .build();
    let client = config.http_client().unwrap_or_else(client);
    config
        .to_builder()
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .http_client(client)
        .build()
}

fn switched_on(name: &str) -> Option<bool> {
    let text = std::env::var(name).ok()?;
    Some(text.eq_ignore_ascii_case("true"))
}
