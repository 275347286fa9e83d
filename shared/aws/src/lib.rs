#![doc = include_str!("../README.md")]

mod clock;
mod connect;
mod credentials;
mod dynamo;
mod endpoint;
mod fault;
mod http;
mod queue;
mod secrets;
mod usage;

pub use aws_credential_types::provider::SharedCredentialsProvider;
pub use aws_types::SdkConfig;
pub use clock::SystemClock;
pub use connect::{region_of_environment, sdk_config, sdk_config_with, tuned};
pub use credentials::EnvironmentCredentials;
pub use dynamo::{DynamoStore, Tables};
pub use queue::{FIRST_SENT, SqsQueues};
pub use secrets::SecretsManager;
pub use usage::{Usage, UsageCounts};
