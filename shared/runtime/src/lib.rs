#![doc = include_str!("../README.md")]

mod active;
mod agent;
mod crm;
mod deployment;
mod depths;
mod environment;
mod event;
mod function;
mod hooks;
mod lag;
mod logging;
mod paused;
mod ports;
mod sage;
mod tokens;
mod usage;

pub use active::{Active, ActiveConfig};
pub use agent::AgentSecret;
pub use counterpart_aws::{DynamoStore, SqsQueues, SystemClock, UsageCounts};
pub use crm::{CrmUse, TargetClient, scopes};
pub use deployment::Deployment;
pub use depths::QueueDepths;
pub use environment::{Environment, EnvironmentError};
pub use event::{HintRequest, HttpAnswer, PollerEvent, SqsBatch};
pub use function::{
    ChannelKeeperFunction, CrmWriterFunction, Function, LookupFunction, OrderTransformFunction,
    PlatformEventsFunction, PollerFunction, SageWriterFunction, WebhooksFunction, deadline,
};
pub use hooks::DeployedHooks;
pub use lag::{lag_beyond_pauses, lag_seconds};
pub use logging::{init_for_command, init_for_function};
pub use ports::Deployed;
pub use sage::{SageClient, SoapSecret};
pub use tokens::SharedTokens;
pub use usage::UsageLine;
