//! How the SDK's clients call: time-outs and retries are named here, not left to defaults.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

/// The configuration of all clients, from the environment (credentials, region, `AWS_ENDPOINT_URL`).
pub async fn sdk_config() -> SdkConfig {
    let loader = aws_config::defaults(BehaviorVersion::v2026_01_12());
    tuned(&loader.load().await)
}

/// The same configuration with this crate's time-outs and retries: 2 s to connect, 5 s for one attempt, 12 s for a call
/// with at most 3 attempts. A call never outlives a function's deadline guard by more than that.
#[must_use]
pub fn tuned(config: &SdkConfig) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(12))
        .build();
    config
        .to_builder()
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .build()
}
