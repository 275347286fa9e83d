//! The order-transform function: a batch of changes in the CRMs.

use counterpart_delivery::ports::QueueName;
use counterpart_delivery::{Message, OrderTransform};
use counterpart_domain::{Fault, TargetName};
use jiff::Timestamp;
use serde_json::Value;

use super::batch::{self, BatchFunction};
use super::{Function, used};
use crate::{Deployment, UsageLine};

/// The function.
pub struct OrderTransformFunction(Deployment);

impl OrderTransformFunction {
    /// Over a deployment.
    #[must_use]
    pub const fn new(deployment: Deployment) -> Self {
        Self(deployment)
    }
}

impl BatchFunction for OrderTransformFunction {
    const NAME: &'static str = "order-transform";

    fn deployment(&self) -> &Deployment {
        &self.0
    }

    fn queue(&self, _arn: &str) -> Option<QueueName> {
        Some(QueueName::CrmEvents)
    }

    async fn take(
        &self,
        batch: &[Message],
        deadline: Timestamp,
        usage: &mut UsageLine,
    ) -> Result<Vec<String>, Fault> {
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
        usage.events = report.events;
        usage.jobs = report.jobs;
        usage.parked = report.parked;
        usage.paused = report.paused;
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
        Ok(report.failed)
    }
}

impl Function for OrderTransformFunction {
    async fn of_process() -> Result<Self, Fault> {
        Ok(Self(Deployment::of_process()?))
    }

    async fn handle(&self, event: Value, deadline: Timestamp) -> Result<Value, Fault> {
        batch::handle(self, event, deadline).await
    }
}
