//! The ports of a deployment.

use counterpart_aws::{DynamoStore, SqsQueues, SystemClock};
use counterpart_delivery::Ports;
use counterpart_sage100::AgentClient;

use crate::{SageClient, TargetClient};

/// The ports that the functions of a deployment run on. They are types: a function connects what its handler is given.
#[derive(Debug, Clone, Copy)]
pub struct Deployed;

impl Ports for Deployed {
    type Store = DynamoStore;
    type Queue = SqsQueues;
    type Clock = SystemClock;
    type Crm = TargetClient;
    type Agent = AgentClient<SystemClock>;
    type Write = SageClient;
}
