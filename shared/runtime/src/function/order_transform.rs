//! The order-transform function: a batch of changes in the CRMs.

use counterpart_delivery::ports::{Clock as _, QueueName};
use counterpart_delivery::{OrderTransform, ReceivedEvent, TransformReport, hand_back_events};
use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;
use serde_json::Value;

use super::{Function, milliseconds, used};
use crate::{Deployment, SqsBatch, UsageLine};

/// The function.
pub struct OrderTransformFunction(Deployment);

impl OrderTransformFunction {
    /// Over a deployment.
    #[must_use]
    pub const fn new(deployment: Deployment) -> Self {
        Self(deployment)
    }

    async fn take(
        &self,
        batch: &[ReceivedEvent],
        deadline: Timestamp,
        usage: &mut UsageLine,
    ) -> Result<TransformReport, Fault> {
        let active = self.0.active().await?;
        let targets: Vec<&TargetName> = active.config.targets.keys().collect();
        let crms = self.0.crms(&active, &targets).await;
        let before = used(&crms);
        let transform = OrderTransform {
            context: self.0.context(&active),
            crms: &crms,
        };
        let report = Box::pin(transform.handle(batch, deadline)).await;
        for failed in &report.faults {
            if let Some(target) = active.config.targets.get(&failed.target) {
                self.0.secret_refused(&target.secret, &failed.fault);
            }
        }
        usage.crm(used(&crms).since(before));
        Ok(report)
    }
}

impl Function for OrderTransformFunction {
    async fn of_process() -> Result<Self, Fault> {
        Ok(Self(Deployment::of_process()?))
    }

    async fn handle(&self, event: Value, deadline: Timestamp) -> Result<Value, Fault> {
        let started = self.0.clock.now();
        let mut usage = UsageLine::new("order-transform");
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
        match self.take(&received, deadline, &mut usage).await {
            Ok(report) => {
                usage.events = report.events;
                usage.jobs = report.jobs;
                usage.parked = report.parked;
                // What is handed back is told nowhere else: the first reason stands for all.
                usage.fault_code = report
                    .faults
                    .first()
                    .map(|failed| failed.fault.code.to_string());
                tracing::info!(
                    events = report.events,
                    quiet = report.quiet,
                    jobs = report.jobs,
                    compared = report.compared,
                    parked = report.parked,
                    failed = report.failed.len(),
                    "{} changes in CRMs taken",
                    report.events
                );
                failed.extend(report.failed);
            }
            Err(fault) => {
                // Nothing was begun: what all of them need is out of reach.
                usage.fault_code = Some(fault.code.to_string());
                tracing::error!(fault.code = %fault.code, fault = %fault, "no change could be taken");
                let back = hand_back_events(
                    &self.0.queue,
                    &self.0.clock,
                    &QueueName::CrmEvents,
                    &received,
                );
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
