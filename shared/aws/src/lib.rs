#![doc = include_str!("../README.md")]

mod clock;
mod connect;
mod dynamo;
mod fault;
mod queue;
mod secrets;
mod usage;

pub use aws_config::SdkConfig;
pub use clock::SystemClock;
pub use connect::{sdk_config, tuned};
pub use dynamo::{DynamoStore, Tables};
pub use queue::{SqsEvents, SqsJobs, SqsQueue};
pub use secrets::SecretsManager;
pub use usage::{Usage, UsageCounts};
