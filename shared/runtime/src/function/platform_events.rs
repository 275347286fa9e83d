//! The platform-events function: a batch of Salesforce's events.

use counterpart_delivery::hand_back_events;
use counterpart_delivery::ingress::{PlatformEvents, PlatformReport, ReceivedEvent};
use counterpart_delivery::ports::{Clock as _, QueueName};
use counterpart_domain::Fault;
use jiff::Timestamp;
use serde_json::Value;

use super::{Function, milliseconds};
use crate::{Deployment, SqsBatch, UsageLine};

/// The function.
pub struct PlatformEventsFunction(Deployment);

impl PlatformEventsFunction {
    /// Over a deployment.
    #[must_use]
    pub const fn new(deployment: Deployment) -> Self {
        Self(deployment)
    }

    async fn take(
        &self,
        batch: &[ReceivedEvent],
        deadline: Timestamp,
    ) -> Result<PlatformReport, Fault> {
        let active = self.0.active().await?;
        let events = PlatformEvents {
            context: self.0.context(&active),
        };
        Ok(Box::pin(events.handle(batch, deadline)).await)
    }
}

impl Function for PlatformEventsFunction {
    async fn of_process() -> Result<Self, Fault> {
        Ok(Self(Deployment::of_process()?))
    }

    async fn handle(&self, event: Value, deadline: Timestamp) -> Result<Value, Fault> {
        let started = self.0.clock.now();
        let mut usage = UsageLine::new("platform-events");
        let batch = SqsBatch::read(event, started).inspect_err(|fault| {
            tracing::error!(fault.code = %fault.code, fault = %fault, "the batch cannot be read");
        })?;
        let mut failed = batch.odd;
        let received: Vec<_> = batch
            .messages
            .into_iter()
            .map(|message| ReceivedEvent {
                message_id: message.id,
                receipt: message.receipt,
                receive_count: message.receive_count,
                sent: message.sent,
                body: message.body,
            })
            .collect();
        match self.take(&received, deadline).await {
            Ok(report) => {
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
                    "{} of Salesforce's events taken",
                    received.len()
                );
                failed.extend(report.failed);
            }
            Err(fault) => {
                usage.fault_code = Some(fault.code.to_string());
                tracing::error!(fault.code = %fault.code, fault = %fault, "no event could be taken");
                // Nothing was begun: what all of them need is out of reach.
                let from = &QueueName::SalesforceEvents;
                let back = hand_back_events(&self.0.queue, &self.0.clock, from, &received);
                failed.extend(back.await);
            }
        }
        usage.handed_back = failed.len() as u64;
        self.0.close(&mut usage);
        usage.duration_ms = milliseconds(started, self.0.clock.now());
        usage.emit();
        Ok(SqsBatch::answer(&failed))
    }
}
