//! The platform-events function: a batch of Salesforce's events.

use counterpart_delivery::Message;
use counterpart_delivery::ingress::PlatformEvents;
use counterpart_delivery::ports::QueueName;
use counterpart_domain::Fault;
use jiff::Timestamp;
use serde_json::Value;

use super::Function;
use super::batch::{self, BatchFunction};
use crate::{Deployment, UsageLine};

/// The function.
pub struct PlatformEventsFunction(Deployment);

impl PlatformEventsFunction {
    /// Over a deployment.
    #[must_use]
    pub const fn new(deployment: Deployment) -> Self {
        Self(deployment)
    }
}

impl BatchFunction for PlatformEventsFunction {
    const NAME: &'static str = "platform-events";

    fn deployment(&self) -> &Deployment {
        &self.0
    }

    fn queue(&self, _arn: &str) -> Option<QueueName> {
        Some(QueueName::SalesforceEvents)
    }

    async fn take(
        &self,
        batch: &[Message],
        deadline: Timestamp,
        usage: &mut UsageLine,
    ) -> Result<Vec<String>, Fault> {
        let active = self.0.active().await?;
        let events = PlatformEvents {
            context: self.0.context(&active),
        };
        let report = Box::pin(events.handle(batch, deadline)).await;
        usage.events = report.queued;
        usage.parked = report.parked;
        usage.resyncs = (report.resyncs > 0).then_some(report.resyncs);
        tracing::info!(
            queued = report.queued,
            own = report.own,
            dropped = report.dropped,
            parked = report.parked,
            resyncs = report.resyncs,
            failed = report.failed.len(),
            "{} events of the bus taken",
            batch.len()
        );
        Ok(report.failed)
    }
}

impl Function for PlatformEventsFunction {
    async fn of_process() -> Result<Self, Fault> {
        Ok(Self(Deployment::of_process()?))
    }

    async fn handle(&self, event: Value, deadline: Timestamp) -> Result<Value, Fault> {
        batch::handle(self, event, deadline).await
    }
}
